"""The numbers that f computes with, whatever it is given: found by looking at what it tells apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.oracles.rows import EPS, UNDERFLOWN, RowFunction, step_scale

_PLACES = 6
_LENGTH = 0.25
_STEPS = 1.5
_OFTEN = 0.25
_MOSTLY = 0.5


@dataclass(frozen=True)
class Precision:
    """A floating point format.

    Attributes
    ----------
    dtype
        Its dtype.
    spacing
        Relative spacing of its numbers.
    eps
        Relative error of what f computes with them.
    underflown
        Below this size results have begun to lose their digits to underflow.
    in_sight
        Error, as a part of the largest cell of its row, that has to be seen in a Jacobian that passes.
    """

    dtype: Any
    spacing: float
    eps: float
    underflown: float
    in_sight: float

    def rounded(self, values: np.ndarray) -> np.ndarray:
        """Return the nearest numbers of this format, as float64."""
        with np.errstate(all="ignore"):
            return np.asarray(values.astype(self.dtype).astype(float))


def _coarse(dtype: type[np.floating[Any]]) -> Precision:
    eps = float(np.finfo(dtype).eps)
    return Precision(dtype, eps, eps, float(np.finfo(dtype).tiny), max(1e-4, 64 * eps))


def stated(noise: float) -> Precision:
    """Return double precision in which f computes no number to less than a relative error.

    Half of the digits that are left have to be right in a Jacobian.
    """
    return Precision(np.float64, EPS, noise, UNDERFLOWN, max(math.sqrt(noise), 64 * noise))


DOUBLE = Precision(np.float64, EPS, EPS, UNDERFLOWN, math.sqrt(EPS))
SINGLE = _coarse(np.float32)
HALF = _coarse(np.float16)


def precision_of(function: RowFunction, row: np.ndarray, index: int, rng: np.random.Generator) -> Precision:
    """Return the format to which f casts its input or its result, ``DOUBLE`` where it does not.

    Its input: f gives the same at numbers and at these numbers in that format, and often something else at the next of
    them. Its result: all that it gives are numbers of that format, and most of them use its last places. Whole numbers
    say nothing. Looked at near the point and at numbers of ordinary size, since next to 0 results may have underflown.

    Parameters
    ----------
    function
        f at rows.
    row, index
        A point (N,), and its number in the batch.
    rng
        Draws the places.
    """
    near, ordinary = rng.standard_normal((2, _PLACES, len(row)))
    places = np.concatenate([row + _LENGTH * step_scale(row[None])[0] * near, ordinary])
    return next((coarse for coarse in (HALF, SINGLE) if _casts(function, coarse, places, index)), DOUBLE)


def _casts(function: RowFunction, coarse: Precision, places: np.ndarray, index: int) -> bool:
    rounded = coarse.rounded(places)
    step = _STEPS * coarse.spacing
    nodes = np.concatenate([places, rounded, rounded * (1 - step), rounded * (1 + step)])
    with np.errstate(all="ignore"):
        found = function(nodes, np.full(len(nodes), index)).reshape(4, len(places), -1)
        here, there, below, above = found[:, np.isfinite(found).all(axis=(0, 2))]
        if not here.size or (here == np.round(here)).all():
            return False
        # On both sides: a wider grid of another kind has a step on one of them now and then.
        changes = ((below != there) & (there != above)).any(axis=1)
        if (here == there).all() and changes.mean() >= _OFTEN:
            return True
        # A number without the last places of the format may be one by chance, or lie on a grid of another kind.
        cut = np.frexp(here)[0] / (4 * coarse.spacing)
        return bool((here == coarse.rounded(here)).all() and (cut != np.round(cut)).mean() > _MOSTLY)
