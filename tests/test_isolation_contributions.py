from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from contributions import GOOD, ROWS, Row, row

from jacfuzz import registry
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.isolation import tree
from jacfuzz.isolation.limits import Limits
from jacfuzz.isolation.remote import isolated
from jacfuzz.judge import Judge
from jacfuzz.registry import Readers
from jacfuzz.target import Unloadable

LIMITS = Limits(first=1.5, call=0.5, patience=0.5, memory=1 << 30, file=1 << 20, processes=16, answer=1 << 20)
POINTS = np.random.default_rng(0).normal(size=(12, 3))


@pytest.fixture(scope="module", params=["process", "hardened"])
def readers(request: pytest.FixtureRequest) -> Iterator[tuple[str, Readers]]:
    os.environ["JACFUZZ_TEST_TOKEN"] = "secret"
    with isolated(request.param, LIMITS) as found:
        yield request.param, found
    del os.environ["JACFUZZ_TEST_TOKEN"]


def judged(readers: Readers, folder: Path, contribution: Row) -> tuple[set[str], list[str]]:
    """What is said of a contribution, in kinds and in words."""
    file = folder / "solution.py"
    file.write_text(contribution.source)
    (target,) = registry.find([str(file)], readers=readers).targets
    if isinstance(target, Unloadable):
        return {"error"}, [target.message]
    try:
        verdicts = Judge(target, seed=0).batch((POINTS,))
    finally:
        host = host_of(target)
        assert host is not None
        host.close()
    failures = [failure for verdict in verdicts for failure in verdict.failures]
    kinds = {str(failure.kind) for failure in failures} or {verdict.status for verdict in verdicts}
    return kinds, [failure.text for failure in failures]


@pytest.mark.parametrize("name", ROWS)
def test_contribution_gets_its_answer_and_leaves_nothing(
    readers: tuple[str, Readers], name: str, tmp_path: Path
) -> None:
    mode, isolating = readers
    kinds, texts = judged(isolating, tmp_path, ROWS[name])
    expected = set(getattr(ROWS[name], mode).split())
    assert kinds & expected, (kinds, texts)
    assert "pass" not in kinds or kinds == {"pass"} or "pass" not in expected
    assert len(tree.descendants(os.getpid())) <= 1  # the fork server
    assert all(text.replace("\n", "").isprintable() for text in texts)


def test_next_target_is_still_judged(readers: tuple[str, Readers], tmp_path: Path) -> None:
    judged(readers[1], tmp_path, ROWS["kills_its_parent"])
    assert judged(readers[1], tmp_path, row("pass", GOOD))[0] == {"pass"}
