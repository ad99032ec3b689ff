"""What a person who watches a run sees, and what a log is spared."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import DOUBLE, WRONG, page
from rich.cells import cell_len
from rich.console import Console

from jacfuzz import registry
from jacfuzz.cli.reports import terminal_report
from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished, TargetProgress, TargetStarted
from jacfuzz.report.live import LiveReport
from jacfuzz.report.terminal import TerminalReport
from jacfuzz.result import Finding, TargetResult, Verdict
from jacfuzz.runner import run
from jacfuzz.settings import Settings


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def result(verdict: Verdict, title: str) -> TargetResult:
    findings = (Finding("value", f"{title} is wrong."),) if verdict == "fail" else ()
    return TargetResult(title, title, "a.md", 1, verdict, findings, points=20)


def live(width: int = 80) -> tuple[LiveReport, io.StringIO, Clock]:
    file, clock = io.StringIO(), Clock()
    console = Console(file=file, force_terminal=True, width=width, highlight=False, no_color=True)
    return LiveReport(console, clock=clock), file, clock


def tell(report: LiveReport, *events: Event) -> None:
    for event in events:
        report.handle(event)


END = RunFinished(0, 1.0, 0)


class TestLines:
    def test_a_line_per_target_with_points_strata_and_rate(self) -> None:
        report, _, clock = live()
        tell(report, RunStarted(3, 0), TargetStarted("a", "Product"), TargetStarted("b", "Sort"))
        clock.now += 2
        tell(report, TargetProgress("a", 300, 14))
        lines = [" ".join(line.split()) for line in report.lines().plain.splitlines()]
        tell(report, END)
        assert lines == ["Product 300 points 14 strata 150 points/s", "Sort 2 s", "0 of 3 targets, 2 s"]

    def test_what_fails_is_told_while_it_is_still_shrunk(self) -> None:
        report, _, _ = live()
        tell(report, RunStarted(1, 0), TargetStarted("a", "Product"))
        tell(report, TargetProgress("a", 16, 2, "the Jacobian has cells\nthat are NaN, where f is smooth"))
        line, _ = report.lines().plain.splitlines()
        tell(report, END)
        assert " ".join(line.split()) == "Product 16 points fails: the Jacobian has cells th"

    def test_a_target_that_is_done_has_none_and_is_counted(self) -> None:
        report, _, _ = live()
        tell(report, RunStarted(2, 0), TargetStarted("a", "Product"), TargetFinished(result("pass", "a")))
        shown = report.lines().plain
        tell(report, END)
        assert shown == "1 of 2 targets, 0 s, 1 pass"

    def test_progress_of_a_target_that_is_done_is_late_and_nothing(self) -> None:
        report, _, _ = live()
        tell(report, RunStarted(1, 0), TargetFinished(result("pass", "a")), TargetProgress("a", 1, 1))
        shown = report.lines().plain
        tell(report, END)
        assert "points/s" not in shown

    @given(st.text(), st.integers(0, 10**6), st.integers(0, 99), st.text())
    def test_any_line_fits_80_columns(self, title: str, points: int, strata: int, failure: str) -> None:
        report, _, clock = live()
        tell(report, RunStarted(1, 0), TargetStarted("a", title))
        clock.now += 3
        tell(report, TargetProgress("a", points, strata, failure))
        lines = report.lines().plain.split("\n")
        tell(report, END)
        assert len(lines) == 2
        assert all(cell_len(line) <= 80 for line in lines)


class TestFindings:
    def test_are_printed_at_once_and_passes_at_the_end(self) -> None:
        report, file, _ = live()
        tell(report, RunStarted(2, 0, ("a.md, line 3: skipped",)))
        tell(report, TargetFinished(result("pass", "Double")), TargetFinished(result("fail", "Sort")))
        early = file.getvalue()
        tell(report, END)
        whole = file.getvalue()
        assert "Sort is wrong." in early
        assert whole.count("Sort is wrong.") == 1
        assert "Double" not in early
        assert "PASS   Double" in whole
        assert "a.md, line 3: skipped" in whole
        assert whole.rstrip().splitlines()[-1].endswith(", 1 pass, 40 points in 1.0 s, seed 0")


class TestChoice:
    @pytest.mark.parametrize(("terminal", "ci", "verbosity", "watched"), [
        (True, "", 0, True), (True, "", 1, True),
        (True, "true", 0, False), (True, "", -1, False), (False, "", 0, False),
    ])  # fmt: skip
    def test_only_a_person_at_a_terminal_gets_progress(
        self, monkeypatch: pytest.MonkeyPatch, terminal: bool, ci: str, verbosity: int, watched: bool
    ) -> None:
        monkeypatch.setenv("CI", ci)
        console = Console(file=io.StringIO(), force_terminal=terminal)
        assert type(terminal_report(console, verbosity)) is (LiveReport if watched else TerminalReport)


class Recorder:
    """Keeps all events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def handle(self, event: Event) -> None:
        self.events.append(event)


def test_a_run_tells_of_each_target_before_its_result(tmp_path: Path) -> None:
    path = tmp_path / "two.md"
    path.write_text(page({"Double": DOUBLE, "Square": WRONG}))
    recorder = Recorder()
    run(registry.find([str(path)]), Settings(max_examples=5, shrink=False), [recorder])
    told = [
        (type(event).__name__, event.title if isinstance(event, TargetStarted) else event.result.title)
        for event in recorder.events
        if isinstance(event, (TargetStarted, TargetFinished))
    ]
    assert told == [
        ("TargetStarted", "Double"), ("TargetFinished", "Double"),
        ("TargetStarted", "Square"), ("TargetFinished", "Square"),
    ]  # fmt: skip


def test_a_run_tells_how_far_each_target_is(tmp_path: Path) -> None:
    path = tmp_path / "one.md"
    path.write_text(page({"Double": DOUBLE}))
    recorder = Recorder()
    run(registry.find([str(path)]), Settings(max_examples=5), [recorder])
    told = [event for event in recorder.events if isinstance(event, TargetProgress)]
    (end,) = [event.result for event in recorder.events if isinstance(event, TargetFinished)]
    assert [event.points for event in told] == sorted({event.points for event in told})
    assert (told[-1].id, told[-1].points, told[-1].strata) == (end.id, end.points, len(end.strata))
