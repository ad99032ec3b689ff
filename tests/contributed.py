"""A contribution judged at a few points in processes of its own, as tests and benchmarks of isolation do."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from contributions import ROWS, Row

from jacfuzz import registry
from jacfuzz.errors import NothingFound
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.isolation import tree
from jacfuzz.isolation.host import RemoteHost
from jacfuzz.isolation.limits import Limits
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.remote import IsolatedReaders
from jacfuzz.judge import Judge
from jacfuzz.target import Unloadable

LIMITS = Limits(first=60, call=60, patience=0, memory=1 << 30, file=1 << 20, processes=16, answer=1 << 20)
POINTS = np.array([[0.3, -0.7, 1.1], [-1.2, 0.4, -0.2], [100.0, 2.0, -3.0]])
_SILENT = ("loop_while_loading", "reads_its_requests")


@contextmanager
def without_ad() -> Iterator[None]:
    """Let differences alone judge; compiling what differentiates would take most of the time."""
    kept = RemoteHost.derivatives, RemoteHost._prepare
    RemoteHost.derivatives = lambda *_, **__: None  # type: ignore[method-assign]
    RemoteHost._prepare = lambda *_: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        RemoteHost.derivatives, RemoteHost._prepare = kept  # type: ignore[method-assign]


def limits_of(name: str) -> Limits:
    """Little time for what hangs, more than it needs on a machine that does much beside for all else."""
    haste: Any = {"first": 1.0, "call": 1.0} if name in _SILENT else {"call": 0.3} if ROWS[name].hangs else {}
    return dataclasses.replace(LIMITS, **haste)


def dismiss(nursery: Nursery) -> None:
    """End the processes that rest."""
    for worker in tuple(nursery._resting):
        worker.close()


def judged(nursery: Nursery, folder: Path, contribution: Row) -> tuple[set[str], list[str]]:
    """What is said of a contribution, in kinds and in words."""
    file = folder / "solution.py"
    file.write_text(contribution.source)
    try:
        (target,) = registry.find([str(file)], readers=IsolatedReaders(nursery)).targets
    except NothingFound as error:
        return {"error"}, [str(error)]
    if isinstance(target, Unloadable):
        dismiss(nursery)
        return {"error"}, [target.message]
    host: Any = host_of(target)
    try:
        verdicts = Judge(target, seed=0).batch((POINTS,))
    finally:
        host.close()
        dismiss(nursery)
    failures = [failure for verdict in verdicts for failure in verdict.failures]
    kinds = {str(failure.kind) for failure in failures} or {verdict.status for verdict in verdicts}
    return kinds, [failure.text for failure in failures]


def right(kinds: set[str], name: str, mode: str) -> bool:
    """Whether an answer is among those that are right in a mode."""
    expected = set(getattr(ROWS[name], mode).split())
    return bool(kinds & expected) and ("pass" not in kinds or kinds == {"pass"} or "pass" not in expected)


def left() -> int:
    """Count the processes below this one, without the fork server."""
    return max(0, len(tree.descendants(os.getpid())) - 1)
