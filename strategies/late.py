"""What a search does with the runs that it kept for what it left out.

Distances are approached from afar, branches that no step led to are looked for from further starts, and boundaries that
were met are followed to where others make them count.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from jacfuzz.strategies.base import Base
from jacfuzz.strategies.found import Found
from jacfuzz.strategies.kinds import may_be_distance, rank
from jacfuzz.strategies.probe import Probe, SpentError
from jacfuzz.strategies.sides import Beside
from jacfuzz.strategies.walk import Met, walked
from jacfuzz.strategies.zeros import Zeros
from jacfuzz.tracing.residuals import Label, Site

FEWEST_STARTS = 4
"""Starts of a search at least, if anything branches."""

_BASES_TO_APPROACH, _MOST_APPROACHED = 2, 4
_ENOUGH_ODD = 5


class Late:
    """The last part of a search.

    Parameters
    ----------
    probe, zeros
        The function, and what meets a boundary.
    rng
        Draws how far steps go.
    met
        Points where code branches; those that are found are added.
    zero
        Residuals that were led to zero; those that are are added.
    """

    def __init__(self, probe: Probe, zeros: Zeros, rng: np.random.Generator, met: list[Met], zero: set[Label]) -> None:
        self._probe, self._zeros, self._rng = probe, zeros, rng
        self._met, self._zero = met, zero
        self._found: list[Found] = []

    def found(self, bases: Sequence[Base], starts: Iterator[np.ndarray], runs: int, points: int) -> list[Found]:
        """Look for what was left out.

        Parameters
        ----------
        bases
            Where the search started so far.
        starts
            Where it may start.
        runs
            Half of them for what was not met at all.
        points
            Of those further on along a boundary, at most; some more where jac is no mean of those beside it.
        """
        end = self._probe.calls + runs
        self._probe.grant(runs // 2)
        with contextlib.suppress(SpentError):
            self._approach(bases)
            self._meet_what_is_left(bases, starts)
        self._probe.grant(end - self._probe.calls)
        with contextlib.suppress(SpentError):
            self._walk(points)
        return self._found

    def _approach(self, bases: Sequence[Base]) -> None:
        """Look from afar for the zeros of distances that no step led to, one of each operation."""
        met = {label.site for label in self._zero}
        found: dict[Site, tuple[Label, Base]] = {}
        for base in bases[:_BASES_TO_APPROACH]:
            for label, moves in zip(base.recording.labels, np.asarray(base.slopes.any(axis=1)), strict=True):
                if moves and label.site not in met and may_be_distance(label):
                    found.setdefault(label.site, (label, base))
        for label, base in itertools.islice(found.values(), _MOST_APPROACHED):
            best = self._zeros.apex(base, label)
            if best is not None and best.left == 0.0:
                self._add(label, best.row)

    def _meet_what_is_left(self, bases: Sequence[Base], starts: Iterator[np.ndarray]) -> None:
        """Look for branches that no step led to, from further starts if there were few."""
        seen = list(bases)
        while len(seen) < FEWEST_STARTS and any(map(self._left, seen)):
            seen.append(self._probe.base(self._probe.confined(next(starts))))
        for base in seen:
            for label in self._left(base):
                best = self._zeros.nearest(base, (label,), base.slopes_of(label), 1)
                if best is not None and best.left == 0.0:
                    self._met.append(Met(label, best.row, base))
                    self._add(label, best.row)

    def _left(self, base: Base) -> list[Label]:
        """Branches seen from a start that no step led to."""
        labels = [base.recording.labels[number] for number in base.candidates]
        return [label for label in labels if rank(label) == 0 and label not in self._zero]

    def _walk(self, points: int) -> None:
        """Look for points of the boundaries of one operation on the other sides of those of another."""
        if len({point.label.site for point in self._met}) < 2 or len(self._met[0].row) < 2:
            return
        odd = other = 0
        for point, kind in walked(self._probe, self._zeros, self._met, self._rng):
            odd, other = (odd + 1, other) if kind is Beside.LIKE_NONE else (odd, other + 1)
            if kind is Beside.LIKE_NONE or other <= points:
                self._add(point.label, point.row)
            if odd >= _ENOUGH_ODD:
                break

    def _add(self, label: Label, row: np.ndarray) -> None:
        self._zero.add(label)
        self._found.append(Found.alone(label, row))
