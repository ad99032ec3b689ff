"""Names from block to block: values are carried forward, functions are re-created over the new names.

A function sees the names that its own block left, never those that a later block bound. A helper of an earlier block
that is called in a later one sees the later one's names, as it would in the notebook.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any, TypeAlias

Names: TypeAlias = dict[str, Any]


def carry(names: Names, into: Names) -> None:
    """Add to ``into`` every name that it lacks; plain functions over ``names`` are re-created over ``into``."""
    moved: dict[int, FunctionType] = {}
    for name, value in names.items():
        if name in into:
            continue
        if type(value) is FunctionType and value.__globals__ is names:
            if id(value) not in moved:
                moved[id(value)] = _recreated(value, into)
            into[name] = moved[id(value)]
        else:
            into[name] = value


def _recreated(function: FunctionType, names: Names) -> FunctionType:
    copy = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__annotations__ = function.__annotations__
    copy.__doc__ = function.__doc__
    copy.__qualname__ = function.__qualname__
    copy.__module__ = function.__module__
    copy.__dict__.update(function.__dict__)
    return copy


def same_function(first: Any, second: Any) -> bool:
    """Whether two functions are the same one, perhaps re-created over other names."""
    if first is second:
        return True
    return (
        type(first) is type(second) is FunctionType
        and first.__code__ is second.__code__
        and len(first.__closure__ or ()) == len(second.__closure__ or ())
        and all(a is b for a, b in zip(first.__closure__ or (), second.__closure__ or (), strict=True))
    )
