"""How large f and its Jacobian are at all the points judged so far, beside which the last places of a cell are nothing.

Where tanh has come to 1, its slope is 1e-9, say, and both jac and AD know it by what is left of 1 - tanh(x)^2: a few
digits, and not the same ones. f itself cannot tell them apart: over such an error it stays the same number.
"""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.rows import EPS

_PLACES = 4


class Extent:
    """Range of each output of f, and the largest size of each cell of its Jacobian."""

    def __init__(self) -> None:
        self._low = self._high = self._steepest = np.zeros(())
        self._empty = True

    def see(self, primals: np.ndarray, jacobians: np.ndarray) -> None:
        """Take in B points: f (B, m) and its Jacobian (B, m, N), from another source than the candidate."""
        finite = np.isfinite(primals).all(axis=1) & np.isfinite(jacobians).all(axis=(1, 2))
        if not finite.any():
            return
        if not finite.all():
            primals, jacobians = primals[finite], jacobians[finite]
        low, high = primals.min(axis=0), primals.max(axis=0)
        steepest = np.maximum(jacobians.max(axis=0), -jacobians.min(axis=0))
        if not self._empty:
            low, high = np.minimum(low, self._low), np.maximum(high, self._high)
            steepest = np.maximum(steepest, self._steepest)
        self._low, self._high, self._steepest, self._empty = low, high, steepest, False

    def out_of_sight(self, primals: np.ndarray, scales: np.ndarray) -> np.ndarray:
        """Return the errors (B, m, N) that are last places of numbers that cancel, and of f.

        No more than last places of the cell where it is largest, nor than f's own over the natural length (B, N) of the
        input. An f that varies by less than its size, as 1e10 + sin(x) does, has them by how much it varies.
        """
        if self._empty:
            return np.zeros((*primals.shape, scales.shape[1]))
        with np.errstate(all="ignore"):
            level = np.minimum(np.abs(primals), self._high - self._low)[:, :, None] / scales[:, None, :]
            return np.asarray(_PLACES * EPS * np.nan_to_num(np.minimum(level, self._steepest), posinf=0.0))
