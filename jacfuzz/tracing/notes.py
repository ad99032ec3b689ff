"""From an operation and its plain operands to the residuals that are noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jacfuzz.tracing.array_rules import residuals_of
from jacfuzz.tracing.operations import OPERATIONS, SMOOTH, residuals_at
from jacfuzz.tracing.residuals import blind, note

_OF_SIZES = frozenset({"absolute", "multiply", "divide", "reciprocal", "square"})  # at zero, complex ones too


def _kind(value: Any) -> str:
    """Kind of number that a value holds: f, c, or i for any other; "" where it is no number."""
    if isinstance(value, np.ndarray):
        kind = value.dtype.kind
        return kind if kind in "fc" else "i" if kind in "biu" else ""
    return "f" if isinstance(value, float) else "c" if isinstance(value, complex) else "i" * _is_whole(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer, np.bool_))


def note_operation(name: str, operands: tuple[Any, ...]) -> None:
    """Note the residuals of an elementwise operation at plain operands."""
    if name in SMOOTH:
        return
    kinds = [_kind(operand) for operand in operands]
    if not ("f" in kinds or "c" in kinds) or not all(kinds):
        return
    if name not in OPERATIONS:
        blind(name)
    elif "c" in kinds and name not in _OF_SIZES:
        blind(f"{name} of complex numbers")
    else:
        note(name, *(residuals_at(name, operands) or ()))


def note_universal(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Note the residuals of a universal function, or of a method of it, at plain inputs."""
    name = ufunc.__name__
    inputs = tuple([np.asarray(value) if isinstance(value, (list, tuple)) else value for value in inputs])
    if method in ("__call__", "outer"):
        operands = (
            (np.expand_dims(inputs[0], tuple(range(-np.ndim(inputs[1]), 0))), inputs[1])
            if method == "outer"
            else inputs
        )
        note_operation(name, operands)
    elif method == "at":
        note_operation(name, (inputs[0][inputs[1]], *inputs[2:]))
    elif method in ("reduce", "accumulate"):
        note_function(f"{name}.{method}", inputs[:1], options | {"axis": options.get("axis", 0)}, None)
    elif name != "add":
        blind(f"{name}.{method}")


def note_function(name: str, arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> None:
    """Note the residuals of a function of whole arrays; what no rule knows, or a rule does not take, is unseen."""
    try:
        found = residuals_of(name, arguments, options, result)
    except Exception:  # of arguments that NumPy takes and a rule does not
        found = None
    if found is None:
        blind(name)
    else:
        note(name.partition(".")[0], *found)
