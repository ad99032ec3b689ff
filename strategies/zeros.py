"""The zero of residuals that is nearest to a start, and exact where floats allow it.

Gauss-Newton steps whose Jacobian is kept up to date by Broyden's formula (Math. Comp. 19, 1965), first in as few cells
as there are residuals, so that the others keep their short values, then in all: the step of least norm. What is nearly
zero is made exactly zero by short values nearby or by the floats around it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from scipy.linalg import qr

from jacfuzz.strategies.probe import Base, Probe
from jacfuzz.tracing.residuals import Label

_MOST_STEPS = 8
_MOST_STALLED = 2
_MOST_CLOUD, _MOST_CLOUD_OF_SEVERAL = 18, 8
_MOST_FITTING = 6  # of those
_MOST_SIDES = 6
_NEGLIGIBLE = 1e-14
_FARTHEST = 1e8  # beyond it the floats are too far apart to look around
_GRIDS = (1.0, 4.0, 10.0, 16.0, 100.0, 256.0, 1000.0)


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

    def nearest(
        self, base: Base, labels: tuple[Label, ...], slopes: np.ndarray, supports: int
    ) -> tuple[np.ndarray, float] | None:
        """Return a point near a start where some residuals vanish together, and the largest that is left of them.

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
        best: tuple[np.ndarray, float] | None = None
        for columns in itertools.islice(_supports(slopes, base.row), supports):
            found = self._zero_of(base, labels, slopes, columns)
            if found is not None and (best is None or found[1] < best[1]):
                best = found
            if best is not None and best[1] == 0.0:
                break
        return best

    def _zero_of(
        self, base: Base, labels: tuple[Label, ...], slopes: np.ndarray, columns: np.ndarray
    ) -> tuple[np.ndarray, float] | None:
        """Step towards a common zero by moving some cells only; None where the steps lead nowhere."""
        row, values = base.row, base.recording.at(labels)
        matrix = slopes[:, columns]
        best_row, best_size = row, _size(values)
        first_size = best_size
        stalled = 0
        for _ in range(_MOST_STEPS):
            trial = row.copy()
            trial[columns] += _least_norm(matrix, -values)
            trial = self._probe.confined(trial)
            moved = trial[columns] - row[columns]
            if moved @ moved == 0.0 or not moved @ moved < _FARTHEST**2:
                break
            met = self._probe.values(trial, labels)
            if not np.all(np.isfinite(met)):
                break
            matrix = matrix + (met - values - matrix @ moved)[:, None] * (moved / (moved @ moved))
            row, values = trial, met
            stalled = 0 if _size(values) < 0.5 * best_size else stalled + 1
            if _size(values) < best_size:
                best_row, best_size = row, _size(values)
            if best_size == 0.0 or stalled > _MOST_STALLED:
                break
        if best_size == 0.0:
            return best_row, 0.0
        if best_size > 0.1 * first_size:
            return None
        latest = slopes.copy()
        latest[:, columns] = matrix
        return self._polished(best_row, labels, columns, latest)

    def _polished(
        self, row: np.ndarray, labels: tuple[Label, ...], columns: np.ndarray, slopes: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """Make a nearly common zero an exact one: by short values, then by the floats around."""
        values, single = self._probe.values(row, labels), len(labels) == 1
        moving = np.flatnonzero(slopes[0]) if single else columns  # any cell may do the last step to a single zero
        steepest = max(float(np.max(np.abs(slopes[:, columns]))), 1e-300)
        near = 1e-7 * steepest * (np.max(np.abs(row[columns])) + 1.0)
        if single and len(moving) <= _MOST_SIDES and _size(values) >= near:
            row, values = self._apex(row, values, labels, moving)
        converged = _size(values) < near
        for trial in _short(row, columns, 1e-5 if converged else 0.1):
            met = self._probe.values(self._probe.confined(trial), labels)
            if _size(met) < _size(values):
                row, values = self._probe.confined(trial), met
            if not np.any(values):
                return row, 0.0
        for turn in range(converged * (_MOST_CLOUD if single else _MOST_CLOUD_OF_SEVERAL)):
            trial = row.copy()
            trial[moving] = self._nudged(row[moving], values, slopes[:, moving], turn)
            trial = self._probe.confined(trial)
            met = self._probe.values(trial, labels)
            if _size(met) < _size(values):
                row, values = trial, met
            if not np.any(values):
                break
        return row, _size(values)

    def _apex(
        self, row: np.ndarray, values: np.ndarray, labels: tuple[Label, ...], moving: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Step to the zero of a distance, whose slope turns on the way: its square has a parabola in every cell."""
        step = _size(values)
        trial = row.copy()
        for column in moving:
            beside = np.tile(row, (2, 1))
            beside[:, column] += (-step, step)
            below, above = (float(self._probe.values(self._probe.confined(one), labels)[0]) ** 2 for one in beside)
            bend = below + above - 2.0 * float(values[0]) ** 2
            if bend > 0.0:
                trial[column] += 0.5 * step * (below - above) / bend
        trial = self._probe.confined(trial)
        met = self._probe.values(trial, labels)
        return (trial, met) if _size(met) < _size(values) else (row, values)

    def _nudged(self, cells: np.ndarray, values: np.ndarray, matrix: np.ndarray, turn: int) -> np.ndarray:
        """Cells a few floats away: one that fits by its size, then each in turn; of several, all at random."""
        ulp: np.ndarray = np.spacing(np.maximum(np.abs(cells), _NEGLIGIBLE))
        if len(cells) == 1:
            return np.asarray(cells + ulp * (turn // 2 + 1) * (-1) ** turn)
        if len(values) > 1:
            return np.asarray(cells + ulp * self._rng.integers(-2, 3, len(cells)))
        step = np.zeros(len(cells))
        if turn < min(len(cells), _MOST_FITTING):
            wanted = np.rint(-values[0] / (matrix[0] * ulp))  # no cell of it is still
            column = np.lexsort((np.abs(wanted), wanted == 0))[turn]
            step[column] = np.clip(wanted[column], -(2.0**20), 2.0**20) or self._rng.choice([-1.0, 1.0])
        else:  # a distance may have any slope next to its zero
            column, down = divmod(turn - _MOST_FITTING, 2)
            step[column % len(cells)] = -1.0 if down else 1.0
        return np.asarray(cells + ulp * step)


def _supports(slopes: np.ndarray, row: np.ndarray) -> Iterator[np.ndarray]:
    """Cells that may move: as many as there are residuals, then all, then those that move the residual least."""
    moving = np.flatnonzero(np.any(slopes != 0, axis=0))
    count = len(slopes)
    if len(moving) > count:
        order = qr(slopes[:, moving], mode="r", pivoting=True)[1]
        yield moving[order[:count]]
    yield moving
    if count == 1 and len(moving) > 2:
        yield moving[[np.argmin(np.abs(slopes[0, moving]) * np.spacing(np.abs(row[moving]) + 1.0))]]


def _least_norm(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Shortest step that solves, or nearly solves, the linear equations; NaN where there is none."""
    if len(values) == 1:
        return np.asarray(values[0] * matrix[0] / (matrix[0] @ matrix[0]))
    if not np.all(np.isfinite(matrix)):
        return np.full(matrix.shape[1], np.nan)
    return np.asarray(np.linalg.lstsq(matrix, values, rcond=1e-10)[0])


def _size(values: np.ndarray) -> float:
    """Largest residual; infinite where one is missing."""
    size = float(np.abs(values).max())
    return size if np.isfinite(size) else np.inf


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
