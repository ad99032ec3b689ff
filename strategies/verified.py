"""Points on the boundaries of jax code, compared with f as it is run: what jax traces may be another function."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from jacfuzz.evaluation.boundaries import Boundaries, met_at
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.primal import Primal
from jacfuzz.target import Target
from jacfuzz.tracing.jax_recorder import JaxRecorder, alike
from jacfuzz.tracing.residuals import OTHERWISE

WRITTEN = "numbers of the code"
"""Label of points that are on no boundary for all that is known."""

_OTHERWISE = "f as it is run gives other values there"


def as_run(
    target: Target,
    recorders: Sequence[JaxRecorder],
    frame: Frame,
    origin: tuple[np.ndarray, ...],
    found: Boundaries,
) -> Boundaries:
    """Return the points at which f as it is run gives what it gave when its boundaries were looked for.

    Parameters
    ----------
    target
        Whose f.
    recorders
        What f, and jac after it, were run with.
    frame, origin
        Shapes of the arguments, and a batch of one point.
    found
        The points. Of those that are dropped it is said which boundaries were on them.
    """
    points = list(zip(*found.values, strict=True)) or list(zip(*origin, strict=True))
    on = np.array([label != WRITTEN for label in found.labels], bool)
    chosen = np.flatnonzero(on)
    first = points[chosen[0] if len(chosen) else 0]
    f, *rest = recorders
    found = dataclasses.replace(found, alone=any(recorder.sums(first) for recorder in recorders))
    kept = np.ones(len(on), bool)
    if f.branches(first):
        kept[chosen] = _verified(target, f, frame, tuple(value[chosen] for value in found.values))
        same = bool(kept.all())
    else:
        same = f.fits(first)
    if same and all(recorder.fits(first) for recorder in rest if recorder.branches(first)):
        return found
    lost = _places(found, ~kept) - _places(found, kept)
    return dataclasses.replace(
        found,
        values=tuple(value[kept] for value in found.values),
        labels=tuple(label for label, keep in zip(found.labels, kept, strict=True) if keep),
        missed=(*found.missed, *(f"{place} ({_OTHERWISE})" for place in sorted(lost))),
        unseen=(*found.unseen, OTHERWISE),
    )


def _verified(target: Target, f: JaxRecorder, frame: Frame, values: tuple[Any, ...]) -> np.ndarray:
    """Mask (K,) of the points at which f gives what it was believed to give.

    It is called at each of them as its author calls it. Where that compiles it anew every time, it is compiled once for
    all of them, which one call proves.
    """
    points = list(zip(*values, strict=True))
    if not points or not f.loops(points[0]):
        return np.array([f.fits(point) for point in points], bool)
    believed = [f.believed(point) for point in points]
    shape = next((results[0].shape for results in believed if results), ())
    as_it_is = Primal(target, frame, values, shape)(frame.rows(values), np.arange(len(points)))
    pairs = zip(believed, as_it_is.reshape(len(points), *shape), strict=True)
    return np.array([results is not None and alike(results[0], value) for results, value in pairs], bool)


def _places(found: Boundaries, mask: np.ndarray) -> set[str]:
    """Operations that branch at some of the points."""
    labels = [label for label, chosen in zip(found.labels, mask, strict=True) if chosen]
    return set().union(*map(met_at, labels))
