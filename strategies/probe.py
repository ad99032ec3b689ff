"""A function as the solver sees it: inputs in, residuals out, so many runs and no more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from jacfuzz.strategies.base import Base
from jacfuzz.strategies.sides import Beside, Jacobian, beside
from jacfuzz.tracing.residuals import Label, Recording

_DIFFERENCE = 2.0**-14
_MOST_COLUMNS = 40
_MOST_SECONDS = 3.0


class SpentError(Exception):
    """No runs are left, or no more points are wanted."""


class Probe:
    """Runs of one function, counted.

    Parameters
    ----------
    record
        Runs the function at an input (N,) and returns its recording; of some labels no more than leads to these.
    jacobian
        Gives the Jacobian at an input.
    low, high
        Closed interval per cell (N,); infinite where open.
    rng
        Draws the cells to difference where there are many.
    calls
        Runs at most; none is started after 3 s.
    """

    def __init__(
        self,
        record: Callable[[np.ndarray, Sequence[Label]], Recording],
        jacobian: Jacobian,
        low: np.ndarray,
        high: np.ndarray,
        rng: np.random.Generator,
        calls: int,
    ) -> None:
        self._record = record
        self._jacobian = jacobian
        self._low, self._high = low, high
        self._rng = rng
        self.most = calls
        self._end = time.monotonic() + _MOST_SECONDS
        self.calls = 0
        self.unseen: dict[str, None] = {}

    @property
    def left(self) -> int:
        """Runs that may still be made."""
        return 0 if time.monotonic() > self._end else self.most - self.calls

    def grant(self, calls: int) -> None:
        """Allow so many runs from now on."""
        self.most = self.calls + calls

    def confined(self, row: np.ndarray) -> np.ndarray:
        """Move cells outside their interval to its end."""
        return np.asarray(np.minimum(np.maximum(row, self._low), self._high))

    def run(self, row: np.ndarray, labels: Sequence[Label] = ()) -> Recording:
        """Run the function at an input; where labels are given, as much of it as leads to these.

        Raises
        ------
        SpentError
            If no runs are left.
        """
        self._count()
        recording = self._record(row, labels)
        if recording.unseen:
            self.unseen.update(dict.fromkeys(recording.unseen))
        return recording

    def _count(self) -> None:
        if self.left <= 0:
            raise SpentError
        self.calls += 1

    def values(self, row: np.ndarray, labels: Sequence[Label]) -> np.ndarray:
        """Residuals of some labels at an input."""
        return self.run(row, labels).at(labels)

    def beside(self, row: np.ndarray, normal: np.ndarray) -> Beside:
        """Compare jac on a boundary with jac beside it; that counts as a run.

        Raises
        ------
        SpentError
            If no runs are left.
        """
        self._count()
        return beside(self._jacobian, row, normal)

    def base(self, row: np.ndarray) -> Base:
        """Run the function at an input and difference its residuals there, in at most 40 cells."""
        recording = self.run(row)
        slopes = np.zeros((len(recording.residuals), len(row)))
        columns = np.arange(len(row))
        if len(row) > _MOST_COLUMNS:
            columns = self._rng.choice(columns, _MOST_COLUMNS, replace=False)
        for column in columns:
            step = _DIFFERENCE * 2.0 ** np.ceil(np.log2(max(abs(row[column]), 0.5)))
            if row[column] + step > self._high[column]:
                step = -step
            moved = row.copy()
            moved[column] += step
            slopes[:, column] = (self.run(moved).like(recording) - recording.residuals) / (moved[column] - row[column])
        return Base(row, recording, np.where(np.isfinite(slopes), slopes, 0.0))
