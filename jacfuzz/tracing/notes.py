"""From an operation and its plain operands to the residuals that are noted."""

from __future__ import annotations

from typing import Any

import numpy as np

from jacfuzz.tracing.array_rules import residuals_of
from jacfuzz.tracing.operations import OPERATIONS
from jacfuzz.tracing.residuals import blind, note


def _floating(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _numeric(value: Any) -> bool:
    return isinstance(value, (int, float)) or getattr(getattr(value, "dtype", None), "kind", "") in ("b", "i", "u", "f")


def note_operation(name: str, operands: tuple[Any, ...]) -> None:
    """Note the residuals of an elementwise operation at plain operands."""
    residuals = OPERATIONS.get(name)
    if residuals is None:
        blind(name)
    elif residuals and any(map(_floating, operands)) and all(map(_numeric, operands)):
        note(name, *[residual(*operands) for residual in residuals])


def note_universal(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Note the residuals of a universal function, or of a method of it, at plain inputs."""
    name = ufunc.__name__
    if not any(map(_floating, inputs)):
        return
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
        rule = f"{name}.{method}"
        found = residuals_of(rule, inputs[:1], {"axis": options.get("axis", 0)}, None)
        if found is None:
            blind(rule)
        else:
            note(name, *found)
    elif name != "add":
        blind(f"{name}.{method}")
