"""GitHub Actions: an annotation per target that does not pass, and the run as a table in the job's summary."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished
from jacfuzz.report.text import finding_text
from jacfuzz.result import TargetResult, severity

_MOST_ANNOTATIONS = 10  # GitHub shows that many a step, and drops the rest without a word
_MOST_BYTES = 1_000_000  # GitHub refuses a summary of more than 1 MiB
_LONGEST = 4000


class GitHubReport:
    """Follows a run; what is printed meanwhile can give GitHub no command.

    Parameters
    ----------
    write
        Takes a line for the step's log.
    summary
        File that ``GITHUB_STEP_SUMMARY`` names; None for no summary.
    """

    def __init__(self, write: Callable[[str], None], summary: Path | None) -> None:
        self._write = write
        self._summary = summary
        self._results: list[TargetResult] = []
        self._token = secrets.token_hex(16)

    def handle(self, event: Event) -> None:
        """Take note of an event; everything is told at the end."""
        match event:
            case RunStarted():
                self._write(f"::stop-commands::{self._token}")
            case TargetFinished(result=result):
                self._results.append(result)
            case RunFinished():
                self._write(f"::{self._token}::")
                worst = sorted(self._results, key=lambda result: severity(result.verdict))
                for line in commands(worst):
                    self._write(line)
                if self._summary is not None:
                    with self._summary.open("a", encoding="utf-8") as file:
                        file.write(summary(worst, event))


def commands(results: Sequence[TargetResult]) -> list[str]:
    """Return a workflow command per result that does not pass, at most as many as GitHub shows."""
    return [_annotation(result) for result in results if result.verdict != "pass"][:_MOST_ANNOTATIONS]


def _annotation(result: TargetResult) -> str:
    message = "\n".join(finding.message for finding in result.findings) or f"the verdict is {result.verdict}"
    title = f"jacfuzz {result.verdict}: {result.title}"
    properties = f"file={_property(result.file)},line={result.line},title={_property(title)}"
    return f"::error {properties}::{_data(message[:_LONGEST])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(results: Sequence[TargetResult], run: RunFinished) -> str:
    """Return the run as Markdown: a table, then the findings as text; cut where GitHub would refuse it."""
    lines = ["## jacfuzz", "", f"Exit code {run.exit}, {run.seconds:.1f} s, seed {run.seed}."]
    lines += ["", "| verdict | target | points | findings |", "|---|---|---|---|"]
    for result in results:
        kinds = ", ".join(finding.kind for finding in result.findings)
        lines.append(f"| {result.verdict} | {_code(result.id)} | {result.points} | {kinds} |")
    for result in results:
        for finding in result.findings:
            lines += ["", f"### {_code(result.title)}: {finding.kind}", "", _fence(finding_text(result, finding))]
    text = "\n".join(lines).encode()
    if len(text) > _MOST_BYTES:
        cut = text[:_MOST_BYTES].decode(errors="ignore").rpartition("\n")[0]
        return f"{cut}\n\n~~~~\n\nThe rest is left out; the JSON-lines report holds it.\n"
    return text.decode() + "\n"


def _code(text: str) -> str:
    """A code span that may stand in a table and that its text cannot leave."""
    plain = " ".join(text.split()).translate({ord("`"): "'", ord("|"): "/", ord("<"): "(", ord(">"): ")"})
    return f"`{plain or ' '}`"


def _fence(text: str) -> str:
    return f"~~~~\n{text.replace('~~~', '---')}\n~~~~"
