"""The zero of residuals that is nearest to a start, and exact where floats allow it.

Steps (``descent.py``) move first as few cells as there are residuals, so that the others keep their short values, then
all: the step of least norm. What is nearly zero is made exactly zero by short values nearby or by the floats around it
(``floats.py``).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from jacfuzz.strategies.base import Base
from jacfuzz.strategies.descent import Descent, descended, is_far, size_of
from jacfuzz.strategies.floats import steps, ulps
from jacfuzz.strategies.probe import Probe
from jacfuzz.tracing.residuals import Label

_MOST_CLOUD, _MOST_CLOUD_OF_SEVERAL = 18, 8
_MOST_SIDES = 6
_NEARBY = 100.0
_SMALLER = 2.0**-4
_MOST_PARABOLAS = 3
_SHARES = (1.0, -1.0, 0.5, -0.5)
_LEAST = 1e-300
_GRIDS = (1.0, 4.0, 10.0, 16.0, 100.0, 256.0, 1000.0)


class Zero(NamedTuple):
    """A point where some residuals vanish together, or nearly so.

    Attributes
    ----------
    row
        The input (N,).
    left
        The largest residual there.
    near
        Whether no more than last places are left.
    """

    row: np.ndarray
    left: float
    near: bool


class Zeros:
    """Search for common zeros of residuals.

    Parameters
    ----------
    probe
        The function.
    rng
        Draws floats around a point.
    """

    def __init__(self, probe: Probe, rng: np.random.Generator) -> None:
        self._probe = probe
        self._rng = rng

    def nearest(self, base: Base, labels: tuple[Label, ...], slopes: np.ndarray, supports: int) -> Zero | None:
        """Return a point near a start where some residuals vanish together, or nearly so.

        Parameters
        ----------
        base
            The start.
        labels
            The k residuals.
        slopes
            Their slopes at the start, shape (k, N).
        supports
            Choices of the cells that may move, at most 3.
        """
        best: Zero | None = None
        for columns in itertools.islice(_supports(slopes, base.row), supports):
            best = _better_of(best, self._zero_of(base, labels, slopes, columns))
            if best is not None and (best.left == 0.0 or (best.near and len(labels) == 1)):
                break  # other cells would lead there as well
        if best is not None and best.left > 0.0 and best.near and len(labels) == 1 and supports > 1:
            smaller = self._smaller(base, labels, slopes)
            best = _better_of(best, self._zero_of(smaller, labels, slopes, next(_supports(slopes, smaller.row))))
        return best

    def apex(self, base: Base, label: Label) -> Zero | None:
        """Return a point where a distance vanishes, or nearly so, by its square, a parabola where it is a norm.

        Parameters
        ----------
        base
            The start, at any distance.
        label
            The residual; at most 6 cells may move it.
        """
        slopes = base.slopes_of(label)
        columns = np.flatnonzero(slopes[0])
        if not 0 < len(columns) <= _MOST_SIDES:
            return None
        row, (distance,), lengths = base.row, base.recording.at((label,)), np.ones(len(columns))
        for _ in range(_MOST_PARABOLAS):
            trial, lengths = self._foot(row, float(distance), label, columns)
            if is_far(trial - row):
                break
            (left,) = self._probe.values(trial, (label,))
            if not abs(left) < 0.1 * abs(distance):  # no parabola
                break
            row, distance = trial, left
            if left == 0.0:
                break
        if row is base.row:
            return None
        zero = self._polished(Descent(row, np.array([distance]), slopes, crossed=False), (label,), columns)
        return self._by_cells(zero, label, columns, lengths) if zero.left > 0.0 else zero

    def _by_cells(self, zero: Zero, label: Label, columns: np.ndarray, lengths: np.ndarray) -> Zero:
        """Step from next to the zero of a distance to it, each cell alone."""
        row, values = zero.row, np.array([zero.left])
        for (column, length), share in itertools.product(zip(columns, lengths, strict=True), _SHARES):
            trial = row.copy()
            trial[column] += share * values[0] / length
            row, values = self._better(row, values, trial, (label,))
            if values[0] == 0.0:
                break
        return Zero(row, size_of(values), zero.near)

    def _foot(
        self, row: np.ndarray, distance: float, label: Label, columns: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Step to where the parabola through the squares of a distance nearby has its foot.

        Returns the point there, and by how much a step of each of the cells that move changes the distance far away.
        """
        step, here = distance, distance**2
        ahead = np.array([self._square(row, label, step, column) for column in columns])
        behind = np.array([self._square(row, label, -step, column) for column in columns])
        bend = np.diag(ahead + behind - 2.0 * here)
        for one, other in itertools.combinations(range(len(columns)), 2):
            both = self._square(row, label, step, columns[one], columns[other])
            bend[one, other] = bend[other, one] = both - ahead[one] - ahead[other] + here
        lengths = np.sqrt(np.maximum(0.5 * np.diag(bend), _LEAST)) / step
        if not np.all(np.isfinite(bend)):
            return row, lengths
        trial = row.copy()
        trial[columns] -= 0.5 * step * np.linalg.lstsq(bend, ahead - behind, rcond=1e-10)[0]
        return self._probe.confined(trial), lengths

    def _smaller(self, base: Base, labels: tuple[Label, ...], slopes: np.ndarray) -> Base:
        """The start with smaller cells, between whose floats there is less room."""
        row = base.row.copy()
        row[np.any(slopes != 0, axis=0)] *= _SMALLER
        row = self._probe.confined(row)
        return Base(row, self._probe.run(row, labels), slopes)

    def _zero_of(self, base: Base, labels: tuple[Label, ...], slopes: np.ndarray, columns: np.ndarray) -> Zero | None:
        """Move some cells only; None where that leads nowhere."""
        descent = descended(self._probe, base, labels, slopes, columns)
        left = size_of(descent.values)
        if left == 0.0:
            return Zero(descent.row, 0.0, near=True)
        if left > 0.1 * size_of(base.recording.at(labels)):
            return None
        return self._polished(descent, labels, columns)

    def _polished(self, descent: Descent, labels: tuple[Label, ...], columns: np.ndarray) -> Zero:
        """Make a nearly common zero an exact one: by short values, then by the floats around."""
        row, values, slopes, single = descent.row, descent.values, descent.slopes, len(labels) == 1
        moving = np.flatnonzero(slopes[0]) if single else columns  # any cell may do the last step to a single zero
        steepest = max(float(np.max(np.abs(slopes[:, columns]))), 1e-300)
        near = 1e-7 * steepest * (np.max(np.abs(row[columns])) + 1.0)
        apart = near <= size_of(values) < _NEARBY and not descent.crossed
        if single and apart and len(moving) <= _MOST_SIDES:
            row, values = self._apex(row, values, labels, moving)
        converged = size_of(values) < near
        for trial in _short(row, columns, 1e-5 if converged else 0.1):
            row, values = self._better(row, values, trial, labels)
            if not np.any(values):
                return Zero(row, 0.0, near=True)
        if converged:
            row, values = self._by_floats(row, values, labels, moving, slopes)
        return Zero(row, size_of(values), near=converged)

    def _by_floats(
        self, row: np.ndarray, values: np.ndarray, labels: tuple[Label, ...], moving: np.ndarray, slopes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Try the floats around: those that fit of a single residual, of several any."""
        single = len(labels) == 1
        around = steps(row[moving], float(values[0]), slopes[0, moving]) if single else self._any_steps(row[moving])
        for step in itertools.islice(around, _MOST_CLOUD if single else _MOST_CLOUD_OF_SEVERAL):
            trial = row.copy()
            trial[moving] += step
            row, values = self._better(row, values, trial, labels)
            if not np.any(values):
                break
        return row, values

    def _any_steps(self, cells: np.ndarray) -> Iterator[np.ndarray]:
        """Steps of all cells by up to two floats."""
        while True:
            yield ulps(cells) * self._rng.integers(-2, 3, len(cells))

    def _better(
        self, row: np.ndarray, values: np.ndarray, trial: np.ndarray, labels: tuple[Label, ...]
    ) -> tuple[np.ndarray, np.ndarray]:
        """The one of two points that is nearer to a zero, and the residuals there; the first one if it is far off."""
        trial = self._probe.confined(trial)
        if is_far(trial - row):
            return row, values
        met = self._probe.values(trial, labels)
        return (trial, met) if size_of(met) < size_of(values) else (row, values)

    def _apex(
        self, row: np.ndarray, values: np.ndarray, labels: tuple[Label, ...], moving: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Step to the zero of a distance, whose slope turns on the way: its square has a parabola in every cell."""
        step = size_of(values)
        trial = row.copy()
        for column in moving:
            below, above = (self._square(row, labels[0], one, column) for one in (-step, step))
            bend = below + above - 2.0 * float(values[0]) ** 2
            if bend > 0.0:
                trial[column] += 0.5 * step * (below - above) / bend
        return self._better(row, values, trial, labels)

    def _square(self, row: np.ndarray, label: Label, step: float, *columns: int) -> float:
        """The square of a distance where some cells are a step further."""
        moved = row.copy()
        moved[list(columns)] += step
        return float(self._probe.values(self._probe.confined(moved), (label,))[0]) ** 2


def _better_of(first: Zero | None, second: Zero | None) -> Zero | None:
    return min((found for found in (first, second) if found is not None), key=lambda found: found.left, default=None)


def _supports(slopes: np.ndarray, row: np.ndarray) -> Iterator[np.ndarray]:
    """Cells that may move: as many as there are residuals, then all, then those that move the residual least."""
    moving = np.flatnonzero(np.any(slopes != 0, axis=0))
    count = len(slopes)
    if len(moving) > count:
        from scipy.linalg import qr  # which takes a while to import

        order = qr(slopes[:, moving], mode="r", pivoting=True)[1]
        yield moving[order[:count]]
    yield moving
    if count == 1 and len(moving) > 2:
        yield moving[[np.argmin(np.abs(slopes[0, moving]) * np.spacing(np.abs(row[moving]) + 1.0))]]


def _short(row: np.ndarray, columns: np.ndarray, most: float) -> Iterator[np.ndarray]:
    """Rows whose moved cells are rounded to short dyadic and decimal values nearby."""
    seen = {row.tobytes()}
    for grid in _GRIDS:
        trial = row.copy()
        trial[columns] = np.rint(row[columns] * grid) / grid + 0.0
        near = np.all(np.abs(trial - row) <= most * (1 + np.abs(row)))
        if near and trial.tobytes() not in seen:
            seen.add(trial.tobytes())
            yield trial
