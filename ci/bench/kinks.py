"""Verdicts at kinks against the ones that mathematics gives: ``python ci/bench/kinks.py [--quick]``.

Every case of ``tests/kink_cases.py``, as code that AD can trace and as code that nothing can, with ten seeds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

import jax
from rich.console import Console
from rich.table import Table

from jacfuzz.judge import Judge

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from kink_cases import CASES, FORMS, Case, label_of, right

SEEDS = 10
QUICK_CASES, QUICK_SEEDS = 16, 2


def labels(case: Case, form: str, seeds: int) -> Counter[str]:
    """Count the labels that a case gets over the seeds; a judge that raises is a label too."""
    found: Counter[str] = Counter()
    for seed in range(seeds):
        try:
            found[label_of(Judge(case.target(form), seed).batch(case.values)[0])] += 1
        except Exception as error:
            found[f"{type(error).__name__}: {error}"] += 1
    return found


def main(quick: bool) -> None:
    """Judge and print: the errors, a line per form, a line of JSON."""
    start = time.monotonic()
    cases, seeds = (CASES[:: len(CASES) // QUICK_CASES], QUICK_SEEDS) if quick else (CASES, SEEDS)
    table = Table("form", "case", "expected", f"found, of {seeds} seeds", title="Kinks judged wrongly")
    judged: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for case in cases:
        for form in case.forms:
            found = labels(case, form, seeds)
            wrong = {label: count for label, count in found.items() if not right(case, label)}
            judged[form] += seeds
            errors[form] += sum(wrong.values())
            if wrong:
                table.add_row(form, case.name, case.label, ", ".join(f"{label} {n}" for label, n in wrong.items()))
    console = Console(width=160, highlight=False)
    if table.row_count:
        console.print(table)
    for form in FORMS:
        console.print(f"{form}: {judged[form]} verdicts, {errors[form]} wrong")
    summary = {"cases": len(cases), "seeds": seeds, "verdicts": judged.total(), "wrong": errors.total()}
    print(json.dumps({"benchmark": "kinks", **summary, "seconds": round(time.monotonic() - start, 1)}))


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few cases with two seeds")
    main(parser.parse_args().quick)
