"""Derivatives of a number along several directions at once: those that are 0 are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from jacfuzz.tracing.exact_numbers import Number, product, total

Tangents: TypeAlias = Mapping[int, Number]
"""Numbers by direction; most numbers of a large f depend on few of its inputs."""

CONSTANT: Tangents = {}


def scaled(tangents: Tangents, factor: Number) -> Tangents:
    """Return tangents times a number."""
    if not tangents or not factor:
        return CONSTANT
    return {direction: product(tangent, factor) for direction, tangent in tangents.items()}


def added(first: Tangents, second: Tangents, see: Callable[[Number, Number, Number], None]) -> Tangents:
    """Return sums of tangents; ``see`` is shown each of two numbers that are added, after what they come to."""
    if not second:
        return first
    if not first:
        return second
    result = {**first, **second}
    for direction in first.keys() & second.keys():
        one, other = first[direction], second[direction]
        whole = total(one, other)
        see(whole, one, other)
        if whole:
            result[direction] = whole
        else:
            del result[direction]
    return result


def along(direction: int) -> Tangents:
    """Return the tangents of the input that varies along a direction."""
    return {direction: Fraction(1)}
