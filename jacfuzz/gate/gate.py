"""The flow of the gate: select, admit, load, judge, check, excuse; every contribution gets its own result."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from jacfuzz import records, registry, search
from jacfuzz.ahead import one_ahead
from jacfuzz.cleaning import clean
from jacfuzz.gate import baseline
from jacfuzz.gate.admission import Refusal, admit, select
from jacfuzz.gate.changes import Change, Repository
from jacfuzz.gate.checks import findings_of, is_puzzle, without_itself
from jacfuzz.isolation.limits import Limits, Mode
from jacfuzz.isolation.remote import isolated
from jacfuzz.registry import Readers
from jacfuzz.report.events import Event, Listener, RunFinished, RunStarted, TargetFinished
from jacfuzz.report.plain import harmless
from jacfuzz.result import Finding, TargetResult, Verdict, exit_code
from jacfuzz.rules import Rules
from jacfuzz.runner import INTERRUPTED, siblings_of
from jacfuzz.settings import Settings
from jacfuzz.target import Loaded, Target

_FEWEST_POINTS = 100


@dataclass(frozen=True)
class Collection:
    """What the base commit says of the puzzles.

    Attributes
    ----------
    paths, harness
        As for ``admission.select``.
    rules
        None where the collection has none.
    """

    paths: tuple[str, ...]
    harness: tuple[str, ...] = ()
    rules: Rules | None = None


@dataclass(frozen=True)
class Wishes:
    """What the maintainers ask of one run.

    Attributes
    ----------
    settings
        How hard to look; ``max_time`` holds for all judging, in equal shares of what is left.
    records
        Folder that failures are saved in, for replay; no saved one is tried, so that the seed alone decides.
    isolation, limits
        Where contributed code runs, and what it may use.
    python
        Interpreter of the environment that it lives in; "" for this one.
    baseline
        File of known findings; None for none.
    write_baseline
        File to write this run's findings to; None for none.
    allow_empty
        Whether a change that touches no puzzle passes.
    """

    settings: Settings
    records: Path
    isolation: Mode | Literal["none"]
    limits: Limits
    python: str = ""
    baseline: Path | None = None
    write_baseline: Path | None = None
    allow_empty: bool = False


def run(
    repository: Repository,
    change: Change,
    collection: Collection,
    wishes: Wishes,
    listeners: Sequence[Listener],
) -> int:
    """Judge what a change touches.

    Parameters
    ----------
    repository, change
        Where the change is read from, as data.
    collection
        Taken from the change's base, so that no change judges itself.
    wishes
        Of the maintainers.
    listeners
        Follow the run.

    Returns
    -------
    int
        Exit code: 0 all pass, 1 anything does not, a stub among others included, 4 nothing was judged, 130
        interrupted before anything failed.

    Raises
    ------
    UsageError
        If the baseline cannot be read.
    """
    selection = select(change, collection.paths, collection.harness)
    known = baseline.read(wishes.baseline) if wishes.baseline else ()
    sources = {entry.path: entry.blob for entry in selection.entries}
    with tempfile.TemporaryDirectory(prefix="jacfuzz-gate-") as scratch:
        settings = wishes.settings
        if known:
            settings = dataclasses.replace(settings, records=Path(scratch) / "known")
            baseline.remember(known, Path(scratch) / "known")
        folder = Path(scratch) / "files"
        folder.mkdir()
        refusals = [
            refusal
            for entry in selection.entries
            if (refusal := admit(repository, entry, collection.rules, folder)) is not None
        ]
        refused = {refusal.path for refusal in refusals}
        admitted = [entry.path for entry in selection.entries if entry.path not in refused]
        told = _Run(settings, wishes.records, listeners, known, sources)
        # In the folder every name in a report is the one in the repository; the processes start there, too.
        isolation = isolated(wishes.isolation, wishes.limits, wishes.python)
        with contextlib.chdir(folder), isolation as readers:
            loaded = _load(admitted, readers)
            told.begin(len(refusals) + len(loaded.targets), loaded.skipped)
            try:
                for refusal in refusals:
                    told.add(_refused(refusal))
                for result in _judged(loaded, settings, change):
                    told.add(result)
            except KeyboardInterrupt:
                told.interrupted = True
    if wishes.write_baseline is not None:
        baseline.write(wishes.write_baseline, told.results, sources)
    for result in baseline.stale(known, told.results, sources, change.files, str(wishes.baseline)):
        told.add(result)
    return told.finish(empty=0 if wishes.allow_empty and not selection.entries else 4)


@dataclass
class _Run:
    """What was said so far, and those who listen."""

    settings: Settings
    records: Path
    listeners: Sequence[Listener]
    known: Sequence[baseline.Known]
    sources: Mapping[str, str]
    results: list[TargetResult] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    interrupted: bool = False
    start: float = field(default_factory=time.monotonic)

    def begin(self, total: int, skipped: Sequence[str]) -> None:
        self._tell(RunStarted(total, self.settings.seed, tuple(map(clean, skipped))))

    def add(self, result: TargetResult) -> None:
        self.results.append(result)
        told = records.kept(self.records, baseline.excuse(result, self.known, self.sources))
        self.verdicts.append(told.verdict)
        self._tell(TargetFinished(harmless(told)))

    def finish(self, empty: int) -> int:
        code = exit_code(self.verdicts)
        if code == 0 and "stub" in self.verdicts:
            code = 1
        elif code == 4 and not self.verdicts:
            code = empty
        if self.interrupted and code != 1:
            code = INTERRUPTED
        self._tell(RunFinished(code, time.monotonic() - self.start, self.settings.seed, self.interrupted))
        return code

    def _tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener.handle(event)


def _load(paths: Sequence[str], readers: Readers) -> Loaded:
    import jax

    with jax.enable_x64(True):
        return registry.find(paths, readers=readers) if paths else Loaded(())


def _refused(refusal: Refusal) -> TargetResult:
    return TargetResult(refusal.path, refusal.path, refusal.path, refusal.line, "fail", refusal.findings)


def _judged(loaded: Loaded, settings: Settings, change: Change) -> Iterator[TargetResult]:
    """Judge targets one after the other, each with an equal share of the time that is left."""
    import jax

    end = None if settings.max_time is None else time.monotonic() + settings.max_time
    catalogue = functools.cache(_catalogue)
    for number, target in enumerate(one_ahead(loaded.targets)):
        now = time.monotonic()
        deadline = None if end is None else now + (end - now) / (len(loaded.targets) - number)
        with jax.enable_x64(True):
            result = search.run(target, settings, siblings_of(target, loaded.targets), deadline)
            if deadline is not None and time.monotonic() > deadline:
                result = _with(result, _too_few(result))
            if result.verdict == "pass" and isinstance(target, Target) and is_puzzle(target):
                earlier = [other for other in loaded.targets[:number] if isinstance(other, Target)]
                others = (*without_itself(catalogue(), _own_files(target.place.file, change)), *earlier)
                result = _with(result, findings_of(target, loaded.skipped, others, settings.seed))
        yield result


def _catalogue() -> tuple[Target, ...]:
    return tuple(target for target in registry.find(()).targets if isinstance(target, Target))


def _own_files(path: str, change: Change) -> list[str]:
    """Files of the base that the contributed one may repeat: itself, and those that the change takes away."""
    own = [path] if path in change.before else []
    return own + [name for name in change.before if name not in change.files]


def _too_few(result: TargetResult) -> Iterator[Finding]:
    """Yield a finding where the time ended too early to say anything."""
    if result.points < _FEWEST_POINTS:
        message = f"the time was over after {result.points} points, of at least {_FEWEST_POINTS}; give more --max-time"
        yield Finding(kind="timeout", message=message)


def _with(result: TargetResult, findings: Iterable[Finding]) -> TargetResult:
    """Add findings to a result, which then fails."""
    added = tuple(findings)
    if not added:
        return result
    verdict: Verdict = "error" if result.verdict == "error" else "fail"
    return dataclasses.replace(result, verdict=verdict, findings=(*result.findings, *added))
