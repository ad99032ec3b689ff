"""f once more, in a second process: what the first one says of it is compared, and differences rest on it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import time

import numpy as np

from jacfuzz.evaluation.evaluate import Evaluation
from jacfuzz.evaluation.frame import shapes_of
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import Item, Problem, Tag
from jacfuzz.isolation.answers import rows_of
from jacfuzz.isolation.crew import Crew
from jacfuzz.isolation.posed import Posed
from jacfuzz.isolation.task import Part

_ROWS = 512
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
        self.derives = part == "advise"

    def primals(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Return f at K points as rows (K, m), NaN where it has no value of that shape.

        Raises
        ------
        DiedError
            If f ends the process, with the number of the point.
        """
        return self._rows(values, shape, self._most if len(values[0]) > 1 else 1)

    def pose(self, values: tuple[np.ndarray, ...]) -> None:
        """Ask for f and its derivatives at K points, the last one first, before the first process answers.

        Nothing is waited for.
        """
        if self._posed is not None:
            if len(values[0]) == 1 or self._posed.is_about(values):  # a single point comes in between
                return
            self._posed.drop()
            self._posed = None
        with contextlib.suppress(DiedError):  # told when it is asked again
            worker = self._crew.started(self._part)  # loads meanwhile
            shape = self._shapes.get(shapes_of(values))
            if shape is not None and not worker.busy and not self._crew.lost:
                asked = json.dumps([shape, self._most if len(values[0]) > 1 else 1])
                tag = Tag.AHEAD if self.derives else Tag.PRIMALS
                question = worker.pose(tag, asked, tuple(value[::-1] for value in values))
                self._posed = Posed(worker, question, values)

    def derived(self, values: tuple[np.ndarray, ...]) -> list[Item]:
        """Return what was said of f's derivatives at these points when they were asked for ahead; nothing if never."""
        derived, self._derived = self._derived, None
        if derived is None or not derived[0].is_about(values):
            return []
        return [
            item if item.array is None else dataclasses.replace(item, array=np.atleast_1d(item.array)[::-1])
            for item in derived[1]
        ]

    def compare(self, values: tuple[np.ndarray, ...], evaluation: Evaluation) -> None:
        """Compare f as it was evaluated with what it gives here; where it differs it is no function."""
        known, expected = self._collected(values), self._shapes.get(shapes_of(values))
        groups: dict[tuple[int, ...], list[int]] = {}
        for number, primal in enumerate(evaluation.primals):
            if not isinstance(primal, Problem) and primal.dtype.kind != "c":
                groups.setdefault(primal.shape, []).append(number)
        for shape, members in groups.items():
            members.reverse()
            chosen = tuple(value[members] for value in values)
            first = np.array([evaluation.primals[number] for number in members], dtype=float)
            first = first.reshape(len(members), math.prod(shape))
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
                self._most = 1
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

    def _collected(self, values: tuple[np.ndarray, ...]) -> np.ndarray | None:
        """Return the rows of f that were asked for before; None where they have to be asked for again."""
        posed = self._posed
        if posed is None or not posed.is_about(values):
            return None
        self._posed = None
        count, size = len(values[0]), math.prod(self._shapes[shapes_of(values)])
        rows, done = np.empty((count, size)), 0
        items: list[Item] = []
        with contextlib.suppress(DiedError):  # told when it is asked again
            for item in posed.items():
                if item.tag == Tag.ARRAY:
                    done = _put(rows, done, item)
                else:
                    items.append(item)
            self._derived = posed, items
        return rows[::-1] if done == count else None

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
    same: np.ndarray = np.isclose(first, second, rtol=_CLOSE, atol=tiny, equal_nan=True).all(axis=1)
    return same


def _beside(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move every number by some of its last places."""
    return value + np.spacing(value) * rng.integers(-8, 9, value.shape) if value.dtype.kind == "f" else value
