"""How often a diagnosis names the mistake: every labelled mistake is searched, and what is said of it is compared.

Usage: python ci/bench/diagnosis.py [--quick]

Prints a line per mistake, a table of counts, and one line of JSON. Exits 1 below 90 % right or above 2 % wrong.
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

from jacfuzz import search
from jacfuzz.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from mistakes import Mistake, mistakes

LEAST_RIGHT = 0.90
MOST_WRONG = 0.02
SETTINGS = Settings(max_examples=40, shrink=False)


def judged(mistake: Mistake) -> tuple[str, str]:
    """Return right, wrong or silent, and all that was said."""
    findings = search.run(mistake.target, SETTINGS).findings
    said = " | ".join(f"{one.kind}: {one.condition} {one.diagnosis}".strip() for one in findings)
    return mistake.named_by(findings), said or "no finding"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="every fifth mistake")
    chosen = mistakes()[:: 5 if parser.parse_args().quick else 1]
    start = time.monotonic()
    table = Table("mistake", "named", "what was said instead", box=None)
    counts: Counter[str] = Counter()
    with jax.enable_x64(True):
        for mistake in chosen:
            outcome, said = judged(mistake)
            counts[outcome] += 1
            table.add_row(mistake.name, outcome, "" if outcome == "right" else said)
    Console(soft_wrap=False).print(table)
    share = {outcome: counts[outcome] / len(chosen) for outcome in ("right", "wrong", "silent")}
    seconds = round(time.monotonic() - start, 1)
    print(json.dumps({"benchmark": "diagnosis", "mistakes": len(chosen), **share, "seconds": seconds}))
    return 0 if share["right"] >= LEAST_RIGHT and share["wrong"] <= MOST_WRONG else 1


if __name__ == "__main__":
    sys.exit(main())
