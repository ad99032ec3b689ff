"""Readers that load files in processes of their own, and make targets of what those say."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from jacfuzz import errors
from jacfuzz.cleaning import one_line
from jacfuzz.errors import LoadError, UsageError
from jacfuzz.evaluation.evaluate import array_types
from jacfuzz.evaluation.hosted import DiedError, host_of
from jacfuzz.evaluation.worker import FrameError, Tag
from jacfuzz.isolation.content import digest_of
from jacfuzz.isolation.conversation import Worker
from jacfuzz.isolation.description import rebuild
from jacfuzz.isolation.doctor import require_refusals
from jacfuzz.isolation.forkserver import ForkServer
from jacfuzz.isolation.host import RemoteHost
from jacfuzz.isolation.limits import Limits, Mode
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.task import Calling, Task
from jacfuzz.registry import Catalogue, Readers
from jacfuzz.target import Claims, Loaded, Target, Unloadable


@contextlib.contextmanager
def isolated(
    mode: Mode | Literal["none"], limits: Limits | None = None, python: str = "", server: ForkServer | None = None
) -> Iterator[Readers]:
    """Give readers that run what they load in this process (``none``) or in others, which end with the context.

    Parameters
    ----------
    mode
        Where code runs.
    limits
        Of every process.
    python
        Interpreter of the environment that the code lives in; "" for this one.
    server
        Forks the processes, and ends with them; begun here if none is given.

    Raises
    ------
    IsolationError
        If that isolation is not to be had here.
    UsageError
        If there is no such interpreter, or it is to run in this process.
    """
    interpreter = _interpreter(python) if python else ""
    if mode == "none":
        if python:
            raise UsageError("--python needs processes of its own; give --isolation process or hardened with it")
        yield Readers()
        return
    with Nursery(mode, limits or Limits(), server) as nursery:
        if mode == "hardened":
            require_refusals(nursery)
        yield IsolatedReaders(nursery, interpreter)


def _interpreter(python: str) -> str:
    """Absolute path of an interpreter; links are kept, since an environment's interpreter is one."""
    found = shutil.which(python)
    if found is None:
        raise UsageError(f"--python {python!r} is no program; give the path of an interpreter, such as venv/bin/python")
    return os.path.abspath(found)


class IsolatedReaders(Readers):
    """Loads files and modules in processes of their own.

    Parameters
    ----------
    nursery
        Starts the processes.
    python
        Interpreter that the code runs in; "" for this one.
    """

    def __init__(self, nursery: Nursery, python: str = "") -> None:
        self._nursery = nursery
        self._python = python
        self._last = False

    def last(self) -> None:
        """Hear that nothing is loaded after the next file or module, whose targets are judged at once."""
        self._last = True

    def file(self, path: Path, claims: Claims | None) -> Loaded:
        """Load a file, as ``loading.load_file`` does."""
        try:
            digest = digest_of(path.read_bytes())
        except OSError:  # the loading process says why
            digest = ""
        return self._read(dataclasses.replace(self._task(str(path), "file", claims), digest=digest))

    def module(self, spec: str, claims: Claims | None) -> Loaded:
        """Load a module, as ``loading.load_module`` does."""
        return self._read(self._task(spec, "module", claims))

    def _task(self, name: str, kind: Literal["file", "module"], claims: Claims | None) -> Task:
        return Task("serve", name, kind, claims is not None, os.getcwd(), self._python)

    def _read(self, task: Task) -> Loaded:
        """Load with a process, or two that rest until then where the first target will need both at once."""
        last, self._last = self._last, False
        workers = [self._nursery.start(task) for _ in range(2 if last and not self._python else 1)]
        try:
            for other in workers[1:]:
                other.tell(Tag.DESCRIBE, "")  # loads meanwhile
            loaded = self._rebuilt(task, self._described(task, workers[0]))
            if not last:
                self._nursery.leave(*workers)
                return loaded
            for worker in workers:
                with contextlib.suppress(DiedError):  # told when it is asked
                    worker.settle()
            self._nursery.rest(workers, task)
            return loaded
        except BaseException:
            for worker in workers:
                worker.close()
            raise

    def _rebuilt(self, task: Task, content: Any) -> Loaded:
        if isinstance(content, dict) and "error" in content:
            known = getattr(errors, str(content["error"]), LoadError)
            raise (known if known in (errors.UsageError, errors.NothingFound) else LoadError)(str(content["message"]))
        absent = _texts(content.get("absent")) if isinstance(content, dict) else ()

        def host(target: Target, names: tuple[str, ...]) -> RemoteHost:
            calling = _calling(target, names) if self._python and len(names) == 2 else None
            return RemoteHost(self._nursery, task, target.id, len(target.signature.differentiable), calling, absent)

        loaded = rebuild(content, task.name, Catalogue().bound if task.catalogue else None, host)
        if not self._python:
            return loaded
        return dataclasses.replace(loaded, targets=tuple(map(self._settled, loaded.targets)))

    def _described(self, task: Task, worker: Worker) -> Any:
        try:
            seconds = self._nursery.limits.first
            parts = [item.array for item in worker.ask(Tag.DESCRIBE, "", (), seconds) if item.tag == Tag.ARRAY]
            return json.loads(b"".join(part.tobytes() for part in parts if part is not None))
        except DiedError as error:
            raise LoadError(
                f"{task.name}: loading it {error.problem.text}; correct the code at its top level"
            ) from None
        except (ValueError, RecursionError, FrameError) as error:
            raise LoadError(f"{task.name}: the loading process answered nonsense ({type(error).__name__})") from None

    def _settled(self, target: Target | Unloadable) -> Target | Unloadable:
        """Return a target that the other interpreter can load, or why it cannot."""
        if isinstance(target, Unloadable):
            return target
        host = host_of(target)
        assert isinstance(host, RemoteHost)  # made above
        try:
            host.require()
            return target
        except DiedError as error:
            message = f"{target.place}: loading it with {self._python} {one_line(error.problem.text)}"
            return Unloadable(target.id, target.title, target.place, message, target.source)
        finally:
            host.close()


def _calling(target: Target, names: tuple[str, ...]) -> Calling:
    """How another interpreter finds and calls a pair."""
    arguments = tuple(argument.name for argument in target.signature.arguments)
    place = target.place
    return Calling(names, place.line, place.cell, arguments, array_types(target), target.signature.differentiable)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if type(text) is str) if type(value) is list else ()
