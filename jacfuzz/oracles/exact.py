"""f and jac in exact arithmetic: fractions where they are rational, else as many digits as it takes."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from jacfuzz.evaluation.evaluate import array_types, quiet
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.target import Target
from jacfuzz.tracing.branches import Branches
from jacfuzz.tracing.duals import Dual, lift
from jacfuzz.tracing.exact_jax import ExactProgram
from jacfuzz.tracing.exact_numbers import Number, SingularError, exact
from jacfuzz.tracing.exact_numpy import to_exact
from jacfuzz.tracing.tangents import CONSTANT, along

_DIGITS = (50, 100, 200, 400, 800)
_STABLE = 1e-20
_ATTEMPTS, _CREDIT = 3, 4  # failures that are enough; failures, such as at huge numbers, that a success makes good


@dataclass(frozen=True)
class Truth:
    """f and some columns of its Jacobian at one point.

    Attributes
    ----------
    primal
        (m,).
    columns
        (m, C).
    tied
        Whether f met a tie, so that it may have a kink there.
    """

    primal: np.ndarray
    columns: np.ndarray
    tied: bool


class Exact:
    """A target at single points in exact arithmetic; answers None where that is not possible.

    Parameters
    ----------
    target
        The pair; torch code has no exact arithmetic. Code that lives in another process is run there.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._host = host_of(target)
        self._failures: Counter[tuple[str, Frame]] = Counter()
        self._f = ExactProgram(target.f)
        self._joined = functools.cache(self._joined_of)

    @property
    def foreign(self) -> bool:
        """Whether another process says so, which runs the code under test."""
        return self._host is not None

    def derivative(self, frame: Frame, values: tuple[np.ndarray, ...], columns: Sequence[int]) -> Truth | None:
        """Return f and columns of its Jacobian at one point.

        Parameters
        ----------
        frame, values
            Shapes of the arguments, and one array each.
        columns
            Cells of the row to differentiate with respect to.
        """
        if not columns:
            return None
        if self._host is not None:
            foreign = self._host.truth(values, tuple(columns))
            return None if foreign is None else Truth(*foreign)
        found = self._settled("f", frame, functools.partial(self._primal, frame, values, columns))
        if not found:
            return None
        primal = np.array([_float(number.value) for number in found])
        matrix = np.array([[_float(number.tangents.get(cell, 0.0)) for cell in columns] for number in found])
        return Truth(primal, matrix, found[0].branches.tied)

    def candidate(
        self, frame: Frame, values: tuple[np.ndarray, ...], cells: int, level: float = 0.0
    ) -> np.ndarray | None:
        """Return what jac answers at one point when it need not round, (m, N); numbers within a level are equal."""
        if self._host is not None:
            foreign = self._host.formula(values, cells, level)
            return foreign if foreign is not None and foreign.shape == (cells, sum(frame.sizes)) else None
        found = self._settled("jac", frame, functools.partial(self._jacobian, frame, values, cells, level))
        if found is None or len(found) != cells * sum(frame.sizes):
            return None
        return np.array([_float(number.value) for number in found]).reshape(cells, -1)

    def _primal(self, frame: Frame, values: tuple[np.ndarray, ...], columns: Sequence[int]) -> list[Dual]:
        branches = Branches()
        arguments = _duals(frame, values, columns, branches)
        if self._target.array_type == "jax":
            return _flat(self._f(arguments, branches), branches)
        return _flat(to_exact(self._target.f, branches)(*self._given(arguments)), branches)

    def _jacobian(self, frame: Frame, values: tuple[np.ndarray, ...], cells: int, level: float) -> list[Dual]:
        branches = Branches(level=level)
        arguments = _duals(frame, values, (), branches)
        if self._target.array_type == "jax":
            return _flat(self._joined(cells)(arguments, branches), branches)
        found = to_exact(self._target.jac, branches)(*self._given(arguments))
        parts = [np.asarray(part, dtype=object).reshape(cells, -1) for part in self._parts(found)]
        return _flat(np.concatenate(parts, axis=1), branches)

    def _joined_of(self, cells: int) -> ExactProgram:
        """Return jac of jax code with its Jacobians side by side, (m, N)."""
        import jax.numpy as jnp

        def joined(*given: Any) -> Any:
            parts = self._parts(self._target.jac(*given))
            return jnp.concatenate([jnp.reshape(part, (cells, -1)) for part in parts], axis=1)

        return ExactProgram(joined)

    def _parts(self, found: Any) -> Any:
        """Return what jac gives as one Jacobian for each argument."""
        return found if len(self._target.signature.differentiable) > 1 else (found,)

    def _given(self, arguments: list[np.ndarray]) -> list[Any]:
        kinds = array_types(self._target)
        return [a.item() if kind == "scalar" else a for a, kind in zip(arguments, kinds, strict=True)]

    def _settled(self, who: str, frame: Frame, evaluate: Callable[[], list[Dual]]) -> list[Dual] | None:
        """Raise the number of digits until they no longer matter."""
        if self._target.array_type == "torch" or self._failures[who, frame] >= _ATTEMPTS:
            return None
        before: list[Dual] | None = None
        for digits in _DIGITS:
            try:
                with quiet(), mpmath.workdps(digits):
                    numbers = evaluate()
                    if not numbers or _final(before, numbers, digits):
                        self._failures[who, frame] -= _CREDIT
                        return numbers
            except SingularError:
                return None
            except (Exception, SystemExit):  # no exact rule, or what the code under test raises at such numbers
                break
            before = numbers
        self._failures[who, frame] += 1
        return None


def _duals(
    frame: Frame, values: tuple[np.ndarray, ...], columns: Sequence[int], branches: Branches
) -> list[np.ndarray]:
    """Arguments of dual numbers, with a direction for each of some cells of the row; integer arguments stay."""
    arguments: list[np.ndarray] = []
    first = 0
    for value, varies in zip(values, frame.differentiable, strict=True):
        if not varies:
            arguments.append(np.asarray(value))
            continue
        numbers = np.empty(value.shape, dtype=object)
        numbers.reshape(-1)[:] = [
            Dual(exact(entry), along(first + place) if first + place in columns else CONSTANT, branches)
            for place, entry in enumerate(value.reshape(-1))
        ]
        arguments.append(numbers)
        first += value.size
    return arguments


def _flat(result: Any, branches: Branches) -> list[Dual]:
    """Return the numbers of a result; constants have no tangent."""
    entries = np.asarray(result, dtype=object).reshape(-1)
    return [lift(entry, branches) for entry in entries]


def _final(before: list[Dual] | None, numbers: list[Dual], digits: int) -> bool:
    branches = numbers[0].branches
    lossy = branches.vanished or digits < branches.absorbed < _DIGITS[-1]
    return branches.rational or (before is not None and not lossy and _same(before, numbers))


def _same(first: list[Dual], second: list[Dual]) -> bool:
    return len(first) == len(second) and all(
        _near(one.value, two.value)
        and one.tangents.keys() == two.tangents.keys()
        and all(_near(tangent, two.tangents[direction]) for direction, tangent in one.tangents.items())
        for one, two in zip(first, second, strict=True)
    )


def _near(first: Number, second: Number) -> bool:
    return bool(mpmath.almosteq(mpmath.mpmathify(first), mpmath.mpmathify(second), _STABLE, 0))


def _float(number: Number) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
