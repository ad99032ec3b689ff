"""A start of the search, and which of the residuals that it sees are worth meeting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jacfuzz.strategies.kinds import is_side, rank
from jacfuzz.tracing.residuals import Label, Recording, Site


@dataclass(frozen=True)
class Base:
    """A start: its recording, and the residuals' slopes (R, N)."""

    row: np.ndarray
    recording: Recording
    slopes: np.ndarray

    def slopes_of(self, label: Label) -> np.ndarray:
        """Return the slopes of one of its residuals, shape (1, N)."""
        start, _ = self.recording.starts[label.site]
        return self.slopes[[start + label.cell]]

    @cached_property
    def candidates(self) -> list[int]:
        """Numbers of the residuals that vary and say something new, what is singular or branches first.

        The sites take turns, so that one of many cells does not use up all points.
        """
        scale = np.max(np.abs(self.slopes), axis=1, initial=0.0)
        labels = self.recording.labels
        alone = np.array([not is_side(self.recording, label) for label in labels], dtype=bool)
        usable = np.flatnonzero((scale > 1e-12) & np.isfinite(self.recording.residuals) & alone)
        turns = _turns([labels[number].site for number in usable])
        order = sorted(zip((rank(labels[number]) for number in usable), turns, usable, strict=True))
        seen: set[bytes] = set()
        chosen: list[int] = []
        for _, _, number in order:
            column = np.argmax(np.abs(self.slopes[number]))
            line = np.append(self.slopes[number], self.recording.residuals[number]) / self.slopes[number, column]
            key = (np.round(line, 7) + 0.0).tobytes()
            if key not in seen:
                seen.add(key)
                chosen.append(int(number))
        return chosen


def _turns(sites: Sequence[Site]) -> list[int]:
    """Number the occurrences of each site."""
    counts: Counter[Site] = Counter()
    turns = []
    for site in sites:
        turns.append(counts[site])
        counts[site] += 1
    return turns
