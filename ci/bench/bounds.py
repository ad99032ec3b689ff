"""Error bounds of the differences against the true errors: ``python ci/bench/bounds.py [--quick]``.

Every function of ``tests/smooth_functions.py`` at random points along random directions. A bound covers an estimate
whose true error is no larger; its ratio to the true error, which counts as one unit in the last place of the derivative
at least, says how tight it is. ``tables`` are the difference tables that decide, ``screen`` the quotients that every
point is screened with.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from jacfuzz.oracles.differences import slopes
from jacfuzz.oracles.directional import directional

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from smooth_functions import SMOOTH, Smooth, directions

POINTS, QUICK_POINTS = 300, 8
NO_POWER = 1e-4
"""A bound above this part of the derivative tells right from wrong no longer."""
WORST = 12
KINDS = ("tables", "screen")


@dataclass(frozen=True)
class Measured:
    """Estimates of one kind for one function; arrays have shape (C,), C cases.

    Attributes
    ----------
    rows, directions
        The cases, (C, N).
    truth, value, bound
        The derivative, its estimate and its bound.
    flagged
        Taken for a kink, a jump or an infinite slope, which these functions do not have.
    """

    rows: np.ndarray
    directions: np.ndarray
    truth: np.ndarray
    value: np.ndarray
    bound: np.ndarray
    flagged: np.ndarray

    @property
    def error(self) -> np.ndarray:
        """True errors."""
        return np.abs(self.value - self.truth)

    @property
    def uncovered(self) -> np.ndarray:
        """Mask of the cases whose bound is less than the error."""
        return ~(self.error <= self.bound)

    @property
    def powerless(self) -> np.ndarray:
        """Mask of the cases whose bound says next to nothing."""
        return ~(self.bound <= NO_POWER * np.abs(self.truth))

    @property
    def ratios(self) -> np.ndarray:
        """Finite bounds in units of the true error."""
        known = np.isfinite(self.bound)
        error = np.maximum(self.error, np.spacing(np.abs(self.truth)))
        with np.errstate(over="ignore"):
            return np.asarray(self.bound[known] / error[known])


def measure(smooth: Smooth, count: int, rng: np.random.Generator) -> dict[str, Measured]:
    """Estimate one function's derivatives at ``count`` points, by both ways."""
    rows = smooth.points(count, rng)
    ways = directions(rows, rng)
    truths = [[smooth.derivative(row, way) for way in three] for row, three in zip(rows, ways, strict=True)]
    truth = np.array(truths, dtype=float)
    known = np.isfinite(truth.ravel())
    places, flat = np.repeat(rows, 3, axis=0), ways.reshape(-1, smooth.size)

    def measured(value: np.ndarray, bound: np.ndarray, flagged: np.ndarray) -> Measured:
        parts = (truth, value, bound, flagged)
        return Measured(places[known], flat[known], *(part.ravel()[known] for part in parts))

    found = [slopes(smooth.function, row, 0, three, rng) for row, three in zip(rows, ways, strict=True)]
    screen = directional(smooth.function, places, flat, smooth.function(places, np.arange(len(places))))
    return {
        "tables": measured(
            np.stack([tables.central.value[0] for tables in found]),
            np.stack([tables.central.bound[0] for tables in found]),
            np.stack([tables.kink[0] | tables.broken[0] for tables in found]),
        ),
        "screen": measured(screen.value, screen.bound, np.zeros(truth.shape, bool)),
    }


def main(quick: bool) -> None:
    """Measure and print: per kind a table and the worst cases, then a line of JSON."""
    start = time.monotonic()
    count = QUICK_POINTS if quick else POINTS
    rng = np.random.default_rng(0)
    found = {name: measure(smooth, count, rng) for name, smooth in SMOOTH.items()}
    console = Console(width=140, highlight=False)
    numbers: dict[str, float] = {"functions": len(found)}
    for kind in KINDS:
        parts = {name: both[kind] for name, both in found.items()}
        _print_table(console, kind, parts)
        _print_worst(console, parts)
        numbers |= _summary(kind, list(parts.values()))
    print(json.dumps({"benchmark": "bounds", **numbers, "seconds": round(time.monotonic() - start, 1)}))


def _summary(kind: str, parts: list[Measured]) -> dict[str, float]:
    """Return the numbers over all functions."""
    ratios = np.concatenate([part.ratios for part in parts])
    powerless = np.concatenate([part.powerless for part in parts])
    return {
        "cases": len(powerless),
        f"{kind} uncovered": sum(int(part.uncovered.sum()) for part in parts),
        f"{kind} bound / error": round(float(np.median(ratios)), 1),
        f"{kind} no power": round(float(powerless.mean()), 4),
        f"{kind} flagged": sum(int(part.flagged.sum()) for part in parts),
    }


def _print_table(console: Console, kind: str, parts: dict[str, Measured]) -> None:
    table = Table("function", "cases", "covered", "bound / error, median", "no power", "flagged", title=kind)
    for name, part in parts.items():
        table.add_row(
            name,
            str(len(part.truth)),
            f"{1 - part.uncovered.mean():.2%}",
            f"{np.median(part.ratios):.1f}",
            f"{part.powerless.mean():.1%}",
            str(part.flagged.sum()),
        )
    console.print(table)


def _print_worst(console: Console, parts: dict[str, Measured]) -> None:
    """Print the cases with the largest error for their bound, at most two a function."""
    worst = []
    for name, part in parts.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = np.where(part.error > 0, part.error / part.bound, 0.0)
        for i in np.argsort(-excess)[:2]:
            case = f"{name} at {part.rows[i].tolist()} along {part.directions[i].tolist()}"
            estimate = f"truth {part.truth[i]:.17g}, estimate {part.value[i]:.17g} ± {part.bound[i]:.3g}"
            worst.append((float(excess[i]), f"{case}: {estimate}"))
    console.print("worst cases")
    for size, text in sorted(worst, reverse=True)[:WORST]:
        console.print(f"  error {size:.3g} bounds: {text}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few points of every function")
    main(parser.parse_args().quick)
