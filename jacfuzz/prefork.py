"""Workers that are forked from a process which has imported what they need: they start in milliseconds, not seconds.

pytest-xdist starts a worker as a command, and speaks with it over standard input and output. The command here is a
small client, which hands these streams to a server forked from this process; the server forks the worker. While pytest
gets ready, workers to come may load what they will judge.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shlex
import signal
import socket
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from threadpoolctl import threadpool_limits

from jacfuzz import prefork_client, registry
from jacfuzz.errors import JacfuzzError
from jacfuzz.isolation.kinship import die_with_parent
from jacfuzz.warm import warm_up_code, warm_up_judge

_READ = 1 << 16
_STREAMS = 3

# A worker per processor: threads of their own would only get in each other's way.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip(),
}
"""Environment of a worker."""


class Workers:
    """The server of forked workers.

    Parameters
    ----------
    address
        Its socket.

    Attributes
    ----------
    command
        Starts a worker.
    """

    def __init__(self, address: str) -> None:
        self.command = shlex.join([sys.executable, "-I", "-S", prefork_client.__file__, address])
        self._address = address

    def load_ahead(self, names: Sequence[str], count: int, *, catalogue: bool) -> None:
        """Have so many workers load what they will be asked for, as ``registry.find`` does, before they are started."""
        request = json.dumps({"names": names, "catalogue": catalogue, "count": count})
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(self._address)
            server.sendall(f"{request}\n".encode())


@contextlib.contextmanager
def forked_workers(names: Iterable[str]) -> Iterator[Workers | None]:
    """Give workers that are forked, as long as the context lasts; None where forks are not safe.

    They are where jax has computed nothing yet in this process, so that none of its threads may hold a lock: it must
    not have been imported before.

    Parameters
    ----------
    names
        What the workers load: each of them needs what reads it.
    """
    if not sys.platform.startswith("linux") or "jax" in sys.modules or threading.active_count() > 1:
        yield None
        return
    _import_what_all_need(names)
    with tempfile.TemporaryDirectory(prefix="jacfuzz-") as folder, socket.socket(socket.AF_UNIX) as listener:
        address = str(Path(folder) / "workers")
        listener.bind(address)
        listener.listen()
        server = _fork()
        if not server:
            _live(lambda: _serve(listener))
        listener.close()
        try:
            yield Workers(address)
        finally:
            os.kill(server, signal.SIGKILL)  # workers die with it
            os.waitpid(server, 0)


def _import_what_all_need(names: Iterable[str]) -> None:
    import jax  # noqa: F401  # what takes longest; nothing is computed

    from jacfuzz import search  # noqa: F401

    if any(name.partition("::")[0].endswith(".ipynb") for name in names):
        import nbformat.reader  # noqa: F401


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jax and Python warn of threads, of which none runs yet
        return os.fork()


def _live(act: Callable[[], None]) -> NoReturn:
    """Do what a forked process is for, and end it without what its parent has still to do."""
    code = 1
    try:
        die_with_parent()
        act()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code)


def _serve(listener: socket.socket) -> None:
    """Fork a worker for each client, and tell the client how it ended; a client that is killed takes it along."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the workers
    import pytest  # noqa: F401
    import xdist.remote  # noqa: F401

    from jacfuzz import records  # noqa: F401

    warm_up_judge()
    warm_up_code()
    threadpool_limits(1)
    ready: list[tuple[int, socket.socket]] = []  # workers that load ahead
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        workers: dict[int, tuple[int, socket.socket]] = {}  # by the descriptor that tells that one ended
        while True:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    client, _ = listener.accept()
                    request, streams = _received(client)
                    if "count" in request:
                        client.close()
                        ready += [_forked(request, listener) for _ in range(request["count"])]
                        continue
                    pid = _started(request, streams, ready, listener)
                    ended = os.pidfd_open(pid)
                    workers[ended] = pid, client
                    selector.register(ended, selectors.EVENT_READ)
                    selector.register(client, selectors.EVENT_READ, data=pid)
                elif key.data is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(key.data, signal.SIGKILL)
                    selector.unregister(key.fileobj)
                else:
                    pid, client = workers.pop(key.fd)
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    with contextlib.suppress(KeyError):
                        selector.unregister(client)
                    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                    with contextlib.suppress(OSError), client:
                        client.send(str(code).encode())


def _received(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return a request and the streams that come with it."""
    data, streams, _, _ = socket.recv_fds(client, _READ, _STREAMS)
    while not data.endswith(b"\n"):
        data += client.recv(_READ)
    return json.loads(data), streams


def _started(
    request: dict[str, Any], streams: list[int], ready: list[tuple[int, socket.socket]], listener: socket.socket
) -> int:
    """Let a process be the worker that was asked for, at best one that has loaded ahead; return its id."""
    data = f"{json.dumps(request)}\n".encode()
    try:
        while True:
            pid, home = ready.pop(0) if ready else _forked({}, listener)
            with home, contextlib.suppress(OSError):  # what it loaded may have ended it
                sent = socket.send_fds(home, [data], streams)
                if sent < len(data):  # else it may have closed its end already
                    home.sendall(data[sent:])
                return pid
    finally:
        for stream in streams:
            os.close(stream)


def _forked(ahead: dict[str, Any], listener: socket.socket) -> tuple[int, socket.socket]:
    """Fork a process that waits to be a worker; return its id and where it is told."""
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    pid = _fork()
    if not pid:
        listener.close()
        ours.close()
        _live(lambda: _wait(ahead, theirs))
    theirs.close()
    return pid, ours


def _wait(ahead: dict[str, Any], home: socket.socket) -> None:
    """Load what will be asked for, if that is known, and be the worker that was asked for."""
    if ahead:
        _load(ahead["names"], catalogue=ahead["catalogue"])
    with home:
        request, streams = _received(home)
    _work(request, streams)


def _load(names: Sequence[str], *, catalogue: bool) -> None:
    """Load what names stand for, unseen."""
    import jax

    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(_STREAMS):
        os.dup2(nothing, stream)
    os.close(nothing)
    os.environ.update(ONE_THREAD)
    with jax.enable_x64(True), contextlib.suppress(JacfuzzError):  # told when it is asked for
        registry.load_ahead(names, catalogue=catalogue)


def _work(request: dict[str, Any], streams: list[int]) -> None:
    """Be the Python process that the client was asked to be: run the line that comes on standard input."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream, number in zip(streams, range(_STREAMS), strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.stdin, sys.stdout, sys.stderr = map(os.fdopen, range(_STREAMS), "rww")
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(eval(sys.stdin.readline()), vars(main))
