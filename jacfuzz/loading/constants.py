"""What a file says of its pair in constants: ``DOMAIN``, ``EDGES`` and ``KINKS``."""

from __future__ import annotations

import math
import numbers
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jacfuzz.errors import LoadError
from jacfuzz.target import Interval, Kinks

_ENDS = 2


@dataclass(frozen=True)
class Constants:
    """Validated constants of a pair; see ``Target`` for what they mean."""

    domain: Mapping[str, Interval] = field(default_factory=dict)
    edges: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    kinks: Kinks = "any"


def read_constants(given: Mapping[str, Any], arguments: tuple[str, ...], file: str) -> Constants:
    """Validate the constants among the names that belong to a pair.

    Raises
    ------
    LoadError
        Naming the constant, what it is and what it should be.
    """
    domain = _by_argument(given.get("DOMAIN", {}), "DOMAIN", '{"x": (0, None)}', arguments, file)
    edges = _by_argument(given.get("EDGES", {}), "EDGES", '{"x": [1.0, -1.0]}', arguments, file)
    kinks = given.get("KINKS", "any")
    if kinks not in typing.get_args(Kinks):
        raise LoadError(f'{file}: KINKS is {kinks!r}; expected "any", "rows" or "jax"')
    return Constants(
        {name: _interval(value, name, file) for name, value in domain.items()},
        {name: _values(value, name, file) for name, value in edges.items()},
        kinks,
    )


def _by_argument(value: Any, constant: str, example: str, arguments: tuple[str, ...], file: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise LoadError(f"{file}: {constant} is {value!r}; expected a dict by argument such as {example}")
    unknown = [name for name in value if name not in arguments]
    if unknown:
        raise LoadError(
            f"{file}: {constant} names {', '.join(map(repr, unknown))}; expected arguments of f: {', '.join(arguments)}"
        )
    return value


def _interval(value: Any, name: str, file: str) -> Interval:
    ends = tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(ends) != _ENDS or not all(end is None or _is_number(end) for end in ends):
        raise LoadError(f"{file}: DOMAIN of {name} is {value!r}; expected (low, high), None for an open end")
    low, high = (None if end is None else float(end) for end in ends)
    if low is not None and high is not None and low > high:
        raise LoadError(f"{file}: DOMAIN of {name} is {value!r}, whose low end is above its high end; swap them")
    return low, high


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and not math.isnan(value)


def _values(value: Any, name: str, file: str) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple, np.ndarray)):
        raise LoadError(f"{file}: EDGES of {name} is {value!r}; expected a list of values or arrays")
    for edge in value:
        try:
            np.asarray(edge, dtype=float)
        except (TypeError, ValueError):
            raise LoadError(f"{file}: EDGES of {name} holds {edge!r}; expected numbers or arrays of numbers") from None
    return tuple(value)
