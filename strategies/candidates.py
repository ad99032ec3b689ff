"""The residuals of a start that are worth meeting, each boundary once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from jacfuzz.strategies.kinds import is_side, rank
from jacfuzz.strategies.probe import Base
from jacfuzz.tracing.residuals import Site


def candidates(base: Base) -> list[int]:
    """Numbers of the residuals that vary and say something new, what is singular or branches first.

    The sites take turns, so that one of many cells does not use up all points.
    """
    scale = np.max(np.abs(base.slopes), axis=1, initial=0.0)
    labels = base.recording.labels
    alone = np.array([not is_side(base.recording, label) for label in labels], dtype=bool)
    usable = np.flatnonzero((scale > 1e-12) & np.isfinite(base.recording.residuals) & alone)
    turns = _turns([labels[number].site for number in usable])
    order = sorted(zip((rank(labels[number]) for number in usable), turns, usable, strict=True))
    seen: set[bytes] = set()
    chosen: list[int] = []
    for _, _, number in order:
        column = np.argmax(np.abs(base.slopes[number]))
        line = np.append(base.slopes[number], base.recording.residuals[number]) / base.slopes[number, column]
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
