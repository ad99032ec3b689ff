"""How much a right formula may lose to round-off, and when f shows that it has lost too much."""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.differences import slopes
from jacfuzz.oracles.exact import Truth
from jacfuzz.oracles.rows import EPS, UNDERFLOWN
from jacfuzz.oracles.ruling import HALF_OF_THE_DIGITS, Case
from jacfuzz.oracles.sizes import sizes_at

_PLACES = (1, 2, 4, 8, 16, 32) * 2
_BEYOND = 0.45
_NO_DIGIT = 0.5
_STRAIGHT = 1e-6


def without_a_digit(
    case: Case, candidate: np.ndarray, truth: Truth, columns: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Mask (m, C) of the cells that have nothing of the truth, which f shows over steps as long as its input is large.

    For inputs beyond 1 the other tables take 1 for the length over which they vary. A norm is straight for as long as
    they are large, and its squares overflow: only long steps show that a slope of 0 is wrong there.
    """
    gap, size, length = np.abs(candidate - truth.columns), np.abs(truth.columns), np.abs(case.row)[columns]
    empty = np.isfinite(candidate) & (gap > np.maximum(_NO_DIGIT * size, UNDERFLOWN)) & (length > 1)
    if not empty.any():
        return np.asarray(empty)
    directions = np.diag(np.abs(case.row))[columns]
    central = slopes(case.function, case.row, case.index, directions, rng).central
    with np.errstate(all="ignore"):
        value, bound = central.value / length, 10 * central.bound / length
        straight = np.abs(truth.columns - value) <= bound + _STRAIGHT * size
        return np.asarray(empty & straight & (np.abs(candidate - value) > bound + _NO_DIGIT / 2 * size))


def too_much(
    case: Case, candidate: np.ndarray, truth: Truth, columns: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Mask (m, C) of the cells that lose more than half of their digits.

    Not counted: what f's own values are too coarse to show, what is small beside that which cancels in it, and what
    changes as much when the input changes in its last place.
    """
    gap, size = np.abs(candidate - truth.columns), np.abs(truth.columns)
    own = case.function(case.row[None], np.array([case.index]))[0]
    coarse = np.maximum(EPS * np.abs(truth.primal), 16 * np.abs(own - truth.primal))
    shown = gap * case.scale[columns] > coarse[:, None]
    natural = sizes_at(case, rng).natural[:, columns]
    much = (gap > HALF_OF_THE_DIGITS * size) & ((gap > HALF_OF_THE_DIGITS * natural) | (candidate == 0))
    much &= shown & (gap > UNDERFLOWN)
    if not much.any():
        return np.asarray(much)
    low, high = _range(case, truth, columns, rng)
    slack = _BEYOND * (high - low)
    return np.asarray(much & ((candidate < low - slack) | (candidate > high + slack)))


def _range(case: Case, truth: Truth, columns: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Range (m, C) of the truth when the input changes in its last places; infinite where that is not known.

    Beside a tie that holds only after rounding that is the range between the two sides. The candidate's own round-off
    may carry it beyond, by less than half of that range.
    """
    low, high = truth.columns, truth.columns
    for places in _PLACES:
        moved = case.exact.derivative(
            case.row * (1 + places * EPS * rng.choice([-1.0, 0.0, 1.0], size=len(case.row))), columns.tolist()
        )
        low = np.minimum(low, -np.inf if moved is None else moved.columns)
        high = np.maximum(high, np.inf if moved is None else moved.columns)
    return low, high
