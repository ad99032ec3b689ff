"""The tree of processes below one, read from ``/proc``."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Snapshot:
    """All living processes, and whose children they are, at one moment."""

    def __init__(self) -> None:
        self._children: defaultdict[int, list[int]] = defaultdict(list)
        for entry in os.scandir("/proc"):
            if entry.name.isdecimal():
                with contextlib.suppress(OSError):
                    state, parent = _stat(entry.name)
                    if state not in b"ZX":
                        self._children[parent].append(int(entry.name))

    @property
    def processes(self) -> set[int]:
        """Ids of all."""
        return set().union(*self._children.values())

    def below(self, roots: Iterable[int]) -> set[int]:
        """Return the processes below the given ones, which are not among them."""
        found: set[int] = set()
        waiting = list(roots)
        while waiting:
            fresh = set(self._children[waiting.pop()]) - found
            found |= fresh
            waiting += fresh
        return found


def descendants(root: int) -> set[int]:
    """Return all living processes below one."""
    return Snapshot().below([root])


def activity(pid: int) -> tuple[bool, int]:
    """Return whether any thread of a process runs, and the nanoseconds that all have run.

    The first alone tells little: threads that take turns are seen while others have theirs.

    Raises
    ------
    OSError
        If it has ended, or this system does not say.
    """
    threads = os.listdir(f"/proc/{pid}/task")
    times = [Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0] for thread in threads]
    return any(_stat(f"{pid}/task/{thread}")[0] not in b"S" for thread in threads), sum(map(int, times))


def is_stopped(pid: int) -> bool:
    """Whether a process was stopped by a signal."""
    return _stat(str(pid))[0] in b"Tt"


def _stat(pid: str) -> tuple[bytes, int]:
    """State and parent; the name before them may hold anything."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        state, parent, _ = file.read().rpartition(b")")[2].split(maxsplit=2)
    return state, int(parent)


def resident(pids: Iterable[int]) -> int:
    """Return the bytes of memory that processes use of their own; pages shared with others do not count."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            _, pages, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
            total += (int(pages) - int(shared)) * _PAGE
    return total


def kill(pids: Iterable[int]) -> None:
    """Stop all, so that none can start another meanwhile, then kill all."""
    chosen = tuple(pids)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in chosen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
