"""A process that has imported what most targets need, computes nothing, and forks one for each target.

A fork takes milliseconds where importing jacfuzz and jax takes a second. It is safe as long as no backend of jax was
initialised here: then no other thread holds a lock.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import warnings
from typing import Any

from jacfuzz.cache import compile_in_haste
from jacfuzz.collecting import collect_seldom
from jacfuzz.isolation.kinship import adopt_orphans, die_with_parent
from jacfuzz.isolation.task import ON_DEMAND

_PACKET = 1 << 16
_MOST_THREADS = 2  # jax keeps one beside the main thread


def main(descriptor: int) -> None:
    """Answer requests on a socket until it is closed."""
    die_with_parent()
    adopt_orphans()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    compile_in_haste()
    collect_seldom()
    from jacfuzz.isolation import child  # noqa: F401  # what takes longest
    from jacfuzz.warm import warm_up_code

    warm_up_code()
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
                case "kill":
                    _kill(request["pids"], ended)
                    home.send(b"{}")
                case "reap":
                    home.send(json.dumps({"status": _reap(request["pid"], ended)}).encode())


def _import(libraries: list[str]) -> None:
    for name in libraries:
        if name in ON_DEMAND and name not in sys.modules:
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
        from jacfuzz.isolation.child import live

        home.close()
        live(task, *descriptors)
    except BaseException:  # told on standard error, which the parent reads
        sys.excepthook(*sys.exc_info())
        os._exit(70)
    os._exit(0)


def _kill(pids: list[int], ended: dict[int, int]) -> None:
    """Kill processes that were forked here, but for those that ended, whose ids may be others' by now."""
    for pid in pids:
        if (status := _reap(pid, ended)) is not None:
            ended[pid] = status
        else:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


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
