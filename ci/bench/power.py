"""Misses and false alarms of jacfuzz and of other checkers, side by side: ``python ci/bench/power.py [--quick]``.

Misses are counted over the mutants of the catalogue's own Jacobians (``mutants.py``) that are errors
(``equivalence.py``), false alarms over the catalogue as it is and over ``tests/right_pairs.py``. jacfuzz looks with its
default budget, and ten times as long for what it missed; the others (``rivals.py``) look at one random normal point of
an ordinary shape, at a right pair's own points for false alarms.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import json
import multiprocessing
import runpy
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import jax
import numpy as np
from equivalence import Standing, standing
from mutants import mutants
from rich.console import Console
from rich.table import Table
from rivals import Case, accepts, rivals

import jacfuzz
from jacfuzz.judge import Judge
from jacfuzz.registry import Catalogue
from jacfuzz.settings import Settings
from jacfuzz.stages import stages
from jacfuzz.strategies.batches import lots
from jacfuzz.strategies.layouts import layouts
from jacfuzz.tally import Tally
from jacfuzz.target import Target

Function: TypeAlias = Callable[..., Any]

RIGHT_PAIRS = Path(__file__).resolve().parents[2] / "tests" / "right_pairs.py"
BUDGET = Settings().max_examples
QUICK_TARGETS = ("relu", "product")
QUICK_PAIRS = 3
US, US_LONGER = "jacfuzz", f"jacfuzz, {10 * BUDGET} examples"


@dataclass(frozen=True)
class Row:
    """A mutant: what it is, and which checkers accept it."""

    name: str
    operator: str
    standing: Standing
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examined:
    """A catalogue entry or a right pair: its mutants, and which checkers reject it as it is."""

    name: str
    alarms: tuple[str, ...]
    rows: tuple[Row, ...] = ()


class Search:
    """The points of an ordinary search of one target, judged for any jac; compiled references serve all of them."""

    def __init__(self, target: Target, max_examples: int) -> None:
        settings = Settings(max_examples=max_examples)
        self._jac: Function = target.jac
        self._judge = Judge(dataclasses.replace(target, jac=lambda *arrays: self._jac(*arrays)), settings.seed)
        tried = stages(target, layouts(target.signature), settings, self._judge.errors, Tally())
        self._lots = [lot for stage in tried for lot in lots(stage.batches, stage.at_once)]

    def accepts(self, jac: Function) -> bool:
        """Whether no point fails; stops at the first that does."""
        self._jac = jac
        return not any(verdict.status == "fail" for lot in self._lots for verdict in self._judge.batch(lot.values))


def examine_entry(name: str) -> Examined:
    """Show a catalogue entry and its mutants to all checkers."""
    (target,) = Catalogue().load(name)
    assert isinstance(target, Target)
    ours, point = Search(target, BUDGET), _standard_point(target)
    others = rivals()
    alarms = [] if ours.accepts(target.jac) else [US]
    alarms += [rival for rival, check in others.items() if not accepts(check, Case(target.f, target.jac, point))]
    rows = []
    for mutant in mutants(Path(target.place.file).read_text(encoding="utf-8")):
        jac, title = mutant.function(target.jac), f"{name}: {mutant}"
        kind = standing(target, title, jac)
        accepted: list[str] = []
        if kind == "error":
            accepted += [rival for rival, check in others.items() if accepts(check, Case(target.f, jac, point))]
            if ours.accepts(jac):
                accepted.append(US)
                if Search(target, 10 * BUDGET).accepts(jac):
                    accepted.append(US_LONGER)
        rows.append(Row(title, mutant.operator, kind, tuple(accepted)))
    return Examined(name, tuple(alarms), tuple(rows))


def examine_right_pair(name: str) -> Examined:
    """Show a right pair to all checkers at the points that trap some of them."""
    f, jac, points = _right_pairs()[name]
    at = [np.array(point) for point in points]
    alarms = [
        rival for rival, check in rivals().items() if not all(accepts(check, Case(f, jac, (point,))) for point in at)
    ]
    for size in {point.size for point in at}:
        tried = [point for point in at if point.size == size]
        verdict = jacfuzz.check(lambda x: f(x), lambda x: jac(x), at=(tried[0],), edges={"x": tried}).verdict
        alarms += [US] if verdict == "fail" else ["jacfuzz, unsure"] if verdict == "unsure" else []
    return Examined(name, tuple(dict.fromkeys(alarms)))


def _right_pairs() -> dict[str, Any]:
    pairs: dict[str, Any] = runpy.run_path(str(RIGHT_PAIRS))["PAIRS"]
    return pairs


def _standard_point(target: Target) -> tuple[np.ndarray, ...]:
    """One random normal point; the axes have unequal sizes from 4 up, the first the largest."""
    axes = [[axis.text for axis in argument.specs[0].axes] for argument in target.signature.arguments]
    names = list(dict.fromkeys(name for argument in axes for name in argument))
    sizes = {name: 3 + len(names) - place for place, name in enumerate(names)}
    rng = np.random.default_rng(0)
    return tuple(rng.standard_normal([sizes[name] for name in argument]) for argument in axes)


def _table(
    entries: Sequence[Examined], pairs: Sequence[Examined], errors: Sequence[Row]
) -> tuple[Table, dict[str, Any]]:
    missed = Counter(checker for row in errors for checker in row.accepted)
    false = Counter(checker for entry in entries for checker in entry.alarms)
    trapped = Counter(checker for pair in pairs for checker in pair.alarms)
    table = Table(
        "checker",
        f"missed of {len(errors)} errors",
        "missed",
        f"false alarms on {len(entries)} entries",
        f"false alarms on {len(pairs)} right pairs",
    )
    for checker in (US, US_LONGER, *rivals()):
        share = f"{missed[checker] / max(len(errors), 1):.1%}"
        alarms = ("-", "-") if checker == US_LONGER else (str(false[checker]), str(trapped[checker]))
        table.add_row(checker, str(missed[checker]), share, *alarms)
    numbers = {"missed": dict(missed), "false_alarms": dict(false), "false_alarms_right_pairs": dict(trapped)}
    return table, numbers


def main(quick: bool) -> None:
    """Run and print: the table, what jacfuzz missed, its false alarms, a line of JSON."""
    start = time.monotonic()
    names = QUICK_TARGETS if quick else Catalogue().names
    right = list(_right_pairs())[:QUICK_PAIRS] if quick else list(_right_pairs())
    entries, pairs = _run(examine_entry, names, quick), _run(examine_right_pair, right, quick)
    rows = [row for entry in entries for row in entry.rows]
    errors = [row for row in rows if row.standing == "error"]
    table, numbers = _table(entries, pairs, errors)
    console = Console(width=120, highlight=False, soft_wrap=True)
    console.print(table)
    console.print("errors by kind:", dict(Counter(row.operator for row in errors)), markup=False)
    for title, listed in (
        ("missed by jacfuzz", [row.name for row in errors if US in row.accepted]),
        ("still missed with ten times as much", [row.name for row in errors if US_LONGER in row.accepted]),
        ("false alarms of jacfuzz", [item.name for item in (*entries, *pairs) if US in item.alarms]),
        ("unsure for jacfuzz", [pair.name for pair in pairs if "jacfuzz, unsure" in pair.alarms]),
        ("equivalent by algebra", [row.name for row in rows if row.standing == "equivalent by algebra"]),
        ("equivalent by exhaustion", [row.name for row in rows if row.standing == "equivalent by exhaustion"]),
    ):
        console.print(f"{title}: {len(listed)}", *(f"  {name}" for name in listed), sep="\n", markup=False)
    counts = Counter(row.standing for row in rows)
    print(json.dumps({"benchmark": "power", **counts, **numbers, "seconds": round(time.monotonic() - start, 1)}))


def _run(examine: Callable[[str], Examined], names: Iterable[str], quick: bool) -> list[Examined]:
    """Examine all, in processes of their own unless there is too little to do for it to pay."""
    if quick:
        _float64()
        return [examine(name) for name in names]
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(mp_context=context, initializer=_float64) as pool:
        return list(pool.map(examine, names))


def _float64() -> None:
    jax.config.update("jax_enable_x64", True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two entries and three right pairs only")
    main(parser.parse_args().quick)
