"""The recorder for jax code: its jaxpr run one primitive after the other, each noting where it branches.

Nested programs (jit, cond, while, scan, custom derivatives) are looked into as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jacfuzz.tracing.jaxpr_programs import Program
from jacfuzz.tracing.residuals import Log, Outlines, Recording

_ROUNDING = 1e-9


class JaxRecorder:
    """A jax function, ready to be recorded at inputs of one shape.

    Parameters
    ----------
    function
        Code that jax can trace. What it cannot trace is said to be unseen.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._programs: dict[tuple[Any, ...], Program | Exception] = {}
        self._outlines = Outlines()

    def __call__(self, arguments: Sequence[Any]) -> Recording:
        """Run as much of the function on arrays as leads to residuals, and note those; its value is not computed."""
        log = Log(self._outlines)
        program = self._program(arguments)
        if isinstance(program, Exception):
            log.unseen[f"code that jax cannot trace ({type(program).__name__})"] = None
            return log.recording(None, None)
        try:
            program.note(arguments, log)
        except Exception as error:
            log.unseen[f"code that runs in jax only ({type(error).__name__})"] = None
        return log.recording(None, None)

    def believed(self, arguments: Sequence[Any]) -> list[np.ndarray] | None:
        """Return what the function gives as it is run here, all of it; None where it cannot be run so."""
        program = self._program(arguments)
        if isinstance(program, Exception):
            return None
        try:
            return list(map(np.asarray, program.results(arguments, Log())))
        except Exception:  # strangers' code, in any state
            return None

    def fits(self, arguments: Sequence[Any]) -> bool:
        """Whether all of the function, run so, gives what it gives as it is, but for the last digits."""
        import jax
        import jax.numpy as jnp

        if isinstance(self._program(arguments), Exception):
            return True  # nothing was run
        found = self.believed(arguments)
        try:
            expected = jax.tree.leaves(self._function(*map(jnp.asarray, arguments)))
        except Exception:  # strangers' code, in any state
            return False
        return found is not None and len(found) == len(expected) and all(map(alike, found, expected))

    def branches(self, arguments: Sequence[Any]) -> bool:
        """Whether the function branches anywhere, as far as jax can trace it."""
        program = self._program(arguments)
        return isinstance(program, Program) and program.notes

    def sums(self, arguments: Sequence[Any]) -> bool:
        """Whether something that branches may depend on a sum."""
        program = self._program(arguments)
        return isinstance(program, Program) and program.sums

    def loops(self, arguments: Sequence[Any]) -> bool:
        """Whether the function has loops or branches of jax's own, which are compiled anew by every other call."""
        program = self._program(arguments)
        return isinstance(program, Program) and program.controls

    def _program(self, arguments: Sequence[Any]) -> Program | Exception:
        import jax

        key = tuple((np.shape(argument), np.result_type(argument)) for argument in arguments)
        if key not in self._programs:
            try:
                self._programs[key] = Program(jax.make_jaxpr(self._function)(*arguments))
            except Exception as error:  # strangers' code, in any state
                self._programs[key] = error
        return self._programs[key]


def alike(found: Any, expected: Any) -> bool:
    """Whether two results are the same but for the last digits."""
    one, other = np.asarray(found), np.asarray(expected)
    return one.shape == other.shape and np.allclose(one, other, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)
