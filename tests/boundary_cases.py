"""What a case of the boundary suite is."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jacfuzz.signature import ArrayType
from jacfuzz.target import IndexShapes

Predicate = Callable[[Any], Any]


@dataclass(frozen=True)
class Case:
    """A function and its boundaries.

    Attributes
    ----------
    name
        What it is.
    f
        The function of one array x of n entries; in the scalar format the pair of functions.
    n
        Entries of x.
    on
        Predicates of x that some input meets.
    never
        Predicates that no input meets, and why.
    """

    name: str
    f: Callable[..., Any]
    n: int
    on: Mapping[str, Predicate]
    never: Mapping[str, str] = field(default_factory=dict)
    kind: ArrayType = "numpy"
    index: IndexShapes | None = None


def weights(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def _at(test: Callable[[Any, int], Any], i: int, x: Any) -> Any:
    return test(x, i)


def each(n: int, test: Callable[[Any, int], Any], name: str = "cell") -> dict[str, Predicate]:
    """One predicate per entry."""
    return {f"{name} {i}": functools.partial(_at, test, i) for i in range(n)}
