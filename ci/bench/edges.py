"""How many exact boundaries an input generator reaches: ``python ci/bench/edges.py [--quick | --cost]``.

The functions and predicates are those of ``tests/boundary_suite.py``, of which all parts but the first were written
after the solver; the second has guarded its changes since, the third and fourth are only scored. The boundaries solved
from the function itself are compared with random normal points, magic values in random cells, Hypothesis in a clean
process, and bisection of f as a black box. A second table counts how many Jacobians that are wrong on a boundary only a
whole check finds. All but the first generator, which is timed, run in two processes. ``--cost`` prints what boundaries
cost the checks of the catalogue instead.
"""

from __future__ import annotations

import argparse
import functools
import json
import runpy
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jax
import numpy as np
from edge_costs import costs, costs_table
from edge_pairs import PairScore, pairs_table, score_pair
from edge_rivals import Generate, bisection, hypothesis_apart, magic, normal
from rich.console import Console
from rich.table import Table

from jacfuzz.loading.indexed import dense_f
from jacfuzz.signature import Argument, ArraySpec, Signature, parse_axes
from jacfuzz.strategies.boundaries import boundaries
from jacfuzz.strategies.layouts import Layout
from jacfuzz.target import Place, Target

TESTS = Path(__file__).resolve().parents[2] / "tests"
PARTS = ("first", "second", "third", "fourth")
PROCESSES = 2
POINTS, QUICK_POINTS = 10_000, 500
DRAWN, QUICK_DRAWN = 1_000, 200
SEEDS, QUICK_PAIRS = 10, 8
SEED = 0
COST_ROUNDS = 5


@dataclass(frozen=True)
class Score:
    """Predicates of one case that points met, and what they cost."""

    name: str
    part: str
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


def score(job: tuple[str, str, int], generators: Mapping[str, Generate]) -> Score:
    """Count the predicates of a case that a generator's points meet."""
    generator, part, number = job
    case = _suite()[part][number]
    start = time.process_time()
    points, calls = generators[generator](case, SEED)
    seconds = time.process_time() - start
    missed = tuple(name for name, holds in case.on.items() if not any(holds(point) for point in points))
    return Score(case.name, part, missed, len(case.on), seconds, calls)


def rival(job: tuple[str, str, int], quick: bool) -> Score:
    """Score another generator, in a process of the pool."""
    return score(job, rivals(quick))


def twins(part: str, number: int, seeds: int) -> PairScore:
    """Check a pair with its seeds, in a process of the pool."""
    return score_pair(_pairs()[part][number], seeds)


@functools.cache
def rivals(quick: bool) -> dict[str, Generate]:
    """Return the other generators, with the budget of each in its name."""
    count, drawn = (QUICK_POINTS, QUICK_DRAWN) if quick else (POINTS, DRAWN)
    return {
        f"normal, {count}": normal(count),
        f"magic, {count}": magic(count),
        f"Hypothesis apart, {drawn}": hypothesis_apart(drawn),
        f"bisection, {count} calls": bisection(count),
    }


@functools.cache
def _suite() -> dict[str, Sequence[Any]]:
    return {part: _of_tests("boundary_suite.py")[part.upper()] for part in PARTS}


@functools.cache
def _pairs() -> dict[str, Sequence[Any]]:
    names = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
    files = {name: "" if name == "first" else f"_{name}" for name in names}
    return {part: _of_tests(f"boundary_pairs{end}.py")[part.upper()] for part, end in files.items()}


def _of_tests(name: str) -> dict[str, Any]:
    jax.config.update("jax_enable_x64", True)
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    return runpy.run_path(str(TESTS / name), run_name=name.removesuffix(".py"))


def share(scores: Sequence[Score]) -> str:
    """Predicates hit, of all."""
    total = sum(score.predicates for score in scores)
    hit = total - sum(len(score.missed) for score in scores)
    return f"{hit}/{total} ({hit / max(total, 1):.1%})"


def of_a_function(scores: Sequence[Score]) -> dict[str, float]:
    """Time and calls of a function."""
    times, calls = [1e3 * score.seconds for score in scores], [score.calls for score in scores]
    return {
        "median_ms": statistics.median(times),
        "most_ms": max(times),
        "median_calls": statistics.median(calls),
        "most_calls": max(calls),
    }


def predicates_table(scores: Mapping[str, Sequence[Score]]) -> tuple[Table, dict[str, Any]]:
    """Sum the scores up, a line a generator."""
    table = Table(title=f"predicates hit, of {len(scores['solved'])} functions")
    for column in ("points", *PARTS, "median CPU ms", "most CPU ms", "median calls", "most calls"):
        table.add_column(column)
    answer = {}
    for name, every in scores.items():
        parts = {part: share([score for score in every if score.part == part]) for part in PARTS}
        table.add_row(name, *parts.values(), *(f"{cost:.0f}" for cost in of_a_function(every).values()))
        answer[name] = parts | of_a_function(every)
    return table, answer


def main() -> None:
    """Print the tables, the predicates missed, and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer points for the other generators, few pairs")
    parser.add_argument("--cost", action="store_true", help="only what boundaries cost the checks of the catalogue")
    options = parser.parse_args()
    console = Console(width=140)
    if options.cost:
        jax.config.update("jax_enable_x64", True)
        table, answer = costs_table(costs(COST_ROUNDS))
        console.print(table)
        print(json.dumps(answer))
        return
    quick = options.quick
    cases = [(part, number) for part in PARTS for number in range(len(_suite()[part]))]
    scores = {"solved": [score(("solved", *case), {"solved": solved}) for case in cases]}  # timed: nothing else runs
    for missing in scores["solved"]:
        if missing.missed:
            console.print(f"not reached, {missing.part} part: {missing.name}: {', '.join(missing.missed)}")
    chosen, seeds = (slice(3, None, QUICK_PAIRS), 1) if quick else (slice(None), SEEDS)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        others = {name: [pool.submit(rival, (name, *case), quick) for case in cases] for name in rivals(quick)}
        checked = {
            part: [pool.submit(twins, part, number, seeds) for number in range(len(pairs))[chosen]]
            for part, pairs in _pairs().items()
        }
        scores |= {name: [future.result() for future in futures] for name, futures in others.items()}
        table, answer = predicates_table(scores)
        console.print(table)
        of_pairs, found = pairs_table({part: [future.result() for future in some] for part, some in checked.items()})
        console.print(of_pairs)
    functions, predicates = len(cases), sum(score.predicates for score in scores["solved"])
    print(json.dumps({"functions": functions, "predicates": predicates} | answer | {"pairs": found}))


if __name__ == "__main__":
    main()
