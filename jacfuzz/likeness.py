"""Is f what its title says, and has it been seen before? The only place where a name matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from jacfuzz.evaluation.arrays import NotAnArrayError, give, take
from jacfuzz.evaluation.evaluate import Problem, array_types, quiet
from jacfuzz.evaluation.hosted import Hosted
from jacfuzz.result import Finding, Note
from jacfuzz.strategies.batches import Batch, draw_batch
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.strategies.strata import BY_NAME
from jacfuzz.target import Target, Unloadable

_POINTS = 3
_SAME = 1e-9


def mismatch_finding(target: Target, menu: tuple[Layout, ...]) -> Finding | None:
    """Return a finding where f equals none of the reference functions of the entry that its title claims."""
    if target.claim is None or not target.claim.references:
        return None
    shared = [batch for layout in menu if (batch := _probe(target, layout)) is not None]
    primals = [value for batch in shared for value in _values(target, batch)]
    judged = [
        _compare(primals, [value for batch in shared for value in _plain_values(reference, batch)])
        for reference in target.claim.references
    ]
    if "same" in judged or "different" not in judged:
        return None
    title = target.claim.title
    return Finding(
        kind="mismatch",
        message=(
            f"The title or name claims the puzzle {title!r}, but f is another function than any form of it. "
            f"Was another puzzle's f pasted here? Correct f, or rename the block; --no-catalogue turns this check off."
        ),
        diagnosis="Two blocks may have been mixed up.",
        reproduce=f"jacfuzz show {target.claim.entry}",
    )


def duplicate_note(target: Target, menu: tuple[Layout, ...], siblings: Sequence[Target | Unloadable]) -> Note | None:
    """Return a note that names the first earlier target of the same file with the same f.

    The same on every layout that both take: a mean and a product of one entry are the same, of two they are not.
    """
    for sibling in siblings:
        if sibling.id == target.id:
            break
        if isinstance(sibling, Target) and _same_function(target, sibling, menu):
            return Note("duplicate", f"same f as {sibling.title}")
    return None


def _same_function(target: Target, sibling: Target, menu: tuple[Layout, ...]) -> bool:
    taken = {layout.shapes for layout in layouts(sibling.signature)}
    own = [layout for layout in menu if layout.size]
    shared = [layout for layout in own if layout.shapes in taken]
    if not shared or shared[-1] is not own[-1]:
        return False
    judged: set[str] = set()
    for layout in shared:
        batch = _probe(target, layout)
        if batch is not None:
            judged.add(_compare(_values(target, batch), _values(sibling, batch)))
    return "same" in judged and "different" not in judged


def _probe(target: Target, layout: Layout) -> Batch | None:
    # The seed is fixed, so that every run compares alike.
    return draw_batch(target, layout, BY_NAME["generic"], _POINTS, np.random.default_rng(12345))


def _values(target: Target, batch: Batch) -> list[np.ndarray | None]:
    if isinstance(target.f, Hosted):
        return [None if isinstance(answer, Problem) else answer for answer in target.f.answers(batch.values)]
    kinds = array_types(target)
    return [
        _value(target.f, [give(value[index], kind) for value, kind in zip(batch.values, kinds, strict=True)])
        for index in range(len(batch))
    ]


def _plain_values(function: Callable[..., Any], batch: Batch) -> list[np.ndarray | None]:
    return [_value(function, [value[index].copy() for value in batch.values]) for index in range(len(batch))]


def _value(function: Callable[..., Any], arguments: list[Any]) -> np.ndarray | None:
    """F's value, None where it has none."""
    try:
        with quiet():
            return take(function(*arguments))
    except (Exception, SystemExit, NotAnArrayError):  # no value to compare
        return None


def _compare(
    values: list[np.ndarray | None], others: list[np.ndarray | None]
) -> Literal["same", "different", "unknown"]:
    """Compare two functions wherever the first has a finite value and the second has any."""
    pairs = [
        (one, other)
        for one, other in zip(values, others, strict=True)
        if one is not None and other is not None and np.isfinite(one).all()
    ]
    if not pairs:
        return "unknown"
    same = all(one.shape == other.shape and np.allclose(one, other, rtol=_SAME, atol=1e-12) for one, other in pairs)
    return "same" if same else "different"
