"""The host of a pair in other processes: what comes from them is checked, and one that ends is begun anew."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from collections.abc import Iterator, Sequence

import numpy as np

from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.evaluation.evaluate import Evaluation
from jacfuzz.evaluation.frame import shapes_of
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.sizes import Sample
from jacfuzz.evaluation.worker import Answer, Item, Problem, Tag
from jacfuzz.isolation.advice import Advice
from jacfuzz.isolation.answers import fill
from jacfuzz.isolation.crew import Crew
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.posed import Posed
from jacfuzz.isolation.second import Second
from jacfuzz.isolation.task import Calling, Part, Task

_MOST_DEATHS = 3
_ROWS = 512
_NOT_TRIED = Problem("timeout", "not evaluated, since f or jac had ended too many processes before")


class RemoteHost:
    """f and jac of one target, in one process, and f with its derivatives in a second one that checks the first.

    Parameters
    ----------
    nursery
        Starts the processes.
    task
        Of processes that load the file of the target.
    id
        The target.
    owed
        Jacobians that jac gives: one for each differentiable argument.
    calling
        How the pair is called in another environment; None where it is not, or cannot be.
    absent
        Modules that its code needs and this environment lacks, so that it cannot be differentiated here.
    """

    def __init__(
        self,
        nursery: Nursery,
        task: Task,
        id: str,
        owed: int,
        calling: Calling | None = None,
        absent: tuple[str, ...] = (),
    ) -> None:
        self._nursery = nursery
        self._task = task
        self._owed = owed
        self._calling = calling
        self._absent = absent
        self._again: Part = "again" if task.python else "advise"
        self._crew = Crew(nursery, task, id, calling)
        self._forget()

    def _forget(self) -> None:
        self._second = Second(self._crew, self._again)
        self._together = _ROWS  # points at most in an answer; one, once a point has ended a process
        self._advice = Advice(self._crew, self._nursery.limits, self._absent)
        self._prepared: set[tuple[tuple[int, ...], ...]] = set()  # shapes of the arguments that are compiled
        self._later: list[tuple[np.ndarray, ...]] = []
        self._following: tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]] | None = None
        self._posed: Posed | None = None

    def begin(self, batches: Sequence[tuple[np.ndarray, ...]], later: Sequence[tuple[np.ndarray, ...]] = ()) -> None:
        """Start the processes, and have them compile at the shapes of some batches; nothing is waited for.

        The others begin at the end: what one of them has compiled, the rest find. For the shapes of those that come
        ``later`` the second process gets ready between its answers.
        """
        self._later = list(later)
        fresh = [batch for batch in batches if shapes_of(batch) not in self._prepared]
        self._prepared.update(map(shapes_of, fresh))
        if fresh:
            parts: tuple[Part, ...] = ("evaluate", self._again, *(("advise",) if self._advice.given else ()))
            for part in dict.fromkeys(parts):
                ordered = fresh if part == "evaluate" else fresh[::-1]
                with contextlib.suppress(DiedError):  # told when it is asked
                    self._crew.started(part).tell(Tag.PREPARE, str(len(fresh)), tuple(itertools.chain(*ordered)))

    def require(self) -> None:
        """Start the evaluating process.

        Raises
        ------
        DiedError
            If it cannot load the pair.
        """
        if self._task.python and self._calling is None:
            raise DiedError(Problem("protocol", "takes functions f and jac of the file itself; write the pair so"), 0)
        for _ in self._crew.ready("evaluate").ask(Tag.READY, ""):
            pass

    def expect(self, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...] = ()) -> None:
        """Evaluate these points, too, once those of the next batch are, while they are judged."""
        self._following = values, beside

    def evaluate(self, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...] = ()) -> Evaluation:
        """Evaluate f and jac at K points; one that ends the process costs no other its answer.

        Where f will be asked for ``beside`` them, the second process answers that at once.
        """
        evaluation, count = Evaluation(), len(values[0])
        most = self._together if count > 1 else 1
        self._prepare(values)
        self._second.pose(values, beside)
        early = self._early(values)
        while len(evaluation) < count:
            if len(evaluation.died) >= _MOST_DEATHS or self._crew.exhausted:
                evaluation.untried = frozenset(range(len(evaluation), count))
                for _ in evaluation.untried:
                    evaluation.add(Answer(_NOT_TRIED, _NOT_TRIED))
                break
            start = time.monotonic()
            try:
                before = len(evaluation)
                rest = tuple(value[before:] for value in values)
                items = early or self._crew.ready("evaluate").ask(Tag.EVALUATE, str(most), rest)
                for _ in fill(evaluation, items, self._owed):
                    start = time.monotonic()
                if len(evaluation) > count or (len(evaluation) == before and early is None):
                    raise DiedError(Problem("protocol", "interfered with the process that evaluates it"), 0)
                early = None
            except DiedError as error:
                early = None
                self._crew.blame("evaluate", error, time.monotonic() - start)
                if most > 1 and not self._crew.exhausted:
                    most = self._together = 1  # to know the point
                    continue
                evaluation.cut(count - 1)
                row = len(evaluation)
                who = self._culprit(tuple(value[row] for value in values))
                evaluation.died[row] = Problem(error.problem.kind, f"{who} {error.problem.text}")
                evaluation.add(Answer(error.problem, error.problem))
        self._go_on()
        self._second.compare(values, evaluation, beside)
        if self._posed is not None:
            self._second.pose(self._posed.values, self._posed.beside)
        if self._later:
            self._prepare(self._later.pop(0))
        return evaluation

    def primals(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Return f at K points as rows (K, m), NaN where it has no such value."""
        return self._second.primals(values, shape)

    def derivatives(
        self, values: tuple[np.ndarray, ...], cells: int, *, compiled: bool
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return f (K, m) and its Jacobian (K, m, N) by forward-mode AD; None where it cannot."""
        early = self._second.derived(values) if compiled else []
        found = self._advice.derivatives(values, cells, compiled, early)
        self._second.derives &= self._advice.given
        return found

    def truth(
        self, point: tuple[np.ndarray, ...], columns: tuple[int, ...]
    ) -> tuple[np.ndarray, np.ndarray, bool] | None:
        """Return f and columns of its Jacobian in exact arithmetic, and whether f met a tie; None where it cannot."""
        return self._advice.truth(point, columns)

    def formula(self, point: tuple[np.ndarray, ...], cells: int, level: float) -> np.ndarray | None:
        """Return what jac answers when it need not round; None where it cannot be run so."""
        return self._advice.formula(point, cells, level)

    def boundaries(self, shapes: tuple[tuple[int, ...], ...], seed: int, calls: int, points: int) -> Boundaries | None:
        """Return points where the code of f or jac branches; None where the process that looks for them ends."""
        return self._advice.boundaries(shapes, seed, calls, points)

    def other_sizes(self) -> tuple[Sample, ...]:
        """Return how the pair fares at other sizes than those its block states; nothing where that is not known."""
        return self._advice.other_sizes()

    def take_notes(self) -> list[tuple[str, str]]:
        """Return what is worth saying since it was last asked."""
        notes, self._advice.notes = self._advice.notes, []
        return notes

    @property
    def used(self) -> bool:
        """Whether one of the processes has served another target before."""
        return self._crew.used

    def renew(self) -> None:
        """End the processes, and know nothing of the target: those that come serve no other before."""
        self._crew.renew()
        self._forget()

    def close(self) -> None:
        """Leave the processes to other targets of the file; those that cannot serve them are ended."""
        self._crew.leave()

    def _prepare(self, values: tuple[np.ndarray, ...]) -> None:
        """Have f differentiated at new shapes while f and jac are evaluated."""
        shapes = shapes_of(values)
        if self._is_fresh(shapes) and self._advice.given and not self._crew.exhausted:
            self._prepared.add(shapes)
            with contextlib.suppress(DiedError):  # told when it is asked
                self._crew.started("advise").tell(Tag.PREPARE, "1", values)

    def _is_fresh(self, shapes: tuple[tuple[int, ...], ...]) -> bool:
        """Whether f has yet to be made ready for arguments of these shapes."""
        return any(map(math.prod, shapes)) and shapes not in self._prepared

    def _go_on(self) -> None:
        """Have what is to come evaluated, where the code has given no trouble."""
        following, self._following = self._following, None
        if following is None or self._crew.lost or self._is_fresh(shapes_of(following[0])):
            return
        with contextlib.suppress(DiedError):  # told when it is asked
            worker = self._crew.started("evaluate")
            if not worker.busy:
                question = worker.pose(Tag.EVALUATE, str(self._together), following[0])
                self._posed = Posed(worker, question, *following)

    def _early(self, values: tuple[np.ndarray, ...]) -> Iterator[Item] | None:
        """Return what is answered already, or being answered, at a batch."""
        posed = self._posed
        if posed is None:
            return None
        if posed.is_about(values):
            self._posed = None
            return posed.items()
        if len(values[0]) > 1:  # a single point comes in between
            self._posed = None
            posed.drop()
        return None

    def _culprit(self, point: tuple[np.ndarray, ...]) -> str:
        """Say who ended the process at a point: jac, where f alone is answered there."""
        try:
            self.primals(tuple(value[None] for value in point), ())
        except DiedError:
            return "f"
        return "jac"
