"""Directional derivatives at many points at once, from as few evaluations of f as their bound allows: for screening."""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.differences import Estimate, round_off_of, shift_of, unit_of
from jacfuzz.oracles.rows import RowFunction, Rows

_STEP, _LONG, _SHORT = 2.0**-13, 2.0**-6, 2.0**-20  # the first is enough for most
_PLAIN = 2.0**-17  # its square, and round-off divided by it, are both far below what is taken for the same
_ENOUGH = 1e-8  # of the result
_WEIGHT = 1.68  # of f's values in a quotient, in units of the smallest step, at either order


def directional(function: RowFunction, rows: Rows, directions: Rows, primals: np.ndarray) -> Estimate:
    """Directional derivatives J d at K points along one direction each.

    Four evaluations of f a point give order 4. Where the bound is large against the result, two more give order 6
    against truncation; then a longer step is tried against round-off and a shorter one against truncation.

    Parameters
    ----------
    function
        f at rows.
    rows, directions
        (K, N).
    primals
        f's values at the rows, (K, m).

    Returns
    -------
    Estimate
        Of shape (K, m).
    """
    best = _Best(function, rows, directions, primals)
    with np.errstate(all="ignore"):
        best.refine(np.arange(len(rows)), _STEP)
        best.refine(best.rounded, _LONG)
        best.refine(best.truncated, _SHORT)
    return Estimate(best.value, best.truncation + best.round_off)


def plain_nodes(rows: Rows, directions: Rows) -> np.ndarray:
    """Return where f is to be evaluated for ``plain``, ahead of K points and behind them, (2, K, N)."""
    offsets = _PLAIN * directions
    return np.stack([rows + offsets, rows - offsets])


def plain(table: np.ndarray, rows: Rows, directions: Rows, primals: np.ndarray) -> Estimate:
    """Directional derivatives as plain quotients, from two evaluations of f a point.

    Parameters
    ----------
    table
        f at ``plain_nodes``, (2, K, m).
    rows, directions, primals
        As for ``directional``, and so is the result, but for the bound: it is of round-off alone. What agrees with such
        a quotient is confirmed, for an error would have to be just that of the truncation; what does not is left open.
    """
    with np.errstate(all="ignore"):
        value = (table[0] - table[1]) / (2 * _PLAIN)
        top = np.maximum(np.abs(table).max(axis=0), np.abs(primals))
        return Estimate(value, round_off_of(unit_of(top), shift_of(rows, directions), _PLAIN, np.abs(value), 1.0))


class _Best:
    """The best estimates so far, (K, m), and the two parts of their bounds."""

    def __init__(self, function: RowFunction, rows: Rows, directions: Rows, primals: np.ndarray) -> None:
        self._function, self._rows, self._directions, self._primals = function, rows, directions, primals
        self.value = np.zeros(primals.shape)
        self.truncation, self.round_off = np.full((2, *primals.shape), np.inf)

    @property
    def truncated(self) -> np.ndarray:
        """Numbers of the points at which truncation makes a bound too large."""
        return np.flatnonzero((self._weak & (self.truncation >= self.round_off)).any(axis=1))

    @property
    def rounded(self) -> np.ndarray:
        """Numbers of the points at which round-off does."""
        return np.flatnonzero((self._weak & (self.truncation < self.round_off)).any(axis=1))

    @property
    def _weak(self) -> np.ndarray:
        return np.asarray(self.truncation + self.round_off > _ENOUGH * np.abs(self.value))

    def refine(self, part: np.ndarray, step: float) -> None:
        """Estimate at some points with nodes a half and a quarter of a step away, and a whole one where it may help."""
        if not len(part):
            return
        (half, quarter), top = self.quotients(part, step * np.array([0.5, 0.25]))
        fourth = (4 * quarter - half) / 3
        steepest = np.maximum(np.abs(half), np.abs(quarter))
        self._keep(part, fourth, np.abs(fourth - quarter), top, steepest, step / 4)
        left = np.flatnonzero(np.isin(part, self.truncated, assume_unique=True))
        if not len(left):
            return
        (whole,), higher = self.quotients(part[left], np.array([step]))
        sixth = (16 * fourth[left] - (4 * half[left] - whole) / 3) / 15
        top, steepest = np.maximum(top[left], higher), np.maximum(steepest[left], np.abs(whole))
        self._keep(part[left], sixth, np.abs(sixth - fourth[left]), top, steepest, step / 4)

    def quotients(self, part: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Plain two-sided quotients (S, P, m), and how large f is at most in the neighbourhood (P, m)."""
        offsets = np.concatenate([steps, -steps])[:, None, None] * self._directions[part]
        nodes = (self._rows[part] + offsets).reshape(-1, self._rows.shape[1])
        table = self._function(nodes, np.tile(part, 2 * len(steps))).reshape(2, len(steps), *self._primals[part].shape)
        top = np.maximum(np.abs(table).max(axis=(0, 1)), np.abs(self._primals[part]))
        return (table[0] - table[1]) / (2 * steps[:, None, None]), top

    def _keep(
        self,
        part: np.ndarray,
        value: np.ndarray,
        truncation: np.ndarray,
        top: np.ndarray,
        steepest: np.ndarray,
        smallest: float,
    ) -> None:
        shift = shift_of(self._rows[part], self._directions[part])
        noise = round_off_of(unit_of(top), shift, smallest, steepest, _WEIGHT)
        better = truncation + noise < self.truncation[part] + self.round_off[part]
        self.value[part] = np.where(better, value, self.value[part])
        self.truncation[part] = np.where(better, truncation, self.truncation[part])
        self.round_off[part] = np.where(better, noise, self.round_off[part])
