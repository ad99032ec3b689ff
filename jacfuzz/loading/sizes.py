"""Which axes a module's constants fix, and which library its arrays belong to."""

from __future__ import annotations

import numbers
import types
from collections.abc import Iterable
from typing import Any

import numpy as np

from jacfuzz.loading.functions import Reads
from jacfuzz.loading.names import Names
from jacfuzz.signature import ArraySpec, ArrayType


def fixed_sizes(reads: Reads, specs: Iterable[ArraySpec], names: Names) -> dict[str, int]:
    """Return the axis names that constants fix.

    Code that reads constants or index arrays of its module was written for the sizes they have. Code that reads none
    takes its sizes from its arguments and is free in them, whatever integers stand around it.
    """
    if not any(_is_data(value) for value in reads.values.values()):
        return {}
    axes = {name for spec in specs for axis in spec.axes if not axis.variadic for name in axis.names()}
    return {name: int(names[name]) for name in sorted(axes) if _is_size(names.get(name))}


def library_of(reads: Reads) -> ArrayType:
    """Return the kind of array that code works on, by the modules, functions and arrays it reads."""
    roots = {_root(value) for value in reads.values.values()}
    if "torch" in roots:
        return "torch"
    return "jax" if roots & {"jax", "jaxlib"} else "numpy"


def _is_data(value: Any) -> bool:
    return isinstance(value, (numbers.Number, list, tuple, range)) or isinstance(getattr(value, "shape", None), tuple)


def _is_size(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) >= 0


def _root(value: Any) -> str:
    if isinstance(value, types.ModuleType):
        module = value.__name__
    else:
        module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).partition(".")[0]
