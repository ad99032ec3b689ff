"""The numbers that f computes with, whatever it is given: found by looking at what it tells apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.oracles.rows import EPS, UNDERFLOWN, RowFunction, step_scale

_FEW, _MORE = 6, 18
_LENGTH = 0.25
_WITHIN, _STEPS = 0.24, 1.5  # of a spacing: what rounds to the same number, and to another one
_OFTEN = 0.25


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

    Its input: f gives the same at numbers, at these numbers in that format, and on both sides of those as far as they
    are rounded to, and often something else at the next of them. Its result: all that it gives are numbers of that
    format, and most of them use its last places. Whole numbers say nothing, nor do few last places of 1. Looked at near
    the point and at numbers of ordinary size, since next to 0 results may have underflown.

    Parameters
    ----------
    function
        f at rows.
    row, index
        A point (N,), and its number in the batch.
    rng
        Draws the places.
    """
    few, more = (_places(row, count, rng) for count in (_FEW, _MORE))
    return next((coarse for coarse in (HALF, SINGLE) if _casts(function, coarse, index, few, more)), DOUBLE)


def _places(row: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw places (2 count, N), near a row and of ordinary size."""
    near, ordinary = rng.standard_normal((2, count, len(row)))
    return np.concatenate([row + _LENGTH * step_scale(row[None])[0] * near, ordinary])


@np.errstate(all="ignore")
def _casts(function: RowFunction, coarse: Precision, index: int, few: np.ndarray, more: np.ndarray) -> bool:
    """Whether f casts its input or its result; what looks so by chance at few places does not at more."""
    found = _around(function, coarse, index, few)
    here, there, *_, below, above = found
    if not here.size or (here == np.round(here)).all() or _of_ones(here, coarse):
        return False
    # On both sides: a wider grid of another kind has a step on one of them now and then.
    changes = ((below != there) & (there != above)).any(axis=1)
    # A number without the last places of the format may be one by chance, or lie on a grid of another kind.
    cut = np.frexp(here)[0] / (4 * coarse.spacing)
    input_cast = changes.mean() >= _OFTEN and _rounds_its_input(found)
    result_cast = (cut != np.round(cut)).mean() >= _OFTEN and _rounds_its_result(found, coarse)
    if not (input_cast or result_cast):
        return False
    others = _around(function, coarse, index, more)
    return bool((input_cast and _rounds_its_input(others)) or (result_cast and _rounds_its_result(others, coarse)))


def _rounds_its_input(found: np.ndarray) -> bool:
    """Whether f gives the same, as ``_around`` found it, at all that is rounded to one number."""
    return bool((found[:-2] == found[0]).all())


def _rounds_its_result(found: np.ndarray, coarse: Precision) -> bool:
    """Whether all that f gives at places, as ``_around`` found it, are numbers of the format."""
    return bool((found[0] == coarse.rounded(found[0])).all())


def _around(function: RowFunction, coarse: Precision, index: int, places: np.ndarray) -> np.ndarray:
    """Return f at places, at these as the format rounds them, and around those, (6, P, m), where it has a value."""
    rounded = coarse.rounded(places)
    moves = coarse.spacing * np.array([0.0, -_WITHIN, _WITHIN, -_STEPS, _STEPS])[:, None, None]
    nodes = np.concatenate([places, *(rounded * (1 + moves))])
    found = function(nodes, np.full(len(nodes), index)).reshape(1 + len(moves), len(places), -1)
    return np.asarray(found[:, np.isfinite(found).all(axis=(0, 2))])


def _of_ones(values: np.ndarray, coarse: Precision) -> bool:
    """Whether values are what is left of numbers of about 1: so few of their last places that any format holds them."""
    units = (EPS, EPS / 2)  # above 1, and below
    return any(
        (values == np.round(values / unit) * unit).all() and (np.abs(values) <= 2 * unit / coarse.spacing).all()
        for unit in units
    )
