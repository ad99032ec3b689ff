"""What the search for the boundaries of a function found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jacfuzz.tracing.residuals import Label


@dataclass(frozen=True)
class Found:
    """Points of one boundary.

    Attributes
    ----------
    labels
        The residuals that vanish together.
    row
        The input (N,); exactly on the boundary if ``exact``, else as near as floats come.
    beside
        Inputs (B, N) an ulp and a hair to each side.
    inside
        Inputs (C, N) in the adjoining cells.
    """

    labels: tuple[Label, ...]
    row: np.ndarray
    exact: bool
    beside: np.ndarray
    inside: np.ndarray

    @classmethod
    def alone(cls, label: Label, row: np.ndarray) -> Found:
        """Return a point on a boundary, and none around it."""
        nowhere = np.empty((0, len(row)))
        return cls((label,), row, True, nowhere, nowhere)


@dataclass(frozen=True)
class Solution:
    """What a run found.

    Attributes
    ----------
    found
        Points by boundary, in the order of their discovery.
    missed
        Residuals that vary and that no point was found for, and why.
    unseen
        What could not be looked into.
    calls
        Runs of the function.
    late
        How many of the points, the last ones, were met with the runs kept for what the search left out.
    """

    found: tuple[Found, ...]
    missed: Mapping[Label, str]
    unseen: tuple[str, ...]
    calls: int
    late: int
