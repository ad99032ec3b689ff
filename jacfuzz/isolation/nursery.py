"""The parent's side of the fork server: processes are started, asked, and ended with all they started."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from jacfuzz.errors import IsolationError
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import ANSWERS, FrameError, Item, Problem, Tag, read_item
from jacfuzz.isolation import tree
from jacfuzz.isolation.limits import Limits, Mode
from jacfuzz.isolation.wire import SilenceError, Wire
from jacfuzz.isolation.zygote import PRELOADED, adopt_orphans
from jacfuzz.result import Kind

Role: TypeAlias = Literal["load", "evaluate", "advise", "probe"]
_ENV = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
    "PYTHONWARNINGS": "ignore",
}
_SECONDS = 30.0
_LOG_SHOWN = 300


@dataclasses.dataclass(frozen=True)
class Task:
    """What a process is for.

    Attributes
    ----------
    role
        ``load`` describes a file, ``evaluate`` serves f and jac, ``advise`` serves f and its derivatives.
    name
        The file, or ``module:name``.
    kind
        Which of the two it is.
    id
        The target; "" where the task is about the whole file.
    catalogue
        Whether names may claim catalogue entries.
    """

    role: Role
    name: str = os.devnull
    kind: Literal["file", "module"] = "file"
    id: str = ""
    catalogue: bool = True


class Nursery:
    """All processes of strangers' code of one run; a context manager.

    Parameters
    ----------
    mode
        ``process``, or ``hardened``.
    limits
        Of every process.
    """

    def __init__(self, mode: Mode, limits: Limits) -> None:
        if not sys.platform.startswith("linux"):
            raise IsolationError(
                f"processes cannot be isolated on {sys.platform}; use --isolation none on trusted code"
            )
        self.limits = limits
        self._mode = mode
        self._before = tree.descendants(os.getpid())
        self._workers: list[Worker] = []
        self._zygote: subprocess.Popen[bytes] | None = None
        self._home: socket.socket | None = None
        self._scratch = Path(tempfile.mkdtemp(prefix="jacfuzz-"))
        adopt_orphans()
        self._begin()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, task: Task, seconds: float = 0.0) -> Worker:
        """Start a process.

        Parameters
        ----------
        task
            What it is for.
        seconds
            Time until its first answer; 0 for the limit of a process that nothing is known of.

        Raises
        ------
        IsolationError
            If it cannot be started.
        """
        requests, to_worker = os.pipe()
        from_worker, answers = os.pipe()
        log = os.memfd_create("log")
        content = dataclasses.asdict(task) | {
            "hardened": self._mode == "hardened",
            "scratch": str(self._scratch),
            "memory": self.limits.memory,
            "file": self.limits.file,
        }
        request = {"do": "start", "task": content, "libraries": _libraries(task)}
        try:
            answer = self._ask(request, [requests, answers, log])
        finally:
            os.close(requests)
            os.close(answers)
        if "pid" not in answer:
            raise IsolationError(f"no process can be started: {answer.get('error')}")
        worker = Worker(self, answer["pid"], (to_worker, from_worker, log), seconds or self.limits.first)
        self._workers.append(worker)
        return worker

    def end(self, worker: Worker) -> int | None:
        """Kill a process and all it started; return its status, None where that is not to be known."""
        if worker not in self._workers:
            return None
        self._workers.remove(worker)
        status: int | None = None
        deadline = time.monotonic() + _SECONDS
        while True:
            # A process that already ended keeps its own status: it is collected before anything is killed.
            status = self._reaped(worker.pid) if status is None else status
            victims = self._strays(tree.Snapshot())
            lost = not self._alive() or worker.zygote != self.zygote
            if not victims and (status is not None or lost):
                return status
            if time.monotonic() > deadline:
                raise IsolationError(f"{len(victims)} processes of {worker.pid} cannot be killed; end them by hand")
            tree.kill(victims)
            if not victims:
                time.sleep(0.001)

    def watch(self, worker: Worker) -> None:
        """End a wait for a process that uses too much.

        Raises
        ------
        DiedError
            Saying of what.
        """
        snapshot = tree.Snapshot()
        pids = snapshot.below([worker.pid]) | {worker.pid} | self._strays(snapshot)
        if len(pids) > self.limits.processes:
            raise _died("crash", f"started more than {self.limits.processes} processes")
        if tree.resident(pids) > self.limits.memory:
            raise _died("memory", f"used more than {self.limits.memory >> 20} MiB of memory")

    def close(self) -> None:
        """End everything."""
        for worker in list(self._workers):
            worker.close()
        if self._home is not None:
            self._home.close()
        if self._zygote is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._zygote.wait(1)
            self._zygote.kill()
            self._zygote.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _begin(self) -> None:
        self._home, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._home.settimeout(_SECONDS)
        environment = {name: os.environ[name] for name in _ENV if name in os.environ} | _ONE_THREAD
        self._zygote = subprocess.Popen(
            [sys.executable, "-I", "-m", "jacfuzz.isolation.zygote", str(theirs.fileno())],
            env=environment | {"HOME": str(self._scratch), "TMPDIR": str(self._scratch)},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._ready = False

    def _ask(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        for _ in range(2):
            assert self._home is not None  # it is there from _begin to close
            try:
                if not self._ready:
                    self._ready = bool(self._home.recv(1 << 16))
                socket.send_fds(self._home, [json.dumps(request).encode()], descriptors)
                answer: dict[str, Any] = json.loads(self._home.recv(1 << 16))
                return answer
            except (OSError, ValueError):
                self._restart()
        raise IsolationError("the process that starts others does not come up; see `jacfuzz doctor`")

    def _restart(self) -> None:
        """Begin anew after strangers' code killed or stopped the fork server."""
        assert self._home is not None
        assert self._zygote is not None
        self._home.close()
        tree.kill([self._zygote.pid])
        self._zygote.wait()
        tree.kill(self._strays(tree.Snapshot()))
        self._begin()

    @property
    def zygote(self) -> int:
        """Id of the fork server; -1 where there is none."""
        return -1 if self._zygote is None else self._zygote.pid

    def _alive(self) -> bool:
        return self._zygote is not None and self._zygote.poll() is None

    def _reaped(self, pid: int) -> int | None:
        if not self._alive():
            return None
        assert self._home is not None
        try:
            socket.send_fds(self._home, [json.dumps({"do": "reap", "pid": pid}).encode()], [])
            status: int | None = json.loads(self._home.recv(1 << 16))["status"]
            return status
        except (OSError, ValueError):
            self._restart()
            return None

    def _strays(self, snapshot: tree.Snapshot) -> set[int]:
        """Processes below this one that belong to no living worker, nor to anybody else here."""
        kept = {worker.pid for worker in self._workers}
        kept |= snapshot.below(kept)
        with contextlib.suppress(ChildProcessError):
            while not self._alive() and os.waitpid(-1, os.WNOHANG)[0]:
                continue
        return snapshot.below([os.getpid()]) - self._before - kept - {self.zygote}


class Worker:
    """One process of strangers' code."""

    def __init__(self, nursery: Nursery, pid: int, descriptors: tuple[int, int, int], seconds: float) -> None:
        requests, answers, self._log = descriptors
        self.pid = pid
        self.zygote = nursery.zygote
        self._nursery = nursery
        self._wire = Wire(requests, answers, lambda: nursery.watch(self))
        self._seconds = seconds
        self._open = True

    def ask(self, tag: int, text: str, arrays: tuple[np.ndarray, ...] = (), seconds: float = 0.0) -> Iterator[Item]:
        """Ask, and yield the items of the answer as they come.

        Parameters
        ----------
        tag, text, arrays
            The operation and what it is about.
        seconds
            Time for an item of the answer; 0 for the limit of a call.

        Raises
        ------
        DiedError
            If the process ends, hangs, uses too much or breaks the protocol; it is ended then.
        """
        nonce = secrets.token_bytes(16)
        items = [Item(tag, text), *(Item(Tag.ARRAY, array=array) for array in arrays), Item(Tag.END)]
        usual = seconds or self._nursery.limits.call
        try:
            if not self._wire.idle:
                raise FrameError("an answer to no question")
            allowed = max(self._seconds, usual)
            self._wire.deadline = time.monotonic() + allowed
            self._wire.write(nonce + b"".join(item.encoded(nonce) for item in items))
            while True:
                item = read_item(self._wire.read, nonce, self._nursery.limits.answer)
                if item.tag not in ANSWERS:
                    raise FrameError(f"an item of the unknown kind {item.tag}")
                if item.tag == Tag.END:
                    return
                yield dataclasses.replace(item, text=_clean(item.text))
                self._seconds = allowed = usual
                self._wire.deadline = time.monotonic() + usual
        except SilenceError:
            self.close()
            raise _died("timeout", f"gave no answer within {allowed:g} s") from None
        except FrameError as error:
            self.close()
            raise _died("protocol", f"interfered with the process that evaluates it: it sent {error}") from None
        except DiedError:
            self.close()
            raise
        except EOFError:
            raise _died("crash", self._epitaph()) from None

    def close(self) -> int | None:
        """End the process with all it started."""
        if not self._open:
            return None
        self._open = False
        self._wire.close()
        try:
            return self._nursery.end(self)
        finally:
            os.close(self._log)

    def _epitaph(self) -> str:
        """How the process ended, with the last line it wrote."""
        size = os.fstat(self._log).st_size
        lines = os.pread(self._log, 2000, max(0, size - 2000)).decode("utf-8", "replace").strip().splitlines()
        status = self.close()
        how = "in an unknown way"
        if status is not None:
            how = f"by signal {-code}" if (code := os.waitstatus_to_exitcode(status)) < 0 else f"with exit code {code}"
            with contextlib.suppress(ValueError):
                how += f" ({signal.Signals(-code).name})" if code < 0 else ""
        said = f"; it last wrote: {_clean(lines[-1])[:_LOG_SHOWN]}" if lines else ""
        return f"ended the process {how}{said}"


def _died(kind: Kind, text: str) -> DiedError:
    return DiedError(Problem(kind, text), 0)


def _clean(text: str) -> str:
    """Text that acts on no terminal and no log reader."""
    return "".join(letter if letter.isprintable() else "?" for letter in text).replace("::", ": :")


def _libraries(task: Task) -> list[str]:
    """Libraries that the file names, to be imported once for all its processes."""
    try:
        text = Path(task.name).read_bytes() if task.kind == "file" and task.id else b""
    except OSError:
        return []
    return [name for name in PRELOADED if name.encode() in text]
