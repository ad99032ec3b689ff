"""Measures that a suspicious point gives of itself: natural sizes and round-off."""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.clarke import JacobiansAt
from jacfuzz.oracles.noise import noise_of_formula
from jacfuzz.oracles.rows import EPS
from jacfuzz.oracles.ruling import Case

_PAIRS = 4
_NEXT_TO = 0.5
_PLACES = 64


def natural_size(case: Case, rng: np.random.Generator) -> np.ndarray:
    """How large derivatives are next to the point, (m, N): the measure of what cancels.

    It is f's value over the length that its input varies on, or the candidate's size. Farther off it would say nothing:
    a product of many entries is larger there by any factor.
    """
    return _size_over(case, case.scale, rng)


def slope_size(case: Case, rng: np.random.Generator) -> np.ndarray:
    """How steep f may be next to the point, (m, N): f's value over the size of its input, or the candidate."""
    return _size_over(case, np.maximum(case.scale, np.abs(case.row)), rng)


def cell_size(case: Case, rng: np.random.Generator) -> np.ndarray:
    """How large each cell may be, (m, N), whatever the others are: as ``slope_size``, over lengths of 1 at least."""
    return np.asarray(np.maximum(_cells_nearby(case, rng), _primal(case) / np.maximum(np.abs(case.row), 1.0)))


def _size_over(case: Case, lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    sizes = _cells_nearby(case, rng).max(axis=1)[:, None]
    return np.asarray(np.maximum(sizes, _primal(case) / lengths))


def _primal(case: Case) -> np.ndarray:
    return np.asarray(np.abs(case.function(case.row[None], np.array([case.index]))[0])[:, None])


def _cells_nearby(case: Case, rng: np.random.Generator) -> np.ndarray:
    """How large each cell of the candidate is next to the point, (m, N)."""
    shape = (_PAIRS, len(case.row))
    lengths = _NEXT_TO * case.scale * rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 1.0, size=shape)
    near = case.row + np.concatenate([lengths, -lengths])
    found = np.abs(case.candidates_at(near))
    return np.asarray(np.where(np.isfinite(found), found, 0.0).max(axis=0))


def last_places(natural: np.ndarray) -> np.ndarray:
    """How far off numbers may be that cancel, of the natural size that they have."""
    return np.asarray(_PLACES * EPS * natural)


def beyond_round_off(gap: np.ndarray, natural: np.ndarray) -> np.ndarray:
    """Mask of the gaps that are more than the last places of what cancels, of the natural size that it has."""
    return np.asarray(~(gap <= last_places(natural)))


def noise_of(jacobians_at: JacobiansAt, case: Case, rng: np.random.Generator) -> np.ndarray:
    """Round-off (m, N) in the formula of a Jacobian, measured like the noise of f."""

    def flat(points: np.ndarray, index: np.ndarray) -> np.ndarray:
        return jacobians_at(points).reshape(len(points), -1)

    return noise_of_formula(flat, case.row, case.index, rng).reshape(case.candidate.shape)
