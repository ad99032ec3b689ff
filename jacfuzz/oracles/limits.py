"""A kink judged in exact arithmetic, where floating point is too coarse to show f's slopes beside it.

Next to a tie at 0 a value such as ``exp(x) - 1`` rounds to a constant, and differences of it say what f's formula does
not. Only asked before a failure is declared, and only answered where floating point and exact arithmetic disagree.
"""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.clarke import Membership, membership
from jacfuzz.oracles.nearby import nearby_jacobians
from jacfuzz.oracles.ruling import Case

_PROBES = 4
_FAR_APART = 1e-3
_MOST_CELLS = 8


def exact_membership(case: Case, rng: np.random.Generator) -> Membership:
    """Say how the candidate relates to the exact limits of nearby Jacobians.

    Returns
    -------
    Membership
        ``"unknown"`` where f has no exact arithmetic, too many cells for it, or limits that floating point shows as
        well.
    """
    cells = len(case.row)
    if cells > _MOST_CELLS or not np.isfinite(case.candidate).all():
        return "unknown"
    every_row = np.ones(len(case.candidate), bool)
    seen = nearby_jacobians(case, every_row, rng)

    def exactly(points: np.ndarray) -> np.ndarray:
        found = np.full((len(points), *case.candidate.shape), np.nan)
        for number, point in enumerate(points):
            truth = case.exact.derivative(point, range(cells))
            if truth is not None and not truth.tied:
                found[number] = truth.columns
        return found

    probes = case.row + seen.radii[0] * rng.uniform(-1, 1, size=(_PROBES, cells))
    there, here = exactly(probes), seen.at(probes)
    size = np.abs(there).max(axis=(1, 2), keepdims=True, initial=0.0)
    with np.errstate(invalid="ignore"):
        misleading = (np.abs(there - here) > _FAR_APART * size).any()
    return membership(exactly, case.row, case.candidate, seen.radii, rng) if misleading else "unknown"
