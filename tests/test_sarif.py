"""SARIF: fixed rules, places and fingerprints that outlast a seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jacfuzz.report.events import RunFinished, RunStarted, TargetFinished
from jacfuzz.report.sarif import SarifReport
from jacfuzz.result import Finding, Note, TargetResult


def written(path: Path, results: list[TargetResult], exit: int = 1, interrupted: bool = False) -> dict[str, Any]:
    report = SarifReport(path / "deep" / "jacfuzz.sarif")
    report.handle(RunStarted(len(results), 0))
    for result in results:
        report.handle(TargetFinished(result))
    report.handle(RunFinished(exit, 1.0, 0, interrupted))
    document: dict[str, Any] = json.loads((path / "deep" / "jacfuzz.sarif").read_text())
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    return dict(run)


def result(message: str = "wrong", **changes: Any) -> TargetResult:
    findings = (Finding("value", message), Finding("shape", "odd"))
    return TargetResult(**{**vars(TargetResult("a b.py::x", "x", "a b.py", 7, "fail", findings)), **changes})


def test_a_result_per_finding_with_its_place_and_rule(tmp_path: Path) -> None:
    run = written(tmp_path, [result()])
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for one, kind in zip(run["results"], ("value", "shape"), strict=True):
        assert rules[one["ruleIndex"]] == {
            "id": one["ruleId"],
            "name": kind,
            "shortDescription": {"text": kind},
        }
        place = one["locations"][0]["physicalLocation"]
        assert place == {"artifactLocation": {"uri": "a%20b.py"}, "region": {"startLine": 7}}


def test_fingerprints_follow_target_and_rule_and_nothing_else(tmp_path: Path) -> None:
    def prints(one: TargetResult) -> list[str]:
        return [entry["partialFingerprints"]["target/v1"] for entry in written(tmp_path, [one])["results"]]

    assert prints(result()) == prints(result("wrong elsewhere", line=9, points=3))
    assert len(set(prints(result()) + prints(result(id="other")))) == 4


def test_what_passes_or_is_not_filled_in_is_no_result_and_unsure_is_a_warning(tmp_path: Path) -> None:
    unsure = result(verdict="unsure", findings=(), notes=(Note("unsure", "no generic point passed"),))
    run = written(tmp_path, [result(verdict="pass", findings=()), result(verdict="stub"), unsure])
    assert [(one["level"], one["message"]["text"]) for one in run["results"]] == [
        ("warning", "no generic point passed")
    ]


def test_the_end_of_the_run_is_told(tmp_path: Path) -> None:
    assert written(tmp_path, [])["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    assert written(tmp_path, [], 130, True)["invocations"] == [{"executionSuccessful": False, "exitCode": 130}]
