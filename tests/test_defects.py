"""Defects of jacfuzz itself: told as such, keeping what was found, and never mistaken for a pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import DOUBLE, page
from pairs import pair

from jacfuzz import registry, search
from jacfuzz.plugin import RESULT
from jacfuzz.report.events import Event, RunFinished, TargetFinished
from jacfuzz.result import TargetResult, Verdict
from jacfuzz.runner import run
from jacfuzz.settings import Settings
from jacfuzz.target import Loaded, Place, Unloadable
from jacfuzz.workers import WorkerError, run_on_workers

FIRST, SECOND, THIRD = (Unloadable(name, name, Place("a.md", 1), "") for name in ("first", "second", "third"))
ALL = Loaded((FIRST, SECOND, THIRD))


@pytest.fixture(scope="module", autouse=True)
def _imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import all that a run imports: pytester forgets what its run has imported, and jax cannot be imported twice."""
    file = tmp_path_factory.mktemp("imported") / "pairs.md"
    file.write_text(page({"Double": DOUBLE}))
    assert run(registry.find([str(file)]), Settings(max_examples=1), []) == 0


class Heard(list[Event]):
    """A listener that keeps all events."""

    handle = list.append

    @property
    def judged(self) -> list[str]:
        return [event.result.id for event in self if isinstance(event, TargetFinished)]

    @property
    def end(self) -> RunFinished:
        assert isinstance(self[-1], RunFinished)
        return self[-1]


def judged(target: Unloadable, verdict: Verdict = "pass") -> TargetResult:
    return TargetResult(target.id, target.title, "a.md", 1, verdict)


def report(target: Unloadable, outcome: Any, text: str = "", result: TargetResult | None = None) -> pytest.TestReport:
    made = pytest.TestReport(target.id, ("a.md", 0, target.id), {}, outcome, text, "call")
    if result is not None:
        setattr(made, RESULT, result.to_dict())
    return made


def passes(target: Unloadable) -> pytest.TestReport:
    return report(target, "passed", result=judged(target))


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Heard]:
    """Run on workers that send the reports given, in place of pytest."""

    def running(*reports: pytest.TestReport, code: int = pytest.ExitCode.OK, **options: Any) -> Heard:
        def main(_: Sequence[str], plugins: Sequence[Any]) -> int:
            for each in reports:
                try:
                    plugins[0].pytest_runtest_logreport(each)
                except pytest.exit.Exception:
                    return pytest.ExitCode.INTERRUPTED
            return code

        monkeypatch.setattr("pytest.main", main)
        run_on_workers(ALL, ["a.md"], options.pop("settings", Settings()), [heard], 2, None, **options)
        return heard

    heard = Heard()
    running.heard = heard  # type: ignore[attr-defined]
    return running


def test_results_of_all_are_a_pass(workers: Callable[..., Heard]) -> None:
    heard = workers(passes(THIRD), passes(FIRST), passes(SECOND))
    assert (heard.end.exit, heard.end.interrupted) == (0, False)


def test_a_target_without_a_result_is_no_pass(workers: Callable[..., Heard]) -> None:
    with pytest.raises(WorkerError, match=r"no result for second, third .*; try --workers 0"):
        workers(passes(FIRST), code=pytest.ExitCode.NO_TESTS_COLLECTED)
    heard: Heard = workers.heard  # type: ignore[attr-defined]
    assert (heard.judged, heard.end.exit) == (["first"], 3)


def test_a_defect_in_a_worker_is_no_pass_and_the_others_are_told(workers: Callable[..., Heard]) -> None:
    text = "ZeroDivisionError: unforeseen\nThis is a defect of jacfuzz; ..."
    with pytest.raises(WorkerError, match=r"^ZeroDivisionError: unforeseen$"):
        workers(passes(FIRST), report(SECOND, "failed", text), passes(THIRD))
    heard: Heard = workers.heard  # type: ignore[attr-defined]
    assert (heard.judged, heard.end.exit) == (["first", "third"], 3)


def test_what_the_time_leaves_out_is_no_defect(workers: Callable[..., Heard]) -> None:
    heard = workers(passes(FIRST), report(SECOND, "skipped"), report(THIRD, "skipped"))
    assert (heard.judged, heard.end.exit, heard.end.interrupted) == (["first"], 0, True)


def test_ctrl_c_is_no_defect(workers: Callable[..., Heard]) -> None:
    heard = workers(passes(FIRST), code=pytest.ExitCode.INTERRUPTED)
    assert (heard.judged, heard.end.exit, heard.end.interrupted) == (["first"], 130, True)


@pytest.mark.parametrize("verdict", ["fail", "error", "unsure"])
def test_fail_fast_stops_at_the_first_that_does_not_pass(workers: Callable[..., Heard], verdict: Verdict) -> None:
    worse = report(SECOND, "failed", result=judged(SECOND, verdict))
    heard = workers(passes(FIRST), worse, passes(THIRD), fail_fast=True)
    assert (heard.judged, heard.end.exit, heard.end.interrupted) == (["first", "second"], 1, True)


def test_in_this_process_what_was_found_before_a_defect_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(target: Unloadable, *_: Any) -> TargetResult:
        if target is SECOND:
            raise ZeroDivisionError("unforeseen")
        return judged(target, "fail")

    monkeypatch.setattr(search, "run", broken)
    heard = Heard()
    with pytest.raises(ZeroDivisionError):
        run(ALL, Settings(), [heard])
    assert (heard.judged, heard.end.exit) == (["first"], 3)


def test_x64_is_left_as_it_was_found() -> None:
    import jax

    before = jax.config.read("jax_enable_x64")
    target = pair(lambda x: x, lambda x: np.eye(2), x="2")
    assert run(Loaded((target,)), Settings(max_examples=1), []) == 0
    assert jax.config.read("jax_enable_x64") == before


def test_in_pytest_a_defect_is_one_message(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> TargetResult:
        raise ZeroDivisionError("unforeseen")

    (pytester.path / "pairs.md").write_text(page({"Double": DOUBLE}))
    monkeypatch.setattr(search, "run", broken)
    result = pytester.runpytest("--jacfuzz", "pairs.md", "-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["ZeroDivisionError: unforeseen", "This is a defect of jacfuzz; please report it *"])
    result.stdout.no_fnmatch_line("*plugin.py*")


def test_in_pytest_failures_are_saved_for_replay(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[Path] = []
    monkeypatch.setattr(search, "run", lambda target, *_: TargetResult(target.id, "Double", "a.md", 1, "fail"))
    monkeypatch.setattr("jacfuzz.records.save", lambda folder, _: saved.append(folder))
    (pytester.path / "pairs.md").write_text(page({"Double": DOUBLE}))
    for options in ([], ["--jacfuzz-records", "other"], ["--jacfuzz-records", ""]):
        pytester.runpytest("--jacfuzz", "pairs.md", "-p", "no:cacheprovider", *options).assert_outcomes(failed=1)
    assert saved == [Path(".jacfuzz"), Path("other")]
