"""What the arbiter is asked and what it answers."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, get_args

import numpy as np

from jacfuzz.oracles.clarke import JacobiansAt
from jacfuzz.oracles.exact import Truth
from jacfuzz.oracles.rows import EPS, UNDERFLOWN, RowFunction, step_scale
from jacfuzz.target import Kinks

FailedAtKink: TypeAlias = Literal["nonfinite_at_kink", "outside", "rows"]
Status: TypeAlias = Literal["value", "nonfinite"] | FailedAtKink | Literal["pass", "kink", "unsure", "undefined"]

AT_KINK = get_args(FailedAtKink)
FAILURES = ("value", "nonfinite", *AT_KINK)
SAME = 1e-9
"""Relative difference below which two derivatives are the same."""
HALF_OF_THE_DIGITS = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True)
class Ruling:
    """What the arbiter says of one point.

    Attributes
    ----------
    status
        ``pass``, ``kink`` (legal at a non-differentiable point), a failure (``value``, ``nonfinite``,
        ``nonfinite_at_kink``, ``outside`` the Clarke generalized Jacobian, only its ``rows`` are in it), ``unsure`` or
        ``undefined``.
    wrong
        Mask (m, N) of the wrong cells.
    reference
        (m, N), NaN where unknown.
    bound
        Largest error of the reference.
    artefact
        Forward-mode AD of f is wrong at this point.
    digits
        How many of 16 decimal digits the candidate, whose formula is right, loses to round-off; 0 for none to speak of.
    coarse
        f computes in a coarser precision than float64, and the point was judged with bounds of that precision.
    mixed
        The candidate is legal as a mixture of limits, which at another kink of the kind it need not be.
    unseen
        Not looked at: taken for legal, since many kinks of the batch were.
    """

    status: Status
    wrong: np.ndarray
    reference: np.ndarray
    bound: float
    artefact: bool = False
    digits: int = 0
    coarse: bool = False
    mixed: bool = False
    unseen: bool = False


class Exactly(Protocol):
    """f and jac at rows in exact arithmetic; None where that is not possible."""

    @property
    def foreign(self) -> bool:
        """Whether the code under test says so itself: that may settle what differences leave open, and nothing else."""

    def derivative(self, row: np.ndarray, columns: Sequence[int]) -> Truth | None:
        """Return f and some columns of its Jacobian."""

    def candidate(self, level: float = 0.0) -> np.ndarray | None:
        """Return what jac answers at the point when it need not round, (m, N); numbers within a level are equal."""


class DerivativesAt(Protocol):
    """A derivative of f at rows."""

    def __call__(self, points: np.ndarray, columns: np.ndarray | None = None, /) -> np.ndarray:
        """Return the Jacobians (B, m, N) at rows (B, N), or some of their columns (B, m, C)."""


@dataclass(frozen=True)
class Case:
    """A suspicious point.

    Attributes
    ----------
    function
        f at rows.
    jacobians_at
        Forward-mode AD at rows near the point, all of it or some columns; None where f cannot be traced.
    row, index
        The point (N,), and its number in the batch.
    candidate
        jac's answer, (m, N).
    candidates_at
        jac's answers at rows near the point.
    ad
        Forward-mode AD at the point, (m, N), or None.
    kinks
        What passes at a kink.
    exact
        f and jac in exact arithmetic.
    """

    function: RowFunction
    jacobians_at: DerivativesAt | None
    row: np.ndarray
    index: int
    candidate: np.ndarray
    candidates_at: JacobiansAt
    ad: np.ndarray | None
    kinks: Kinks
    exact: Exactly

    @functools.cached_property
    def scale(self) -> np.ndarray:
        """Length (N,) over which each cell varies naturally."""
        return np.asarray(step_scale(self.row[None])[0])


def digits_lost(candidate: np.ndarray, truth: np.ndarray) -> int:
    """Return how many of 16 decimal digits the worst cell lost, at least 1; cells that are 0 in truth do not count."""
    with np.errstate(all="ignore"):
        relative = np.abs(candidate - truth) / np.abs(truth)
    worst = float(np.max(relative, initial=EPS, where=np.isfinite(relative)))
    return min(max(round(16 + math.log10(worst)), 1), 16)


def close(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mask of the cells that are the same up to a relative 1e-9; infinities are equal to themselves alone."""
    same = np.asarray(first == second)
    if same.all():
        return same
    with np.errstate(invalid="ignore"):
        near = np.abs(first - second) <= SAME * np.maximum(np.abs(first), np.abs(second)) + UNDERFLOWN
    return np.asarray((near & np.isfinite(first) & np.isfinite(second)) | same)
