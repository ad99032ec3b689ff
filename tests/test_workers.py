"""Runs on worker processes: the same verdicts, and a process that dies takes nothing with it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pages import DOUBLE, PAIR_OF_NUMBERS, STUB, WRONG, block, page

from jacfuzz import registry
from jacfuzz.processors import worker_count
from jacfuzz.report import costs
from jacfuzz.report.events import Event, RunFinished, TargetFinished, TargetProgress, TargetStarted
from jacfuzz.result import TargetResult
from jacfuzz.settings import Settings
from jacfuzz.workers import run_on_workers

DIES = block("x", "os._exit(3)", PAIR_OF_NUMBERS)
KILLS = block("x", "os.kill(os.getpid(), 9)", PAIR_OF_NUMBERS)
HALVED = block("x**2", "np.diag(x)", PAIR_OF_NUMBERS)
CALM = {"Double": DOUBLE, "Square": WRONG, "Todo": STUB, "Halved": HALVED, "Broken": "def f(x:\n"}


def checked(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """Run ``jacfuzz check`` as a process, in a folder whose own pytest configuration would break it."""
    (folder / "conftest.py").write_text("raise RuntimeError('not yours')\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    command = [sys.executable, "-c", "from jacfuzz.cli import main; main()", "check", *arguments]
    environment = {**os.environ, "PYTEST_ADDOPTS": "--no-such-option"}
    options = ["-n", "20", "--seed", "3", "--report", "jsonl"]
    done = subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, env=environment, check=False
    )
    report = folder / "jacfuzz.jsonl"
    lines = [json.loads(line) for line in report.read_text().splitlines()] if report.exists() else []
    return done, lines


def essence(lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """All that a seed decides, in the order of ids."""
    said = ("id", "verdict", "line", "points", "strata", "findings", "notes")
    return sorted((tuple(line[key] for key in said) for line in lines if line["event"] == "target"), key=str)


def test_two_workers_give_the_verdicts_findings_and_exit_code_of_none(tmp_path: Path) -> None:
    seen = []
    for workers in ("0", "2"):
        folder = tmp_path / workers
        folder.mkdir()
        (folder / "calm.md").write_text(page(CALM))
        done, lines = checked(folder, "calm.md", "-w", workers, "--isolation", "none")
        assert (done.returncode, done.stderr) == (1, "")
        assert lines[-1]["exit"] == 1
        saved = {path.name: path.read_text() for path in (folder / ".jacfuzz").glob("*.json")}
        seen.append((essence(lines), saved, done.stdout.splitlines()[-1].partition(" in ")[0]))
    assert len(seen[0][0]) == len(CALM)
    assert seen[0] == seen[1]


def test_a_process_that_dies_is_a_crash_and_the_others_go_on(tmp_path: Path) -> None:
    dying = {f"Dies {number}": DIES for number in range(5)}  # more often than xdist replaces one worker by itself
    (tmp_path / "deadly.md").write_text(page({**dying, "Double": DOUBLE, "Killed": KILLS, "Square": WRONG}))
    done, lines = checked(tmp_path, "deadly.md", "-w", "1", "--no-shrink")
    *targets, run = lines
    verdicts = {target["title"]: [target["verdict"], *(f["kind"] for f in target["findings"])] for target in targets}
    assert verdicts == {
        **{title: ["fail", "crash"] for title in dying},
        "Killed": ["fail", "crash"],
        "Double": ["pass"],
        "Square": ["fail", "shape"],
    }
    assert (done.returncode, run["exit"], done.stderr) == (1, 1, "")
    assert "cut short" not in done.stdout
    crash = next(target for target in targets if target["title"] == "Killed")
    assert crash["findings"][0]["message"].startswith("jac ended the process by signal 9 (SIGKILL), at x = ")


class Progress:
    """What is told of targets while they are judged."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def handle(self, event: Event) -> None:
        self.events.append(event)


def test_workers_tell_what_fails_before_it_is_shrunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("calm.md").write_text(page({"Square": WRONG, "Double": DOUBLE}))
    listener = Progress()
    with jax.enable_x64(True):
        loaded = registry.find(["calm.md"])
    options = ("--jacfuzz-isolation", "none")
    assert run_on_workers(loaded, ["calm.md"], Settings(max_examples=20), [listener], 1, None, options=options) == 1
    kinds = [
        (type(event), event.result.id if isinstance(event, TargetFinished) else event.id)
        for event in listener.events
        if isinstance(event, TargetStarted | TargetProgress | TargetFinished)
    ]
    square = [kind for kind, id in kinds if id == "calm.md::Square"]
    assert square == [TargetStarted, *[TargetProgress] * (len(square) - 2), TargetFinished]
    told = [event for event in listener.events if isinstance(event, TargetProgress) and event.failure]
    assert {(event.id, event.failure.partition(";")[0]) for event in told} == {
        ("calm.md::Square", "the Jacobian has shape (2,)")
    }


def test_options_reach_the_workers(tmp_path: Path) -> None:
    (tmp_path / "calm.md").write_text(page(CALM))
    done, lines = checked(tmp_path, "calm.md", "-w", "2", "-k", "double or todo", "--no-catalogue")
    assert [line.get("title") for line in lines if line["event"] == "target"] in (
        ["Double", "Todo"],
        ["Todo", "Double"],
    )
    assert done.returncode == 0


@pytest.mark.parametrize(("wanted", "targets", "count"), [("0", 100, 0), ("3", 1, 3), ("auto", 2, 0)])
def test_the_number_of_workers(wanted: str, targets: int, count: int) -> None:
    assert worker_count(wanted, [str(number) for number in range(targets)], 1) == count


def test_auto_takes_a_worker_a_processor_where_it_pays(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    many = [str(number) for number in range(100)]
    for processors, each, workers in ((4, 1, 4), (4, 2, 2), (2, 1, 2), (2, 2, 0), (1, 1, 0), (None, 1, 0)):
        monkeypatch.setattr(os, "cpu_count", lambda processors=processors: processors)
        assert worker_count("auto", many, each) == workers


@pytest.mark.parametrize(("each", "count"), [(0.01, 0), (1.0, 4)])
def test_what_targets_took_last_time_decides_on_workers(
    each: float, count: int, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    ids = [str(number) for number in range(20)]
    took(dict.fromkeys(ids, each))
    assert worker_count("auto", ids, 1) == count


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=30), st.integers(1, 6))
@example([7.0, 7.0, 6.265625, 6.266282359769142], 3)
def test_workers_get_as_much_to_do(seconds: list[float], workers: int) -> None:
    ids = [str(number) for number in range(len(seconds))]
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(costs, "user_cache_dir", lambda *_, **__: folder)
        took(dict(zip(ids, seconds, strict=True)))
        seconds = costs.expected(ids) or []  # as they were kept
        order = costs.spread(ids, workers)
    assert sorted(order) == list(range(len(seconds)))
    sizes = [len(ids[worker::workers]) for worker in reversed(range(workers))]
    assert sizes == sorted(sizes)
    ends = list(itertools.accumulate(sizes, initial=0))
    loads = [sum(seconds[number] for number in order[a:b]) for a, b in itertools.pairwise(ends)]
    assert max(loads) - min(loads) <= max(seconds) + 1e-9


def test_costs_that_cannot_be_read_are_none(cache: Path) -> None:
    cache.joinpath("seconds.json").write_text("[1")
    assert costs.expected(["a"]) is None
    assert costs.spread(["a", "b"], 2) == [0, 1]
    took({"a": 2.0})
    assert costs.expected(["a", "unknown"]) == [2.0, 2.0]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(costs, "user_cache_dir", lambda *_, **__: str(tmp_path))
    return tmp_path


def took(seconds: Mapping[str, float]) -> None:
    """Let a run end in which targets took so long."""
    listener = costs.Costs()
    for id, each in seconds.items():
        listener.handle(TargetFinished(TargetResult(id, id, "file", 1, "pass", seconds=each)))
    listener.handle(RunFinished(0, 1.0, 0))
