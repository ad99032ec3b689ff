from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contributed import LIMITS, POINTS, dismiss, judged, left, limits_of, right, without_ad
from contributions import GOOD, ROWS, row

from jacfuzz import registry
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.remote import IsolatedReaders
from jacfuzz.target import Target


@pytest.fixture(scope="module", params=["process", "hardened"])
def nursery(request: pytest.FixtureRequest) -> Iterator[tuple[str, Nursery]]:
    os.environ["JACFUZZ_TEST_TOKEN"] = "secret"
    with without_ad(), Nursery(request.param, LIMITS) as found:
        yield request.param, found
    del os.environ["JACFUZZ_TEST_TOKEN"]


@pytest.mark.parametrize("name", ROWS)
def test_contribution_gets_its_answer_and_leaves_nothing(
    nursery: tuple[str, Nursery], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mode, asked = nursery
    monkeypatch.setattr(asked, "limits", limits_of(name))
    kinds, texts = judged(asked, tmp_path, ROWS[name])
    assert right(kinds, name, mode), (kinds, texts)
    assert not left()
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
        dismiss(nursery[1])
        assert not left()
