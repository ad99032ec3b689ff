"""While one target is judged the processes of the next load its code, and compile it at the shapes to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from jacfuzz.errors import AnnotationError
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.strategies.batches import draw_batch
from jacfuzz.strategies.layouts import layouts, several_first
from jacfuzz.strategies.strata import BY_NAME
from jacfuzz.target import Target, Unloadable

_POINTS = 4
_AT_ONCE = 2  # shapes that are ready before the first points come


def one_ahead(targets: Sequence[Target | Unloadable]) -> Iterator[Target | Unloadable]:
    """Yield the targets in order, each while the processes of the one after it make themselves ready.

    Only those of the same file do: what they execute is what those of the target itself have executed, while code of
    another file could harm what is judged.

    Parameters
    ----------
    targets
        Those that are judged in this order.
    """
    for number, target in enumerate(targets):
        _begin(target, _AT_ONCE if isinstance(target, Target) and target.array_type == "numpy" else None)
        for after in targets[number + 1 : number + 2]:
            if after.place.file == target.place.file:
                _begin(after)
        yield target


def _begin(target: Target | Unloadable, most: int | None = None) -> None:
    """Begin with so many shapes at most, and get ready for the others later."""
    host = host_of(target) if isinstance(target, Target) else None
    if host is None or not isinstance(target, Target):
        return
    try:
        menu = [layout for layout in several_first(layouts(target.signature)) if layout.size]
    except AnnotationError:  # told when the target is judged
        return
    rng = np.random.default_rng(0)
    batches = [draw_batch(target, layout, BY_NAME["generic"], _POINTS, rng) for layout in menu]
    values = [batch.values for batch in batches if batch is not None]
    host.begin(values[:most], values[len(values) if most is None else most :])
