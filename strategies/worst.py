"""Points at which jac is off the most, where nothing else leads: Hypothesis climbs the error, by clouds of points.

For code whose boundaries were not reached, or that was not seen through. What is found are points like others: nothing
is said of them here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st
from hypothesis import target as towards

from jacfuzz.strategies.batches import Batch, columns, split
from jacfuzz.strategies.layouts import Layout
from jacfuzz.strategies.quietly import QUIETLY
from jacfuzz.strategies.strata import Rows, generic_rows
from jacfuzz.target import Target

STRATUM = "climbed error"
"""Stratum of the points that climbing gives."""

Errors: TypeAlias = Callable[[tuple[np.ndarray, ...]], np.ndarray]
"""How far jac is off at K points (K,), in units of what is tolerated; NaN where that is not known."""

_SCOUTS, _CLOUD = 64, 8
_EXAMPLES, _CLOUDS = 16, 4
_MOST_POINTS = 5000  # over the calls that a Jacobian takes
_KEPT = 5  # few: they may lie where differences settle nothing
_VISIBLE = 1e-3  # smaller errors are round-off, which rises nowhere
_MOST, _GRID = 512, 8.0
_LARGEST = 1e300
_FINEST = 10  # a cloud's points are from a half to a thousandth of the range away
_MOST_SECONDS = 3.0


def worst(target: Target, layout: Layout, errors: Errors, seed: int) -> Batch | None:
    """Climb from the worst of some scattered points, and return the worst of all that were met.

    Parameters
    ----------
    target
        The pair.
    layout
        Shapes of the arguments.
    errors
        What is climbed.
    seed
        Makes the search.

    Returns
    -------
    Batch or None
        At most five points; None where no error is large enough to be climbed.
    """
    climb = _Climb(target, layout, errors, np.random.default_rng(seed))
    climb.scout()
    if climb.most <= _VISIBLE:
        return None
    examples = min(_EXAMPLES, (_MOST_POINTS // target.calls - _SCOUTS) // (_CLOUDS * _CLOUD))

    @hypothesis_seed(seed)
    @settings(QUIETLY, max_examples=max(examples, 1), phases=(Phase.generate, Phase.target))
    @given(st.lists(st.integers(-_MOST, _MOST), min_size=climb.cells, max_size=climb.cells))
    def step(moves: list[int]) -> None:
        if climb.goes_on:
            towards(climb.ascend(np.array(moves)))

    step()
    return climb.top()


class _Climb:
    """The points that were met, and how far jac is off there."""

    def __init__(self, target: Target, layout: Layout, errors: Errors, rng: np.random.Generator) -> None:
        self._target, self._layout, self._errors, self._rng = target, layout, errors, rng
        self._columns = columns(target, layout)
        self.cells = len(self._columns.low)
        width = np.minimum(self._columns.high - self._columns.low, 2 * _MOST / _GRID * self._columns.scale)
        self._unit = width / (2 * _MOST)
        self._origin = np.zeros(self.cells)
        self._met: list[tuple[float, tuple[np.ndarray, ...]]] = []
        self._end = time.monotonic() + _MOST_SECONDS

    @property
    def most(self) -> float:
        """The largest error so far."""
        return max((error for error, _ in self._met), default=0.0)

    @property
    def goes_on(self) -> bool:
        """Whether time is left, and no error is infinite yet, which says enough."""
        return self.most < math.inf and time.monotonic() < self._end

    def scout(self) -> None:
        """Look at ordinary points and at such as lie far out; the climb begins at the worst."""
        rows = generic_rows(_SCOUTS, self.cells, self._rng)
        rows[1::2] = self._rng.uniform(-_MOST, _MOST, rows[1::2].shape) * self._unit
        rows = self._columns.confine(rows, self._rng)
        for start in range(0, _SCOUTS, _CLOUD):
            if self.goes_on:
                before = self.most
                error, row = self._look(rows[start : start + _CLOUD])
                self._origin = row if error > before else self._origin

    def ascend(self, moves: np.ndarray) -> float:
        """Go up from cloud to cloud, first a move away from the origin; return the largest error met, in decades."""
        row, highest = self._origin + moves * self._unit, 0.0
        for _ in range(_CLOUDS):
            if not self.goes_on:
                break
            error, best = self._look(self._cloud(row))
            row, highest = (best, error) if error > highest else (row, highest)
        return math.log10(min(max(highest, _VISIBLE), _LARGEST))

    def _cloud(self, row: np.ndarray) -> Rows:
        """A row and others around it, near and far."""
        widths = _MOST * 2.0 ** -self._rng.integers(1, _FINEST + 1, (_CLOUD, 1))
        moves = self._rng.standard_normal((_CLOUD, self.cells)) * widths
        moves[0] = 0.0
        return np.asarray(np.clip(row + moves * self._unit, self._columns.low, self._columns.high))

    def _look(self, rows: Rows) -> tuple[float, np.ndarray]:
        """Keep the worst of some rows; return its error and where it is."""
        values = split(rows, self._target, self._layout, self._rng)
        errors = np.nan_to_num(self._errors(values), nan=0.0, posinf=math.inf)
        index = int(np.argmax(errors))
        self._met.append((float(errors[index]), tuple(value[index : index + 1] for value in values)))
        return float(errors[index]), rows[index]

    def top(self) -> Batch:
        """Return the worst points, the worst first, at most one of a cloud."""
        best = sorted(self._met, key=lambda met: -met[0])[:_KEPT]
        values = tuple(map(np.concatenate, zip(*(point for _, point in best), strict=True)))
        return Batch(self._layout, values, STRATUM)
