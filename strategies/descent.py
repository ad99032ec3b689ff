"""Steps towards a common zero of residuals: Gauss-Newton's, with Broyden's updates (Math. Comp. 19, 1965).

A single residual is bracketed where steps go back and forth between its signs, and where it touches zero and turns
back, to which steps lead by a constant factor each, the foot of a parabola is stepped to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jacfuzz.strategies.base import Base
from jacfuzz.strategies.floats import ulps
from jacfuzz.strategies.probe import Probe
from jacfuzz.tracing.residuals import Label

_MOST_STEPS, _MOST_BRACKETED = 8, 14
_MOST_STALLED = 2
_LAST_PLACES = 4
_FARTHEST = 1e8
_OF_A_DOUBLE_ZERO = (0.15, 0.6)  # what a step leaves of the residual: a quarter or, of a secant, 0.38
_STRAIGHT = 0.999


@dataclass(frozen=True)
class Descent:
    """Where steps led.

    Attributes
    ----------
    row
        The best point (N,).
    values
        The k residuals there.
    slopes
        Their slopes as known at the end, shape (k, N).
    crossed
        Whether a residual was met with both signs.
    """

    row: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    crossed: bool


def is_far(step: np.ndarray) -> bool:
    """Whether a step (N,) leads so far that floats lie too far apart there to look around, or nowhere."""
    return not step @ step < _FARTHEST**2


def size_of(values: np.ndarray) -> float:
    """Largest residual; infinite where one is missing."""
    size = abs(values.item()) if len(values) == 1 else float(np.abs(values).max())
    return size if math.isfinite(size) else math.inf


def descended(probe: Probe, base: Base, labels: tuple[Label, ...], slopes: np.ndarray, columns: np.ndarray) -> Descent:
    """Step from a start towards a common zero by moving some cells only.

    Parameters
    ----------
    probe
        The function.
    base
        The start.
    labels
        The k residuals.
    slopes
        Their slopes at the start, shape (k, N).
    columns
        The cells that move.
    """
    path = [(base.row, base.recording.at(labels))]
    best, matrix, stalled, crossed = path[0], slopes[:, columns], 0, False
    least = size_of(best[1])
    while len(path) <= (_MOST_BRACKETED if crossed else _MOST_STEPS):
        row, values = path[-1]
        trial = row.copy()
        trial[columns] += _step(path, matrix, columns, stalled)
        trial = probe.confined(trial)
        moved = trial[columns] - row[columns]
        length = moved @ moved
        if length == 0.0 or is_far(moved):
            break
        met = probe.values(trial, labels)
        size = size_of(met)
        if size == math.inf:
            break
        matrix = matrix + (met - values - matrix @ moved)[:, None] * (moved / length)
        path.append((trial, met))
        crossed |= len(labels) == 1 and bool(met[0] * values[0] < 0.0)
        stalled = 0 if size < 0.5 * least else stalled + 1
        if size < least:
            best, least = path[-1], size
        if least == 0.0 or (stalled > _MOST_STALLED and not crossed):
            break
        if np.all(np.abs(moved) <= _LAST_PLACES * ulps(row[columns])):
            break
    latest = slopes.copy()
    latest[:, columns] = matrix
    return Descent(*best, latest, crossed)


def _step(
    path: Sequence[tuple[np.ndarray, np.ndarray]], matrix: np.ndarray, columns: np.ndarray, stalled: int
) -> np.ndarray:
    """Return the next step of some cells."""
    row, values = path[-1]
    if len(values) == 1:
        between = _between(path, stalled) if stalled else None
        if between is not None:
            return np.asarray(between[columns] - row[columns])
        ahead = _foot(path[-3:], columns)
        if ahead is not None:
            return ahead
    return _least_norm(matrix, -values)


def _between(path: Sequence[tuple[np.ndarray, np.ndarray]], stalled: int) -> np.ndarray | None:
    """A point between the latest two at which a residual has different signs: by the secant, then half-way."""
    row, (value,) = path[-1]
    for other, (across,) in reversed(path):
        if across * value < 0.0:
            share = np.clip(value / (value - across), 0.1, 0.9) if stalled == 1 else 0.5
            return np.asarray(row + share * (other - row))
    return None


def _foot(path: Sequence[tuple[np.ndarray, np.ndarray]], columns: np.ndarray) -> np.ndarray | None:
    """Step to the foot of the parabola through the last three points; None where they do not lead to a double zero."""
    if len(path) < 3:
        return None
    (first, high), (second, middle), (last, low) = ((row[columns], float(values[0])) for row, values in path)
    least, most = _OF_A_DOUBLE_ZERO
    if not least < low / middle < most or not least < middle / high < most:
        return None
    before, after = second - first, last - second
    earlier, later = np.linalg.norm(before), np.linalg.norm(after)
    if before @ after < _STRAIGHT * earlier * later:
        return None
    slope, previous = (low - middle) / later, (middle - high) / earlier
    bend = 2.0 * (slope - previous) / (earlier + later)
    ahead = -(slope + 0.5 * bend * later) / bend if bend * low > 0.0 else -1.0
    return np.asarray(after * (ahead / later)) if 0.0 < ahead < 4.0 * later else None


def _least_norm(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Shortest step that solves, or nearly solves, the linear equations; NaN where there is none."""
    if len(values) == 1:
        return np.asarray(values[0] * matrix[0] / (matrix[0] @ matrix[0]))
    if not np.all(np.isfinite(matrix)):
        return np.full(matrix.shape[1], np.nan)
    return np.asarray(np.linalg.lstsq(matrix, values, rcond=1e-10)[0])
