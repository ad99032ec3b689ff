"""A traced function at many points: run by NumPy where that can do all of it, compiled once that pays.

To lower and compile a function takes as long as dozens of runs of it, and at most shapes it is run a few times. Once
compiled, a room of points of few cells takes half of the time; one of many cells takes as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jacfuzz.evaluation.compiled import Compiled
from jacfuzz.tracing.close_primitives import close_primitive
from jacfuzz.tracing.jaxpr_programs import Program
from jacfuzz.tracing.residuals import Log

# Compiling costs as much as so many runs, however many operations there are, and so many single operations more.
_RUNS_WORTH_COMPILING, _WORTH_COMPILING = 40, 5000


class Interpreted(Compiled):
    """A function of one point as a function of K points, to the last digits.

    Parameters
    ----------
    function
        What jax can trace.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._programs: dict[tuple[Any, ...], _Traced | None] = {}

    def _of_room(self, values: tuple[np.ndarray, ...]) -> Any:
        key = tuple((value.shape, value.dtype.str) for value in values)
        if key not in self._programs:
            self._programs[key] = self._traced(values)
        traced = self._programs[key]
        if traced is None or traced.often:
            return super()._of_room(values)
        return traced(values)

    def _traced(self, values: tuple[np.ndarray, ...]) -> _Traced | None:
        """Return the function as NumPy runs it; None where that cannot do all of it."""
        import jax

        trace = self._jitted.trace(*values)  # which jax keeps for when it is compiled
        program = Program(trace.jaxpr, rules=close_primitive)
        return None if program.needs_jax else _Traced(program, jax.tree.structure(trace.out_info))


class _Traced:
    """A function at one room of points: its program, and the tree of its results."""

    def __init__(self, program: Program, structure: Any) -> None:
        self._program, self._structure = program, structure
        self._runs = 0

    @property
    def often(self) -> bool:
        """Whether it was run so often that it is worth compiling."""
        return (self._runs - _RUNS_WORTH_COMPILING) * len(self._program) > _WORTH_COMPILING

    def __call__(self, values: tuple[np.ndarray, ...]) -> Any:
        import jax

        self._runs += 1
        return jax.tree.unflatten(self._structure, self._program.results(values, Log()))
