"""A run over many targets: in this process, or on pytest-xdist workers; results go to listeners as they come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from jacfuzz import records, search
from jacfuzz.ahead import one_ahead
from jacfuzz.report.events import (
    Event,
    Listener,
    RunFinished,
    RunStarted,
    TargetFinished,
    TargetProgress,
    TargetStarted,
)
from jacfuzz.result import TargetResult, Verdict, exit_code
from jacfuzz.settings import Settings
from jacfuzz.target import Loaded, Target, Unloadable

INTERRUPTED = 130
DEFECT = 3


@dataclass
class Run:
    """The listeners of a run and what they have been told.

    Attributes
    ----------
    settings
        Of the run.
    listeners
        Follow it.
    fail_fast
        Whether to stop at the first target that does not pass.
    """

    settings: Settings
    listeners: Sequence[Listener]
    fail_fast: bool = False
    results: list[TargetResult] = field(default_factory=list)
    _start: float = field(default_factory=time.monotonic)

    @property
    def deadline(self) -> float | None:
        """When ``max_time`` is over, on the clock of ``time.monotonic``."""
        return None if self.settings.max_time is None else self._start + self.settings.max_time

    def begin(self, total: int, skipped: tuple[str, ...]) -> None:
        """Tell the listeners that the run starts."""
        self._emit(RunStarted(total, self.settings.seed, skipped))

    @property
    def late(self) -> bool:
        """Whether ``max_time`` is over."""
        return self.deadline is not None and time.monotonic() > self.deadline

    def start(self, target: Target | Unloadable) -> None:
        """Tell the listeners that a target is being judged."""
        self._emit(TargetStarted(target.id, target.title))

    def progress(self, id: str, points: int, strata: int, failure: str) -> None:
        """Tell the listeners how far a target is."""
        self._emit(TargetProgress(id, points, strata, failure))

    def add(self, result: TargetResult) -> bool:
        """Take a result: save its failures, tell the listeners, and say whether to stop."""
        result = records.kept(self.settings.records, result)
        self.results.append(result)
        self._emit(TargetFinished(result))
        return self.fail_fast and exit_code([result.verdict]) == 1

    def finish(self, total: int, *, interrupted: bool = False, defect: bool = False) -> int:
        """Tell the listeners how it ended, be it by Ctrl-C or a defect of ours, and return the exit code."""
        verdicts: list[Verdict] = [result.verdict for result in self.results]
        code = exit_code(verdicts)
        if defect:
            code = DEFECT
        elif interrupted and code != 1:
            code = INTERRUPTED
        self._emit(
            RunFinished(code, time.monotonic() - self._start, self.settings.seed, interrupted or len(verdicts) < total)
        )
        return code

    def _emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener.handle(event)


def run(loaded: Loaded, settings: Settings, listeners: Sequence[Listener], *, fail_fast: bool = False) -> int:
    """Judge targets in this process, in the order of the source.

    Parameters
    ----------
    loaded
        The targets.
    settings
        How hard to look; ``max_time`` holds for the whole run.
    listeners
        Follow the run.
    fail_fast
        Stop at the first target that does not pass.

    Returns
    -------
    int
        Exit code: 0 all pass, 1 something failed, errored or is unsure, 4 nothing was checked, 130 interrupted before
        anything failed.
    """
    import jax

    run = Run(settings, listeners, fail_fast)
    run.begin(len(loaded.targets), loaded.skipped)
    interrupted = False
    try:
        with jax.enable_x64(True):
            for target in one_ahead(loaded.targets):
                if run.late:
                    break
                run.start(target)
                siblings = siblings_of(target, loaded.targets)
                if run.add(search.run(target, settings, siblings, run.deadline, partial(run.progress, target.id))):
                    break
    except KeyboardInterrupt:
        interrupted = True
    except Exception:  # a defect of ours; what was found before it is still told
        run.finish(len(loaded.targets), defect=True)
        raise
    return run.finish(len(loaded.targets), interrupted=interrupted)


def siblings_of(target: Target | Unloadable, targets: Sequence[Target | Unloadable]) -> tuple[Target | Unloadable, ...]:
    """All targets of the same file, in order."""
    return tuple(other for other in targets if other.place.file == target.place.file)
