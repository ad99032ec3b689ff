"""jax code over dual numbers: the jaxpr of f, one primitive after the other, on object arrays.

Of f itself, not of ``jacfwd(f)``: derivatives come from the dual numbers, so that neither AD's conventions nor a
``custom_jvp`` under test have a say. What only moves data is done by jax itself, once, on an array of indices. Complex
numbers, single precision and primitives without a rule raise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jacfuzz.tracing.branches import Branches
from jacfuzz.tracing.duals import lifted
from jacfuzz.tracing.exact_linalg import Linalg
from jacfuzz.tracing.exact_numbers import InexactError
from jacfuzz.tracing.exact_primitives import is_exact
from jacfuzz.tracing.primitives import CALLS, PRIMITIVES

_MOST_STEPS = 10_000
_MOVES = {"broadcast_in_dim", "reshape", "transpose", "squeeze", "expand_dims", "slice", "rev", "copy", "copy_p"}
_MOVES |= {"stop_gradient", "gather", "dynamic_slice", "split", "optimization_barrier"}


class ExactProgram:
    """jax code over dual numbers, traced once for each kind of arguments.

    Parameters
    ----------
    function
        What jax can trace.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._traced: dict[tuple[Any, ...], Any] = {}

    def __call__(self, arguments: Sequence[np.ndarray], branches: Branches) -> np.ndarray:
        """Evaluate it on object arrays of dual numbers (for floats) and plain arrays (for integers).

        Raises
        ------
        InexactError
            For what has no exact rule; where the code cannot be traced, jax's own errors.
        """
        import jax
        import jax.numpy as jnp

        kind = tuple((a.shape, a.dtype.str) for a in arguments)
        if kind not in self._traced:
            plain = [np.zeros(a.shape) if is_exact(a) else a for a in arguments]
            self._traced[kind] = jax.make_jaxpr(lambda *given: jnp.asarray(self._function(*given)))(*plain)
        closed = self._traced[kind]
        return np.asarray(_Interpreter(branches).run(closed.jaxpr, closed.consts, list(arguments))[0])


class _Interpreter:
    def __init__(self, branches: Branches) -> None:
        self._branches = branches

    def run(self, jaxpr: Any, constants: Sequence[Any], arguments: list[Any]) -> list[Any]:
        values: dict[Any, Any] = {}

        def read(atom: Any) -> Any:
            return self._lifted(atom.val) if hasattr(atom, "val") else values[atom]

        values.update(zip(jaxpr.constvars, map(self._lifted, constants), strict=True))
        values.update(zip(jaxpr.invars, arguments, strict=True))
        for equation in jaxpr.eqns:
            results = self._apply(equation, [read(atom) for atom in equation.invars])
            values.update(zip(equation.outvars, results, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def _call(self, jaxpr: Any, operands: list[Any]) -> list[Any]:
        """Run a jaxpr within a jaxpr, with or without constants of its own."""
        return self.run(getattr(jaxpr, "jaxpr", jaxpr), getattr(jaxpr, "consts", ()), operands)

    def _apply(self, equation: Any, operands: list[Any]) -> list[Any]:
        name, parameters = equation.primitive.name, equation.params
        for variable in equation.outvars:
            _refuse(variable.aval.dtype)
        if parameters.get("name") == "_det":  # by expansion: the factors of a singular matrix have no logarithm
            return [np.asarray(Linalg(self._lifted).det(operands[0]), dtype=object)]
        if name in CALLS:
            return self._call(parameters[CALLS[name]], operands)
        match name:
            case "cond":
                return self._cond(operands, parameters)
            case "while":
                return self._while(operands, parameters)
            case "scan":
                return self._scan(operands, parameters)
            case "custom_linear_solve":
                return self._solve(operands, parameters)
        if name in _MOVES or not any(is_exact(operand) for operand in operands):
            found = self._moved(equation, operands)
        else:
            rule = PRIMITIVES[name].exact if name in PRIMITIVES else None
            if rule is None:
                raise InexactError(f"no exact rule for {name}")
            found = rule(operands, parameters)
        return [np.asarray(array) for array in (found if isinstance(found, list) else [found])]

    def _moved(self, equation: Any, operands: list[Any]) -> list[Any]:
        """Apply a primitive to plain arrays, or move the dual numbers of its first operand as it moves indices."""
        if any(is_exact(operand) for operand in operands[1:]):
            raise InexactError(f"{equation.primitive.name} by numbers that vary")
        indices = [np.arange(o.size).reshape(o.shape) if is_exact(o) else o for o in operands]
        found = equation.primitive.bind(*indices, **equation.params)
        results = list(found) if isinstance(found, (list, tuple)) else [found]
        if operands and is_exact(operands[0]):
            return [operands[0].reshape(-1)[np.asarray(result)] for result in results]
        return [self._lifted(result) for result in results]

    def _cond(self, operands: list[Any], parameters: dict[str, Any]) -> list[Any]:
        index, *rest = operands
        branches = parameters["branches"]
        return self._call(branches[min(max(int(index), 0), len(branches) - 1)], rest)

    def _while(self, operands: list[Any], parameters: dict[str, Any]) -> list[Any]:
        outer = parameters["cond_nconsts"]
        inner = outer + parameters["body_nconsts"]
        state = operands[inner:]
        for _ in range(_MOST_STEPS):
            if not bool(self._call(parameters["cond_jaxpr"], operands[:outer] + state)[0]):
                return state
            state = self._call(parameters["body_jaxpr"], operands[outer:inner] + state)
        raise InexactError("a loop that takes too long")

    def _scan(self, operands: list[Any], parameters: dict[str, Any]) -> list[Any]:
        start, carried = parameters["num_consts"], parameters["num_carry"]
        fixed, state, columns = operands[:start], operands[start : start + carried], operands[start + carried :]
        steps = range(parameters["length"])
        outputs: dict[int, list[Any]] = {}
        for step in reversed(steps) if parameters["reverse"] else steps:
            found = self._call(parameters["jaxpr"], fixed + state + [np.asarray(column[step]) for column in columns])
            state, outputs[step] = found[:carried], found[carried:]
        return [*state, *[np.stack(column) for column in zip(*(outputs[step] for step in steps), strict=True)]]

    def _solve(self, operands: list[Any], parameters: dict[str, Any]) -> list[Any]:
        """Solve a linear system as its own method does; the derivative goes through that, exactly."""
        lengths = parameters["const_lengths"]
        first, right = lengths.matvec + lengths.vecmat, sum(lengths)
        return self._call(parameters["jaxprs"].solve, operands[first : first + lengths.solve] + operands[right:])

    def _lifted(self, value: Any) -> np.ndarray:
        """Dual numbers in the place of an array's floats; integers and truth values stay."""
        array = np.asarray(value)
        _refuse(array.dtype)
        return lifted(array, self._branches)


def _refuse(dtype: Any) -> None:
    if dtype.kind == "c" or (dtype.kind in "fV" and dtype.itemsize < np.dtype(float).itemsize):
        raise InexactError(f"numbers of dtype {dtype}")
