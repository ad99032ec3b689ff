"""How many exact boundaries an input generator reaches: ``python ci/bench/edges.py [--quick]``.

The functions and predicates are those of ``tests/boundary_suite.py``. The boundaries solved from the function itself
are compared with random normal points, magic values in random cells, Hypothesis in a clean process, and bisection of f
as a black box. A second table counts how many Jacobians that are wrong on a boundary only a whole check finds.
"""

from __future__ import annotations

import argparse
import json
import runpy
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from edge_pairs import pairs_table
from edge_rivals import Generate, bisection, hypothesis_apart, magic, normal
from rich.console import Console
from rich.table import Table

from jacfuzz.loading.indexed import dense_f
from jacfuzz.signature import Argument, ArraySpec, Signature, parse_axes
from jacfuzz.strategies.boundaries import boundaries
from jacfuzz.strategies.layouts import Layout
from jacfuzz.target import Place, Target

SUITE = Path(__file__).resolve().parents[2] / "tests" / "boundary_suite.py"
POINTS, QUICK_POINTS = 10_000, 500
DRAWN, QUICK_DRAWN = 1_000, 200
SEEDS, QUICK_PAIRS = 10, 8
SEED = 0


@dataclass(frozen=True)
class Score:
    """Predicates of one case that points met, and what they cost."""

    name: str
    half: str
    missed: tuple[str, ...]
    predicates: int
    seconds: float
    calls: int


def target_of(case: Any) -> tuple[Target, Layout]:
    """Return the case as a target whose Jacobian has no boundary of its own, and its only layout."""
    f = case.f if case.index is None else dense_f(case.f, case.name, case.index)
    argument = Argument("x", (ArraySpec(parse_axes("n"), "float", case.kind),))
    target = Target("case", case.name, Place("<suite>"), f, _without_boundaries, Signature((argument,)), case.kind)
    return target, Layout(argument.specs[:1], ((case.n,),), {"n": case.n})


def _without_boundaries(x: Any) -> Any:
    return np.zeros(np.shape(x))


def solved(case: Any, seed: int) -> tuple[np.ndarray, int]:
    """Points of the boundaries that the function itself gives."""
    found = boundaries(*target_of(case), seed)
    return found.values[0], found.calls


def score(case: Any, half: str, generate: Generate) -> Score:
    """Count the predicates that a generator's points meet."""
    start = time.process_time()
    points, calls = generate(case, SEED)
    seconds = time.process_time() - start
    missed = tuple(name for name, holds in case.on.items() if not any(holds(point) for point in points))
    return Score(case.name, half, missed, len(case.on), seconds, calls)


def share(scores: Sequence[Score]) -> str:
    """Predicates hit, of all."""
    total = sum(score.predicates for score in scores)
    hit = total - sum(len(score.missed) for score in scores)
    return f"{hit}/{total} ({hit / max(total, 1):.1%})"


def main() -> None:
    """Print the table, the predicates missed, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer points for the other generators, few pairs")
    quick = parser.parse_args().quick
    count, drawn = (QUICK_POINTS, QUICK_DRAWN) if quick else (POINTS, DRAWN)
    jax.config.update("jax_enable_x64", True)
    sys.path.insert(0, str(SUITE.parent))
    suite = runpy.run_path(str(SUITE), run_name="boundary_suite")
    halves = {"first": suite["FIRST"], "second": suite["SECOND"]}
    generators = {
        "solved": solved,
        f"normal, {count}": normal(count),
        f"magic, {count}": magic(count),
        f"Hypothesis apart, {drawn}": hypothesis_apart(drawn),
        f"bisection, {count} calls": bisection(count),
    }
    table = Table(title="predicates hit")
    for column in ("points", *halves, "median CPU ms", "most CPU ms", "median calls", "most calls"):
        table.add_column(column)
    answer: dict[str, Any] = {}
    console = Console(width=140)
    for name, generate in generators.items():
        scores = {half: [score(case, half, generate) for case in cases] for half, cases in halves.items()}
        every = [score for half in scores.values() for score in half]
        times = [1e3 * score.seconds for score in every]
        calls = [score.calls for score in every]
        costs = [statistics.median(times), max(times), statistics.median(calls), max(calls)]
        table.add_row(name, *map(share, scores.values()), *(f"{cost:.0f}" for cost in costs))
        answer[name] = {half: share(found) for half, found in scores.items()}
        answer[name] |= dict(zip(("median_ms", "most_ms", "median_calls", "most_calls"), costs, strict=True))
        if generate is solved:
            for missing in every:
                if missing.missed:
                    console.print(f"not reached, {missing.half} half: {missing.name}: {', '.join(missing.missed)}")
    console.print(table)
    pairs = runpy.run_path(str(SUITE.parent / "boundary_pairs.py"))["FIRST"]
    unseen = runpy.run_path(str(SUITE.parent / "boundary_pairs_second.py"))["SECOND"]
    chosen = slice(3, None, QUICK_PAIRS) if quick else slice(None)
    found, answer["pairs"] = pairs_table({"first": pairs[chosen], "second": unseen[chosen]}, 1 if quick else SEEDS)
    console.print(found)
    print(json.dumps({"functions": sum(map(len, halves.values()))} | answer))


if __name__ == "__main__":
    main()
