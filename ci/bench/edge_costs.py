"""What boundaries cost a whole check: processor time of the catalogue's with the search for them and without."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

from rich.table import Table

from jacfuzz import search, stages
from jacfuzz.registry import find
from jacfuzz.settings import Settings
from jacfuzz.strategies.derived import derived
from jacfuzz.target import Target

LIMIT = 1.3
"""How many times as long as without boundaries a check may take."""


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time of an entry's check, the least of all rounds, and the points judged."""

    name: str
    without: float
    whole: float
    points: int

    @property
    def ratio(self) -> float:
        """How many times as long the check takes."""
        return self.whole / self.without


def cost_of(target: Target, rounds: int) -> Cost:
    """Check an entry with boundaries and without, in turn, once to warm up."""
    times: dict[bool, list[float]] = {True: [], False: []}
    points = 0
    for number in range(rounds + 1):
        for boundaries in times:
            gc.collect()
            with mock.patch.object(stages, "derived", derived if boundaries else _none):
                start = time.process_time()
                result = search.run(target, Settings())
                seconds = time.process_time() - start
            if number and not any(note.kind == "time" for note in result.notes):  # that was cut short
                times[boundaries].append(seconds)
            points = max(points, result.points)
    return Cost(target.title, min(times[False]), min(times[True]), points)


def _none(*given: Any) -> Iterator[Any]:
    return iter(())


def costs(rounds: int) -> list[Cost]:
    """Measure the whole catalogue."""
    return [cost_of(target, rounds) for target in find([]).targets if isinstance(target, Target)]


def costs_table(found: Sequence[Cost]) -> tuple[Table, dict[str, Any]]:
    """Put the entries in a table, the dearest first, with their sum."""
    table = Table("entry", "without, ms", "with, ms", "times", "points", title="CPU time of a check with boundaries")
    for cost in sorted(found, key=lambda cost: -cost.ratio):
        without, whole = (f"{1e3 * seconds:.0f}" for seconds in (cost.without, cost.whole))
        table.add_row(cost.name, without, whole, f"{cost.ratio:.2f}", str(cost.points))
    every = sum(cost.whole for cost in found) / sum(cost.without for cost in found)
    above = [cost.name for cost in found if cost.ratio > LIMIT]
    table.caption = f"all entries together: {every:.2f}; above {LIMIT}: {', '.join(above) or 'none'}"
    most = max(cost.ratio for cost in found)
    return table, {"all": round(every, 3), "most": round(most, 3), "above": above}
