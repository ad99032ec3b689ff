"""The run as text, told when it is over: findings worst first, one summary line."""

from __future__ import annotations

from rich.console import Console

from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished
from jacfuzz.report.printer import Printer, loud
from jacfuzz.result import TargetResult, severity


class TerminalReport:
    """Prints a run at its end.

    Parameters
    ----------
    console
        Where to; colours follow what it is (terminal, file, NO_COLOR).
    verbosity
        -1 the summary line only, 0 findings and a line per target, 1 also how many points each stratum had.
    """

    def __init__(self, console: Console, verbosity: int = 0) -> None:
        self._printer = Printer(console, strata=verbosity > 0)
        self._verbosity = verbosity
        self._results: list[TargetResult] = []
        self._skipped: tuple[str, ...] = ()

    def handle(self, event: Event) -> None:
        """Follow the run."""
        match event:
            case RunStarted(skipped=skipped):
                self._skipped = skipped
            case TargetFinished(result=result):
                self._results.append(result)
            case RunFinished():
                if self._verbosity >= 0:
                    self._print_targets()
                self._printer.summary(self._results, event)

    def _print_targets(self) -> None:
        for result in sorted(filter(loud, self._results), key=lambda result: severity(result.verdict)):
            self._printer.loud(result)
        self._printer.calm([result for result in self._results if not loud(result)], self._skipped)
