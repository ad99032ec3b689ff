"""Whether a mutant is an error at all: by exhaustion over a small grid, or by algebra written down here.

The grid shares nothing with the points that jacfuzz draws. Agreement on all of it makes a mutant equivalent. A mutant
that differs somewhere on it is an error, unless ``ALGEBRA`` says why the difference is legal: only by a proof, never
because no checker saw it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

import numpy as np

from jacfuzz.evaluation.evaluate import quiet
from jacfuzz.target import Target

Function: TypeAlias = Callable[..., Any]
Point: TypeAlias = tuple[np.ndarray, ...]
Standing: TypeAlias = Literal["error", "stillborn", "equivalent by exhaustion", "equivalent by algebra"]

VALUES = (0.0, 1.0, -1.0, 2.0, -0.5, 3.0, -2.0, 0.25, 1e3, -1e3, 1e-3, 1e6)
MOST_POINTS = 4096
MOST_CELLS = 10
MOST_AXIS = 4

ALGEBRA: dict[str, str] = {
    "relu: return np.diag(np.where(x > 0, 1.0, 0.0)) -> return np.diag(np.where(x >= 0, 1.0, 0.0))": (
        "Differs at x = 0 alone, where f has a kink: each entry of f depends on its own entry of x, so the generalized "
        "Jacobian is every diagonal matrix with entries in [0, 1], and 1 is the slope to the right."
    ),
    "sort: return np.eye(x.shape[0])[np.argsort(x, kind='stable')] -> return np.eye(x.shape[0])[np.argsort(x)]": (
        "Differs at ties alone. Whatever order argsort gives equal entries, moving them apart by less than the nearest "
        "gap makes it the only order, so that its permutation matrix is a limit of Jacobians nearby."
    ),
}
"""Target and mutant to the reason why it is right wherever f has a derivative, and legal wherever it has a kink."""


def standing(target: Target, name: str, mutant: Function) -> Standing:
    """Return what a mutant of a target's jac is.

    Parameters
    ----------
    target
        With the right jac.
    name
        ``"target: before -> after"``, as in ``ALGEBRA``.
    mutant
        The changed jac. One that raises at the first nonempty point of every shape is stillborn: no test of any kind
        is needed to see it.
    """
    shapes = list(_shapes(target))
    with quiet():
        firsts = [point for point in map(_ramp, shapes) if any(a.size for a in point) and _defined(target, point)]
        if all(_answer(mutant, point) is None for point in firsts):
            return "stillborn"
        if name in ALGEBRA:
            return "equivalent by algebra"
        points = itertools.chain(firsts, *map(_grid, shapes))
        if all(_same(target, mutant, point) for point in points):
            return "equivalent by exhaustion"
    return "error"


def _shapes(target: Target) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All shapes of the arguments with axes up to 4 and up to 10 cells."""
    axes = [argument.specs[0].axes for argument in target.signature.arguments]
    names = sorted({axis.text for axis in itertools.chain(*axes)})
    for sizes in itertools.product(range(MOST_AXIS + 1), repeat=len(names)):
        dims = dict(zip(names, sizes, strict=True))
        shapes = tuple(tuple(dims[axis.text] for axis in argument) for argument in axes)
        if sum(map(math.prod, shapes)) <= MOST_CELLS:
            yield shapes


def _ramp(shapes: tuple[tuple[int, ...], ...]) -> Point:
    """One point of unequal numbers without pattern."""
    cells = sum(map(math.prod, shapes))
    return _cut(np.sin(np.arange(1, cells + 1) ** 2) * 2, shapes)


def _grid(shapes: tuple[tuple[int, ...], ...]) -> Iterator[Point]:
    """Every way to fill the cells with as many of the values as 4096 points allow, with two at least."""
    cells = sum(map(math.prod, shapes))
    count = min(len(VALUES), max(2, int(MOST_POINTS ** (1 / max(cells, 1)) + 1e-9)))
    for values in itertools.product(VALUES[:count], repeat=cells):
        yield _cut(np.array(values), shapes)


def _cut(cells: np.ndarray, shapes: tuple[tuple[int, ...], ...]) -> Point:
    ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    return tuple(part.reshape(shape) for part, shape in zip(np.split(cells, ends), shapes, strict=True))


def _defined(target: Target, point: Point) -> bool:
    value = _answer(target.f, point)
    return value is not None and bool(np.isfinite(value[0]).all()) and _answer(target.jac, point) is not None


def _answer(function: Function, point: Point) -> tuple[np.ndarray, ...] | None:
    try:
        result = function(*(array.copy() for array in point))
        return tuple(map(np.asarray, result)) if isinstance(result, tuple) else (np.asarray(result),)
    except Exception:  # a mutant may fail in any way
        return None


def _same(target: Target, mutant: Function, point: Point) -> bool:
    """Whether the mutant answers what jac does, to 9 digits; nothing is asked where f is undefined."""
    right = _answer(target.jac, point)
    changed = _answer(mutant, point)
    if right is None or changed is None or len(right) != len(changed):
        return not _defined(target, point)
    pairs = zip(right, changed, strict=True)
    return all(a.shape == b.shape and _close(a, b) for a, b in pairs) or not _defined(target, point)


def _close(right: np.ndarray, changed: np.ndarray) -> bool:
    size = np.max(np.abs(right), initial=0.0, where=np.isfinite(right))
    return bool(np.allclose(changed, right, rtol=1e-9, atol=1e-12 * size, equal_nan=True))
