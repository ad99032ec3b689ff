"""The parent's side of the fork server: it is begun, asked, and begun anew where strangers' code killed it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jacfuzz.cache import ALWAYS
from jacfuzz.errors import IsolationError
from jacfuzz.isolation import tree
from jacfuzz.isolation.kinship import adopt_orphans

_ENV = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
_OWN = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
    "PYTHONWARNINGS": "ignore",
    **ALWAYS,
}
_SECONDS, _TICK = 30.0, 0.2
_PACKET = 1 << 16


class ForkServer:
    """The process that forks one for each task; it comes up while nobody waits for it.

    Attributes
    ----------
    scratch
        Home and temporary folder of all its processes.
    others
        Processes below this one that were there before.

    Raises
    ------
    IsolationError
        If processes cannot be isolated on this system.
    """

    def __init__(self) -> None:
        if not sys.platform.startswith("linux"):
            raise IsolationError(
                f"processes cannot be isolated on {sys.platform}; use --isolation none on trusted code"
            )
        self.others = tree.descendants(os.getpid())
        self.scratch = Path(tempfile.mkdtemp(prefix="jacfuzz-"))
        adopt_orphans()
        self._begin()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def start(self, content: dict[str, Any], libraries: list[str], descriptors: list[int]) -> int:
        """Start a process; return its id.

        Parameters
        ----------
        content
            Its task.
        libraries
            What the fork server imports before.
        descriptors
            What the process reads requests from, writes answers to, and logs to.

        Raises
        ------
        IsolationError
            If it cannot be started.
        """
        answer = self._ask({"do": "start", "task": content, "libraries": libraries}, descriptors)
        if "pid" not in answer:
            raise IsolationError(f"no process can be started: {answer.get('error')}")
        pid: int = answer["pid"]
        return pid

    def reap(self, pid: int) -> int | None:
        """Return the status of a process that ended; None while it runs, and where that is not to be known."""
        if not self.alive:
            return None
        try:
            status: int | None = self._exchange({"do": "reap", "pid": pid}, [])["status"]
            return status
        except (OSError, ValueError):
            self._restart()
            return None

    def kill(self, pids: list[int]) -> None:
        """Kill processes, and wait for none: each is to be reaped."""
        try:
            self._exchange({"do": "kill", "pids": pids}, [])
        except (OSError, ValueError):
            self._restart()

    def close(self) -> None:
        """End it; what it forked ends with it."""
        self._home.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _begin(self) -> None:
        self._home, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._home.settimeout(_TICK)
        environment = {name: os.environ[name] for name in _ENV if name in os.environ} | _OWN
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "jacfuzz.isolation.zygote", str(theirs.fileno())],
            env=environment | {"HOME": str(self.scratch), "TMPDIR": str(self.scratch)},
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
            try:
                return self._exchange(request, descriptors)
            except (OSError, ValueError):
                self._restart()
        raise IsolationError("the process that starts others does not come up; see `jacfuzz doctor`")

    def _exchange(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        if not self._ready:
            self._ready = bool(self._received())
        socket.send_fds(self._home, [json.dumps(request).encode()], descriptors)
        answer: dict[str, Any] = json.loads(self._received())
        return answer

    def _received(self) -> bytes:
        """Return what it sends; one that strangers' code has stopped is not waited for."""
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                return self._home.recv(_PACKET)
            except TimeoutError:
                if time.monotonic() > deadline or tree.is_stopped(self.pid):
                    raise

    def _restart(self) -> None:
        """Begin anew after strangers' code killed or stopped it."""
        self._home.close()
        tree.kill([self.pid])
        self._process.wait()
        self._begin()
