"""Numbers written in a function: where it compares with them, its edges are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from jacfuzz.tracing.reach import closure, codes, functions, globals_of

_MOST = 24
_MOST_ENTRIES = 8
_LARGEST = 1e300

LEAST = 1e-30
"""Stands in for the floats next to zero, whose products underflow."""


def literals(function: Callable[..., Any]) -> tuple[float, ...]:
    """Return the numbers that a function's code, closure, defaults and numeric globals hold, and their neighbours.

    Each comes with its negative, the floats next to it, and the sums of pairs; the numbers themselves come first.
    Helpers that the function calls are searched too. At most 24 different numbers are used.
    """
    found = list(dict.fromkeys(_written(function)))[:_MOST]
    negatives = [-number for number in found]
    neighbours = [
        math.nextafter(number, end) if number else math.copysign(LEAST, end)
        for number in found
        for end in (-math.inf, math.inf)
    ]
    sums = [first + second for first, second in itertools.combinations(found, 2)]
    return tuple(number + 0.0 for number in dict.fromkeys(found + negatives + neighbours + sums))


def _written(function: Callable[..., Any]) -> Iterator[float]:
    for reached in functions(function):
        for code in codes(reached):
            yield from _numbers(code.co_consts)
        defaults = (*(reached.__defaults__ or ()), *(reached.__kwdefaults__ or {}).values())
        for value in (*closure(reached).values(), *defaults, *globals_of(reached).values()):
            yield from _numbers((value,))


def _numbers(values: Any) -> Iterator[float]:
    """Finite numbers among some values, in short sequences and arrays too."""
    for value in values:
        if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
            if -_LARGEST < value < _LARGEST:
                yield float(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind in "fiu" and value.size <= _MOST_ENTRIES:
            yield from _numbers(value.reshape(-1))
        elif isinstance(value, (tuple, list, frozenset)) and len(value) <= _MOST_ENTRIES:
            yield from _numbers(value)
