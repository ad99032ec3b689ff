"""Along the boundaries that were met, to the other sides of others: whether one counts may depend on those.

Two entries that tie show in the result only where what they are compared for wins in its turn. Steps along a boundary
lead to the nearest others, which cost a run each; the boundary is met again where the code goes a way that it went at
no point of it before. Half of the steps lead from where jac is not that of one side alone: there the boundary does not
count, or jac has something of its own for it.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from jacfuzz.strategies.base import Base
from jacfuzz.strategies.kinds import rank
from jacfuzz.strategies.probe import Probe
from jacfuzz.strategies.sides import Beside
from jacfuzz.strategies.zeros import Zeros
from jacfuzz.tracing.residuals import Label, Recording

_PARALLEL = 1e-6
_BEYOND = (1.1, 2.0)  # of the way to another boundary
_LENGTHS = (0.1, 20.0)
_FARTHEST = 1e4
_TINY = 1e-9  # residuals next to a boundary, as good as on it
_MOST_TRIES, _MOST_IDLE = 2, 30


class Met(NamedTuple):
    """A point on the boundary of one residual.

    Attributes
    ----------
    label
        The residual.
    row
        The input (N,).
    base
        The start from which it was met.
    """

    label: Label
    row: np.ndarray
    base: Base

    @property
    def slopes(self) -> np.ndarray:
        """Slopes of the residual at the start, shape (1, N)."""
        return self.base.slopes_of(self.label)


_Points: TypeAlias = defaultdict[Label, deque[tuple[Met, Recording]]]


def walked(
    probe: Probe,
    zeros: Zeros,
    met: Sequence[Met],
    rng: np.random.Generator,
) -> Iterator[tuple[Met, Beside]]:
    """Yield further points on the boundaries that were met, with what jac is there, and walk on from these.

    Parameters
    ----------
    probe, zeros
        The function, and what meets a boundary.
    met
        Where to begin.
    rng
        Draws how far beyond a boundary a step goes.

    Raises
    ------
    SpentError
        If no runs are left.
    """
    tracks = _Tracks()
    tries: Counter[tuple[Label, Hashable]] = Counter()
    for one in met:
        here = probe.run(one.row)
        tracks.add(one, here, probe.beside(one.row, one.slopes[0]))
        tries[one.label, _way(here)] = _MOST_TRIES
    crossed: set[tuple[bytes, Label]] = set()
    idle = 0
    for point, here in tracks:
        step = _to_nearest(point, here, crossed)
        row = probe.confined(point.row + (_along(point, rng) if step is None else rng.uniform(*_BEYOND) * step))
        there = probe.run(row)
        way = point.label, _way(there)
        if tries[way] < _MOST_TRIES and not np.isnan(there.at((point.label,))[0]):
            tries[way] += 1
            best = zeros.nearest(Base(row, there, point.slopes), (point.label,), point.slopes, 1)
            if best is not None and best.left == 0.0:
                tries[way], idle = _MOST_TRIES, 0
                found = point._replace(row=best.row)
                kind = probe.beside(found.row, found.slopes[0])
                tracks.add(found, there, kind)
                yield found, kind
        idle += 1
        if idle >= _MOST_IDLE:
            return


class _Tracks:
    """Points to step from: a boundary's points take turns, and so do boundaries.

    Every other step leads from a point that shows nothing of its boundary, or a mean, if there are any.
    """

    def __init__(self) -> None:
        self._points: tuple[_Points, _Points] = defaultdict(deque), defaultdict(deque)

    def add(self, point: Met, here: Recording, kind: Beside) -> None:
        """Add a point with what was recorded there."""
        if kind is not Beside.LIKE_NONE:
            self._points[kind is Beside.LIKE_ONE][point.label].append((point, here))

    def __iter__(self) -> Iterator[tuple[Met, Recording]]:
        turn = 0
        while any(self._points):
            points = self._points[turn % 2] or self._points[1 - turn % 2]
            label, row = next(iter(points.items()))
            points[label] = points.pop(label)
            row.rotate(-1)
            turn += 1
            yield row[-1]


def _to_nearest(point: Met, here: Recording, crossed: set[tuple[bytes, Label]]) -> np.ndarray | None:
    """Step (N,) along a boundary to the nearest other one that was not crossed from here; None where none is left."""
    place = point.row.tobytes()
    steps: dict[Label, np.ndarray] = {}
    labels, (normal,) = point.base.recording.labels, point.slopes
    for number in point.base.candidates:
        label, slopes = labels[number], point.base.slopes[number]
        along = _projected(slopes, normal)
        length = along @ along
        if length > _PARALLEL * (slopes @ slopes) and label != point.label and (place, label) not in crossed:
            step = -here.at((label,))[0] / length * along
            if np.linalg.norm(step) < _FARTHEST:
                steps[label] = step
    if not steps:
        return None
    nearest = min(steps, key=lambda label: float(np.linalg.norm(steps[label])))
    crossed.add((place, nearest))
    return steps[nearest]


def _along(point: Met, rng: np.random.Generator) -> np.ndarray:
    """Step (N,) along a boundary in any direction."""
    low, high = np.log(_LENGTHS)
    return np.asarray(np.exp(rng.uniform(low, high)) * _projected(rng.standard_normal(len(point.row)), point.slopes[0]))


def _projected(direction: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """What of a direction (N,) lies in the boundary with a normal (N,)."""
    return np.asarray(direction - (direction @ normal) / (normal @ normal) * normal)


def _way(recording: Recording) -> Hashable:
    """What tells the ways of the code through its branches apart: the signs of its residuals."""
    sites, sizes = recording.sites, recording.outline.sizes
    branching = [rank(Label(site, 0)) == 0 for site in sites]
    residuals = recording.residuals[np.repeat(branching, sizes)]
    signs = (residuals >= _TINY).astype(np.int8) - (residuals <= -_TINY)
    return tuple(itertools.compress(zip(sites, sizes, strict=True), branching)), signs.tobytes()
