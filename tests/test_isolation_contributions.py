from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contributions import GOOD, ROWS, Row, row

from jacfuzz import registry
from jacfuzz.errors import NothingFound
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.isolation import tree
from jacfuzz.isolation.host import RemoteHost
from jacfuzz.isolation.limits import Limits
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.remote import IsolatedReaders
from jacfuzz.judge import Judge
from jacfuzz.target import Target, Unloadable

LIMITS = Limits(first=60, call=60, patience=0, memory=1 << 30, file=1 << 20, processes=16, answer=1 << 20)
POINTS = np.array([[0.3, -0.7, 1.1], [-1.2, 0.4, -0.2], [100.0, 2.0, -3.0]])


@pytest.fixture(scope="module", params=["process", "hardened"])
def nursery(request: pytest.FixtureRequest) -> Iterator[tuple[str, Nursery]]:
    os.environ["JACFUZZ_TEST_TOKEN"] = "secret"
    with Nursery(request.param, LIMITS) as found:
        yield request.param, found
    del os.environ["JACFUZZ_TEST_TOKEN"]


@pytest.fixture(autouse=True)
def without_ad(monkeypatch: pytest.MonkeyPatch) -> None:
    """Differences alone judge here; compiling what differentiates would take most of the time."""
    monkeypatch.setattr(RemoteHost, "derivatives", lambda *_: None)
    monkeypatch.setattr(RemoteHost, "_prepare", lambda *_: None)


def judged(nursery: Nursery, folder: Path, contribution: Row) -> tuple[set[str], list[str]]:
    """What is said of a contribution, in kinds and in words."""
    file = folder / "solution.py"
    file.write_text(contribution.source)
    try:
        (target,) = registry.find([str(file)], readers=IsolatedReaders(nursery)).targets
    except NothingFound as error:
        return {"error"}, [str(error)]
    if isinstance(target, Unloadable):
        return {"error"}, [target.message]
    host: Any = host_of(target)
    try:
        verdicts = Judge(target, seed=0).batch((POINTS,))
    finally:
        host.close()
    failures = [failure for verdict in verdicts for failure in verdict.failures]
    kinds = {str(failure.kind) for failure in failures} or {verdict.status for verdict in verdicts}
    return kinds, [failure.text for failure in failures]


@pytest.mark.parametrize("name", ROWS)
def test_contribution_gets_its_answer_and_leaves_nothing(
    nursery: tuple[str, Nursery], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mode, asked = nursery
    # What hangs is given little time, all else more than it needs on a machine that does much beside.
    silent = name in ("loop_while_loading", "reads_its_requests")
    haste: Any = {"first": 1.0} if silent else {"call": 0.3} if ROWS[name].hangs else {}
    monkeypatch.setattr(asked, "limits", dataclasses.replace(LIMITS, **haste))
    kinds, texts = judged(asked, tmp_path, ROWS[name])
    expected = set(getattr(ROWS[name], mode).split())
    assert kinds & expected, (kinds, texts)
    assert "pass" not in kinds or kinds == {"pass"} or "pass" not in expected
    assert len(tree.descendants(os.getpid())) <= 1  # the fork server
    assert all(text.replace("\n", "").isprintable() for text in texts)


def test_next_target_is_still_judged(nursery: tuple[str, Nursery], tmp_path: Path) -> None:
    judged(nursery[1], tmp_path, ROWS["kills_its_parent"])
    assert judged(nursery[1], tmp_path, row("pass", GOOD))[0] == {"pass"}


def test_nothing_is_left_in_twenty_repeats(nursery: tuple[str, Nursery], tmp_path: Path) -> None:
    file = tmp_path / "solution.py"
    file.write_text(ROWS["daemon"].source)
    (target,) = registry.find([str(file)], readers=IsolatedReaders(nursery[1])).targets
    assert isinstance(target, Target)
    host: Any = host_of(target)
    for _ in range(20):
        host.evaluate((POINTS[:1],))
        host.close()
        assert len(tree.descendants(os.getpid())) <= 1  # the fork server
