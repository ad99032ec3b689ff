"""The processes that serve one target: taken over from others of its file, or started; ended, or left to others."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math

from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import Tag
from jacfuzz.isolation.conversation import Worker
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.task import Calling, Part, Task


class Crew:
    """The processes of one target, one for each part.

    Parameters
    ----------
    nursery
        Starts them.
    task
        Of processes that load the file of the target.
    id
        The target.
    calling
        How the pair is called in another environment; None where it is not, or cannot be.

    Attributes
    ----------
    used
        Whether one of them has served another target before.
    lost
        Seconds of calls that ended a process.
    """

    def __init__(self, nursery: Nursery, task: Task, id: str, calling: Calling | None) -> None:
        self._nursery = nursery
        self._task = task
        self._id = id
        self._calling = calling
        self._workers: dict[Part, Worker] = {}
        self._alone = False
        self.used = False
        self.lost = 0.0

    def started(self, part: Part) -> Worker:
        """Return a living process that plays a part for this target, or is about to.

        Raises
        ------
        DiedError
            If it does not take its part.
        """
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

    def ready(self, part: Part) -> Worker:
        """Return a process that has made itself ready, or a new one where the last one ended meanwhile.

        That was the fault of no point that is asked for now, nor perhaps of this target.

        Raises
        ------
        DiedError
            If a new one does not take its part.
        """
        known = self._workers.get(part)
        worker = self.started(part)
        if worker is known and worker.busy:
            with contextlib.suppress(DiedError):
                worker.settle()
            worker = self.started(part)
        return worker

    def drop(self, part: Part) -> None:
        """End the process of a part."""
        worker = self._workers.pop(part, None)
        if worker is not None:
            worker.close()

    def blame(self, part: Part, error: DiedError, seconds: float) -> None:
        """End the process of a part and count the time that was lost; code that interferes is not asked again."""
        self.drop(part)
        self.lost += math.inf if error.problem.kind == "protocol" else seconds

    @property
    def exhausted(self) -> bool:
        """Whether so much time was lost that the target is asked no more."""
        limits = self._nursery.limits
        return self.lost > limits.patience * limits.call

    def renew(self) -> None:
        """End all; those that come serve no other target before."""
        for part in tuple(self._workers):
            self.drop(part)
        self._alone, self.used, self.lost = True, False, 0.0

    def leave(self) -> None:
        """Leave all to other targets of the file; those that cannot serve them are ended."""
        for part in [part for part in self._workers if self._is_abroad(part)]:
            self.drop(part)
        if self._workers:
            self._nursery.rest(tuple(self._workers.values()), self._task)
        self._workers.clear()

    def _is_abroad(self, part: Part) -> bool:
        return bool(self._task.python) and part != "advise"
