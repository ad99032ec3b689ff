"""A process that has imported what most targets need, computes nothing, and forks one for each target.

A fork takes milliseconds where importing jax takes half a second. It is safe as long as no backend of jax was
initialised here: then no other thread holds a lock.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
import warnings
from typing import Any

_PACKET = 1 << 16
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_MOST_THREADS = 2  # jax keeps one beside the main thread
PRELOADED = ("scipy", "jax", "torch")
"""Libraries that are imported here when a target's file names them."""


def die_with_parent() -> None:
    """Have this process killed when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of all processes below this one whose own parents end."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl failed")


def main(descriptor: int) -> None:
    """Answer requests on a socket until it is closed."""
    die_with_parent()
    adopt_orphans()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer

    gc.freeze()  # the forks share what is there now
    ended: dict[int, int] = {}
    with socket.socket(fileno=descriptor) as home:
        home.send(b"{}")
        while True:
            data, descriptors, _, _ = socket.recv_fds(home, _PACKET, 3)
            if not data:
                return
            request: dict[str, Any] = json.loads(data)
            match request["do"]:
                case "start":
                    _import(request["libraries"])
                    home.send(json.dumps(_start(request["task"], descriptors, home)).encode())
                case "reap":
                    home.send(json.dumps({"status": _reap(request["pid"], ended)}).encode())


def _import(libraries: list[str]) -> None:
    for name in libraries:
        if name in PRELOADED and name not in sys.modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def _start(task: dict[str, Any], descriptors: list[int], home: socket.socket) -> dict[str, Any]:
    threads = len(os.listdir("/proc/self/task"))
    if threads > _MOST_THREADS:
        return {"error": f"{threads} threads run where at most {_MOST_THREADS} are safe to fork from"}
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return {"pid": pid}
    try:
        home.close()
        from jacfuzz.isolation.child import live

        live(task, *descriptors)
    except BaseException:  # told on standard error, which the parent reads
        sys.excepthook(*sys.exc_info())
        os._exit(70)
    os._exit(0)


def _reap(pid: int, ended: dict[int, int]) -> int | None:
    """Collect all that ended; return how one did, None while it runs."""
    with contextlib.suppress(ChildProcessError):
        while True:
            found, status = os.waitpid(-1, os.WNOHANG)
            if not found:
                break
            ended[found] = status
    return ended.pop(pid, None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
