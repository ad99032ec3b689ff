"""The screens that every number passes through, a batch at a time: AD for every cell, differences along directions.

A screen may pass a point or leave it to the arbiter; none of them speaks against a Jacobian on its own.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass

import numpy as np

from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.primal import Primal
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.oracles.directional import directional, plain, plain_nodes
from jacfuzz.oracles.extent import Extent
from jacfuzz.oracles.imaginary import STEP, confirmed
from jacfuzz.oracles.narrow import LARGE
from jacfuzz.oracles.patterns import in_general_position
from jacfuzz.oracles.products import Products, products
from jacfuzz.oracles.rows import EPS, UNDERFLOWN, RowFunction, Rows, step_scale
from jacfuzz.oracles.ruling import SAME, close

_DIRECTIONS = 3
_TRIED = 2
_ROUNDING = 64 * EPS  # of the largest cell, which shows in small ones where terms cancel
_DEVIATIONS = 4  # that the errors of a row come to along hardly any Gaussian direction


@dataclass(frozen=True)
class Group:
    """The K points of a batch at which f's result has one shape.

    Attributes
    ----------
    frame, values
        Shapes of the arguments, and the whole batch.
    members
        Numbers (K,) of the points in the batch.
    rows
        The points (K, N).
    primals, candidates
        f's values (K, m) and jac's answers (K, m, N).
    """

    frame: Frame
    values: tuple[np.ndarray, ...]
    members: np.ndarray
    rows: Rows
    primals: np.ndarray
    candidates: np.ndarray


@dataclass(frozen=True)
class Seconded:
    """What AD says of K points.

    Attributes
    ----------
    believed
        Mask (K,) of the points at which the traced f gives f's own value.
    agrees
        Mask (K,) of the points at which all of the candidate is what AD gives.
    jacobians
        AD itself (K, m, N); None where f cannot be traced, or the Jacobian is large.
    along
        What a large candidate states along the directions that it was compared on.
    """

    believed: np.ndarray
    agrees: np.ndarray
    jacobians: np.ndarray | None = None
    along: Products | None = None


def _chosen(array: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Masked entries along the first axis; the array itself where these are all, for large ones take long to copy."""
    return array if mask.all() else np.asarray(array[mask])


def random_of(seed: int, rows: np.ndarray) -> np.random.Generator:
    """Return the random numbers that belong to rows, whatever else is judged."""
    return np.random.default_rng((seed, zlib.crc32(np.ascontiguousarray(rows).tobytes())))


def by_ad(group: Group, forward: ForwardMode, extent: Extent, rng: np.random.Generator) -> Seconded:
    """Compare with forward-mode AD cell by cell; large Jacobians along random directions."""
    nowhere = np.zeros(len(group.members), bool)
    frame, values, members, rows, candidates = group.frame, group.values, group.members, group.rows, group.candidates
    if candidates[0].size <= LARGE:
        found = forward(frame, rows, values, members, candidates.shape[1])
        if found is None:
            return Seconded(nowhere, nowhere)
        believed = found.believed(group.primals)
        extent.see(_chosen(group.primals, believed), _chosen(found.jacobians, believed))
        agrees = np.asarray(close(candidates, found.jacobians).all(axis=(1, 2)))
        rest = np.flatnonzero(~agrees & believed)
        if len(rest):
            gaps = np.abs(candidates[rest] - found.jacobians[rest])
            unseen = gaps <= extent.out_of_sight(group.primals[rest], step_scale(rows[rest]))
            agrees[rest] = (close(candidates[rest], found.jacobians[rest]) | unseen).all(axis=(1, 2))
        return Seconded(believed, agrees, found.jacobians)
    scale = step_scale(rows)[:, None]
    directions = rng.standard_normal((len(rows), _DIRECTIONS, rows.shape[1])) * scale
    along = forward.along(frame, rows, values, members, directions)
    if along is None:
        return Seconded(nowhere, nowhere)
    own = products(candidates, directions)
    believed = along.believed(group.primals)
    extent.see(group.primals[believed], along.jacobians[believed])
    unseen = extent.out_of_sight(group.primals, np.ones((len(rows), _DIRECTIONS))) * believed[:, None, None]
    agrees = (np.abs(own.stated - along.jacobians) <= SAME * own.sizes + _DEVIATIONS * unseen).all(axis=(1, 2))
    return Seconded(believed, np.asarray(agrees), along=own)


def by_complex_steps(group: Group, primal: Primal, seconded: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mask (K,) of the points at which a complex step agrees with AD and the candidate, which agree with each other.

    Points where functions rarely branch only; the rest of these only if the first show that f takes complex numbers.
    """
    passed = np.zeros(len(group.members), bool)
    if group.candidates[0].size > LARGE:  # complex numbers cost large matrices more than differences do
        return passed
    chosen = np.flatnonzero(seconded & in_general_position(group.rows))
    for part in (chosen[:_TRIED], chosen[_TRIED:]):
        if not len(part):
            break
        directions, stated, sizes = _along(group, part, None, rng)
        values = primal.at_complex(group.rows[part] + 1j * STEP * directions, group.members[part])
        if values is not None:
            passed[part] = confirmed(values, group.primals[part], stated, sizes)
        if not passed[part].any():
            break
    return passed


def quotient_directions(seed: int, rows: Rows) -> Rows:
    """Return the directions (K, N) of plain quotients at rows, to be read only; they are known before anything else."""
    return _quotient_directions(seed, np.ascontiguousarray(rows).tobytes(), rows.shape)


@functools.lru_cache(maxsize=2)  # for what is judged now, and what is asked for ahead
def _quotient_directions(seed: int, content: bytes, shape: tuple[int, ...]) -> Rows:
    rows = np.frombuffer(content).reshape(shape)
    (rng,) = random_of(seed, rows).spawn(1)
    directions: Rows = rng.standard_normal(shape) * step_scale(rows)
    return directions


def by_plain_quotients(
    group: Group, function: RowFunction, seconded: np.ndarray, ad: Seconded, seed: int
) -> np.ndarray:
    """Mask (K,) of the points, of those where AD agrees with the candidate, where a plain quotient of f does, too.

    Where it is about most of the points f is asked for at all, as it was perhaps asked ahead.
    """
    passed = seconded.copy()
    count = np.count_nonzero(passed)
    part = np.arange(len(passed)) if 2 * count > len(passed) else np.flatnonzero(passed)
    if not count:
        return passed
    rows, primals = group.rows[part], group.primals[part]
    if ad.along is None:
        directions = quotient_directions(seed, group.rows)[part]
        _, stated, size = _stated(group, part, directions)
    else:
        directions, stated, size = ad.along.first(part)
    nodes = plain_nodes(rows, directions).reshape(-1, rows.shape[1])
    table = _at(group, function, part)(nodes, np.tile(np.arange(len(part)), 2)).reshape(2, *primals.shape)
    quotient = plain(table, rows, directions, primals)
    passed[part] &= (np.abs(stated - quotient.value) <= 5 * quotient.bound + SAME * size).all(axis=1)
    return passed


def by_differences(
    group: Group, function: RowFunction, chosen: np.ndarray, ad: Seconded, rng: np.random.Generator
) -> np.ndarray:
    """Mask (K,) of the chosen points at which J d agrees with differences of f along signed Gaussian directions d.

    One direction where AD judges every cell too, three where the differences are alone: an error of t tolerances in a
    row goes unseen along one direction with probability 0.8 / t.
    """
    passed = chosen.copy()
    for trial in range(3):
        part = np.flatnonzero(passed & ~ad.believed) if trial else np.flatnonzero(passed)
        if not len(part):
            break
        directions, stated, size = _along(group, part, None if trial else ad.along, rng)
        estimate = directional(_at(group, function, part), group.rows[part], directions, group.primals[part])
        agree = np.abs(stated - estimate.value) <= 5 * estimate.bound + SAME * size
        power = estimate.bound <= 1e-5 * np.maximum(size, np.abs(estimate.value))
        blind = ~power & ~ad.believed[part, None] & ((size > 0) | ~np.isfinite(estimate.bound))
        passed[part] = (agree & ~blind).all(axis=1)
    return passed


def _along(
    group: Group, part: np.ndarray, known: Products | None, rng: np.random.Generator
) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Return a Gaussian direction at some points, and J d and |J| |d| along it; the first one where some are known."""
    if known is not None:
        return known.first(part)
    directions = rng.standard_normal((len(part), group.rows.shape[1])) * step_scale(group.rows[part])
    return _stated(group, part, directions)


def _stated(group: Group, part: np.ndarray, directions: Rows) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Return directions (P, N) at some points, and J d and |J| |d| along them."""
    return products(group.candidates[part], directions[:, None]).first(np.arange(len(part)))


def _at(group: Group, function: RowFunction, part: np.ndarray) -> RowFunction:
    """Return f at rows that belong to some points of a group."""
    return lambda points, index: function(points, group.members[part[index]])


def scaled_errors(group: Group, function: RowFunction, forward: ForwardMode, rng: np.random.Generator) -> np.ndarray:
    """Return how far candidates are from a reference (K,), the worst cell in units of what a screen lets pass.

    The reference is AD where it is believed, else a difference along one direction. Unlike a screen's answer this one
    changes gradually, so that it can be climbed; NaN where there is no reference, infinite where a candidate is none.
    """
    candidates = group.candidates
    sizes = np.abs(candidates)
    whole = np.isfinite(sizes).all(axis=(1, 2))
    errors = np.where(whole, np.nan, np.inf)
    found = None
    if candidates[0].size <= LARGE:
        found = forward(group.frame, group.rows, group.values, group.members, candidates.shape[1])
    left = whole
    if found is not None:
        believed = whole & found.believed(group.primals) & np.isfinite(found.jacobians).all(axis=(1, 2))
        sizes = np.maximum(sizes[believed], np.abs(found.jacobians[believed]))
        passed = SAME * sizes + _ROUNDING * sizes.max(axis=(1, 2), keepdims=True) + UNDERFLOWN
        gaps = np.abs(candidates[believed] - found.jacobians[believed])
        errors[believed] = (gaps / passed).max(axis=(1, 2))
        left = whole & ~believed
    part = np.flatnonzero(left)
    if len(part):
        directions, stated, size = _along(group, part, None, rng)
        estimate = directional(_at(group, function, part), group.rows[part], directions, group.primals[part])
        passed = 5 * estimate.bound + SAME * size + UNDERFLOWN
        errors[part] = (np.abs(stated - estimate.value) / passed).max(axis=1)
    return errors
