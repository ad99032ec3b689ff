"""From a failing point to the smallest and plainest one that fails in the same way.

Hypothesis shrinks; this module hands it the failing point, and plainer versions of it, as saved examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from hypothesis import Phase, find, settings
from hypothesis.database import InMemoryExampleDatabase, choices_to_bytes
from hypothesis.errors import NoSuchExample, Unsatisfiable

from jacfuzz.strategies.batches import Batch, columns, split
from jacfuzz.strategies.layouts import Layout
from jacfuzz.strategies.points import cells_strategy
from jacfuzz.strategies.quietly import QUIETLY
from jacfuzz.target import Target

_KEY = b"jacfuzz"
# Hypothesis takes its primary examples for minimal already; it shrinks what is saved as secondary.
_SAVED = _KEY + b".secondary"
_MOST_POINTS = 400
_FEWEST_POINTS = 40


def shrink(target: Target, failing: Batch, menu: tuple[Layout, ...], fails: Callable[[Batch], bool]) -> Batch:
    """Return the smallest point that still fails; the failing one where none is smaller.

    Parameters
    ----------
    target
        The pair.
    failing
        A batch of one failing point.
    menu
        Layouts to try, smallest first; those larger than the failing point's are left out.
    fails
        Whether a batch of one point fails in the same way.
    """
    smaller = [layout for layout in menu if 0 < layout.size < failing.layout.size]
    choices = (*smaller, failing.layout)
    budget = max(_FEWEST_POINTS, _MOST_POINTS // target.calls)
    known: dict[bytes, bool] = {}

    def condition(drawn: tuple[int, list[float]]) -> bool:
        batch = _batch(target, choices, drawn, failing)
        key = b"".join(value.tobytes() for value in batch.values) + bytes([drawn[0]])
        if key not in known:
            if len(known) >= budget:
                return False
            known[key] = fails(batch)
        return known[key]

    database = InMemoryExampleDatabase()
    plainest: tuple[int, list[float]] | None = None
    for number, cells in _seeds(target, choices, failing):
        if condition((number, cells)):
            database.save(_SAVED, choices_to_bytes((number, *cells)))
            plainest = plainest or (number, cells)
    try:
        smallest = find(
            cells_strategy(target, choices),
            condition,
            settings=settings(QUIETLY, database=database, phases=(Phase.reuse, Phase.shrink)),
            database_key=_KEY,
        )
    except (NoSuchExample, Unsatisfiable):  # nothing fails again, or a thousand cells are too many for Hypothesis
        if plainest is None:
            return failing
        smallest = plainest
    return _batch(target, choices, smallest, failing)


def _seeds(target: Target, choices: tuple[Layout, ...], failing: Batch) -> Iterator[tuple[int, list[float]]]:
    """Yield the failing point and plainer versions of it, in its own layout and cropped to every smaller one."""
    for number, layout in enumerate(choices):
        cropped = _crop(target, failing, layout)
        if cropped is None:
            continue
        cells = columns(target, layout)
        for row in _plainer(cropped):
            inside = np.clip(row, cells.low, cells.high)
            yield number, [float(cell) for cell in inside]


def _plainer(row: np.ndarray) -> Iterator[np.ndarray]:
    yield np.where(row == 0, 0.0, 1.0)
    yield np.sign(row)
    # Ranks keep order and ties, which is all that sorting and maxima look at.
    yield np.unique(row, return_inverse=True)[1].reshape(row.shape).astype(float)
    yield np.round(row)
    yield np.round(row, 1)
    yield row


def _crop(target: Target, failing: Batch, layout: Layout) -> np.ndarray | None:
    """Cells of the failing point's leading block in a smaller layout; None where its ranks differ."""
    parts = []
    for argument, value, shape in zip(target.signature.arguments, failing.values, layout.shapes, strict=True):
        if argument.differentiable:
            source = value[0]
            if source.ndim != len(shape) or any(size > own for size, own in zip(shape, source.shape, strict=True)):
                return None
            parts.append(source[tuple(slice(size) for size in shape)].reshape(-1))
    return np.concatenate(parts) if parts else None


def _batch(target: Target, choices: tuple[Layout, ...], drawn: tuple[int, list[float]], failing: Batch) -> Batch:
    number, cells = drawn
    layout = choices[number]
    row = np.array(cells, dtype=float).reshape(1, -1) + 0.0  # turns -0.0 into 0.0
    same = layout is failing.layout
    values = split(row, target, layout, np.random.default_rng(0))
    kept = tuple(
        value if argument.differentiable or not same else before
        for argument, value, before in zip(target.signature.arguments, values, failing.values, strict=True)
    )
    return Batch(layout, kept, failing.stratum)
