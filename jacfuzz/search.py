"""The loop: strata, batches, budget; the one place that knows both generation and judgement."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from hypothesis import Phase, given
from hypothesis import seed as hypothesis_seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jacfuzz.errors import AnnotationError
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.findings import finding_of
from jacfuzz.generality import other_sizes, sizes_note
from jacfuzz.judge import Judge
from jacfuzz.likeness import duplicate_note, mismatch_finding
from jacfuzz.pace import Pace
from jacfuzz.records import points as saved_points
from jacfuzz.result import Finding, Kind, Note, TargetResult, Verdict
from jacfuzz.settings import Settings
from jacfuzz.strategies.batches import Batch, Lot, batch_of, draw_batch, edge_batches, lots
from jacfuzz.strategies.derived import derived, searched
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.strategies.quietly import QUIETLY
from jacfuzz.strategies.strata import BY_NAME, STRATA
from jacfuzz.strategies.worst import worst
from jacfuzz.tally import Tally, unreached, why_unsure
from jacfuzz.target import Point, Target, Unloadable

_BATCH, _LARGEST_BATCH = 20, 512
_BATCHES = 15
_AT_ONCE, _DRAWN_AT_ONCE = 64, 128  # points that are judged before failures are counted
_CALLS = 100_000
_FEWEST = 20
_ENOUGH_FAILURES = 60
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
    judge = Judge(target, settings.seed)
    tally = Tally()
    try:
        _judge_batches(target, menu, settings, judge, tally, deadline, watch)
        return _conclude(target, menu, settings, siblings, judge, tally, start)
    finally:
        host = host_of(target)
        if host is not None:  # what its code may still do slows no other target; siblings asked for f end in turn
            host.close()


def _judge_batches(
    target: Target,
    menu: tuple[Layout, ...],
    settings: Settings,
    judge: Judge,
    tally: Tally,
    deadline: float | None,
    watch: Watch,
) -> None:
    pace = Pace(settings, deadline)
    drawn = (lots(stage, most) for stage, most in stages(target, menu, settings, tally))
    gathered = itertools.chain(drawn, [lots(_climbed(target, menu, settings, judge, tally), _BATCH)])
    for lot in itertools.chain.from_iterable(map(pace.parts, itertools.chain.from_iterable(gathered))):
        tally.add(lot, judge.batch(lot.values))
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


def stages(
    target: Target, menu: tuple[Layout, ...], settings: Settings, tally: Tally
) -> Iterator[tuple[Iterator[Batch], int]]:
    """Yield edges, the boundaries of the code, then what Hypothesis draws, with how many points to judge at once."""
    enough, most = (_ENOUGH_FAILURES // 10, _BATCH) if target.calls > 1 else (_ENOUGH_FAILURES, _AT_ONCE)
    yield _edges(target, menu, settings, tally, enough), most
    if tally.failed < enough:
        yield _boundaries(target, menu, settings, tally), most
    if tally.failed < enough:
        yield _drawn(target, tally.worthwhile(menu), settings), max(_DRAWN_AT_ONCE, _counts(target, settings)[1])


def _edges(target: Target, menu: tuple[Layout, ...], settings: Settings, tally: Tally, enough: int) -> Iterator[Batch]:
    """Yield saved failures, the target's own edges, and every stratum in every layout."""
    rng = np.random.default_rng(_seed(target, settings))
    if settings.records is not None:
        for point in saved_points(settings.records, target.id):
            batch = batch_of(target, point, "saved", menu)
            if batch is not None:
                yield batch
    yield from edge_batches(target, menu, rng)
    each = 2 if target.calls > 1 else max(4, 16 // len(menu))
    for stratum in STRATA:
        for layout in menu:
            count = 1 if tally.failed >= enough or layout.size == 0 else each
            batch = draw_batch(target, layout, stratum, count, rng)
            if batch is not None:
                yield batch


def _boundaries(target: Target, menu: tuple[Layout, ...], settings: Settings, tally: Tally) -> Iterator[Batch]:
    for found, own in derived(target, menu, _seed(target, settings)):
        tally.see(found)
        yield from own


def _climbed(
    target: Target, menu: tuple[Layout, ...], settings: Settings, judge: Judge, tally: Tally
) -> Iterator[Batch]:
    """Yield where jac is off the most, if the code's boundaries were not all reached or seen, and nothing failed."""
    if not (tally.missed or tally.unseen):
        return
    for layout in searched(menu):
        batch = None if tally.failed else worst(target, layout, judge.errors, _seed(target, settings))
        if batch is not None:
            yield batch


def _drawn(target: Target, menu: Sequence[Layout], settings: Settings) -> Iterator[Batch]:
    """Yield batches whose layout, stratum and seed Hypothesis draws; every third is generic."""
    wanted, count = _counts(target, settings)
    drawn: list[tuple[Layout, str, int]] = []
    names = ["generic"] * (len(STRATA) // 2) + [stratum.name for stratum in STRATA]

    @hypothesis_seed(_seed(target, settings))
    @hypothesis_settings(QUIETLY, max_examples=-(-wanted // count), phases=(Phase.generate,))
    @given(st.sampled_from(menu), st.sampled_from(names), st.integers(0, 2**32 - 1))
    def draw(layout: Layout, name: str, seed: int) -> None:
        drawn.append((layout, name, seed))

    draw()
    for layout, name, seed in drawn:
        for kind in (name, "generic"):  # generic where the layout has no points of the kind
            batch = draw_batch(target, layout, BY_NAME[kind], min(count, wanted), np.random.default_rng(seed))
            if batch is not None:
                yield batch
                break


def _counts(target: Target, settings: Settings) -> tuple[int, int]:
    """Return how many points are drawn in all, and in a batch."""
    wanted = min(settings.max_examples, max(_FEWEST, _CALLS // target.calls))
    return wanted, min(max(_BATCH, wanted // _BATCHES), _LARGEST_BATCH)


def _seed(target: Target, settings: Settings) -> int:
    """Seed of one target: its own stream, whatever else is judged before it or elsewhere."""
    return int.from_bytes(hashlib.sha256(f"{settings.seed}\n{target.title}".encode()).digest()[:8])


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
