"""What is tried on a target, stage by stage: edges, boundaries of the code, what Hypothesis draws, climbed errors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import Phase, given
from hypothesis import seed as hypothesis_seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jacfuzz.records import points as saved_points
from jacfuzz.settings import Settings
from jacfuzz.strategies.batches import Batch, batch_of, draw_batch, edge_batches
from jacfuzz.strategies.derived import derived, searched
from jacfuzz.strategies.layouts import Layout, several_first
from jacfuzz.strategies.quietly import QUIETLY
from jacfuzz.strategies.strata import BY_NAME, STRATA
from jacfuzz.strategies.worst import Errors, worst
from jacfuzz.tally import Tally
from jacfuzz.target import Target

_BATCH, _LARGEST_BATCH = 20, 512
_BATCHES = 15
_AT_ONCE, _DRAWN_AT_ONCE = 64, 128  # points that are judged before failures are counted
_CALLS, _CALLS_EACH = 100_000, 333  # of index functions: in all, and for each point that is asked for
_FEWEST = 20
_ENOUGH_FAILURES = 30


class Stage(NamedTuple):
    """A part of the search.

    Attributes
    ----------
    batches
        What is judged.
    at_once
        Points that are judged before failures are counted.
    settled
        Whether a lot of them does not depend on what came of the one right before.
    """

    batches: Iterator[Batch]
    at_once: int
    settled: bool = False


def stages(
    target: Target, menu: tuple[Layout, ...], settings: Settings, errors: Errors, tally: Tally
) -> Iterator[Stage]:
    """Yield what is tried, in this order.

    Edges come first, then the boundaries of the code, what Hypothesis draws, and where jac is off the most.

    Parameters
    ----------
    target, menu, settings
        The pair, shapes of its arguments, and how much is tried.
    errors
        How far jac is off at points.
    tally
        What came of the stages before; read whenever a stage yields.
    """
    enough, most = (_ENOUGH_FAILURES // 10, _BATCH) if target.calls > 1 else (_ENOUGH_FAILURES, _AT_ONCE)
    yield Stage(_edges(target, menu, settings, tally, enough), most, settled=True)
    if tally.failed < enough:
        yield Stage(_boundaries(target, menu, settings, tally), most)
    if tally.failed < enough:
        most = max(_DRAWN_AT_ONCE, _counts(target, settings)[1])
        yield Stage(drawn(target, tally.worthwhile(menu), settings), most, settled=True)
    yield Stage(_climbed(target, menu, settings, errors, tally), _BATCH)


def _edges(target: Target, menu: tuple[Layout, ...], settings: Settings, tally: Tally, enough: int) -> Iterator[Batch]:
    """Yield saved failures, the target's own edges, and every stratum in every layout."""
    menu = several_first(menu)
    rng = np.random.default_rng(seed_of(target, settings))
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
    for found, own in derived(target, menu, seed_of(target, settings)):
        tally.see(found)
        yield from own


def _climbed(
    target: Target, menu: tuple[Layout, ...], settings: Settings, errors: Errors, tally: Tally
) -> Iterator[Batch]:
    """Yield where jac is off the most, if the code's boundaries were not all reached or seen, and nothing failed."""
    if not (tally.missed or tally.unseen):
        return
    for layout in searched(menu):
        batch = None if tally.failed else worst(target, layout, errors, seed_of(target, settings))
        if batch is not None:
            yield batch


def drawn(target: Target, menu: Sequence[Layout], settings: Settings) -> Iterator[Batch]:
    """Yield batches whose layout, stratum and seed Hypothesis draws; every third is generic."""
    wanted, count = _counts(target, settings)
    plan: list[tuple[Layout, str, int]] = []
    names = ["generic"] * (len(STRATA) // 2) + [stratum.name for stratum in STRATA]

    @hypothesis_seed(seed_of(target, settings))
    @hypothesis_settings(QUIETLY, max_examples=-(-wanted // count), phases=(Phase.generate,))
    @given(st.sampled_from(menu), st.sampled_from(names), st.integers(0, 2**32 - 1))
    def draw(layout: Layout, name: str, seed: int) -> None:
        plan.append((layout, name, seed))

    draw()
    for layout, name, seed in plan:
        for kind in (name, "generic"):  # generic where the layout has no points of the kind
            batch = draw_batch(target, layout, BY_NAME[kind], min(count, wanted), np.random.default_rng(seed))
            if batch is not None:
                yield batch
                break


def _counts(target: Target, settings: Settings) -> tuple[int, int]:
    """Return how many points are drawn in all, and in a batch."""
    asked = settings.max_examples
    wanted = min(asked, max(_FEWEST, max(_CALLS, _CALLS_EACH * asked) // target.calls))
    return wanted, min(max(_BATCH, wanted // _BATCHES), _LARGEST_BATCH)


def seed_of(target: Target, settings: Settings) -> int:
    """Seed of one target: its own stream, whatever else is judged before it or elsewhere."""
    return int.from_bytes(hashlib.sha256(f"{settings.seed}\n{target.title}".encode()).digest()[:8])
