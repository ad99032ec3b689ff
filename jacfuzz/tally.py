"""What a search has seen of a target so far, and what is to be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from jacfuzz.evaluation.boundaries import Boundaries, met_at
from jacfuzz.findings import Suspect
from jacfuzz.result import Kind, Note
from jacfuzz.strategies.batches import Batch, Lot
from jacfuzz.strategies.layouts import Layout
from jacfuzz.verdict import PointVerdict

_LETHAL: tuple[Kind, ...] = ("timeout", "crash", "memory")
_MOST_NAMES = 5
_NONE = "no generic point could be drawn"
_BARE = "at no size that was tried has the Jacobian a cell; annotate larger ones, such as '20' for 'n'"


@dataclass
class Tally:
    """What the search has seen of one target so far."""

    points: int = 0
    unsure: int = 0
    undefined: int = 0
    empty: int = 0
    passed: int = 0
    generic_passed: int = 0
    bare: int = 0
    failed: int = 0
    strata: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    notes: dict[tuple[str, str], None] = field(default_factory=dict)
    digits: int = 0
    suspects: dict[Kind, Suspect] = field(default_factory=dict)
    missed: dict[str, None] = field(default_factory=dict)
    unseen: dict[str, None] = field(default_factory=dict)
    _defined: Counter[tuple[tuple[int, ...], ...]] = field(default_factory=Counter)

    def worthwhile(self, menu: Sequence[Layout]) -> list[Layout]:
        """Layouts with cells in which f has a value somewhere; all where there is none such, or nothing was tried."""
        solid = [layout for layout in menu if layout.size] or list(menu)
        return [layout for layout in solid if self._defined[layout.shapes]] or solid

    @property
    def spotless(self) -> bool:
        """Whether all points passed, but for those without a cell, where f may have no value, and there were some."""
        return self.passed + self.empty == self.points > self.empty

    @property
    def lethal(self) -> int:
        """Points at which f or jac ended its process."""
        return sum(suspect.points for kind, suspect in self.suspects.items() if kind in _LETHAL)

    @property
    def failure(self) -> str:
        """What failed first; "" for nothing."""
        return next((suspect.failure.text for suspect in self.suspects.values()), "")

    def see(self, found: Boundaries) -> None:
        """Count the points on each boundary of the code as a stratum, and keep what the search did not reach."""
        for label in found.labels:
            self.strata.update({f"on {operation}" for operation in met_at(label)})
        self.missed.update(dict.fromkeys(found.missed))
        self.unseen.update(dict.fromkeys(found.unseen))

    def add(self, lot: Lot, verdicts: Sequence[PointVerdict]) -> None:
        """Count what was judged and keep the smallest failing point of each kind."""
        start = 0
        for batch in lot.batches:
            self._add(batch, verdicts[start : start + len(batch)])
            start += len(batch)

    def _add(self, batch: Batch, verdicts: Sequence[PointVerdict]) -> None:
        label = {0: "size 0", 1: "size 1"}.get(batch.layout.size)
        self.points += len(verdicts)
        self.strata[batch.stratum] += len(verdicts)
        self._defined[batch.layout.shapes] += sum(verdict.status != "undefined" for verdict in verdicts)
        if label:
            self.strata[label] += len(verdicts)
        plain = 0
        for index, verdict in enumerate(verdicts):
            if verdict.status == "pass" and not (verdict.notes or verdict.digits or verdict.bare):
                plain += 1  # most are; nothing else is to be counted
                continue
            self.notes.update(dict.fromkeys(verdict.notes))
            self.digits = max(self.digits, verdict.digits)
            self.unsure += verdict.status == "unsure"
            self.undefined += verdict.status == "undefined"
            self.empty += verdict.status == "undefined" and not batch.layout.size
            self.failed += verdict.status == "fail"
            good = verdict.status in ("pass", "kink")
            self.passed += good
            self.generic_passed += good and batch.stratum == "generic" and not verdict.bare
            self.bare += verdict.bare
            if verdict.reason and not good:
                self.reasons[verdict.reason] += 1
            for failure in verdict.failures:
                single = batch[index : index + 1]
                known = self.suspects.get(failure.kind)
                self.suspects[failure.kind] = (
                    Suspect(single, failure) if known is None else known.or_smaller(single, failure)
                )
        self.passed += plain
        self.generic_passed += plain * (batch.stratum == "generic")


def unreached(tally: Tally) -> list[Note]:
    """Say which boundaries of the code no point was found for, and what could not be looked into."""
    texts = (
        ("no point was found where these branch: ", tally.missed),
        ("not looked into for boundaries: ", tally.unseen),
    )
    return [Note("boundaries", start + _listed(list(names))) for start, names in texts if names]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return "; ".join(names[:_MOST_NAMES]) + more


def why_unsure(tally: Tally) -> str:
    """Say what kept a target from passing, though nothing failed."""
    reason = tally.reasons.most_common(1)[0][0] if tally.reasons else _BARE if tally.bare else _NONE
    if not tally.generic_passed:
        return f"no generic point passed: {reason}"
    return f"{tally.unsure} of {tally.points} points are unsure: {reason}"
