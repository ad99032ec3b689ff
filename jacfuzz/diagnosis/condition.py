"""When a Jacobian is wrong: the plainest property that all wrong points have and no right one has."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from jacfuzz.diagnosis.evidence import Sample

Nature: TypeAlias = Literal["zero", "tie", "sign", "large", "order", "size", ""]
Holds: TypeAlias = Callable[[Sample], bool]

_FEWEST = 3
_MOST_GAP = 0.34
_DIGITS = 3


@dataclass(frozen=True)
class Condition:
    """The nature of a condition, and the condition in words: "wrong exactly where ..."; both empty where unknown."""

    nature: Nature = ""
    text: str = ""


@dataclass(frozen=True)
class Property:
    """What may be so at a point: in words after "where", and whether it is."""

    nature: Nature
    text: str
    holds: Holds


NOTHING = Condition()


def separating(samples: list[Sample]) -> list[Property]:
    """Return the properties that all wrong samples have and no right one has, plainest first.

    Nothing is said on fewer than three points of either side.
    """
    if min(_count(samples)) < _FEWEST:
        return []
    return [one for one in _properties(samples) if all(one.holds(sample) == sample.wrong for sample in samples)]


def stated(found: Property, samples: list[Sample]) -> Condition:
    """Put a property into words, with the counts on both sides."""
    wrong, right = _count(samples)
    return Condition(
        found.nature,
        f"wrong exactly where {found.text} (wrong at all {wrong} such points, right at the {right} others)",
    )


def _count(samples: list[Sample]) -> tuple[int, int]:
    wrong = sum(sample.wrong for sample in samples)
    return wrong, len(samples) - wrong


def _properties(samples: list[Sample]) -> Iterator[Property]:
    names = [name for name, value in samples[0].point.items() if value.dtype.kind == "f"]
    yield from _of_sizes(samples)
    for name in names:
        yield from _of_zeros(name, samples[0].point[name].ndim)
    for one, other in itertools.combinations(names, 2):
        yield Property("tie", f"some {_entry(one, 1)} = {_entry(other, 1)}", _meeting(one, other))
    for name in names:
        yield from _of_order(name)
        yield from _of_bounds(name, samples)
    if len(names) > 1:
        yield Property("zero", "one or more entries = 0", _any_of(names, lambda x: (x == 0).any()))
        yield Property("zero", "exactly one entry of all arguments = 0", _joined(names, lambda x: (x == 0).sum() == 1))
        yield Property("tie", "two entries of the arguments are equal", _joined(names, _tied))
        yield Property("sign", "some entry < 0", _any_of(names, lambda x: (x < 0).any()))


def _entry(name: str, rank: int) -> str:
    return f"{name}_{'ijkl'[:rank]}" if rank else name


def _of(name: str, test: Callable[[np.ndarray], np.bool_ | bool]) -> Holds:
    return lambda sample: sample.point[name].size > 0 and bool(test(sample.point[name]))


def _any_of(names: list[str], test: Callable[[np.ndarray], np.bool_ | bool]) -> Holds:
    return lambda sample: any(bool(test(sample.point[name])) for name in names)


def _joined(names: list[str], test: Callable[[np.ndarray], np.bool_ | bool]) -> Holds:
    return lambda sample: bool(test(np.concatenate([sample.point[name].reshape(-1) for name in names])))


def _meeting(one: str, other: str) -> Holds:
    def holds(sample: Sample) -> bool:
        first, second = sample.point[one], sample.point[other]
        return first.shape == second.shape and bool((first == second).any())

    return holds


def _tied(value: np.ndarray) -> bool:
    return len(np.unique(value)) < value.size


def _of_zeros(name: str, rank: int) -> Iterator[Property]:
    entry = _entry(name, rank)
    if not rank:
        yield Property("zero", f"{name} = 0", _of(name, lambda x: x == 0))
        yield Property("", f"{name} is not 0", _of(name, lambda x: x != 0))
        return
    yield Property("zero", f"one or more {entry} = 0", _of(name, lambda x: (x == 0).any()))
    yield Property("zero", f"exactly one {entry} = 0", _of(name, lambda x: (x == 0).sum() == 1))
    yield Property("zero", f"two or more {entry} = 0", _of(name, lambda x: (x == 0).sum() > 1))
    yield Property("zero", f"all {entry} = 0", _of(name, lambda x: (x == 0).all()))
    for where, index in (("first", 0), ("last", -1)):
        yield Property("zero", f"the {where} entry of {name} = 0", _of(name, _zero_at(index)))
    yield Property("", f"some {entry} is not 0", _of(name, lambda x: (x != 0).any()))
    yield Property("", f"no {entry} = 0", _of(name, lambda x: (x != 0).all()))


def _zero_at(index: int) -> Callable[[np.ndarray], bool]:
    return lambda x: bool(x.flat[index] == 0)


def _of_order(name: str) -> Iterator[Property]:
    yield Property("tie", f"two entries of {name} are equal", _of(name, _tied))
    yield Property(
        "tie", f"the largest entry of {name} is not the only one", _of(name, lambda x: (x == x.max()).sum() > 1)
    )
    yield Property(
        "tie", f"the smallest entry of {name} is not the only one", _of(name, lambda x: (x == x.min()).sum() > 1)
    )
    yield Property("order", f"{name} is not sorted", _of(name, lambda x: bool((np.diff(x.reshape(-1)) < 0).any())))


def _of_sizes(samples: list[Sample]) -> Iterator[Property]:
    dims = [
        name for name in samples[0].layout.dims if all(isinstance(one.layout.dims.get(name), int) for one in samples)
    ]
    for name in dims:
        yield Property("size", f"{name} = 1", _sized(name, lambda size: size == 1))
        yield Property("size", f"{name} > 1", _sized(name, lambda size: size > 1))
        yield Property("size", f"{name} > 2", _sized(name, lambda size: size > 2))
    for one, other in itertools.combinations(dims, 2):
        for sign, compare in _COMPARISONS.items():
            yield Property("size", f"{one} {sign} {other}", _compared(one, other, compare))


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


def _sized(name: str, test: Callable[[Any], bool]) -> Holds:
    return lambda sample: test(sample.layout.dims[name])


def _compared(one: str, other: str, compare: Callable[[Any, Any], Any]) -> Holds:
    return lambda sample: bool(compare(sample.layout.dims[one], sample.layout.dims[other]))


def _of_bounds(name: str, samples: list[Sample]) -> Iterator[Property]:
    """Bounds of the largest, the smallest and the largest absolute entry, learnt from the samples."""
    rank = samples[0].point[name].ndim
    entry = _entry(name, rank)
    some = "some " if rank else ""
    everywhere = "all " if rank else ""
    looks: tuple[tuple[str, Callable[[np.ndarray], float], int], ...] = (
        (f"{some}{entry}", lambda x: float(x.max()), 1),
        (f"{some}{entry}", lambda x: float(x.min()), -1),
        (f"{some}|{entry}|", lambda x: float(np.abs(x).max()), 1),
        (f"{some}|{entry}|", lambda x: float(np.abs(x).min()), -1),
        (f"{everywhere}{entry}", lambda x: float(x.min()), 1),
        (f"{everywhere}{entry}", lambda x: float(x.max()), -1),
        (f"the sum of {name}", lambda x: float(x.sum()), 1),
        (f"the sum of {name}", lambda x: float(x.sum()), -1),
    )
    for text, measure, sign in looks:
        bound = _bound(samples, name, measure, sign)
        if bound is not None:
            value, open_end = bound
            mark = {1: ">", -1: "<"}[sign] + ("" if open_end else "=")
            nature: Nature = "sign" if value == 0 else "large"
            yield Property(
                nature, f"{text} {mark} {sign * value + 0.0:g}", _beyond(name, measure, sign, value, open_end)
            )


def _beyond(name: str, measure: Callable[[np.ndarray], float], sign: int, value: float, open_end: bool) -> Holds:
    def holds(sample: Sample) -> bool:
        size = sign * measure(sample.point[name])
        return size > value if open_end else size >= value

    return holds


def _bound(
    samples: list[Sample], name: str, measure: Callable[[np.ndarray], float], sign: int
) -> tuple[float, bool] | None:
    """Return the plainest number that parts right from larger wrong samples, and whether it is itself right."""
    if not all(sample.point[name].size for sample in samples):
        return None
    right = max(sign * measure(sample.point[name]) for sample in samples if not sample.wrong)
    wrong = min(sign * measure(sample.point[name]) for sample in samples if sample.wrong)
    if right >= wrong or wrong - right > _MOST_GAP * max(1.0, abs(right), abs(wrong)):
        return None
    for digits in range(_DIGITS):
        value = math.ceil(right * 10**digits) / 10**digits
        if value <= wrong:
            return value + 0.0, value < wrong
    return None


def place_of(samples: list[Sample]) -> str:
    """Say that only the first or last entry along one axis is ever wrong; "" where that is not so, or says little."""
    wrong = [one for one in samples if one.wrong and one.mask is not None and one.mask.any()]
    ranks = {one.mask.ndim for one in wrong if one.mask is not None}
    if len(wrong) < _FEWEST or len(ranks) != 1:
        return ""
    for axis in range(*ranks):
        large = [one.mask for one in wrong if one.mask is not None and one.mask.shape[axis] > 2]
        if len(large) < _FEWEST:
            continue
        for name, index in (("first", 0), ("last", -1)):
            if all(_only(mask, axis, index) for mask in large):
                side = "output" if axis < wrong[0].rank else "input"
                number = axis if side == "output" else axis - wrong[0].rank
                return f"wrong only at the {name} index of {side} axis {number} ({len(large)} points)"
    return ""


def _only(mask: np.ndarray, axis: int, index: int) -> bool:
    hit = np.flatnonzero(np.moveaxis(mask, axis, 0).reshape(mask.shape[axis], -1).any(axis=1))
    return len(hit) == 1 and hit[0] == index % mask.shape[axis]
