"""How fast jacfuzz is, as ratios measured side by side in one run: ``python ci/bench/speed.py [--quick]``.

Overhead is the time of everything over that of the user's f and jac alone, at the same points and with what jax
compiles compiled; both are processor time, since a machine is rarely idle. Throughput is compared with the harnesses of
``harnesses.py`` on the catalogue's NumPy pairs. Whole processes, sizes and numbers of points run in processes of their
own (``processes.py``).
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import dataclasses
import functools
import json
import pstats
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from harnesses import harnesses, naive
from processes import process_table, scaling_table
from rich.console import Console
from rich.table import Table

from jacfuzz import stages
from jacfuzz.evaluation.evaluate import quiet
from jacfuzz.judge import Judge
from jacfuzz.registry import Catalogue
from jacfuzz.settings import Settings
from jacfuzz.strategies.batches import Batch, Lot, draw_batch, lots
from jacfuzz.strategies.layouts import layouts
from jacfuzz.strategies.strata import BY_NAME
from jacfuzz.tally import Tally
from jacfuzz.target import Target
from jacfuzz.tracing.rebind import to_jax
from jacfuzz.verdict import PointVerdict

QUICK_TARGETS = ("relu", "product", "sort", "cumsum")
_PARTS = (
    ("references", "autodiff.py", "__call__"),
    ("arbiter", "arbiter.py", "arbitrate"),
    ("differences", "directional.py", "directional"),
    ("structure", "judge.py", "_structure"),
    ("strategies", "stages.py", "drawn"),
)


@dataclass(frozen=True)
class Budget:
    """How much is measured."""

    points: int
    rounds: int
    rival_points: int


class Ours:
    """jacfuzz on one target: the batches that Hypothesis draws, of shapes that f takes, judged."""

    def __init__(self, target: Target, points: int) -> None:
        self._target, self._settings = target, Settings(max_examples=points)
        self._judge = Judge(target, self._settings.seed)
        tally, menu, rng = Tally(), layouts(target.signature), np.random.default_rng(0)
        for layout in menu:
            if (batch := draw_batch(target, layout, BY_NAME["generic"], 1, rng)) is not None:
                tally.add(Lot((batch,)), self._judge.batch(batch.values))
        self._menu = tally.worthwhile(menu)

    def draw(self) -> list[Batch]:
        """Draw all points."""
        return list(stages.drawn(self._target, self._menu, self._settings))

    def __call__(self) -> int:
        """Draw and judge all points; return how many."""
        count = 0
        for lot in lots(self.draw(), stages._LARGEST_BATCH):
            self._judge.batch(lot.values)
            count += len(lot)
        return count


def alone(target: Target, batches: Sequence[Batch]) -> float:
    """Processor seconds that f and jac take at the points of batches, called as their author calls them."""
    points = [tuple(value[k] for value in batch.values) for batch in batches for k in range(len(batch))]
    with quiet():
        start = time.process_time()
        for point in points:
            with contextlib.suppress(ValueError):  # outside the domain
                target.f(*point)
                target.jac(*point)
        return time.process_time() - start


@dataclass(frozen=True)
class Row:
    """One target: overhead, and seconds a point by harness."""

    name: str
    overhead: float
    seconds: Mapping[str, float]


def measure(target: Target, budget: Budget) -> Row:
    """Measure all harnesses on one target, in turns, so that other load hits them alike."""
    ours = Ours(target, budget.points)
    batches = ours.draw()
    ours()  # compiles
    overheads: list[float] = []
    seconds: dict[str, list[float]] = {"jacfuzz": []}
    others = harnesses()
    for _ in range(budget.rounds):
        took, count = _timed(ours)
        overheads.append(took / alone(target, batches))
        seconds["jacfuzz"].append(took / count)
        for name, harness in others.items():
            took, count = _timed(functools.partial(harness, target, budget.rival_points))
            seconds.setdefault(name, []).append(took / count)
    jax.clear_caches()  # the harnesses compile anew for every call: gigabytes that slow what comes next
    return Row(target.id, statistics.median(overheads), {k: statistics.median(v) for k, v in seconds.items()})


def _timed(call: Callable[[], int]) -> tuple[float, int]:
    start = time.process_time()
    count = call()
    return time.process_time() - start, count


def numpy_targets(quick: bool) -> list[Target]:
    """NumPy pairs of the catalogue."""
    shelf = Catalogue()
    found = [target for name in (QUICK_TARGETS if quick else shelf.names) for target in shelf.load(name)]
    return [target for target in found if isinstance(target, Target) and target.array_type == "numpy"]


def jax_twins(targets: Sequence[Target]) -> list[Target]:
    """The same pairs as jax code, as far as they run as such."""
    twins = [
        dataclasses.replace(target, f=to_jax(target.f), jac=to_jax(target.jac), array_type="jax") for target in targets
    ]
    return [twin for twin in twins if all(verdict.status == "pass" for verdict in _first_verdicts(twin))]


def _first_verdicts(target: Target) -> list[PointVerdict]:
    menu = [layout for layout in layouts(target.signature) if layout.size]
    batch = draw_batch(target, menu[-1], BY_NAME["generic"], 2, np.random.default_rng(0))
    return [] if batch is None else Judge(target, 0).batch(batch.values)


def jax_table(targets: Sequence[Target], budget: Budget) -> tuple[Table, dict[str, Any]]:
    """How many points jacfuzz checks of jax code in the time that the naive harness takes for one, both compiled."""
    table, gains = Table("jax code", "us a point", "naive / ours"), []
    for target in targets:
        ours = Ours(target, budget.points)
        ours()  # compiles
        seconds = statistics.median(took / count for took, count in (_timed(ours) for _ in range(budget.rounds)))
        rival = functools.partial(naive, target, budget.rival_points)
        rival()  # compiles, too
        took, count = _timed(rival)
        jax.clear_caches()
        gains.append(took / count / seconds)
        table.add_row(target.id, f"{1e6 * seconds:.0f}", f"{gains[-1]:.0f}")
    mean = statistics.geometric_mean(gains)
    table.add_row("geometric mean", "", f"{mean:.0f}")
    return table, {"jax_times_faster_than_naive": round(mean, 1), "jax_targets": len(gains)}


def table_of(rows: Sequence[Row]) -> tuple[Table, dict[str, Any]]:
    """Overheads, and how many points jacfuzz checks in the time that another harness takes for one."""
    names = [name for name in rows[0].seconds if name != "jacfuzz"]
    table = Table("target", "overhead", "us a point", *(f"{name} / ours" for name in names))
    for row in rows:
        ratios = [f"{row.seconds[name] / row.seconds['jacfuzz']:.0f}" for name in names]
        table.add_row(row.name, f"{row.overhead:.1f}", f"{1e6 * row.seconds['jacfuzz']:.0f}", *ratios)
    overhead = statistics.geometric_mean([row.overhead for row in rows])
    gains = {
        name: statistics.geometric_mean([row.seconds[name] / row.seconds["jacfuzz"] for row in rows]) for name in names
    }
    table.add_row("geometric mean", f"{overhead:.1f}", "", *(f"{gains[name]:.0f}" for name in names))
    worst = max(row.overhead for row in rows)
    return table, {"overhead": round(overhead, 2), "worst_overhead": round(worst, 2), "times_faster_than": gains}


def profile(targets: Sequence[Target], points: int) -> tuple[Table, dict[str, float]]:
    """Share of the time by part; calls of f for differences count as differences."""
    checks = [Ours(target, points) for target in targets]
    for check in checks:
        check()
    profiler = cProfile.Profile()
    profiler.enable()
    for check in checks:
        check()
    profiler.disable()
    stats: Mapping[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = sum(entry[2] for entry in stats.values())
    files = {target.place.file for target in targets}
    shares = {name: _cumulative(stats, file, function) for name, file, function in _PARTS}
    in_evaluation = _cumulative(stats, "evaluate.py", "evaluate")
    user = sum(
        cumulative
        for (file, _, name), (*_, callers) in stats.items()
        if file in files and name in ("f", "jac")
        for (caller, _, calling), (_, _, _, cumulative) in callers.items()
        if caller.endswith("calls.py") and calling != "swift_rows"  # which differences call
    )
    shares |= {"user's f and jac": user, "evaluation": in_evaluation - user}
    shares["other"] = total - sum(shares.values())
    table = Table("part", "share of the time (under cProfile)")
    for name, seconds in sorted(shares.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{seconds / total:.0%}")
    return table, {name: round(seconds / total, 3) for name, seconds in shares.items()}


def _cumulative(stats: Mapping[Any, Any], file: str, function: str) -> float:
    return sum(entry[3] for (path, _, name), entry in stats.items() if path.endswith(file) and name == function)


def main(quick: bool, file: str | None) -> None:
    """Run all measurements and print them, ratios first, then a line of JSON."""
    jax.config.update("jax_enable_x64", True)
    start = time.monotonic()
    budget = Budget(4000, 3, 10) if quick else Budget(10_000, 5, 30)
    targets = numpy_targets(quick)
    console = Console(width=140, highlight=False)
    numbers: dict[str, Any] = {"benchmark": "speed"}
    table, found = table_of([measure(target, budget) for target in targets])
    console.print(table)
    table, jax_found = jax_table(jax_twins(targets), budget)
    console.print(table)
    shares_table, shares = profile(targets, budget.points)
    console.print(shares_table)
    numbers |= found | jax_found | {"profile": shares}
    for name, part in (("processes", process_table), ("scaling", scaling_table)):
        table, found = part(quick, file)
        console.print(table)
        numbers[name] = found
    print(json.dumps(numbers | {"seconds": round(time.monotonic() - start, 1)}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four targets, few points")
    parser.add_argument("--file", help="what whole processes check; a page of puzzle answers shows start-up best")
    arguments = parser.parse_args()
    main(arguments.quick, arguments.file)
