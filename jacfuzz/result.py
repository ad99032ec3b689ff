"""What is said of a target: findings, notes and the verdict; plain data that travels between processes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

Verdict: TypeAlias = Literal["pass", "fail", "error", "stub", "unsure"]
Kind: TypeAlias = Literal[
    "value",
    "nonfinite",
    "shape",
    "annotation",
    "kink",
    "raises",
    "mutates",
    "nondeterministic",
    "timeout",
    "crash",
    "memory",
    "protocol",
    "rule",
    "duplicate",
    "mismatch",
]


@dataclass(frozen=True)
class Finding:
    """A failure after shrinking; ``to_dict`` gives the fields of the JSON-lines contract.

    Attributes
    ----------
    kind
        What kind of failure; one finding per kind and target.
    message
        Complete sentences: what is wrong, at which point, and the likely cause.
    argument
        Name of the argument whose Jacobian is wrong; "" where that makes no sense.
    cells
        Indices of wrong cells, ``[*output index, *input index]`` each, at most a few dozen.
    candidate, reference, bound
        Nested lists, the Jacobian as given and as it should be (None where there is none), and the largest
        error of the reference.
    point
        The minimal input: a nested list per argument name.
    dims
        Axis sizes by name at that point.
    condition
        When it happens, in words, e.g. ``"x[0] = 0"``; "" where unknown.
    diagnosis
        The likely cause, worded as a hint; "" where unknown.
    reproduce
        Python or shell text that reproduces it as pasted.
    stratum
        The stratum of the first point that showed it.
    points
        How many points showed it.
    axes
        Names of the Jacobian's axes, output axes first; empty where it has none.
    others
        Further failing points as they were found, of different strata: what of this finding's ``point, cells,
        candidate, reference, stratum`` is different there.
    quotients
        Central differences of f for ``cells[0]`` at the point, as (step, quotient) from coarse to fine; empty where
        there are none.
    """

    kind: Kind
    message: str
    argument: str = ""
    cells: list[list[int]] = field(default_factory=list)
    candidate: Any = None
    reference: Any = None
    bound: float | None = None
    point: dict[str, Any] = field(default_factory=dict)
    dims: dict[str, Any] = field(default_factory=dict)
    condition: str = ""
    diagnosis: str = ""
    reproduce: str = ""
    stratum: str = ""
    points: int = 0
    axes: list[str] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    quotients: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True)
class Note:
    """Worth saying, never a failure."""

    kind: str
    text: str


@dataclass(frozen=True)
class TargetResult:
    """Everything that is said of one target; see the JSON-lines contract in docs/architecture.md."""

    id: str
    title: str
    file: str
    line: int
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    points: int = 0
    unsure_points: int = 0
    undefined_points: int = 0
    strata: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    cell: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data with ``"event": "target"`` first."""
        return {"event": "target", **asdict(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> TargetResult:
        """Rebuild what ``to_dict`` gave, e.g. after a trip between processes."""
        fields = {key: value for key, value in data.items() if key != "event"}
        fields["findings"] = tuple(Finding(**finding) for finding in fields["findings"])
        fields["notes"] = tuple(Note(**note) for note in fields["notes"])
        return cls(**fields)


_WORST_FIRST: tuple[Verdict, ...] = ("fail", "error", "unsure", "stub", "pass")


def severity(verdict: Verdict) -> int:
    """Rank of a verdict, 0 for the worst; sorts reports worst first."""
    return _WORST_FIRST.index(verdict)


def exit_code(verdicts: list[Verdict]) -> int:
    """Exit code of a run: 0 all pass, 1 something failed, errored or is unsure, 4 nothing was checked.

    Only stubs counts as nothing; a stub among others is no failure.
    """
    if any(verdict in ("fail", "error", "unsure") for verdict in verdicts):
        return 1
    return 0 if "pass" in verdicts else 4
