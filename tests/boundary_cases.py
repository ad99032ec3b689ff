"""What a case of the boundary suite is, and what a pair of twins."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pairs import pair

from jacfuzz.loading.indexed import cells_of, dense_f, dense_jac
from jacfuzz.signature import ArrayType
from jacfuzz.target import IndexShapes, Target

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


@dataclass(frozen=True)
class Twins:
    """A function with a right Jacobian and one that is wrong on a boundary only.

    Attributes
    ----------
    name
        What it is.
    f
        The function.
    right, wrong
        Its Jacobians; in the scalar format the pairs of functions, and f is the right one.
    axes
        Axes of each argument as annotated; none in the scalar format.
    """

    name: str
    f: Callable[..., Any]
    right: Callable[..., Any]
    wrong: Callable[..., Any]
    axes: Mapping[str, str]
    kind: ArrayType = "numpy"
    index: IndexShapes | None = None

    def target(self, jac: Callable[..., Any]) -> Target:
        """The function with one of its Jacobians."""
        if self.index is None:
            return pair(self.f, jac, self.kind, **self.axes)
        axes = {name: " ".join(map(str, shape)) for name, shape in zip("xyz", self.index.arguments, strict=False)}
        f, dense = dense_f(self.f, self.name, self.index), dense_jac(jac, self.name, self.index)
        return pair(f, dense, self.kind, **axes, calls=cells_of(self.index))
