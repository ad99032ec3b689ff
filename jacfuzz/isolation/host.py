"""The host of a pair in other processes: what comes from them is checked, and one that ends is begun anew."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import math
import time
from collections.abc import Iterator, Sequence

import numpy as np

from jacfuzz.cleaning import one_line
from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.evaluation.evaluate import Evaluation
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.sizes import Sample
from jacfuzz.evaluation.worker import Answer, Item, Problem, Tag
from jacfuzz.isolation.answers import points_of, rows_of
from jacfuzz.isolation.conversation import Worker
from jacfuzz.isolation.description import cleaned
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.task import Calling, Part, Task

_MOST_DEATHS = 3
_ROWS, _FEW = 512, 16
_CLOSE = 1e-9
_NEIGHBOURS, _ROUNDINGS = 16, 64.0
_NO_AD = "judged without forward-mode AD"
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
        self._id = id
        self._owed = owed
        self._calling = calling
        self._absent = absent
        self._again: Part = "again" if task.python else "advise"
        self._workers: dict[Part, Worker] = {}
        self._alone = False  # whether its processes serve no other target
        self._forget()

    def _forget(self) -> None:
        self.used = False
        self._lost = 0.0
        self._together = _ROWS  # points at most in an answer; one, once a point has ended a process
        self._advice = not self._absent
        self._prepared: set[object] = set()
        lacking = f"{_NO_AD}: {', '.join(map(one_line, self._absent[:3]))} is not installed beside jacfuzz"
        self._notes: list[tuple[str, str]] = [("ad", lacking)] if self._absent else []

    def begin(self, batches: Sequence[tuple[np.ndarray, ...]]) -> None:
        """Start the processes, and have them compile at the shapes of some batches; nothing is waited for."""
        fresh = [batch for batch in batches if _kind(batch) not in self._prepared]
        self._prepared.update(map(_kind, fresh))
        if fresh:
            parts: tuple[Part, ...] = ("evaluate", self._again, *(("advise",) if self._advice else ()))
            for part in dict.fromkeys(parts):
                with contextlib.suppress(DiedError):  # told when it is asked
                    self._started(part).tell(Tag.PREPARE, str(len(fresh)), tuple(itertools.chain(*fresh)))

    def require(self) -> None:
        """Start the evaluating process.

        Raises
        ------
        DiedError
            If it cannot load the pair.
        """
        if self._task.python and self._calling is None:
            raise DiedError(Problem("protocol", "takes functions f and jac of the file itself; write the pair so"), 0)
        for _ in self._worker("evaluate").ask(Tag.READY, ""):
            pass

    def evaluate(self, values: tuple[np.ndarray, ...]) -> Evaluation:
        """Evaluate f and jac at K points; one that ends the process costs no other its answer."""
        answers: list[Answer] = []
        died: dict[int, Problem] = {}
        untried: frozenset[int] = frozenset()
        count = len(values[0])
        most = self._together if count > _FEW else 1
        with contextlib.suppress(DiedError):  # told when it is asked
            self._started(self._again)  # loads meanwhile
        self._prepare(values)
        while len(answers) < count:
            if len(died) >= _MOST_DEATHS or self._exhausted:
                untried = frozenset(range(len(answers), count))
                answers += [Answer(_NOT_TRIED, _NOT_TRIED)] * len(untried)
                break
            start = time.monotonic()
            try:
                rest = tuple(value[len(answers) :] for value in values)
                for point in points_of(self._ask("evaluate", Tag.EVALUATE, str(most), rest), self._owed):
                    answers.append(point)
                    start = time.monotonic()
                    if len(answers) > count:
                        raise DiedError(Problem("protocol", "interfered with the process that evaluates it"), 0)
            except DiedError as error:
                self._blame(error, time.monotonic() - start)
                self._drop("evaluate")
                if most > 1 and not self._exhausted:
                    most = self._together = 1  # to know the point
                    continue
                del answers[count - 1 :]
                who = self._culprit(tuple(value[len(answers)] for value in values))
                died[len(answers)] = Problem(error.problem.kind, f"{who} {error.problem.text}")
                answers.append(Answer(error.problem, error.problem))
        evaluation = Evaluation.of(answers, died, untried)
        self._second(values, evaluation)
        return evaluation

    def primals(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Return f at K points as rows (K, m), NaN where it has no such value."""
        rows: list[np.ndarray] = []
        count, size = len(values[0]), int(np.prod(shape))
        most = _ROWS if count > 1 else 1
        while len(rows) < count:
            start = time.monotonic()
            try:
                rest = tuple(value[len(rows) :] for value in values)
                for item in self._ask(self._again, Tag.PRIMALS, json.dumps([shape, most]), rest):
                    rows += rows_of(item, size, count - len(rows))
                    start = time.monotonic()
                if len(rows) < count:
                    raise DiedError(Problem("protocol", "interfered with the process that evaluates it"), 0)
            except DiedError as error:
                self._blame(error, time.monotonic() - start)
                self._drop(self._again)
                if most == 1 or self._exhausted:
                    row = min(len(rows), count - 1)  # it may end after its last answer
                    raise DiedError(Problem(error.problem.kind, f"f {error.problem.text}"), row) from None
                most = 1  # to know the point
        return np.array(rows).reshape(count, size)

    def derivatives(self, values: tuple[np.ndarray, ...], cells: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Return f (K, m) and its Jacobian (K, m, N) by forward-mode AD; None where it cannot."""
        if not self._advice:
            return None
        seconds = self._nursery.limits.first
        try:
            found = list(self._ask("advise", Tag.DERIVATIVES, str(cells), values, seconds))
        except DiedError as error:
            self._drop("advise")
            self._advice = False
            self._notes.append(("ad", f"{_NO_AD}: differentiating f {error.problem.text}"))
            return None
        arrays = [item.array for item in found if item.array is not None and item.array.dtype.kind == "f"]
        if [item.tag for item in found] != [Tag.PRIMAL, Tag.JACOBIAN] or len(arrays) != 2:
            return None
        primals, jacobians = (array.astype(float) for array in arrays)
        fits = primals.shape == (len(values[0]), cells) and jacobians.shape[:-1] == primals.shape
        return (primals, jacobians) if fits else None

    def boundaries(self, shapes: tuple[tuple[int, ...], ...], seed: int, calls: int, points: int) -> Boundaries | None:
        """Return points where the code of f or jac branches; None where the process that looks for them ends."""
        if not self._advice:
            return None
        asked = json.dumps({"shapes": shapes, "seed": seed, "calls": calls, "points": points})
        start = time.monotonic()
        try:
            found = list(self._ask("advise", Tag.BOUNDARIES, asked, (), self._nursery.limits.first))
            *values, told = (item.array for item in found if item.array is not None)
            content = json.loads(told.tobytes())
            labels, missed, unseen = (tuple(map(cleaned, content[key])) for key in ("labels", "missed", "unseen"))
            return Boundaries(tuple(values), labels, missed, unseen, int(content["calls"]))
        except DiedError as error:
            self._blame(error, time.monotonic() - start)
            self._drop("advise")
            return None
        except (ValueError, LookupError, TypeError, RecursionError):
            return None

    def other_sizes(self) -> tuple[Sample, ...]:
        """Return how the pair fares at other sizes than those its block states; nothing where that is not known."""
        if not self._advice:
            return ()
        try:
            (found,) = (item.array for item in self._ask("advise", Tag.SIZES, "", (), self._nursery.limits.first))
            samples = [] if found is None else json.loads(found.tobytes())
            return tuple(
                Sample({cleaned(name): int(size) for name, size in sizes.items()}, right is True)
                for sizes, right in samples
            )
        except DiedError:
            self._drop("advise")
            return ()
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return ()

    def take_notes(self) -> list[tuple[str, str]]:
        """Return what is worth saying since it was last asked."""
        notes, self._notes = self._notes, []
        return notes

    def renew(self) -> None:
        """End the processes, and know nothing of the target: those that come serve no other."""
        for part in tuple(self._workers):
            self._drop(part)
        self._alone = True
        self._forget()

    def close(self) -> None:
        """Leave the processes to other targets of the file; those that cannot serve them are ended."""
        for part, worker in self._workers.items():
            if self._is_abroad(part):
                worker.close()
            else:
                self._nursery.rest(worker, self._task)
        self._workers.clear()

    def _prepare(self, values: tuple[np.ndarray, ...]) -> None:
        """Have f differentiated at new shapes while f and jac are evaluated."""
        kind = _kind(values)
        if kind not in self._prepared and self._advice and not self._exhausted:
            self._prepared.add(kind)
            with contextlib.suppress(DiedError):  # told when it is asked
                self._started("advise").tell(Tag.PREPARE, "1", values)

    def _second(self, values: tuple[np.ndarray, ...], evaluation: Evaluation) -> None:
        """Ask the second process for f at the same points in another order; where it differs f is no function."""
        groups: dict[tuple[int, ...], list[int]] = {}
        for number, primal in enumerate(evaluation.primals):
            if not isinstance(primal, Problem) and primal.dtype.kind != "c":
                groups.setdefault(primal.shape, []).append(number)
        for shape, members in groups.items():
            members.reverse()
            try:
                rows = self.primals(tuple(value[members] for value in values), shape)
            except DiedError as error:
                evaluation.died.setdefault(members[error.row], error.problem)
                continue
            first = np.array([evaluation.primals[number] for number in members], dtype=float).reshape(rows.shape)
            same = np.isclose(first, rows, rtol=_CLOSE, atol=np.finfo(float).tiny, equal_nan=True).all(axis=1)
            for index in np.flatnonzero(~same):
                number = members[index]
                level = self._round_off(tuple(value[number] for value in values), shape)
                if not np.allclose(first[index], rows[index], rtol=_CLOSE, atol=level, equal_nan=True):
                    evaluation.unstable.setdefault(number, "f")

    def _culprit(self, point: tuple[np.ndarray, ...]) -> str:
        """Say who ended the process at a point: jac, where f alone is answered there."""
        try:
            self.primals(tuple(value[None] for value in point), ())
        except DiedError:
            return "f"
        return "jac"

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

    def _ask(
        self, part: Part, tag: int, text: str, values: tuple[np.ndarray, ...], seconds: float = 0.0
    ) -> Iterator[Item]:
        return self._worker(part).ask(tag, text, values, seconds)

    def _worker(self, part: Part) -> Worker:
        """Return a process that has made itself ready, or a new one where the last one ended meanwhile.

        That was the fault of no point that is asked for now, nor perhaps of this target.
        """
        known = self._workers.get(part)
        worker = self._started(part)
        if worker is known and worker.busy:
            with contextlib.suppress(DiedError):
                worker.settle()
            worker = self._started(part)
        return worker

    def _started(self, part: Part) -> Worker:
        """Return a living process that plays a part for this target, or is about to."""
        worker = self._workers.get(part)
        if worker is not None and worker.open:
            self._nursery.use(worker)
            return worker
        if self._is_abroad(part):
            abroad = dataclasses.replace(self._task, role="abroad", calling=self._calling)
            worker = self._workers[part] = self._nursery.start(abroad)
            return worker
        resting = None if self._alone else self._nursery.take(self._task, part)
        worker = self._workers[part] = resting or self._nursery.start(self._task)
        self.used |= bool(worker.part)
        worker.part = part
        worker.tell(Tag.SERVE, json.dumps([part, self._id]))
        return worker

    def _is_abroad(self, part: Part) -> bool:
        return bool(self._task.python) and part != "advise"

    def _blame(self, error: DiedError, seconds: float) -> None:
        """Count the time that was lost; code that interferes with its process is not asked again."""
        self._lost += math.inf if error.problem.kind == "protocol" else seconds

    @property
    def _exhausted(self) -> bool:
        limits = self._nursery.limits
        return self._lost > limits.patience * limits.call

    def _drop(self, part: Part) -> None:
        worker = self._workers.pop(part, None)
        if worker is not None:
            worker.close()


def _kind(values: tuple[np.ndarray, ...]) -> object:
    """What batches have in common that are compiled once."""
    return (*(value.shape[1:] for value in values), len(values[0]) > _FEW)


def _beside(value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move every number by some of its last places."""
    return value + np.spacing(value) * rng.integers(-8, 9, value.shape) if value.dtype.kind == "f" else value
