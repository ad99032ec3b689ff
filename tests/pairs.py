"""Pairs made on the spot, for tests of single layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jacfuzz.signature import Argument, ArraySpec, ArrayType, Signature, parse_axes
from jacfuzz.target import Place, Target


def pair(f: Callable[..., Any], jac: Callable[..., Any], array_type: ArrayType = "numpy", **axes: Any) -> Target:
    """Return a target whose arguments x, y, ... have the axes given as text; other keywords go to Target."""
    names = {name: text for name, text in axes.items() if name in "xyz"}
    rest = {name: value for name, value in axes.items() if name not in names}
    arguments = tuple(
        Argument(name, (ArraySpec(parse_axes(text), "float", array_type),)) for name, text in names.items()
    )
    return Target("pair", "pair", Place("<python>"), f, jac, Signature(arguments), array_type, **rest)
