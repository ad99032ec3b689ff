"""What a function reaches: helpers that it calls, and the code objects within."""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

_LIBRARIES = sys.stdlib_module_names | {"numpy", "scipy", "jax", "torch", "jaxtyping", "beartype"}


def functions(function: Callable[..., Any]) -> tuple[types.FunctionType, ...]:
    """Return a plain Python function and those that it names or holds, libraries left out."""
    found: dict[int, types.FunctionType] = {}
    waiting: list[Any] = [function]
    while waiting:
        value = waiting.pop(0)
        if not isinstance(value, types.FunctionType) or id(value) in found:
            continue
        found[id(value)] = value
        waiting += [held for held in (*closure(value).values(), *globals_of(value).values()) if not _of_library(held)]
    return tuple(found.values())


def _of_library(value: Any) -> bool:
    module = getattr(value, "__module__", None) or ""
    return module.split(".")[0] in _LIBRARIES or module.startswith("jacfuzz.loading.")


def codes(function: types.FunctionType) -> Iterator[types.CodeType]:
    """Yield the code of a function and of all functions written within it."""
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop(0)
        yield code
        waiting += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]


def closure(function: types.FunctionType) -> dict[str, Any]:
    """Variables of enclosing functions that a function holds, those not bound yet left out."""
    held: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            held[name] = cell.cell_contents
        except ValueError:
            continue
    return held


def globals_of(function: types.FunctionType) -> dict[str, Any]:
    """Global variables that the code of a function names."""
    names = dict.fromkeys(name for code in codes(function) for name in code.co_names)
    return {name: function.__globals__[name] for name in names if name in function.__globals__}


def imports(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the modules that a function, or a helper of it, imports when it runs."""
    return tuple(
        dict.fromkeys(
            instruction.argval
            for reached in functions(function)
            for code in codes(reached)
            for instruction in dis.get_instructions(code)
            if instruction.opname == "IMPORT_NAME"
        )
    )
