"""What is said of one point: its status, and everything that is wrong there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from jacfuzz.result import Kind

Status: TypeAlias = Literal["pass", "kink", "fail", "unsure", "undefined"]


@dataclass(frozen=True)
class Failure:
    """One thing that is wrong at a point, before shrinking.

    Attributes
    ----------
    kind
        The kind of finding.
    text
        A sentence without the point.
    argument
        Whose Jacobian; "" where that makes no sense.
    cells
        Indices of the wrong cells, output index first.
    candidate, reference
        The argument's Jacobian as given and as it should be.
    bound
        Largest error of the reference.
    """

    kind: Kind
    text: str
    argument: str = ""
    cells: tuple[tuple[int, ...], ...] = ()
    candidate: np.ndarray | None = None
    reference: np.ndarray | None = None
    bound: float | None = None


@dataclass(slots=True)
class PointVerdict:
    """What is said of one point.

    ``reason`` explains unsure and undefined, ``notes`` are (kind, text) pairs, ``digits`` is how many of 16 decimal
    digits a right formula loses to round-off, ``bare`` whether the Jacobian has no cell here.
    """

    status: Status = "pass"
    failures: list[Failure] = field(default_factory=list)
    reason: str = ""
    notes: list[tuple[str, str]] = field(default_factory=list)
    digits: int = 0
    bare: bool = False

    def fail(self, failure: Failure) -> None:
        """Add a failure."""
        self.status = "fail"
        self.failures.append(failure)
