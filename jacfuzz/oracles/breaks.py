"""Points at which f jumps or has an infinite slope."""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.inquiry import ask, on_both_sides
from jacfuzz.oracles.rows import EPS, RowFunction

# Beyond the ladder: a jump stays a jump down to the last places, a kink nearby does not.
_FINEST = 4.0 ** -np.arange(16, 23)


def broken_here(
    function: RowFunction,
    row: np.ndarray,
    index: int,
    directions: np.ndarray,
    ladder: np.ndarray,
    origin: np.ndarray,
    table: np.ndarray,
    top: np.ndarray,
) -> np.ndarray:
    """Mask (D, m) of jumps and infinite slopes; what looks like one on the ladder is looked at again on finer steps.

    Parameters
    ----------
    function, row, index, directions
        f, a point (N,), its number in the batch, and directions (D, N) from it.
    ladder
        Steps (L,).
    origin
        f at the point, (m,).
    table
        f at these steps from it, ahead and behind, (2, L, D, m).
    top
        Largest size of f's values there, (D, m).
    """
    changes = table - origin
    broken = np.asarray(_breaks(changes[0], ladder, top) | _breaks(changes[1], ladder, top))
    suspects = np.flatnonzero(broken.any(axis=1))
    if not len(suspects):
        return broken
    (finer,) = ask(function, index, lambda f: on_both_sides(f, row, directions[suspects], _FINEST))
    finer = finer - origin
    broken[suspects] &= _breaks(finer[0], _FINEST, top[suspects]) | _breaks(finer[1], _FINEST, top[suspects])
    return broken


def _breaks(change: np.ndarray, steps: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Mask (D, m) of what changes over these steps (L,) as beside a jump or an infinite slope."""
    return np.asarray(_does_not_shrink(change, top) | _diverges(change[-7:], steps[-7:, None, None], top))


def _diverges(change: np.ndarray, steps: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Whether the quotients grow by as much at every step: a slope that is infinite like a logarithm, x log x at 0.

    Where the slope is finite the growth shrinks, by 4^-p for a remainder of order p. Of the steps those count at which
    the growth can be told from round-off.
    """
    growth = np.diff(change / steps, axis=0)
    loud = np.abs(growth) > 1e2 * EPS * top / steps[1:]
    with np.errstate(all="ignore"):
        ratio = growth[1:] / growth[:-1]
    steady = (ratio > 0.9) & (ratio < 1.6)
    heard = loud[1:] & loud[:-1]
    return np.asarray((steady | ~heard).all(axis=0) & (heard.sum(axis=0) >= 3))


def _does_not_shrink(change: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Whether f's change over a shrinking step does not shrink with it: a jump, or an infinite slope.

    A change of order h^p falls by 4^-p a step: 1/4 where the slope is finite, 1/2 for a square root, 1 for a jump. All
    ratios over the finest steps must say so; those of mere noise go up and down.
    """
    size = np.abs(change[-7:])
    loud = (size > 1e3 * EPS * top).all(axis=0)
    ratio = np.where(loud, size[1:] / size[:-1], 0.0)
    return np.asarray(loud & (ratio > 0.35).all(axis=0) & (ratio < 1.6).all(axis=0))
