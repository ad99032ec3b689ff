"""Results on a terminal, or in the log that stands for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from jacfuzz.report.events import RunFinished
from jacfuzz.report.picture import Tone, picture
from jacfuzz.report.text import headline, notes_of, reproduction_lines, said
from jacfuzz.result import Finding, TargetResult, Verdict, severity

STYLES: dict[Verdict, str] = {
    "fail": "bold red",
    "error": "bold magenta",
    "unsure": "bold yellow",
    "stub": "cyan",
    "pass": "green",
}
_TONES: dict[Tone, str] = {"right": "dim", "wrong": "bold red", "label": ""}
_CALM: tuple[Verdict, ...] = ("pass", "stub")


def loud(result: TargetResult) -> bool:
    """Whether a result wants to be read: anything but a pass or a stub."""
    return result.verdict not in _CALM


class Printer:
    """Prints results in the colours that the console has.

    Parameters
    ----------
    console
        Where to.
    strata
        Whether to say how many points each stratum had, and all notes.
    """

    def __init__(self, console: Console, strata: bool) -> None:
        self._console = console
        self._strata = strata

    def loud(self, result: TargetResult) -> None:
        """Print a result that wants to be read, and a blank line."""
        self._target(result)
        self._console.print()

    def calm(self, results: Sequence[TargetResult], skipped: Sequence[str]) -> None:
        """Print the others, a line each, then the statements that could not be run."""
        for result in results:
            self._target(result)
        if skipped:
            self._console.print("\nStatements that could not be run, and were passed over:", soft_wrap=True)
            for sentence in skipped:
                self._plain(f"  {sentence}")
        self._console.print()

    def summary(self, results: Sequence[TargetResult], run: RunFinished) -> None:
        """Print the last line: verdicts, points, time and seed."""
        counts = Counter(result.verdict for result in results)
        line = Text()
        for verdict in sorted(counts, key=severity):
            line.append(f"{counts[verdict]} {verdict}", STYLES[verdict]).append(", ")
        line.append(f"{sum(result.points for result in results)} points in {run.seconds:.1f} s")
        line.append(f", seed {run.seed}")
        if run.interrupted:
            line.append("; cut short: not all targets were judged", "bold yellow")
        self._console.print(line, soft_wrap=True)

    def _target(self, result: TargetResult) -> None:
        line = Text(headline(result))
        line.stylize(STYLES[result.verdict], 0, 6)
        self._console.print(line, soft_wrap=True)
        for number, finding in enumerate(result.findings if result.verdict != "stub" else ()):
            if number:
                self._console.print()
            self._finding(result, finding)
        for note in result.notes if self._strata else notes_of(result):
            self._plain(f"  note: {note.text}")
        if self._strata and result.strata:
            self._plain("  " + ", ".join(f"{name} {count}" for name, count in result.strata.items()))

    def _finding(self, result: TargetResult, finding: Finding) -> None:
        self._plain(said(result, finding))
        if result.verdict == "error":
            return
        lines = picture(finding)
        if lines:
            self._console.print()
        for line in lines:
            shown = Text.assemble("    ", *((span.text, _TONES[span.tone]) for span in line))
            shown.rstrip()
            self._console.print(shown, soft_wrap=True)
        for text in reproduction_lines(result, finding):
            self._plain(text)

    def _plain(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, markup=False, emoji=False, highlight=False)
