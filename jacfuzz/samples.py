"""A few generic points of a target, for questions that are not the judge's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jacfuzz.evaluation.arrays import NotAnArrayError, give, take
from jacfuzz.evaluation.evaluate import array_types, quiet
from jacfuzz.strategies.batches import draw_batch
from jacfuzz.strategies.layouts import layouts
from jacfuzz.strategies.strata import BY_NAME
from jacfuzz.target import Target

_POINTS = 3


def points(target: Target) -> list[tuple[np.ndarray, ...]]:
    """Return generic points of the largest layout, the same in every run."""
    menu = [layout for layout in layouts(target.signature) if layout.size]
    batch = draw_batch(target, menu[-1], BY_NAME["generic"], _POINTS, np.random.default_rng(12345)) if menu else None
    return [tuple(value[index] for value in batch.values) for index in range(_POINTS)] if batch else []


def samples(target: Target, function: Callable[..., Any]) -> list[np.ndarray]:
    """Return a function's values at the points, leaving out those at which it has none."""
    found = (value_at(target, function, point) for point in points(target))
    return [value for value in found if value is not None]


def value_at(target: Target, function: Callable[..., Any], point: tuple[np.ndarray, ...]) -> np.ndarray | None:
    """Return a function's value at a point in the target's kinds of array; None where it has none."""
    kinds = array_types(target)
    try:
        with quiet():
            return take(function(*(give(value.copy(), kind) for value, kind in zip(point, kinds, strict=True))))
    except (Exception, SystemExit, NotAnArrayError):  # the code under test may raise anything
        return None
