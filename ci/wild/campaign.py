"""Check the derivative code of well-known packages: ``python ci/wild/campaign.py [--quick] [--only PACKAGE]``.

Every file of ``pairs/`` names a package and wires derivatives of its public interface; ``held_out/`` has those that
were written after the last change and are kept for one run. Packages that are not installed are passed over and named.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import runpy
import signal
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from entry import Entry
from rich.console import Console
from rich.table import Table

from jacfuzz import check

HERE = Path(__file__).resolve().parent
BUDGET, QUICK_BUDGET = 300, 20
LIMIT = 60
"""Seconds that an entry may take; one that takes longer is an error of the campaign's table."""
VERDICTS = ("pass", "fail", "unsure", "error")


@dataclass(frozen=True)
class Outcome:
    """What jacfuzz said of an entry, as plain data."""

    package: str
    version: str
    name: str
    verdict: str
    points: int = 0
    unsure_points: int = 0
    undefined_points: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Wired:
    """The pairs of one package: a file of ``pairs/`` or ``held_out/``."""

    package: str
    version: str
    entries: tuple[Entry, ...]


def wired(folder: Path, only: str | None) -> Iterator[Wired | str]:
    """Yield what each file of a folder wires; the name of its package where that is not installed."""
    for path in sorted(folder.glob("*.py")):
        package = path.stem.partition("__")[0].replace("_", "-")
        if only not in (None, package, path.stem):
            continue
        try:
            version = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            yield package
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield Wired(package, version, tuple(runpy.run_path(str(path))["entries"]()))


def outcome(package: Wired, entry: Entry, seed: int, budget: int) -> Outcome:
    """Check one entry; what cannot be checked at all, by whatever fault, is an error."""
    start = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with limited(LIMIT):
                result = check(entry.f, entry.jac, seed=seed, max_examples=budget, **entry.options).result
        except (Exception, Overtime) as error:
            said = f"{type(error).__name__}: {error}"
            return Outcome(package.package, package.version, entry.name, "error", notes=[said])
    kept = ("kind", "message", "cells", "candidate", "reference", "bound", "point", "condition", "diagnosis")
    return Outcome(
        package.package,
        package.version,
        entry.name,
        result.verdict,
        result.points,
        result.unsure_points,
        result.undefined_points,
        [{key: getattr(finding, key) for key in kept} for finding in result.findings],
        [note.text for note in result.notes],
        round(time.monotonic() - start, 2),
    )


class Overtime(BaseException):
    """An entry took too long; no Exception, since what f and jac raise is judged."""


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise ``Overtime`` where the block takes longer."""

    def stop(*_: object) -> None:
        raise Overtime(f"took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def record(outcomes: list[Outcome], path: Path) -> None:
    """Add outcomes to a file; those that it has already stay as they were first."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    names = {(old["package"], old["name"]) for old in known}
    known += [asdict(new) for new in outcomes if (new.package, new.name) not in names]
    path.write_text(json.dumps(known, indent=1, default=str) + "\n", encoding="utf-8")


def show(outcomes: list[Outcome], console: Console) -> None:
    """Print a row for each package, then each entry that did not pass."""
    table = Table("package", "version", "callables", *VERDICTS, "points", "seconds", title="Derivatives in the wild")
    for package in dict.fromkeys(one.package for one in outcomes):
        own = [one for one in outcomes if one.package == package]
        counts = Counter(one.verdict for one in own)
        numbers = [len(own), *(counts[verdict] for verdict in VERDICTS), sum(one.points for one in own)]
        table.add_row(package, own[0].version, *map(str, numbers), f"{sum(one.seconds for one in own):.1f}")
    console.print(table)
    for one in outcomes:
        if one.verdict != "pass":
            said = one.findings[0]["message"] if one.findings else "; ".join(one.notes)
            console.print(f"{one.verdict.upper()} {one.package} {one.name}: {said}", markup=False)


def main() -> None:
    """Run the campaign and print: a table, what did not pass, a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_BUDGET} generic points an entry, not {BUDGET}")
    parser.add_argument("--only", metavar="PACKAGE", help="one package, or one file of it")
    parser.add_argument("--name", default="", metavar="TEXT", help="entries whose name holds this")
    parser.add_argument("--held-out", action="store_true", help="the held-out entries")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the outcomes to a JSON file that lacks them")
    options = parser.parse_args()
    start = time.monotonic()
    console = Console(width=160, highlight=False)
    outcomes: list[Outcome] = []
    for package in wired(HERE / ("held_out" if options.held_out else "pairs"), options.only):
        if isinstance(package, str):
            console.print(f"{package} is not installed")
            continue
        chosen = [entry for entry in package.entries if options.name in entry.name]
        budget = QUICK_BUDGET if options.quick else BUDGET
        for entry in chosen:
            outcomes.append(outcome(package, entry, options.seed, budget))
            if options.record:
                record(outcomes[-1:], options.record)
    show(outcomes, console)
    summary = {
        "packages": len({one.package for one in outcomes}),
        "callables": len(outcomes),
        **{verdict: sum(one.verdict == verdict for one in outcomes) for verdict in VERDICTS},
        "seed": options.seed,
        "quick": options.quick,
    }
    print(json.dumps({"benchmark": "wild", **summary, "seconds": round(time.monotonic() - start, 1)}))


if __name__ == "__main__":
    main()
