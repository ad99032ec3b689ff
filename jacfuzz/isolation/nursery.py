"""All processes of strangers' code of one run: started, watched, and ended with all they started."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import os
import time
from collections.abc import Sequence
from pathlib import Path

from jacfuzz.cache import compiled_by
from jacfuzz.errors import IsolationError
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import Problem
from jacfuzz.isolation import abroad, tree
from jacfuzz.isolation.conversation import Worker
from jacfuzz.isolation.forkserver import ForkServer
from jacfuzz.isolation.limits import Limits, Mode
from jacfuzz.isolation.task import ON_DEMAND, Part, Task

_SECONDS, _PAUSE = 30.0, 0.0005
_MOST_ALIVE = 8
_MOST_RESTING = 0.25  # of the memory that a process may use
_LOOKS, _WHILE = 10, 0.002
_SLIGHT = 1_000_000  # ns that a process may run while it rests
_TICK = 0.2
_ROOM = 1 << 20  # bytes in a pipe


class Nursery:
    """All processes of strangers' code of one run, of which the last used ones live; a context manager.

    Parameters
    ----------
    mode
        ``process``, or ``hardened``.
    limits
        Of every process.
    server
        Forks them, and ends with the nursery; begun here if none is given.
    """

    def __init__(self, mode: Mode, limits: Limits, server: ForkServer | None = None) -> None:
        self.limits = limits
        self._mode = mode
        self._workers: dict[Worker, int] = {}  # the last used last, with the fork server that each is a child of
        self._resting: dict[Worker, tuple[Task, int]] = {}  # what each has loaded, and how long it had run by then
        self._leaving: set[Worker] = set()
        self._kept: dict[str, Path | None] = {}  # compiled code, by digests of files
        self._homes: dict[tuple[str, ...], Path] = {}
        self._watched = 0.0  # when nothing was found to use too much
        self._server = server or ForkServer()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, task: Task) -> Worker:
        """Start a process; where many live, the one that was not used for longest is ended.

        Raises
        ------
        IsolationError
            If it cannot be started.
        """
        leaving = self._strangers(task)
        self._leaving.clear()
        if leaving:
            self._server.kill([worker.pid for worker in leaving])  # they end while the new one is forked
        while len(self._workers) >= _MOST_ALIVE:
            next(iter(self._workers)).close()
        requests, to_worker = _pipe()
        from_worker, answers = _pipe()
        log = os.memfd_create("log")
        content = dataclasses.asdict(task) | {
            "hardened": self._mode == "hardened",
            "home": str(self._home(task)),
            "compiled": str(self._compiled(task)),
            "memory": self.limits.memory,
            "file": self.limits.file,
            "archive": self._archive if task.python else "",
        }
        try:
            pid = self._server.start(content, _libraries(task), [requests, answers, log])
        finally:
            os.close(requests)
            os.close(answers)
        worker = Worker(pid, (to_worker, from_worker, log), self.limits, self.watch, self.end)
        self._workers[worker] = self._server.pid
        for other in leaving:
            other.close()
        return worker

    def _strangers(self, task: Task) -> list[Worker]:
        """Return the processes that are to leave, and those that rest and have loaded another file."""
        return [*self._leaving, *(worker for worker, (own, _) in self._resting.items() if own.name != task.name)]

    def take(self, task: Task, part: Part) -> Worker | None:
        """Return a process that has loaded a file and rests, at best one that has played the part; None for none."""
        found = [worker for worker, (own, _) in self._resting.items() if own == task]
        found.sort(key=lambda worker: worker.part != part)
        for worker in found:
            _, before = self._resting.pop(worker)
            if worker.at_rest and self._slept(worker.pid, before):
                self.use(worker)
                return worker
            worker.close()
        return None

    def leave(self, worker: Worker) -> None:
        """End a process when the next one starts, which takes less time than to do so now."""
        self._leaving.add(worker)

    def rest(self, workers: Sequence[Worker], task: Task) -> None:
        """Keep processes for other targets of their file; one that goes on with something is ended."""
        most = _MOST_RESTING * self.limits.memory
        asleep = {
            worker: ran
            for worker in workers
            if worker.at_rest and tree.resident([worker.pid]) < most and (ran := _asleep(worker.pid)) is not None
        }
        snapshot = tree.Snapshot()
        strays = self._strays(snapshot)
        for worker in workers:
            if worker not in asleep or strays or snapshot.below([worker.pid]):
                worker.close()
            else:
                self._resting[worker] = task, asleep[worker]

    def _slept(self, pid: int, before: int) -> bool:
        """Whether a process has gone on sleeping, but for the way to its sleep."""
        with contextlib.suppress(OSError):
            runs, nanoseconds = tree.activity(pid)
            return not runs and nanoseconds - before < _SLIGHT
        return False

    def use(self, worker: Worker) -> None:
        """Note that a living process is used now."""
        self._workers[worker] = self._workers.pop(worker)

    def end(self, worker: Worker) -> int | None:
        """Kill a process and all it started; return its status, None where that is not to be known."""
        server = self._workers.pop(worker, None)
        self._resting.pop(worker, None)
        self._leaving.discard(worker)
        if server is None:
            return None
        deadline = time.monotonic() + _SECONDS
        status = self._collected(worker.pid, server, deadline)
        self._sweep(deadline)
        return status

    def _collected(self, pid: int, server: int, deadline: float) -> int | None:
        """Return the status of a process, its own where it ended before it is killed here."""
        status = self._server.reap(pid)
        if status is None and self._lives(server):
            tree.kill([pid])
        while status is None and self._lives(server):
            if time.monotonic() > deadline:
                raise IsolationError(f"process {pid} cannot be killed; end it by hand")
            time.sleep(_PAUSE)
            status = self._server.reap(pid)
        return status

    def _lives(self, server: int) -> bool:
        return self._server.alive and server == self._server.pid

    def _sweep(self, deadline: float) -> None:
        """Kill what ended processes left behind, until there is none."""
        while victims := self._strays(tree.Snapshot()):
            if time.monotonic() > deadline:
                raise IsolationError(f"{len(victims)} processes cannot be killed; end them by hand")
            tree.kill(victims)

    def watch(self, worker: Worker) -> None:
        """End the wait for a process that uses too much, and all others that do; no need to look at once again.

        Raises
        ------
        DiedError
            Saying of what.
        """
        if time.monotonic() < self._watched + _TICK:
            return
        snapshot = tree.Snapshot()
        for other in [other for other in self._workers if other is not worker]:
            if self._excess(snapshot.below([other.pid]) | {other.pid}):  # told once it is waited for
                other.close()
        excess = self._excess(snapshot.below([worker.pid]) | {worker.pid} | self._strays(snapshot))
        if excess is not None:
            raise DiedError(excess, 0)
        self._watched = time.monotonic()

    def _excess(self, pids: set[int]) -> Problem | None:
        """Say of what processes use too much."""
        if len(pids) > self.limits.processes:
            return Problem("crash", f"started more than {self.limits.processes} processes")
        if tree.resident(pids) > self.limits.memory:
            return Problem("memory", f"used more than {self.limits.memory >> 20} MiB of memory")
        return None

    def close(self) -> None:
        """End everything."""
        for worker in list(self._workers):
            worker.close()
        self._server.close()
        tree.kill(self._strays(tree.Snapshot()))

    def _home(self, task: Task) -> Path:
        """Return the folder that the processes of one file have for themselves, and no other file's may write to."""
        name = str(len(self._homes))
        home = self._homes.setdefault((task.kind, task.name, task.folder), self._server.scratch / name)
        home.mkdir(exist_ok=True)
        return home

    def _compiled(self, task: Task) -> Path:
        """Return the folder that the processes of one file keep compiled code in: until the next run if they may."""
        if self._mode == "process" and task.digest and task.digest not in self._kept:
            self._kept[task.digest] = compiled_by(task.digest)
        return self._kept.get(task.digest) or self._home(task) / "compiled"

    @functools.cached_property
    def _archive(self) -> str:
        folder = self._server.scratch / "program"
        folder.mkdir()
        return str(abroad.archive(folder))

    def _strays(self, snapshot: tree.Snapshot) -> set[int]:
        """Processes below this one that belong to no living worker, nor to anybody else here."""
        kept = {worker.pid for worker in self._workers}
        kept |= snapshot.below(kept)
        with contextlib.suppress(ChildProcessError):
            while not self._server.alive and os.waitpid(-1, os.WNOHANG)[0]:
                continue
        return snapshot.below([os.getpid()]) - self._server.others - kept - {self._server.pid}


def _asleep(pid: int) -> int | None:
    """Return how long a process has run that soon sleeps; None if it does not."""
    with contextlib.suppress(OSError):
        for _ in range(_LOOKS):
            runs, nanoseconds = tree.activity(pid)
            if not runs:
                return nanoseconds
            time.sleep(_WHILE)
    return None


def _pipe() -> tuple[int, int]:
    """Make a pipe that takes most of what is said at once, where the system allows it."""
    reading, writing = os.pipe()
    with contextlib.suppress(OSError):
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _ROOM)
    return reading, writing


def _libraries(task: Task) -> list[str]:
    """Libraries that the file names, to be imported once for all its processes."""
    try:
        text = Path(task.folder, task.name).read_bytes() if task.kind == "file" else b""
    except OSError:
        return []
    return [name for name in ON_DEMAND if name.encode() in text]
