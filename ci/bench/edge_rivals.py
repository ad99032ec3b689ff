"""Other generators of inputs than the boundaries solved from a function: random, magic, Hypothesis, bisection.

Each takes a case of ``tests/boundary_suite.py`` and a seed and returns points (K, n) with the calls of f it made.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any, TypeAlias

import jax
import numpy as np

from jacfuzz.loading.indexed import dense_f
from jacfuzz.strategies.strata import MAGIC

Generate: TypeAlias = Callable[[Any, int], tuple[np.ndarray, int]]

_DRAW = """
import json, sys
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st
count, start, *sizes = map(int, sys.argv[1:])
def drawn(n):
    rows = []
    @seed(start)
    @settings(max_examples=count, database=None, deadline=None, phases=(Phase.generate,),
              suppress_health_check=list(HealthCheck))
    @given(st.lists(st.floats(-1e6, 1e6), min_size=n, max_size=n))
    def draw(row):
        rows.append(row)
    draw()
    return rows
print(json.dumps([drawn(n) for n in sizes]))
"""
_SIZES = range(1, 33)
_SAMPLES, _WIDTH, _HALVINGS, _SPOTS = 17, 4.0, 52, 2


def normal(count: int) -> Generate:
    """Random normal points."""
    return lambda case, seed: (np.random.default_rng(seed).standard_normal((count, case.n)), 0)


def magic(count: int) -> Generate:
    """Points with magic values in about half of their cells."""

    def points(case: Any, seed: int) -> tuple[np.ndarray, int]:
        rng = np.random.default_rng(seed)
        rows = rng.standard_normal((count, case.n))
        return np.where(rng.random(rows.shape) < 0.5, rng.choice(MAGIC, rows.shape), rows), 0

    return points


def hypothesis_apart(count: int) -> Generate:
    """Lists of floats, drawn in a process that has no module of ours: Hypothesis takes numbers from those it sees."""
    return lambda case, seed: (_drawn(count, seed)[case.n], 0)


@functools.cache
def _drawn(count: int, seed: int) -> dict[int, np.ndarray]:
    """Draw for all sizes at once, since the process takes half a second to start."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-I", "-c", _DRAW, *map(str, (count, seed, *_SIZES))]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True)
    return {n: np.array(rows, dtype=float) for n, rows in zip(_SIZES, json.loads(done.stdout), strict=True)}


def bisection(calls: int) -> Generate:
    """Where f bends most on lines along the axes, halved to the last float: f is a black box."""

    def points(case: Any, seed: int) -> tuple[np.ndarray, int]:
        search = _Lines(case, calls)
        rng = np.random.default_rng(seed)
        with np.errstate(all="ignore"):
            while search.calls < calls:
                start = 2.0 * rng.standard_normal(case.n)
                for column in rng.permutation(case.n):
                    search.line(start, int(column))
        return np.array(search.rows).reshape(-1, case.n), search.calls

    return points


class _Lines:
    """Looks for bends of one function, and counts its calls."""

    def __init__(self, case: Any, most: int) -> None:
        f = case.f if case.index is None else dense_f(case.f, case.name, case.index)
        self._f = jax.jit(f) if case.kind == "jax" else f  # loops of jax are compiled anew by every other call
        self._most = most
        self.calls = 0
        self.rows: list[np.ndarray] = []

    def line(self, start: np.ndarray, column: int) -> None:
        """Sample a line and halve the intervals around its strongest bends."""
        if self.calls >= self._most:
            return
        places = np.linspace(-_WIDTH, _WIDTH, _SAMPLES)
        values = [self._value(start, column, place) for place in places]
        bends = [np.max(np.abs(a - 2 * b + c)) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
        for spot in np.argsort(np.nan_to_num(bends))[-_SPOTS:]:
            self._halve(start, column, places[spot], places[spot + 2])

    def _halve(self, start: np.ndarray, column: int, low: float, high: float) -> None:
        for _ in range(_HALVINGS):
            quarter = 0.25 * (high - low)
            values = [self._value(start, column, low + turn * quarter) for turn in range(5)]
            left, right = (np.max(np.abs(values[k] - 2 * values[k + 1] + values[k + 2])) for k in (0, 2))
            low, high = (low, low + 2 * quarter) if left >= right else (low + 2 * quarter, high)
        self.rows += [self._moved(start, column, place) for place in (low, 0.5 * (low + high), high)]

    def _value(self, start: np.ndarray, column: int, place: float) -> np.ndarray:
        self.calls += 1
        try:
            return np.atleast_1d(np.asarray(self._f(self._moved(start, column, place)), dtype=float))
        except Exception:  # outside of where f is defined
            return np.zeros(1)

    @staticmethod
    def _moved(start: np.ndarray, column: int, place: float) -> np.ndarray:
        row = start.copy()
        row[column] = place
        return row
