"""JUnit XML for CI servers: a test case per target."""

from __future__ import annotations

import re
from pathlib import Path

from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished
from jacfuzz.report.text import finding_text, result_text
from jacfuzz.result import TargetResult

_ILLEGAL = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnitReport:
    """Writes the file anew with every result, so that an interrupted run keeps what was found.

    Parameters
    ----------
    path
        The file; its folder is made.
    """

    def __init__(self, path: Path) -> None:
        from junitparser import TestSuite

        self._path = path
        self._suite = TestSuite("jacfuzz")

    def handle(self, event: Event) -> None:
        """Add a test case."""
        match event:
            case RunStarted():
                self._path.parent.mkdir(parents=True, exist_ok=True)
            case TargetFinished(result=result):
                self._add(result)
                self._write()
            case RunFinished():
                self._write()

    def _add(self, result: TargetResult) -> None:
        from junitparser import Error, Failure, Skipped, TestCase

        name = result.id.partition("::")[2] or result.title  # titles may occur twice, ids do not
        case = TestCase(_legal(name), _legal(result.file), result.seconds)
        text = "\n\n".join(finding_text(result, finding) for finding in result.findings)
        kinds = ", ".join(finding.kind for finding in result.findings)
        outcome: Failure | Error | Skipped | None = None
        match result.verdict:
            case "fail":
                outcome = Failure(_legal(result.findings[0].message), kinds)
            case "error":
                outcome = Error(_legal(result.findings[0].message), "error")
            case "unsure":
                text = result_text(result)
                outcome = Error("the verdict is unsure", "unsure")
            case "stub":
                outcome = Skipped("not filled in yet", "stub")
        if outcome is not None:
            outcome.text = _legal(text)
            case.result = [outcome]
        self._suite.add_testcase(case)

    def _write(self) -> None:
        from junitparser import JUnitXml

        document = JUnitXml()
        document.add_testsuite(self._suite)
        document.write(str(self._path), pretty=True)


def _legal(text: str) -> str:
    """Drop the characters that XML forbids."""
    return _ILLEGAL.sub("", text)
