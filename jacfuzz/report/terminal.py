"""The run on a terminal: progress while it runs, findings worst first, one summary line."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished
from jacfuzz.report.picture import Tone, picture
from jacfuzz.report.text import headline, reproduction_lines, said
from jacfuzz.result import Finding, TargetResult, Verdict, severity

_STYLES: dict[Verdict, str] = {
    "fail": "bold red",
    "error": "bold magenta",
    "unsure": "bold yellow",
    "stub": "cyan",
    "pass": "green",
}
_TONES: dict[Tone, str] = {"right": "dim", "wrong": "bold red", "label": ""}


class TerminalReport:
    """Prints a run.

    Parameters
    ----------
    console
        Where to; colours and the progress bar follow what it is (terminal, file, NO_COLOR).
    verbosity
        -1 the summary line only, 0 findings and a line per target, 1 also how many points each stratum had.
    """

    def __init__(self, console: Console, verbosity: int = 0) -> None:
        self._console = console
        self._verbosity = verbosity
        self._results: list[TargetResult] = []
        self._skipped: tuple[str, ...] = ()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=verbosity < 0 or not console.is_terminal,
        )

    def handle(self, event: Event) -> None:
        """Follow the run."""
        match event:
            case RunStarted():
                self._skipped = event.skipped
                self._progress.start()
                self._task = self._progress.add_task("checking", total=event.total)
            case TargetFinished(result=result):
                self._results.append(result)
                self._progress.update(self._task, advance=1, description=_shortened(result.title))
            case RunFinished():
                self._progress.stop()
                self._finish(event)

    def _finish(self, event: RunFinished) -> None:
        if self._verbosity >= 0:
            self._print_targets()
        counts = Counter(result.verdict for result in self._results)
        summary = Text()
        for verdict in sorted(counts, key=severity):
            summary.append(f"{counts[verdict]} {verdict}", _STYLES[verdict]).append(", ")
        summary.append(f"{sum(result.points for result in self._results)} points in {event.seconds:.1f} s")
        summary.append(f", seed {event.seed}")
        if event.interrupted:
            summary.append("; cut short: not all targets were judged", "bold yellow")
        self._console.print(summary, soft_wrap=True)

    def _print_targets(self) -> None:
        calm = [result for result in self._results if result.verdict in ("pass", "stub")]
        loud = [result for result in self._results if result.verdict not in ("pass", "stub")]
        for result in sorted(loud, key=lambda result: severity(result.verdict)):
            self._print_target(result)
            self._console.print()
        for result in calm:
            self._print_target(result)
        if self._skipped:
            self._console.print("\nStatements that could not be run, and were passed over:", soft_wrap=True)
            for sentence in self._skipped:
                self._plain(f"  {sentence}")
        self._console.print()

    def _print_target(self, result: TargetResult) -> None:
        line = Text(headline(result))
        line.stylize(_STYLES[result.verdict], 0, 6)
        self._console.print(line, soft_wrap=True)
        for finding in result.findings if result.verdict != "stub" else ():
            self._print_finding(result, finding)
        for note in result.notes:
            self._plain(f"  note: {note.text}")
        if self._verbosity > 0 and result.strata:
            self._plain("  " + ", ".join(f"{name} {count}" for name, count in result.strata.items()))

    def _print_finding(self, result: TargetResult, finding: Finding) -> None:
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


def _shortened(title: str) -> str:
    return title if len(title) <= 30 else f"{title[:29]}…"
