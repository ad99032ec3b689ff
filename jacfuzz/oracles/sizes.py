"""Measures that a suspicious point gives of itself: natural sizes and round-off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jacfuzz.oracles.clarke import JacobiansAt
from jacfuzz.oracles.inquiry import ask
from jacfuzz.oracles.noise import noise_of_formula
from jacfuzz.oracles.rows import EPS
from jacfuzz.oracles.ruling import Case

_PAIRS = 4
_NEXT_TO = 0.5
_PLACES = 64


@dataclass(frozen=True)
class Sizes:
    """How large derivatives are next to a point, (m, N): the measures of what cancels there.

    Each is f's value over a length, or the candidate's size nearby. Farther off it would say nothing: a product of many
    entries is larger there by any factor.

    Attributes
    ----------
    natural
        Over the length that the input varies on; the candidate by rows.
    slope
        Over the size of the input; the candidate by rows.
    cell
        Over the size of the input, 1 at least; the candidate cell by cell, whatever the others are.
    """

    natural: np.ndarray
    slope: np.ndarray
    cell: np.ndarray


def sizes_at(case: Case, rng: np.random.Generator) -> Sizes:
    """Measure how large derivatives are next to a point; a few evaluations of jac, and one of f."""
    shape = (_PAIRS, len(case.row))
    lengths = _NEXT_TO * case.scale * rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 1.0, size=shape)
    near = case.row + np.concatenate([lengths, -lengths])
    found = np.abs(case.candidates_at(near))
    cells = np.where(np.isfinite(found), found, 0.0).max(axis=0)
    rows = cells.max(axis=1)[:, None]
    primal = np.abs(case.function(case.row[None], np.array([case.index]))[0])[:, None]
    size = np.abs(case.row)
    return Sizes(
        np.maximum(rows, primal / case.scale),
        np.maximum(rows, primal / np.maximum(case.scale, size)),
        np.maximum(cells, primal / np.maximum(size, 1.0)),
    )


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

    (level,) = ask(flat, case.index, lambda f: noise_of_formula(f, case.row, rng))
    return level.reshape(case.candidate.shape)
