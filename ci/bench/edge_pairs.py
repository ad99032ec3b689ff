"""Jacobians wrong on a boundary of their function only: how many a whole check with the default budget finds.

The first part of ``tests/boundary_pairs*.py`` was there while the search was tuned, the second was written after it.
First run of the second part, ten seeds, the 15 pairs up to "tax": 148 of 150 wrong Jacobians found, 1 of 150 right ones
flagged, at numbers of 1e11; the search has kept within 1e8 of its starts since. One further pair was replaced, since no
float lies on its boundary. Later the calls and points of a check were cut as far as both parts allowed (30 points;
with 24, no point for 5 of 400 wrong Jacobians was found), so that neither is unseen any more. The third part was
written without a look at the search, frozen at f2e3b98, and committed before it was first run: points of the code
exposed 42 of 48 wrong ones (two seeds). What was learned from it changed the search. The fourth part was written
without a look at the search, frozen at 19868b7, and committed (def7b68) before it was first run, ten seeds: 189 of 240
wrong ones found, 2 of 240 right ones flagged ("scalar brake", a false alarm). What was learned from it changed search
and judge, and one pair: the wrong "scalar brake" was what AD gives, which is legal. The fifth part was written without
a look at the search, frozen at 7643b86, and committed (139d6e5) before it was first run, five seeds: 110 of 120 wrong
ones found (missed: "security level" 5, "rotated" 3, "mixture" 1, "put option" 1), 6 of 120 right ones flagged
("reaction" 5, "traffic" 1: false alarms of the judge, mended since). The sixth part was written without a look at the
search, frozen at 354c85a, and committed (f6192f1) before it was first run, ten seeds: 223 of 240 wrong ones found
(missed: "ropes" 10, "snowpack" 4, "auction" 2, "scalar earned credit" 1), 10 of 240 right ones flagged: that of "box
overlap", which gave nan where its exponential overflowed, and whose sizes have been kept from that since. The seventh
part was written without a look at the search, frozen at 7b0a094, and committed (63a22f2) before it was first run, ten
seeds: 236 of 240 wrong ones found (missed: "superbee in jax" 2, "wheel speeds" 1, "loudest neighbour in jax" 1), none
of 240 right ones flagged. The first and second part once more, ten seeds, after all this: 400 of 400 wrong ones found,
1 of 400 right ones flagged ("sawtooth" at 2e119, a false alarm, mended since).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from jacfuzz import search
from jacfuzz.result import Verdict
from jacfuzz.settings import Settings
from jacfuzz.target import Target


@dataclass(frozen=True)
class PairScore:
    """Seeds at which the wrong Jacobian of a pair was not found, and its right twin was not passed."""

    name: str
    seeds: int
    missed: tuple[int, ...]
    flagged: tuple[int, ...]


def score_pair(twins: Any, seeds: int) -> PairScore:
    """Check both Jacobians with every seed."""
    missed = tuple(seed for seed in range(seeds) if _verdict(twins.target(twins.wrong), seed) != "fail")
    flagged = tuple(seed for seed in range(seeds) if _verdict(twins.target(twins.right), seed) != "pass")
    return PairScore(twins.name, seeds, missed, flagged)


def _verdict(target: Target, seed: int) -> Verdict:
    return search.run(target, Settings(seed=seed, shrink=False)).verdict


def pairs_table(parts: Mapping[str, Sequence[PairScore]]) -> tuple[Table, dict[str, str]]:
    """Sum the scores up, a line a part."""
    table = Table("part", "pairs", "seeds", "wrong found", "right flagged", "missed", title="pairs wrong on a boundary")
    answer = {}
    for part, scores in parts.items():
        runs = sum(score.seeds for score in scores)
        found = runs - sum(len(score.missed) for score in scores)
        flagged = sum(len(score.flagged) for score in scores)
        names = ", ".join(f"{score.name} {list(score.missed)}" for score in scores if score.missed)
        seeds = max(score.seeds for score in scores)
        share = f"{found}/{runs} ({found / runs:.1%})"
        table.add_row(part, str(len(scores)), str(seeds), share, str(flagged), names)
        answer[part] = f"{found}/{runs}, {flagged} flagged"
    return table, answer
