"""The loop: what is tried is judged; the one place that knows both generation and judgement."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from jacfuzz.errors import AnnotationError
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.findings import finding_of
from jacfuzz.generality import other_sizes, sizes_note
from jacfuzz.judge import Judge
from jacfuzz.likeness import duplicate_note, mismatch_finding
from jacfuzz.pace import Pace
from jacfuzz.result import Finding, Kind, Note, TargetResult, Verdict
from jacfuzz.settings import Settings
from jacfuzz.stages import Stage, stages
from jacfuzz.strategies.batches import Lot, batch_of, lots
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.tally import Tally, unreached, why_unsure
from jacfuzz.target import Point, Target, Unloadable

_MOST_UNSURE = 0.05
_MOST_LETHAL = 3
_IMPATIENT = (
    "f and jac are slow: after the first failure not everything was tried, and a smaller failing point may exist"
)
_NUMBERS: tuple[Kind, ...] = ("value", "nonfinite", "kink")


Watch: TypeAlias = Callable[[int, int, str], None]
"""Told after every lot: points judged so far, strata that had any, and what failed first, "" for nothing."""


def _nobody(points: int, strata: int, failure: str) -> None:
    """Nobody watches the search."""


def run(
    target: Target | Unloadable,
    settings: Settings,
    siblings: Sequence[Target | Unloadable] = (),
    deadline: float | None = None,
    watch: Watch = _nobody,
) -> TargetResult:
    """Judge one target.

    Parameters
    ----------
    target
        The pair, or the block that could not be loaded.
    settings
        How hard to look.
    siblings
        All targets of the same file, in order; an earlier one with the same f is noted.
    deadline
        ``time.monotonic()`` after which no further batch is started.
    watch
        Follows the search.
    """
    start = time.monotonic()
    if isinstance(target, Unloadable):
        return _error(target, target.message, start)
    try:
        menu = layouts(target.signature)
    except AnnotationError as error:
        return _error(target, f"{target.place}: {error}", start)
    host = host_of(target)
    try:
        judge, tally = _judged(target, menu, settings, deadline, watch)
        if host is not None and host.used and not tally.spotless:
            host.renew()  # what an earlier target left behind shall not be the cause
            judge, tally = _judged(target, menu, settings, deadline, watch)
        return _conclude(target, menu, settings, siblings, judge, tally, start)
    finally:
        asked = itertools.takewhile(lambda sibling: sibling.id != target.id, siblings)
        for one in (target, *asked):
            if isinstance(one, Target) and (owner := host_of(one)) is not None:
                owner.close()


def _judged(
    target: Target, menu: tuple[Layout, ...], settings: Settings, deadline: float | None, watch: Watch
) -> tuple[Judge, Tally]:
    judge, tally, host = Judge(target, settings.seed), Tally(), host_of(target)
    pace = Pace(settings, deadline)
    for lot, following in _parts(stages(target, menu, settings, judge.errors, tally), pace):
        if following is not None:
            judge.expect(following.values)
        tally.add(lot, judge.batch(lot.values))
        if host is not None and host.used and not tally.spotless:
            break
        watch(tally.points, len(tally.strata), tally.failure)
        if pace.over():
            tally.notes["time", pace.note] = None
            break
        if tally.lethal >= _MOST_LETHAL:
            tally.notes[
                "stopped", f"no more was tried after {_MOST_LETHAL} points that ended the process of f and jac"
            ] = None
            break
        if judge.patience.over():
            break
    return judge, tally


def _parts(stages: Iterator[Stage], pace: Pace) -> Iterator[tuple[Lot, Lot | None]]:
    """Yield what is judged at once, and what comes after it where that is settled and soon done."""
    for stage in stages:
        gathered = lots(stage.batches, stage.at_once)
        lot = next(gathered, None)
        while lot is not None:
            following = next(gathered, None) if stage.settled else None
            left = len(lot)
            for part in pace.parts(lot):
                left -= len(part)
                soon = following is not None and not left and pace.is_swift(len(following))
                yield part, following if soon else None
            lot = following if stage.settled else next(gathered, None)


def replay(target: Target, points: Sequence[Point], settings: Settings) -> TargetResult:
    """Judge saved points only."""
    start = time.monotonic()
    judge = Judge(target, settings.seed)
    tally = Tally()
    menu = layouts(target.signature)
    for point in points:
        batch = batch_of(target, point, "saved", menu)
        if batch is not None:
            tally.add(Lot((batch,)), judge.batch(batch.values))
    findings = tuple(finding_of(target, suspect, menu, judge, shrinking=False) for suspect in tally.suspects.values())
    return _result(target, tally, start, "fail" if findings else "pass", findings, ())


def _conclude(
    target: Target,
    menu: tuple[Layout, ...],
    settings: Settings,
    siblings: Sequence[Target | Unloadable],
    judge: Judge,
    tally: Tally,
    start: float,
) -> TargetResult:
    if not tally.passed and not tally.failed and not tally.unsure and tally.reasons:
        reason = tally.reasons.most_common(1)[0][0]
        if reason != "f returns nan or inf":
            return _error(target, f"{target.place}: {reason}, at every one of {tally.points} points", start)
    if "nondeterministic" in tally.suspects:
        # Numbers that change from call to call differ from any reference; one cause, one finding.
        tally.suspects = {kind: suspect for kind, suspect in tally.suspects.items() if kind not in _NUMBERS}
    findings = [
        finding_of(target, suspect, menu, judge, shrinking=settings.shrink) for suspect in tally.suspects.values()
    ]
    mismatch = mismatch_finding(target, menu)
    if mismatch is not None:
        findings.append(mismatch)
    if judge.patience.lost:
        tally.notes["time", _IMPATIENT] = None
    notes = [Note(kind, text) for kind, text in tally.notes]
    if tally.digits:
        notes.append(Note("digits", f"jac loses up to {tally.digits} of 16 digits to round-off at some points"))
    notes += unreached(tally)
    narrow = None if findings else sizes_note(other_sizes(target), target.signature)
    if narrow is not None:
        notes.append(narrow)
    duplicate = duplicate_note(target, menu, siblings)
    if duplicate is not None:
        notes.append(duplicate)
    verdict: Verdict = "pass"
    if findings:
        verdict = "stub" if target.stub and tally.suspects and not tally.lethal else "fail"
    elif tally.unsure > _MOST_UNSURE * tally.points or not tally.generic_passed:
        verdict = "unsure"
        notes.append(Note("unsure", why_unsure(tally)))
    return _result(target, tally, start, verdict, tuple(findings), tuple(notes))


def _error(target: Target | Unloadable, message: str, start: float) -> TargetResult:
    finding = Finding(kind="protocol", message=message)
    return _result(target, Tally(), start, "error", (finding,), ())


def _result(
    target: Target | Unloadable,
    tally: Tally,
    start: float,
    verdict: Verdict,
    findings: tuple[Finding, ...],
    notes: tuple[Note, ...],
) -> TargetResult:
    return TargetResult(
        target.id,
        target.title,
        target.place.file,
        target.place.line,
        verdict,
        findings,
        notes,
        tally.points,
        tally.unsure,
        tally.undefined,
        dict(sorted(tally.strata.items())),
        time.monotonic() - start,
        target.place.cell,
    )
