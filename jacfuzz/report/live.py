"""The run on a terminal that a person watches: findings as they come, a line for each target that is being judged."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from rich.cells import set_cell_size
from rich.console import Console
from rich.live import Live
from rich.text import Text

from jacfuzz.cleaning import visible
from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished, TargetProgress, TargetStarted
from jacfuzz.report.printer import STYLES, Printer, loud
from jacfuzz.result import TargetResult, severity

_TITLE, _FAILURE = 30, 25  # columns


@dataclass(frozen=True)
class Running:
    """A target that is being judged: since when, how far it is, and what failed first."""

    title: str
    start: float
    points: int = 0
    strata: int = 0
    failure: str = ""


class LiveReport:
    """Follows a run on a terminal; what it shows of the progress is gone when the run is over.

    Parameters
    ----------
    console
        The terminal.
    verbosity
        0 findings and a line per target, 1 also how many points each stratum had.
    clock
        Gives seconds.
    """

    def __init__(self, console: Console, verbosity: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._printer = Printer(console, strata=verbosity > 0)
        self._clock = clock
        self._results: list[TargetResult] = []
        self._skipped: tuple[str, ...] = ()
        self._running: dict[str, Running] = {}
        self._total = 0
        self._start = clock()
        self._live = Live(console=console, transient=True, get_renderable=self.lines)

    def handle(self, event: Event) -> None:
        """Follow the run."""
        match event:
            case RunStarted(total=total, skipped=skipped):
                self._total, self._skipped, self._start = total, skipped, self._clock()
                self._live.start()
            case TargetStarted(id=id, title=title):
                self._running = {**self._running, id: Running(title, self._clock())}
            case TargetProgress(id=id, points=points, strata=strata, failure=failure):
                if id in self._running:
                    running = replace(self._running[id], points=points, strata=strata, failure=failure)
                    self._running = {**self._running, id: running}
            case TargetFinished(result=result):
                self._finish(result)
            case RunFinished():
                self._live.stop()
                self._printer.calm([result for result in self._results if not loud(result)], self._skipped)
                self._printer.summary(self._results, event)

    def _finish(self, result: TargetResult) -> None:
        self._running = {id: running for id, running in self._running.items() if id != result.id}
        self._results.append(result)
        if loud(result):
            self._printer.loud(result)

    def lines(self) -> Text:
        """Return what is shown now: each target that is being judged, then the run.

        Called from the thread that draws; the dicts it reads are replaced, never changed.
        """
        now = self._clock()
        lines = [*(_line(running, now) for running in self._running.values()), self._overall(now)]
        return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)

    def _overall(self, now: float) -> Text:
        counts = Counter(result.verdict for result in self._results)
        line = Text(f"{len(self._results)} of {self._total} targets, {now - self._start:.0f} s")
        for verdict in sorted(counts, key=severity):
            line.append(", ").append(f"{counts[verdict]} {verdict}", STYLES[verdict])
        return line


def _line(running: Running, now: float) -> Text:
    seconds = now - running.start
    line = Text(_fitted(running.title, _TITLE))
    if not running.points:
        return line.append(f"  {seconds:.0f} s", "dim")
    if running.failure:
        line.append(f"  {running.points:>6} points  ", "dim")
        return line.append(f"fails: {_fitted(running.failure, _FAILURE)}", STYLES["fail"])
    rate = running.points / seconds if seconds else 0.0
    told = f"  {running.points:>6} points  {running.strata:>2} strata  {rate:>6.0f} points/s"
    return line.append(told, "dim")


def _fitted(text: str, columns: int) -> str:
    return set_cell_size(" ".join(visible(text).split()), columns)
