"""Along the boundaries that were met, to the other sides of others: whether one counts may depend on those.

Two entries that tie show in the result only where what they are compared for wins in its turn. Steps along a boundary
lead to the nearest others, which cost a run each; the boundary is met again where the code goes a way that it went at
no point of it before. No step leads from where jac is that of one side: there the boundary counts, and jac knows it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from jacfuzz.strategies.candidates import candidates
from jacfuzz.strategies.kinds import rank
from jacfuzz.strategies.probe import Base, Probe
from jacfuzz.strategies.sides import Beside
from jacfuzz.strategies.zeros import Zeros
from jacfuzz.tracing.residuals import Label, Recording

_PARALLEL = 1e-6
_BEYOND = (1.1, 2.0)  # of the way to another boundary
_LENGTHS = (0.1, 20.0)
_FARTHEST = 1e4
_TINY = 1e-9  # residuals next to a boundary, as good as on it
_MOST_TRIES, _MOST_IDLE = 2, 30
_LEADING_ON = (Beside.LIKE_ALL, Beside.A_MEAN)


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
    numbers = {id(one.base): candidates(one.base) for one in met}
    tracks: dict[Label, list[tuple[Met, Recording]]] = defaultdict(list)
    for one in met:
        if probe.beside(one.row, one.slopes[0]) in _LEADING_ON:
            tracks[one.label].append((one, probe.run(one.row)))
    tries = Counter({(label, _way(there)): _MOST_TRIES for label, points in tracks.items() for _, there in points})
    crossed: set[tuple[bytes, Label]] = set()
    turn = idle = 0
    while tracks and idle < _MOST_IDLE:
        for label, points in tracks.items():
            point, here = points[turn % len(points)]
            step = _to_nearest(point, numbers[id(point.base)], here, crossed)
            row = probe.confined(point.row + (_along(point, rng) if step is None else rng.uniform(*_BEYOND) * step))
            there = probe.run(row)
            way = label, _way(there)
            idle += 1
            if tries[way] >= _MOST_TRIES or np.isnan(there.at((label,))[0]):
                continue
            tries[way] += 1
            best = zeros.nearest(Base(row, there, point.slopes), (label,), point.slopes, 1)
            if best is not None and best.left == 0.0:
                tries[way], idle = _MOST_TRIES, 0
                found = point._replace(row=best.row)
                kind = probe.beside(found.row, found.slopes[0])
                if kind in _LEADING_ON:
                    points.append((found, there))
                yield found, kind
        turn += 1


def _to_nearest(
    point: Met, across: Sequence[int], here: Recording, crossed: set[tuple[bytes, Label]]
) -> np.ndarray | None:
    """Step (N,) along a boundary to the nearest other one that was not crossed from here; None where none is left."""
    place = point.row.tobytes()
    steps: dict[Label, np.ndarray] = {}
    for number in across:
        label, slopes = point.base.recording.labels[number], point.base.slopes[number]
        along = _projected(slopes, point)
        if along @ along > _PARALLEL * (slopes @ slopes) and label != point.label and (place, label) not in crossed:
            step = -here.at((label,))[0] / (along @ along) * along
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
    return np.asarray(np.exp(rng.uniform(low, high)) * _projected(rng.standard_normal(len(point.row)), point))


def _projected(direction: np.ndarray, point: Met) -> np.ndarray:
    """What of a direction (N,) lies in a boundary."""
    (normal,) = point.slopes
    return np.asarray(direction - (direction @ normal) / (normal @ normal) * normal)


def _way(recording: Recording) -> Hashable:
    """What tells the ways of the code through its branches apart: the signs of its residuals."""
    return tuple(
        (site, tuple(np.sign(np.where(np.abs(part) < _TINY, 0.0, part))))
        for site, (start, size) in recording.starts.items()
        if rank(Label(site, 0)) == 0
        for part in [np.nan_to_num(recording.residuals[start : start + size])]
    )
