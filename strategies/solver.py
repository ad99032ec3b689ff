"""Inputs on the boundaries of a function: zeros of the residuals that a recording of it gives.

From each start the residuals are differenced once; then every boundary that can be seen from there is met
(``zeros.py``), later several at once, and points around each are added. A point inside an adjoining cell where f takes
another path is the next start.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence

import numpy as np

from jacfuzz.strategies.around import around
from jacfuzz.strategies.base import Base
from jacfuzz.strategies.found import Found, Solution
from jacfuzz.strategies.kinds import alike, are_last, is_kept_off, is_last, rank, sides_of
from jacfuzz.strategies.late import FEWEST_STARTS, Late
from jacfuzz.strategies.probe import Probe, SpentError
from jacfuzz.strategies.walk import Met
from jacfuzz.strategies.zeros import Zeros
from jacfuzz.tracing.residuals import Label, Recording, Site

MOST_KEPT = 300
"""Runs that a search keeps for what it left out, at most; not more than half of all."""

_MOST_POINTS, _MOST_OF_LAST, _MOST_FAILURES = 5, 2, 2
_MOST_STARTS = 12
_MOST_SUPPORTS = 3
_MOST_SEGMENTS, _MOST_HALVINGS = 3, 10
_ENOUGH, _ENOUGH_OF_LAST = 80, 40
_MOST_CLIMBS = 2
_PAIRS, _TRIPLES = 24, 8
_PAIRS_OF_LAST, _TRIPLES_OF_LAST = 4, 2


class Solver:
    """Search for the boundaries of one function.

    Parameters
    ----------
    probe
        The function.
    rng
        Draws combinations and clouds.
    points
        Different inputs on boundaries that are wanted; the search ends when it has as many.
    """

    def __init__(self, probe: Probe, rng: np.random.Generator, points: int) -> None:
        self._probe = probe
        self._kept = min(MOST_KEPT, probe.most // 2)
        self._wanted = points
        self._rng = rng
        self._zeros = Zeros(probe, rng)
        self._found: list[Found] = []
        self._rows: set[bytes] = set()
        self._tries: Counter[tuple[Label, ...]] = Counter()
        self._failures: Counter[tuple[Label | Site, ...]] = Counter()
        self._zero: set[Label] = set()
        self._together: set[tuple[Label, ...]] = set()
        self._known: set[object] = set()
        self._met: list[Met] = []
        self._queue: deque[np.ndarray] = deque()

    def solve(self, starts: Iterator[np.ndarray]) -> Solution:
        """Look from several starts and from the new paths that are met, until few calls are left."""
        bases: list[Base] = []
        self._probe.grant(self._probe.most - self._kept)
        try:
            for number in range(_MOST_STARTS):
                if number >= (FEWEST_STARTS if self._tries else 2) and not self._queue and self._settled():
                    break
                row = self._queue.popleft() if self._queue and number >= FEWEST_STARTS else next(starts)
                bases.append(self._probe.base(self._probe.confined(row)))
                self._meet_each(bases[-1])
            self._cross(bases)
            for base in bases:
                self._meet_together(base)
            self._climb(bases)
            self._meet_again(bases)
        except SpentError:
            pass
        late = Late(self._probe, self._zeros, self._rng, self._met, self._zero).found(
            bases, starts, self._kept, self._wanted
        )
        self._found += late
        missed = self._missed(bases)
        return Solution(tuple(self._found), missed, tuple(self._probe.unseen), self._probe.calls, len(late))

    def _missed(self, bases: Sequence[Base]) -> dict[Label, str]:
        """Residuals that may vanish somewhere and at no point that was found, as far as can be seen, and why."""
        left = dict(self._unmet(bases))
        try:
            for found in self._found:
                if not left:
                    break
                recording = self._probe.run(found.row)
                left = {label: why for label, why in left.items() if not _meets(recording, label)}
        except SpentError:
            pass
        return left

    def _unmet(self, bases: Sequence[Base]) -> dict[Label, str]:
        """Residuals that were not led to zero and may vanish somewhere, and what is known of them.

        A denominator, or what a root or logarithm is taken of, that has one sign at all starts is kept from zero on
        purpose more often than not.
        """
        left = [label for (label,) in self._singles() if label not in self._zero]
        signs = np.sign([base.recording.at(left) for base in bases]).reshape(len(bases), len(left))
        both = np.asarray((signs > 0).any(axis=0) & (signs < 0).any(axis=0))
        known = {True: "it changes sign, but no step led to a zero", False: "it had one sign at all starts"}
        return {
            label: known[bool(either)]
            for label, either in zip(left, both, strict=True)
            if either or not is_kept_off(label)
        }

    def _settled(self) -> bool:
        """Whether enough was tried, the more where a boundary is missing, little where all is smooth."""
        singles = [label for (label,) in self._singles() if not is_kept_off(label)]
        missing = any(label not in self._zero for label in singles)
        return not self._tries or self._probe.calls >= (_ENOUGH * (1 + missing) if singles else _ENOUGH_OF_LAST)

    def _singles(self) -> list[tuple[Label, ...]]:
        return [labels for labels in self._tries if len(labels) == 1 and not is_last(labels[0])]

    def _meet_each(self, base: Base) -> None:
        """Solve for every residual that can be seen from a start."""
        self._known.add(base.recording.sites)
        for number in base.candidates:
            labels = (base.recording.labels[number],)
            if self._worth(labels):
                self._meet(base, labels, base.slopes[[number]])

    def _meet_together(self, base: Base) -> None:
        """Solve for several residuals at once."""
        for numbers in self._combinations(base, base.candidates):
            labels = tuple(base.recording.labels[number] for number in numbers)
            if self._worth(labels) and labels not in self._together:
                self._meet(base, labels, base.slopes[list(numbers)])

    def _meet_again(self, bases: Sequence[Base]) -> None:
        """Look for further points where code branches: with luck they lie on other sides of its other boundaries."""
        for base in bases:
            for number in base.candidates:
                labels = (base.recording.labels[number],)
                often = self._tries[labels] >= _MOST_POINTS or self._failures[labels] >= _MOST_FAILURES
                if rank(labels[0]) == 0 and not often:
                    self._meet(base, labels, base.slopes[[number]])

    def _cross(self, bases: Sequence[Base]) -> None:
        """Where steps did not lead to a zero, look on segments between starts of opposite signs."""
        for (label,) in self._singles():
            if label in self._zero:
                continue
            ends = [(base, float(base.recording.at((label,))[0])) for base in bases]
            below = [base for base, value in ends if value < 0]
            above = [base for base, value in ends if value > 0]
            for first, second in list(itertools.product(below, above))[:_MOST_SEGMENTS]:
                base = self._crossing(first.row, second.row, label)
                if base is not None and np.any(base.slopes_of(label)):
                    self._meet(base, (label,), base.slopes_of(label))
                if label in self._zero:
                    break

    def _climb(self, bases: Sequence[Base]) -> None:
        """Start from where a residual of an operation that was never met, or that changes in steps, is small."""
        met = {label.site for label in self._zero}
        unmet = [label for label in self._unmet(bases) if label.site not in met]
        for label in dict.fromkeys((*_stepping(bases), *unmet[:_MOST_CLIMBS])):
            from jacfuzz.strategies.climbing import climbed  # with Hypothesis, which most code does without

            found = climbed(self._probe, label, len(bases[0].row), int(self._rng.integers(2**32)))
            if found is None:
                continue
            row, distance = found
            if distance == 0.0:
                self._zero.add(label)
                self._found.append(Found.alone(label, row))
            self._meet_each(self._probe.base(row))

    def _crossing(self, below: np.ndarray, above: np.ndarray, label: Label) -> Base | None:
        """Halve a segment until one step from its end may lead to the zero inside; None where the path changes."""
        for _ in range(_MOST_HALVINGS):
            middle = 0.5 * (below + above)
            value = float(self._probe.values(middle, (label,))[0])
            if not np.isfinite(value):
                return None
            below, above = (middle, above) if value < 0 else (below, middle)
        base = self._probe.base(middle)
        _, size = base.recording.starts.get(label.site, (0, 0))
        return base if label.cell < size else None

    def _combinations(self, base: Base, numbers: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Residuals to meet together: all of a site, then pairs and triples, drawn where there are many."""
        labels = base.recording.labels
        hopeful = [number for number in numbers if not self._is_hopeless(labels[number])]
        first = [number for number in hopeful if not is_last(labels[number])]
        pairs, triples = (_PAIRS, _TRIPLES) if first else (_PAIRS_OF_LAST, _TRIPLES_OF_LAST)
        first = first or hopeful
        groups = [tuple(group) for _, group in itertools.groupby(sorted(first), key=lambda number: labels[number].site)]
        whole = [group for group in groups if 2 <= len(group) <= len(base.row)]
        near: list[tuple[int, ...]] = [pair for group in groups for pair in itertools.pairwise(group)]
        for count, most in ((2, pairs), (3, triples)):
            if len(first) >= count:
                shuffled = np.argsort(self._rng.random((2 * most, len(first))), axis=1)[:, :count]
                drawn = dict.fromkeys(map(tuple, np.sort(np.asarray(first)[shuffled], axis=1).tolist()))
                near += list(drawn)[:most]
        yield from dict.fromkeys(whole + near)

    def _worth(self, labels: tuple[Label, ...]) -> bool:
        """Whether to look for another point where some residuals vanish.

        Not often where none was found, nor once half of the points or runs are left for those that vanish together.
        """
        half = 2 * len(self._rows) >= self._wanted or 2 * self._probe.left <= self._probe.most
        if half and labels in self._together:
            return False
        most = _MOST_OF_LAST if are_last(labels) else _MOST_POINTS
        return self._tries[labels] < most and self._failures[alike(labels)] < _MOST_FAILURES

    def _is_hopeless(self, label: Label) -> bool:
        """Whether a residual was not led to zero alone, so that it will hardly be together with others."""
        return label not in self._zero and self._failures[alike((label,))] >= _MOST_FAILURES

    def _meet(self, base: Base, labels: tuple[Label, ...], slopes: np.ndarray) -> None:
        """Find a point where some residuals vanish together, and the points around it."""
        self._tries[labels] += 1
        sides = sides_of(base.recording, labels)
        aims = [base.recording.labels[number] for number in sides]
        aimed = (tuple(aims), base.slopes[sides]) if aims else (labels, slopes)
        best = self._zeros.nearest(base, *aimed, 1 if are_last(labels) else _MOST_SUPPORTS)
        if best is None or best.left > 0.0 or best.row.tobytes() in self._rows:
            self._failures[alike(labels)] += 1
        if best is not None and best.left == 0.0 and len(labels) == 1 and rank(labels[0]) == 0:
            self._met.append(Met(labels[0], best.row, base))
        if best is not None and (best.left == 0.0 or len(labels) == 1):
            self._keep(labels, best.row, best.left == 0.0, slopes)

    def _keep(self, labels: tuple[Label, ...], row: np.ndarray, exact: bool, slopes: np.ndarray) -> None:
        met = self._zero.issuperset(labels) or are_last(labels)
        if exact:
            self._zero.update(labels)
            self._together.add(labels)
        beside, inside = around(self._probe, row, slopes, self._rng)
        self._found.append(Found(labels, row, exact, beside, inside))
        self._rows.add(row.tobytes())
        if len(self._rows) >= self._wanted:
            raise SpentError
        for point in inside[-2:] if not met else ():  # else other paths are not to be expected there
            recording = self._probe.run(point)
            if recording.sites not in self._known:
                self._known.add(recording.sites)
                self._queue.append(point)


def _stepping(bases: Sequence[Base]) -> tuple[Label, ...]:
    """Residuals without a slope anywhere that have several values, none of them 0."""
    values: dict[Label, set[float]] = defaultdict(set)
    for base in bases:
        flat = np.asarray(~base.slopes.any(axis=1))
        for label, value, still in zip(base.recording.labels, base.recording.residuals, flat, strict=True):
            values[label].add(float(value) if still else 0.0)
    several = [label for label, seen in values.items() if len(seen) > 1 and 0.0 not in seen]
    return tuple(label for label in several if not is_last(label))[:_MOST_CLIMBS]


def _meets(recording: Recording, label: Label) -> bool:
    """Whether a residual vanishes, or is the winner's lead over itself, which has no value, at a tie."""
    value = recording.at((label,))[0]
    start, size = recording.starts.get(label.site, (0, 0))
    return bool(value == 0 or (np.isnan(value) and np.any(recording.residuals[start : start + size] == 0)))
