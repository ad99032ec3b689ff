"""What cells may be multiplied by mistake: signs, halves, sizes, integers of the module such as a window's width."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np

from jacfuzz.diagnosis.evidence import Sample
from jacfuzz.target import Target

Factor: TypeAlias = Callable[[Sample], float | None]


def factors(target: Target, wrong: list[Sample]) -> Iterator[tuple[str, Factor]]:
    """Yield factors with what the Jacobian is or has, simplest first.

    Parameters
    ----------
    target
        The pair; its integers are possible factors.
    wrong
        Wrong samples; one of them gives the factor that is tried if no usual one fits.
    """
    yield "has the wrong sign", _constant(-1.0)
    yield "is 0", _constant(0.0)
    yield "is twice what it should be", _constant(2.0)
    yield "is half of what it should be", _constant(0.5)
    for name, value in _integers(target).items():
        yield f"is {value} times too large ({name}): not averaged?", _constant(float(value))
        yield f"is {value} times too small ({name}): averaged twice?", _constant(1 / value)
    ratio = _ratio(wrong[-1])
    if ratio is not None:
        yield f"is {ratio:.6g} times what it should be", _constant(ratio)
    for name, size in _sizes(wrong[0]).items():
        yield f"is {name} times too large: not averaged?", size
        yield f"is {name} times too small: averaged where it should not be?", _inverse(size)
        yield f"is {name}/({name} - 1) times what it should be: divided by {name} - 1?", _bessel(size)
        yield f"is ({name} - 1)/{name} times what it should be: divided by {name}?", _inverse(_bessel(size))


def _constant(value: float) -> Factor:
    return lambda sample: value


def _integers(target: Target) -> Mapping[str, int]:
    """Integers of the module that f or jac read."""
    found: dict[str, int] = {}
    for function in (target.f, target.jac):
        plain = inspect.unwrap(function)
        code, space = getattr(plain, "__code__", None), getattr(plain, "__globals__", {})
        for name in code.co_names if code else ():
            if type(space.get(name)) is int and space[name] > 1:
                found[name] = space[name]
    return found


def _ratio(sample: Sample) -> float | None:
    """What the first wrong cell is multiplied by; None where it is missing or should be zero."""
    if sample.candidate is None or sample.reference is None or sample.mask is None:
        return None
    cells = sample.mask & (sample.reference != 0)
    if not cells.any():
        return None
    ratio = float(sample.candidate[cells][0] / sample.reference[cells][0])
    return ratio if np.isfinite(ratio) and ratio != 0 else None


def _sizes(sample: Sample) -> dict[str, Factor]:
    """Sizes that a sum may be divided by: axis sizes, and the entries of an argument."""
    axes = {name: _axis(name) for name, size in sample.layout.dims.items() if isinstance(size, int)}
    return axes | {f"the size of {name}": _entries(name) for name in sample.point}


def _axis(name: str) -> Factor:
    def size(sample: Sample) -> float | None:
        found = sample.layout.dims.get(name)
        return float(found) if isinstance(found, int) else None

    return size


def _entries(name: str) -> Factor:
    return lambda sample: float(sample.point[name].size)


def _inverse(factor: Factor) -> Factor:
    def inverse(sample: Sample) -> float | None:
        value = factor(sample)
        return 1 / value if value else None

    return inverse


def _bessel(size: Factor) -> Factor:
    def corrected(sample: Sample) -> float | None:
        value = size(sample)
        return value / (value - 1) if value and value > 1 else None

    return corrected
