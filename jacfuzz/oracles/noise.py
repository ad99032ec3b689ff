"""How noisy f's values are: ECnoise, from differences of high order."""

from __future__ import annotations

import functools

import numpy as np

from jacfuzz.oracles.inquiry import Values
from jacfuzz.oracles.lockstep import in_lockstep
from jacfuzz.oracles.rows import EPS, step_scale

_NOISE_POINTS = 8
# In no simple ratio: over one that is a whole number of steps of a staircase, f looks smooth.
_NARROW_SPACINGS = (2.0**-40, 2.0**-32, 2.0**-28.4, 2.0**-25.7, 2.0**-24)
_WIDE_SPACINGS = (2.0**-14, 2.0**-8)
_ONE_SIDED_SPACINGS = (2.0**-24, 2.0**-19, 2.0**-14, 2.0**-8)
_GRAIN_SPACINGS = (2.0**-30, 2.0**-16, 2.0**-8, 2.0**-4)
_FAR_PAIRS = 8
_LENGTHS = 5
_DIRECTIONS = 3  # along a single one what is rounded may happen to stay the same
_BITS = 53


def noise(f: Values, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise level (m,) of f near a row: ECnoise (More and Wild, "Estimating computational noise", 2011).

    The median over orders 3 to 6 of the scaled differences at eight equidistant points; the largest of several
    spacings, since f may be constant over a narrow one (a sum that rounds to a coarse grid).
    """
    levels = _noise_levels(f, row, np.array(_NARROW_SPACINGS), rng)
    return np.asarray(np.median(levels, axis=0).max(axis=0))


def noise_of_formula(f: Values, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise level (m,) that also sees a coarse grid: of the order 6 differences over wide spacings as well.

    For formulas that are known to be smooth; a kink within the wide spacings passes for noise.
    """
    wide, narrow = in_lockstep(
        [lambda: _noise_levels(f, row, np.array(_WIDE_SPACINGS), rng), lambda: noise(f, row, rng)]
    )
    return np.asarray(np.maximum(narrow, wide[-1].max(axis=0)))


def noise_beside(f: Values, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise level (m,) of f on one side of a row, the quieter one, over spacings from narrow to wide.

    Sees steps and sawteeth that are longer than the narrow spacings, as inner rounding leaves them in log(p / (p + 1))
    at a large p, and no kink at the row itself. Where f does not change at all, the spacings grow up to the row's size,
    or 1: a domain may allow some of them only.
    """
    near, far = step_scale(row[None])[0], np.maximum(np.abs(row), 1.0)
    lengths = np.geomspace(near, far, _LENGTHS)
    directions = [_direction(length, rng) for length in lengths for _ in range(_DIRECTIONS)]
    directions[::_DIRECTIONS] = map(np.abs, directions[::_DIRECTIONS])  # where a domain ends, often all end together
    found = in_lockstep([functools.partial(_one_sided_levels, f, row, direction) for direction in directions])
    levels = np.reshape(found, (_LENGTHS, _DIRECTIONS, -1)).max(axis=1)
    return np.asarray(np.where(levels[0] > 0, levels[0], levels.max(axis=0)))


def _direction(lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random direction that leaves no cell alone: over too short a step f looks constant where it is coarse."""
    return np.asarray(lengths * rng.choice([-1.0, 1.0], size=len(lengths)) * rng.uniform(0.5, 1.5, size=len(lengths)))


def _one_sided_levels(f: Values, row: np.ndarray, direction: np.ndarray) -> np.ndarray:
    places = np.arange(1, _NOISE_POINTS + 1) * np.array(_ONE_SIDED_SPACINGS)[:, None]
    ways = (functools.partial(_scaled_differences, f, row, way * places, direction) for way in (1.0, -1.0))
    ahead, behind = (levels[-1] for levels in in_lockstep(list(ways)))
    # A spacing for which the domain has room on one side only says the same of both.
    known = np.where(np.isnan(ahead), behind, ahead), np.where(np.isnan(behind), ahead, behind)
    quieter = np.fmin(*map(np.fmax.reduce, known))
    return np.asarray(np.nan_to_num(quieter, nan=0.0, posinf=0.0))


def _noise_levels(f: Values, row: np.ndarray, spacings: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Scaled differences of orders 3 to 6 at eight points, (4, S, m)."""
    direction = _direction(step_scale(row[None])[0], rng)
    # Around the point but not at it: what happens at a single point, such as a wrong branch, is no noise.
    places = (np.arange(_NOISE_POINTS) - (_NOISE_POINTS - 1) / 2) * spacings[:, None]
    levels = _scaled_differences(f, row, places, direction)
    return np.asarray(np.nan_to_num(levels, nan=0.0, posinf=0.0))


def _scaled_differences(f: Values, row: np.ndarray, places: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Differences of orders 3 to 6 at places (S, P) along a direction, (4, S, m), each as a standard deviation."""
    table = f(row + places.reshape(-1, 1) * direction).reshape(*places.shape, -1)
    levels = []
    gamma = 1.0
    for order in range(1, 7):
        table = np.diff(table, axis=1)
        gamma *= order / (2.0 * (2 * order - 1))
        if order >= 3:
            levels.append(np.sqrt(gamma * np.mean(table**2, axis=1)))
    return np.stack(levels)


def grain(f: Values, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Coarsest grid (m,) that all values of f near a row lie on, as inner rounding leaves of (x + 1)**2 - (x - 1)**2.

    To ``noise`` f may look constant there. Where f does not change at all, the last place of the size that it has a
    natural length away.
    """
    direction = _direction(step_scale(row[None])[0], rng)
    places = (np.arange(_NOISE_POINTS) - (_NOISE_POINTS - 1) / 2) * np.array(_GRAIN_SPACINGS)[:, None]
    near, size = in_lockstep([lambda: f(row + places.reshape(-1, 1) * direction), lambda: size_away(f, row, rng)])
    near = np.where(np.isfinite(near), near, np.nan)
    mantissas, exponents = np.frexp(near)
    whole = np.where(np.isfinite(near), np.abs(mantissas) * 2.0**_BITS, 0.0).astype(np.int64)
    lowest = np.where(whole != 0, np.log2((whole & -whole).astype(float)) + exponents - _BITS, np.inf)
    varies = np.fmax.reduce(near) > np.fmin.reduce(near)
    return np.asarray(np.where(varies, np.nan_to_num(np.exp2(lowest.min(axis=0)), posinf=0.0), EPS * size))


def size_away(f: Values, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Largest size (m,) of f at natural lengths from a row: a quarter of its size, or of 1, to four times it."""
    lengths = 4.0 ** np.linspace(-1, 1, _FAR_PAIRS)[:, None] * np.maximum(np.abs(row), 1.0)
    offsets = lengths * rng.standard_normal(lengths.shape)
    sizes = np.abs(f(row + np.concatenate([offsets, -offsets])))
    return np.asarray(np.where(np.isfinite(sizes), sizes, 0.0).max(axis=0, initial=0.0))
