"""What f and jac gave at the points of a batch: one point after the other, or many at once with a leading axis."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from jacfuzz.evaluation.worker import Answer, Problem

_KIND = operator.attrgetter("shape", "dtype.num")


@dataclass
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

    primals: list[np.ndarray | Problem] = field(default_factory=list)
    jacobians: list[tuple[np.ndarray, ...] | Problem] = field(default_factory=list)
    mutated: list[str] = field(default_factory=list)
    unstable: dict[int, str] = field(default_factory=dict)
    died: dict[int, Problem] = field(default_factory=dict)
    untried: frozenset[int] = frozenset()
    _runs: list[tuple[range, list[np.ndarray]]] = field(default_factory=list, init=False, repr=False)
    """Points that came at once, with the arrays that hold all of them."""

    def __len__(self) -> int:
        return len(self.primals)

    def add(self, answer: Answer) -> None:
        """Append what a point gave."""
        if answer.unstable:
            self.unstable[len(self)] = answer.unstable
        self.primals.append(answer.primal)
        self.jacobians.append(answer.jacobians)
        self.mutated.append(answer.mutated)

    def extend(self, columns: Sequence[np.ndarray]) -> None:
        """Append points at which nothing happened but f and jac giving arrays, each with a leading axis K."""
        primals, *jacobians = map(_each, columns)
        self._runs.append((range(len(self), len(self) + len(primals)), list(columns)))
        self.primals += primals
        self.jacobians += list(zip(*jacobians, strict=True)) or [()] * len(primals)
        self.mutated += [""] * len(primals)

    def cut(self, count: int) -> None:
        """Forget all but the first so many points."""
        for column in (self.primals, self.jacobians, self.mutated):
            del column[count:]
        self.unstable = {number: who for number, who in self.unstable.items() if number < count}
        self._runs = [
            (points[: count - points.start], [column[: count - points.start] for column in columns])
            for points, columns in self._runs
            if points.start < count
        ]

    def with_jacobians(self, change: Callable[[np.ndarray], np.ndarray]) -> Evaluation:
        """Return the same with other Jacobians."""
        jacobians = [answer if isinstance(answer, Problem) else tuple(map(change, answer)) for answer in self.jacobians]
        return Evaluation(self.primals, jacobians, self.mutated, self.unstable, self.died, self.untried)

    def alike(self) -> list[list[int]]:
        """Group points by the shapes and dtypes of what f and jac gave; those where anything happened stand alone."""
        groups: dict[object, list[int]] = {}
        special = {*self.unstable, *self.died}
        for points, columns in self._parts():
            if columns and special.isdisjoint(points):
                key = tuple((column.shape[1:], column.dtype.num) for column in columns)
                groups.setdefault(key, []).extend(points)
                continue
            for index in points:
                groups.setdefault(self._kind(index, special), []).append(index)
        return list(groups.values())

    def _kind(self, index: int, special: set[int]) -> object:
        primal, jacobians = self.primals[index], self.jacobians[index]
        if self.mutated[index] or index in special or isinstance(primal, Problem) or isinstance(jacobians, Problem):
            return index
        return tuple(map(_KIND, (primal, *jacobians)))

    def by_shape(self) -> dict[tuple[int, ...], list[int]]:
        """Group the points at which f gave real numbers by the shape of its result."""
        groups: dict[tuple[int, ...], list[int]] = {}
        for points, columns in self._parts():
            if columns and columns[0].dtype.kind != "c":
                groups.setdefault(columns[0].shape[1:], []).extend(points)
                continue
            for index in points:
                primal = self.primals[index]
                if not isinstance(primal, Problem) and primal.dtype.kind != "c":
                    groups.setdefault(primal.shape, []).append(index)
        return groups

    def values(self, members: Sequence[int], cells: int) -> np.ndarray:
        """Return f's values (K, m) at points that have one, of m cells."""
        return self._rows(members, 0, (cells,))

    def rows(self, members: Sequence[int], cells: int) -> tuple[np.ndarray, np.ndarray]:
        """Return f's values (K, m) and jac's answers (K, m, N) at points that have both, of m cells."""
        owed = len(cast(tuple[np.ndarray, ...], self.jacobians[members[0]]))
        parts = [self._rows(members, 1 + number, (cells, -1)) for number in range(owed)]
        return self.values(members, cells), np.concatenate(parts, axis=2) if len(parts) > 1 else parts[0]

    def _rows(self, members: Sequence[int], column: int, shape: tuple[int, ...]) -> np.ndarray:
        """Return f's values (``column`` 0) or Jacobians by one argument (1, 2, ...) at some points, in one array."""
        chosen = np.asarray(members)
        parts, places = [], []
        for points, columns in self._parts():
            inside = np.flatnonzero((chosen >= points.start) & (chosen < points.stop))
            if not len(inside):
                continue
            if columns:
                offsets = chosen[inside] - points.start
                found = columns[column]
                found = found if len(offsets) == len(found) and (np.diff(offsets) == 1).all() else found[offsets]
            else:
                found = np.array([self._entry(index, column) for index in chosen[inside].tolist()])
            parts.append(found.astype(float, copy=False).reshape(len(inside), *shape))
            places.append(inside)
        order = np.concatenate(places)
        if (np.diff(order) == 1).all():
            return np.concatenate(parts)
        result = np.empty((len(chosen), *parts[0].shape[1:]))
        result[order] = np.concatenate(parts)
        return result

    def _entry(self, index: int, column: int) -> np.ndarray:
        """Return f's value or one of the Jacobians at a point that has it."""
        if column:
            return cast(tuple[np.ndarray, ...], self.jacobians[index])[column - 1]
        return cast(np.ndarray, self.primals[index])

    def _parts(self) -> list[tuple[range, list[np.ndarray]]]:
        """Cut the points into those that came at once, with their arrays, and those between, which have none."""
        parts: list[tuple[range, list[np.ndarray]]] = []
        start = 0
        for points, columns in [*self._runs, (range(len(self), len(self)), [])]:
            if start < points.start:
                parts.append((range(start, points.start), []))
            if points:
                parts.append((points, columns))
            start = points.stop
        return parts


def _each(column: np.ndarray) -> list[np.ndarray]:
    """Give each of several points what is its own of an array with a leading axis."""
    return list(column) if column.ndim > 1 else list(map(np.asarray, column))  # a number is an array, too
