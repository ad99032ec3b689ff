"""f once more, in a second process: what the first one says of it is compared, and differences rest on it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import time

import numpy as np

from jacfuzz.evaluation.evaluate import Evaluation
from jacfuzz.evaluation.frame import are_same, shapes_of
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import Item, Problem, Tag
from jacfuzz.isolation.answers import rows_of
from jacfuzz.isolation.conversation import Worker
from jacfuzz.isolation.crew import Crew
from jacfuzz.isolation.posed import Posed
from jacfuzz.isolation.task import Part

_ROWS = 512
_SOON_TAKEN = 1 << 15  # bytes that a pipe takes whatever its reader does
_CLOSE = 1e-9
_NEIGHBOURS, _ROUNDINGS = 16, 64.0


class Second:
    """f of one target as the second process gives it.

    Parameters
    ----------
    crew
        The processes of the target.
    part
        That of the second process.

    Attributes
    ----------
    derives
        Whether it differentiates f, too, when it is asked ahead.
    """

    def __init__(self, crew: Crew, part: Part) -> None:
        self._crew = crew
        self._part = part
        self._most = _ROWS  # points in an answer; one, where f is another function when it is compiled
        self._shapes: dict[tuple[tuple[int, ...], ...], tuple[int, ...]] = {}  # of f's results by those of arguments
        self._posed: Posed | None = None
        self._derived: tuple[Posed, list[Item]] | None = None  # what was asked ahead, and what was said of derivatives
        self._beside: tuple[tuple[np.ndarray, ...], np.ndarray] | None = None  # points, and rows of f there
        self.derives = part == "advise"

    def primals(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Return f at K points as rows (K, m), NaN where it has no value of that shape.

        Raises
        ------
        DiedError
            If f ends the process, with the number of the point.
        """
        if self._beside is not None and are_same(self._beside[0], values):
            rows = self._beside[1]
            if rows.shape[1] == math.prod(shape):
                return rows
        return self._rows(values, shape, self._most if len(values[0]) > 1 else 1)

    def pose(self, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...]) -> None:
        """Ask for f and its derivatives at K points, the last one first, before the first process answers.

        And for f at points ``beside`` them, if any are given. Nothing is waited for.
        """
        if self._posed is not None:
            if len(values[0]) == 1 or self._posed.is_about(values):  # a single point comes in between
                return
            self._posed.drop()
            self._posed = None
        with contextlib.suppress(DiedError):  # told when it is asked again
            worker = self._crew.started(self._part)  # loads meanwhile
            soon = not worker.busy or sum(array.nbytes for array in (*values, *beside)) < _SOON_TAKEN
            if soon and not self._crew.lost and (self._is_known(values) or self._is_found(values)):
                self._posed = self._put(worker, values, beside)

    def _is_known(self, values: tuple[np.ndarray, ...]) -> bool:
        """Whether the shape is known that f's result has."""
        return shapes_of(values) in self._shapes

    def _is_found(self, values: tuple[np.ndarray, ...]) -> bool:
        """Whether the process finds that shape: where it differentiates f, which has given no trouble at other ones."""
        return bool(self._shapes) and self._differentiates(values) and len(values[0]) > 1

    def _differentiates(self, values: tuple[np.ndarray, ...]) -> bool:
        return self.derives and any(value.size for value in values)

    def _put(self, worker: Worker, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...]) -> Posed:
        """Put the question to a process."""
        count = len(values[0])
        tag, asked = Tag.PRIMALS, [self._shapes.get(shapes_of(values)), self._most if count > 1 else 1]
        if self._differentiates(values):
            tag, asked = Tag.AHEAD, [*asked, count]
        backwards = tuple(value[::-1] for value in values)
        points = tuple(map(np.concatenate, zip(backwards, beside, strict=True))) if beside else backwards
        return Posed(worker, worker.pose(tag, json.dumps(asked), points), values, beside)

    def derived(self, values: tuple[np.ndarray, ...]) -> list[Item]:
        """Return what was said of f's derivatives at these points when they were asked for ahead; nothing if never."""
        derived, self._derived = self._derived, None
        if derived is None or not derived[0].is_about(values):
            return []
        return [
            item if item.array is None else dataclasses.replace(item, array=np.atleast_1d(item.array)[::-1])
            for item in derived[1]
        ]

    def compare(
        self, values: tuple[np.ndarray, ...], evaluation: Evaluation, beside: tuple[np.ndarray, ...] = ()
    ) -> None:
        """Compare f as it was evaluated with what it gives here; where it differs it is no function."""
        groups = evaluation.by_shape()
        expected = self._shapes.get(shapes_of(values))
        if expected is None and len(groups) == 1 and len(evaluation) > 1:
            (expected,) = groups
            self._shapes[shapes_of(values)] = expected
            self.pose(values, beside)
        known = self._collected(values, expected)
        for shape, members in groups.items():
            members.reverse()
            chosen = tuple(value[members] for value in values)
            first = evaluation.values(members, math.prod(shape))
            early = known[members] if known is not None and shape == expected else None
            try:
                rows = self._agreed(chosen, shape, first, early)
            except DiedError as error:
                evaluation.died.setdefault(members[error.row], error.problem)
                continue
            for index in np.flatnonzero(~_close(first, rows)):
                number = members[index]
                level = self._round_off(tuple(value[number] for value in values), shape)
                if not np.allclose(first[index], rows[index], rtol=_CLOSE, atol=level, equal_nan=True):
                    evaluation.unstable.setdefault(number, "f")
        self._shapes.update((shapes_of(values), shape) for shape in groups)

    def _agreed(
        self, values: tuple[np.ndarray, ...], shape: tuple[int, ...], first: np.ndarray, known: np.ndarray | None
    ) -> np.ndarray:
        """Return f at K points, one by one from now on where only that gives what it gave in the first process."""
        rows = self.primals(values, shape) if known is None else known
        if self._most > 1 and not _close(first, rows).all():
            alone = self._rows(values, shape, 1)
            if _close(first, alone).all():
                self._most, self._beside = 1, None
                return alone
        return rows

    def _rows(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...], most: int) -> np.ndarray:
        count, size = len(values[0]), math.prod(shape)
        rows, done = np.empty((count, size)), 0
        while done < count:
            start = time.monotonic()
            try:
                rest = tuple(value[done:] for value in values)
                for item in self._crew.ready(self._part).ask(Tag.PRIMALS, json.dumps([shape, most]), rest):
                    done = _put(rows, done, item)
                    start = time.monotonic()
                if done < count:
                    raise DiedError(Problem("protocol", "interfered with the process that evaluates it"), 0)
            except DiedError as error:
                self._crew.blame(self._part, error, time.monotonic() - start)
                if most == 1 or self._crew.exhausted:
                    row = min(done, count - 1)  # it may end after its last answer
                    raise DiedError(Problem(error.problem.kind, f"f {error.problem.text}"), row) from None
                most = 1  # to know the point
        return rows

    def _collected(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...] | None) -> np.ndarray | None:
        """Return the rows of f that were asked for before; None where they have to be asked for again."""
        posed = self._posed
        if posed is None or not posed.is_about(values):
            return None
        self._posed = None
        primals: list[Item] = []
        others: list[Item] = []
        with contextlib.suppress(DiedError):  # told when it is asked again
            for item in posed.items():
                (primals if item.tag == Tag.ARRAY else others).append(item)
        self._derived = posed, others
        count, done = len(values[0]), 0
        rows = np.empty((count + (len(posed.beside[0]) if posed.beside else 0), math.prod(shape or ())))
        with contextlib.suppress(DiedError):  # of another shape, or none
            for item in primals:
                done = _put(rows, done, item)
        if shape is None or done < len(rows):
            return None
        self._beside = (posed.beside, rows[count:]) if posed.beside else None
        return rows[:count][::-1]

    def _round_off(self, point: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> float:
        """Return by how much f changes within some ulps of a point: what cancels may round to anything of that size."""
        rng = np.random.default_rng(0)
        around = tuple(
            np.stack([value, *(_beside(value, rng) for _ in range(_NEIGHBOURS))]) for value in map(np.asarray, point)
        )
        try:
            rows = self.primals(around, shape)
        except DiedError:
            return 0.0
        change = np.abs(rows[1:] - rows[0])
        return _ROUNDINGS * float(np.max(change[np.isfinite(change)], initial=0.0))


def _put(rows: np.ndarray, done: int, item: Item) -> int:
    """Put the rows of an item after those that are there; return how many there are."""
    fresh = rows_of(item, rows.shape[1], len(rows) - done)
    rows[done : done + len(fresh)] = fresh
    return done + len(fresh)


def _close(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether rows are the same, for each."""
    tiny: float = np.finfo(float).tiny
    same: np.ndarray = (first == second).all(axis=1)
    rest = np.flatnonzero(~same)
    if len(rest):
        same[rest] = np.isclose(first[rest], second[rest], rtol=_CLOSE, atol=tiny, equal_nan=True).all(axis=1)
    return same


def _beside(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move every number by some of its last places."""
    return value + np.spacing(value) * rng.integers(-8, 9, value.shape) if value.dtype.kind == "f" else value
