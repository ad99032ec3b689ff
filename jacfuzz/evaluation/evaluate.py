"""f and jac at a batch of points, in this process or in the one that hosts them."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import numpy as np

from jacfuzz.evaluation.compiled import compiled
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.evaluation.worker import Answer, Pair, evaluate_point, evaluate_swiftly
from jacfuzz.evaluation.worker import Problem as Problem
from jacfuzz.evaluation.worker import quiet as _quiet
from jacfuzz.signature import ArrayType
from jacfuzz.target import Target

_SAME = 1e-9
Arrays: TypeAlias = tuple[list[np.ndarray], list[tuple[np.ndarray, ...]]]
_silenced: contextvars.ContextVar[bool] = contextvars.ContextVar("silenced", default=False)


@dataclass(frozen=True)
class Evaluation:
    """What f and jac gave at the K points of a batch.

    Attributes
    ----------
    primals
        f's result per point, or why there is none.
    jacobians
        One array per differentiable argument and point, or why there are none.
    mutated
        Per point the name of the argument that f or jac wrote to, and which of the two did; "" for none.
    unstable
        Points at which a second call gave another answer, with the name of the function.
    died
        Points at which f or jac ended the process that hosts them, and how.
    untried
        Points at which nothing was called, since that happened too often before; nothing is known of them.
    """

    primals: list[np.ndarray | Problem]
    jacobians: list[tuple[np.ndarray, ...] | Problem]
    mutated: list[str]
    unstable: dict[int, str]
    died: dict[int, Problem] = field(default_factory=dict)
    untried: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls, answers: Iterable[Answer], died: dict[int, Problem], untried: frozenset[int] = frozenset()
    ) -> Evaluation:
        """Put the answers of a batch's points side by side."""
        points = list(answers)
        unstable = {number: point.unstable for number, point in enumerate(points) if point.unstable}
        return cls(
            [point.primal for point in points],
            [point.jacobians for point in points],
            [point.mutated for point in points],
            unstable,
            died,
            untried,
        )

    def alike(self) -> list[list[int]]:
        """Group points by the shapes and dtypes of what f and jac gave; those where anything happened stand alone."""
        groups: dict[object, list[int]] = {}
        special = {*self.unstable, *self.died}
        for index, (primal, jacobians) in enumerate(zip(self.primals, self.jacobians, strict=True)):
            key: object = index
            happened = self.mutated[index] or index in special
            if not (happened or isinstance(primal, Problem) or isinstance(jacobians, Problem)):
                key = primal.shape, primal.dtype.num, *[(each.shape, each.dtype.num) for each in jacobians]
            groups.setdefault(key, []).append(index)
        return list(groups.values())

    def rows(self, members: list[int], cells: int) -> tuple[np.ndarray, np.ndarray]:
        """Return f's values (K, m) and jac's answers (K, m, N) at points that have both, of m cells."""
        count = len(members)
        primals = np.array([self.primals[index] for index in members], dtype=float)
        columns = zip(*(cast(tuple[np.ndarray, ...], self.jacobians[index]) for index in members), strict=True)
        parts = [np.array(column, dtype=float).reshape(count, cells, -1) for column in columns]
        return primals.reshape(count, cells), np.concatenate(parts, axis=2) if len(parts) > 1 else parts[0]

    def plus(self, primals: list[np.ndarray], jacobians: list[tuple[np.ndarray, ...]]) -> Evaluation:
        """Append points at which nothing happened but f and jac giving arrays."""
        mutated = self.mutated + [""] * len(primals)
        return Evaluation([*self.primals, *primals], [*self.jacobians, *jacobians], mutated, self.unstable, self.died)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what the code under test prints and warns of; inside another such block nothing is left to do."""
    if _silenced.get():
        yield
        return
    token = _silenced.set(True)
    try:
        with _quiet():
            yield
    finally:
        _silenced.reset(token)


def array_types(target: Target) -> tuple[ArrayType, ...]:
    """Kind of array per argument: Python numbers where annotated so, else the target's."""
    return tuple(
        "scalar" if argument.specs[0].array_type == "scalar" else target.array_type
        for argument in target.signature.arguments
    )


def pair_of(target: Target, caught: tuple[type[BaseException], ...] = (Exception, SystemExit)) -> Pair:
    """Return the functions of a target as they are called; ``caught`` is what a call may raise."""
    names = tuple(argument.name for argument in target.signature.arguments)
    differentiable = target.signature.differentiable
    return Pair(target.f, target.jac, names, array_types(target), differentiable, target.place.file, caught)


def evaluate(target: Target, values: tuple[np.ndarray, ...]) -> Evaluation:
    """Evaluate f and jac at K points; ``values`` holds an array (K, *shape) per argument.

    The first point is evaluated with care. jax code runs at all points at once where that gives the same.
    """
    host = host_of(target)
    if host is not None:
        return host.evaluate(values)
    pair = pair_of(target)
    with quiet():
        count = len(values[0])
        first = [evaluate_first(target, pair, values)]
        rest = tuple(value[1:] for value in values)
        found = None
        if count > 1 and set(pair.kinds) == {"numpy"}:
            found = evaluate_swiftly(pair, rest)
        elif count > 1 and set(pair.kinds) == {"jax"} and target.calls == 1:
            found = together(target, first, values)
        if found is None:
            others = [evaluate_point(pair, tuple(value[index] for value in rest), False) for index in range(count - 1)]
            return Evaluation.of([*first, *others], {})
    return Evaluation.of(first, {}).plus(*found)


def evaluate_traced(target: Target, values: tuple[np.ndarray, ...]) -> Evaluation:
    """Evaluate f and jac at K points; jax code as it is compiled, without a call as its author calls it."""
    columns = None
    if target.array_type == "jax" and target.calls == 1 and host_of(target) is None:
        with quiet():
            columns = at_once(target, values)
    if columns is None:
        return evaluate(target, values)
    primals, *jacobians = map(list, columns)
    return Evaluation.of([], {}).plus(primals, list(zip(*jacobians, strict=True)))


def evaluate_first(target: Target, pair: Pair, values: tuple[np.ndarray, ...]) -> Answer:
    """Evaluate f and jac at the first point of a batch: twice, but for jax code known to give the same at once."""
    steady = target.array_type == "jax" and compiled(target, "jac").proven(values)
    return evaluate_point(pair, tuple(value[0] for value in values), not steady)


def together(target: Target, first: list[Answer], values: tuple[np.ndarray, ...]) -> Arrays | None:
    """Run jax code at all points at once; None unless it gives what it gave at the first points, one by one.

    Returns what f and jac give at the rest of the points.
    """
    found = at_once(target, values)
    if found is None:
        return None
    points = list(zip(*found, strict=True))
    if not all(_gives(answer, point) for answer, point in zip(first, points, strict=False)):
        return None
    if first:
        compiled(target, "jac").prove(values)
    return [point[0] for point in points[len(first) :]], [point[1:] for point in points[len(first) :]]


def at_once(target: Target, values: tuple[np.ndarray, ...]) -> list[np.ndarray] | None:
    """Return f's values and one Jacobian per argument, each with a leading axis K; None where jax cannot trace them."""
    width = sum(value[0].size for value in values)
    try:
        primals = np.asarray(compiled(target, "f")(values, width))
        jacobians = compiled(target, "jac")(values, width * max(primals[0].size, 1))
        leaves = jacobians if isinstance(jacobians, tuple) else (jacobians,)
        columns = [primals, *map(np.asarray, leaves)]
    except (Exception, SystemExit):  # not traceable
        return None
    return columns if all(column.dtype.kind in "fiub" for column in columns) else None


def _gives(answer: Answer, arrays: tuple[np.ndarray, ...]) -> bool:
    if isinstance(answer.primal, Problem) or isinstance(answer.jacobians, Problem) or answer.unstable:
        return False
    own = (answer.primal, *answer.jacobians)
    return len(own) == len(arrays) and all(map(_same, own, arrays))


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    ordinary = first[np.isfinite(first)]
    return np.allclose(first, second, rtol=_SAME, atol=_SAME * np.abs(ordinary).max(initial=0.0), equal_nan=True)
