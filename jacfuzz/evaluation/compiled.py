"""jax code at many points at once: compiled for batches of one size, since compiling takes longer than running."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from jacfuzz.target import Target

_ROOM = 64
_MOST_NUMBERS = 1 << 18  # in a room, so that large Jacobians come in small rooms

# XLA compiles four times as fast with these, code that is as fast at these sizes.
_HASTE = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}
_UNKNOWN = "No such compile option"
_CALLS = ("custom_jvp_call", "custom_vjp_call")


class Compiled:
    """A function of one point as a function of K points.

    Parameters
    ----------
    function
        What jax can trace; compiled when first called, once for each shape and room.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        import jax

        self._of_points = jax.vmap(function)
        self._jitted: Any = jax.jit(self._of_points, compiler_options=_HASTE)

    def __call__(self, values: tuple[np.ndarray, ...], cells: int) -> Any:
        """Return what the function gives at K points, with a leading axis K.

        Parameters
        ----------
        values
            One array (K, *shape) per argument.
        cells
            Numbers that the function gives at a point, or takes if these are more.
        """
        import jax

        count = len(values[0])
        room = room_for(cells, _ROOM)
        parts = []
        for start in range(0, count, room):
            cut = tuple(value[start : start + room] for value in values)
            parts.append(jax.tree.map(np.asarray, self._of_room(tuple(_filled(value, room) for value in cut))))
        return jax.tree.map(lambda *arrays: np.concatenate(arrays)[:count], *parts)

    def _of_room(self, values: tuple[np.ndarray, ...]) -> Any:
        """Return what the function gives at as many points as are computed at once."""
        import jax

        try:
            return self._jitted(*values)
        except jax.errors.JaxRuntimeError as error:
            if _UNKNOWN not in str(error):
                raise
            self._jitted = jax.jit(self._of_points)
            return self._jitted(*values)


def operation_by_operation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a jax function that a compiler cannot simplify: it gives what its operations give when they are called.

    Without barriers between them log(exp(800)) would be 800, and (x + 1e17) - 1e17 be x. What its author compiles
    stays one operation.
    """
    import jax

    def called(*arguments: Any) -> Any:
        program, shape = jax.make_jaxpr(function, return_shape=True)(*arguments)
        results = _run(program.jaxpr, program.consts, jax.tree.leaves(arguments))
        return jax.tree.unflatten(jax.tree.structure(shape), results)

    return called


def _run(jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    import jax

    barrier: Callable[..., Any] = jax.lax.optimization_barrier
    values: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *arguments], strict=True))

    def read(variable: Any) -> Any:
        return variable.val if hasattr(variable, "val") else values[variable]

    for equation in jaxpr.eqns:
        operands = list(map(read, equation.invars))
        if equation.primitive.name in _CALLS:
            inner = equation.params["call_jaxpr"]
            found = _run(inner.jaxpr, inner.consts, operands)
        else:
            found = equation.primitive.bind(*operands, **equation.params)
            found = found if equation.primitive.multiple_results else [found]
        values.update(zip(equation.outvars, barrier(tuple(found)), strict=True))
    return list(map(read, jaxpr.outvars))


def room_for(cells: int, most: int) -> int:
    """Return how many points are computed at once: the most, where each has few cells, so that one size is compiled."""
    return int(min(most, 2 ** int(math.log2(max(1, _MOST_NUMBERS // max(cells, 1))))))


def _filled(value: np.ndarray, room: int) -> np.ndarray:
    """Repeat the first point until the room is full."""
    return value if len(value) == room else np.concatenate([value, np.repeat(value[:1], room - len(value), axis=0)])


class SameTarget:
    """A target as a key: what is compiled for one is used for no other, though its functions be the same.

    A global that they read may have changed between two checks; jax would not see it.
    """

    def __init__(self, target: Target) -> None:
        self.target = target

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameTarget) and self.target is other.target

    def __hash__(self) -> int:
        return id(self.target)


def compiled(target: Target, name: Literal["f", "jac"]) -> Compiled:
    """Return a function of a jax target compiled for batches; the same as long as few others were asked for."""
    return _compiled(SameTarget(target), name)


@functools.lru_cache(maxsize=32)
def _compiled(same: SameTarget, name: Literal["f", "jac"]) -> Compiled:
    return Compiled(operation_by_operation(getattr(same.target, name)))
