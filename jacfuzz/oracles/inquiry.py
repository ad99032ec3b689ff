"""What several measures ask of f near one point, put as one question: where f lives elsewhere, each costs a message."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from jacfuzz.oracles.lockstep import in_lockstep, shared
from jacfuzz.oracles.rows import RowFunction

Values: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""f near a point: its values (B, m) at rows (B, N)."""


def ask(function: RowFunction, index: int, *measures: Callable[[Values], np.ndarray]) -> list[np.ndarray]:
    """Return what measures of f near point ``index`` of a batch give.

    They begin in their order, so that a random generator that they share draws alike.
    """

    def values(rows: np.ndarray) -> np.ndarray:
        return function(rows, np.full(len(rows), index))

    with np.errstate(all="ignore"):
        f = shared(values)
        return in_lockstep([functools.partial(measure, f) for measure in measures])


def on_both_sides(f: Values, row: np.ndarray, directions: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return f at L steps ahead of a point and behind it along directions (D, N), (2, L, D, m); NaN if infinite."""
    offsets = np.concatenate([steps, -steps])[:, None, None] * directions
    table = f((row + offsets).reshape(-1, len(row))).reshape(2, len(steps), len(directions), -1)
    return np.where(np.isfinite(table), table, np.nan)
