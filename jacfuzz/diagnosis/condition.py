"""When a Jacobian is wrong: what must change at the minimal point for it to be right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from jacfuzz.target import Point

Nature: TypeAlias = Literal["zero", "tie", "negative", "large", ""]
PassesAt: TypeAlias = Callable[[Point], bool]
_MOST_NAMED = 4
_LARGE = 1.5


@dataclass(frozen=True)
class Condition:
    """The nature of a condition, and the condition in words, e.g. ``"x[0] = 0"``."""

    nature: Nature
    text: str


NOTHING = Condition("", "")


def condition_of(point: Point, passes_at: PassesAt) -> Condition:
    """Find what separates the minimal failing point from points where jac is right.

    Parameters
    ----------
    point
        The minimal failing point.
    passes_at
        Whether jac is right at a point of the same shapes.
    """
    for look in (_zero, _tie, _negative, _large):
        found = look(point, passes_at)
        if found is not None:
            return found
    return NOTHING


def _cells(point: Point) -> list[tuple[str, tuple[int, ...], float]]:
    return [
        (name, index, float(value[index]))
        for name, value in point.items()
        if value.dtype.kind == "f"
        for index in np.ndindex(value.shape)
    ]


def _changed(point: Point, change: Callable[[str, tuple[int, ...], float], float]) -> Point:
    result = {name: np.array(value) for name, value in point.items()}
    for name, index, value in _cells(point):
        result[name][index] = change(name, index, value)
    return result


def _name(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def _zero(point: Point, passes_at: PassesAt) -> Condition | None:
    zeros = [(name, index) for name, index, value in _cells(point) if value == 0]
    if not zeros or not passes_at(_changed(point, lambda name, index, value: value or 0.75)):
        return None
    named = ", ".join(_name(*zero) for zero in zeros[:_MOST_NAMED])
    text = f"{named} = 0" if len(zeros) <= _MOST_NAMED else f"{len(zeros)} entries are zero"
    if len(zeros) == 1:
        text += ", the only zero"
    return Condition("zero", text)


def _tie(point: Point, passes_at: PassesAt) -> Condition | None:
    cells = _cells(point)
    groups: dict[float, list[tuple[str, tuple[int, ...]]]] = {}
    for name, index, value in cells:
        groups.setdefault(value, []).append((name, index))
    tied = [group for group in groups.values() if len(group) > 1]
    rank = {(name, index): number for number, (name, index, _) in enumerate(cells)}
    if not tied or not passes_at(_changed(point, lambda name, index, value: value + 0.01 * rank[name, index])):
        return None
    first = tied[0]
    text = " = ".join(_name(*cell) for cell in first[:_MOST_NAMED])
    return Condition("tie", text if len(first) <= _MOST_NAMED else f"{len(first)} entries are equal")


def _negative(point: Point, passes_at: PassesAt) -> Condition | None:
    negative = [(name, index) for name, index, value in _cells(point) if value < 0]
    if not negative or not passes_at(_changed(point, lambda name, index, value: abs(value))):
        return None
    if len(negative) > _MOST_NAMED:
        return Condition("negative", f"{len(negative)} entries are negative")
    return Condition("negative", ", ".join(_name(*cell) for cell in negative) + " < 0")


def _large(point: Point, passes_at: PassesAt) -> Condition | None:
    size = max((abs(value) for _, _, value in _cells(point)), default=0.0)
    if size <= _LARGE or not passes_at(_changed(point, lambda name, index, value: value / size)):
        return None
    return Condition("large", f"an entry is as large as {size:g}")
