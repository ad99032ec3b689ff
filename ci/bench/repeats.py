"""Every contribution of ``tests/contributions.py`` again and again: the right answer each time, nothing left behind.

After each the same nursery judges a right pair, which has to pass. Prints a line of JSON; exit code 1 where anything
was otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import jax

from jacfuzz.isolation.nursery import Nursery

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from contributed import LIMITS, judged, left, limits_of, right, without_ad
from contributions import ROWS


def odd(nursery: Nursery, mode: str, name: str, repeats: int) -> list[str]:
    """Judge a contribution so many times; say what was not as it should be."""
    found = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            nursery.limits = limits_of(name)
            kinds, _ = judged(nursery, Path(folder), ROWS[name])
            if not right(kinds, name, mode):
                found.append(f"answered {sorted(kinds)}")
            if left():
                found.append(f"left {left()} processes")
    with tempfile.TemporaryDirectory() as folder:
        nursery.limits = LIMITS
        if judged(nursery, Path(folder), ROWS["good"])[0] != {"pass"}:
            found.append("cost the next target its verdict")
    return found


def main() -> int:
    """Judge all contributions in one mode or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--modes", nargs="+", default=["process", "hardened"])
    given = parser.parse_args()
    repeats = 1 if given.quick else given.repeats
    os.environ["JACFUZZ_TEST_TOKEN"] = "secret"
    surprises: dict[str, list[str]] = {}
    with without_ad(), jax.enable_x64(True):
        for mode in given.modes:
            with Nursery(mode, LIMITS) as nursery:
                for name in ROWS:
                    if said := odd(nursery, mode, name, repeats):
                        surprises[f"{mode} {name}"] = said
    counts = {"contributions": len(ROWS), "modes": given.modes, "repeats": repeats}
    print(json.dumps({"bench": "repeats", **counts, "surprises": surprises}))
    return int(bool(surprises))


if __name__ == "__main__":
    sys.exit(main())
