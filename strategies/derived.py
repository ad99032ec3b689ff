"""Batches on the boundaries of a pair's own code: which layouts are searched, and how many points are kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from jacfuzz.evaluation.boundaries import Boundaries, met_at
from jacfuzz.strategies.batches import Batch
from jacfuzz.strategies.boundaries import boundaries
from jacfuzz.strategies.layouts import Layout
from jacfuzz.strategies.solver import MOST_KEPT
from jacfuzz.target import Target

STRATUM = "own boundary"
"""Stratum of the points that the code itself gives."""

_BATCH = 20
_MOST_CELLS = 12
_CALLS_AND_POINTS = (200 + MOST_KEPT, 30), (160, 4)
_CALLS_A_CELL, _WIDEST = 16, 32  # a start alone takes a call a cell
_CALLS_TO_JUDGE, _FEWEST = 5000, 6


def searched(menu: tuple[Layout, ...]) -> tuple[Layout, ...]:
    """Return the layouts, of a menu, that code is searched at: one of up to a dozen cells, then the smallest."""
    solid = [layout for layout in menu if layout.size]
    handy = [layout for layout in solid if layout.size <= _MOST_CELLS] or solid[:1]
    return tuple({layout.shapes: layout for layout in (*handy[-1:], *handy[:1])}.values())


def derived(target: Target, menu: tuple[Layout, ...], seed: int) -> Iterator[tuple[Boundaries, list[Batch]]]:
    """Search for the boundaries of a pair at the layouts that are searched.

    Parameters
    ----------
    target
        The pair.
    menu
        Its layouts, smallest first and empty ones last.
    seed
        Makes the search.

    Yields
    ------
    tuple[Boundaries, list[Batch]]
        What was found at a layout, and the points that are worth judging.
    """
    most = max(_FEWEST, _CALLS_TO_JUDGE // target.calls)  # of index functions a Jacobian is a call a cell
    for layout, (calls, wanted) in zip(searched(menu), _CALLS_AND_POINTS, strict=False):
        kept = min(wanted, most)
        wide = MOST_KEPT + _CALLS_A_CELL * layout.size if layout.size <= _WIDEST else 0
        found = boundaries(target, layout, seed, max(calls, wide), kept)
        yield found, list(_batches(found, layout))


def _batches(found: Boundaries, layout: Layout) -> Iterator[Batch]:
    """Yield the points, those on boundaries one by one where that matters."""
    on = [number for number, label in enumerate(found.labels, 1) if found.alone and met_at(label)]
    alone = max(on, default=0)  # boundaries come first
    starts = [*range(alone), *range(alone, len(found.labels), _BATCH)]
    for start, end in itertools.pairwise([*starts, len(found.labels)]):
        yield Batch(layout, tuple(value[start:end] for value in found.values), STRATUM, start < alone)
