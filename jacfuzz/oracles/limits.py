"""A kink judged in exact arithmetic, where floating point is too coarse to show f's slopes beside it.

Next to a tie at 0 a value such as ``exp(x) - 1`` rounds to a constant, and differences of it say what f's formula does
not. Only asked before a failure is declared, and only answered where floating point and exact arithmetic disagree.
"""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.clarke import Membership, membership
from jacfuzz.oracles.nearby import nearby_jacobians
from jacfuzz.oracles.ruling import Case, Ruling

_PROBES = 2
_FAR_APART = 1e-3
_MOST_CELLS = 8
_RADII = (1e-4, 1e-5)


def exact_membership(case: Case, ruling: Ruling, rng: np.random.Generator) -> Membership:
    """Say how the candidate relates to the exact limits of nearby Jacobians.

    Returns
    -------
    Membership
        ``"unknown"`` where f has no exact arithmetic, too many cells for it, or limits that floating point shows as
        well and the ruling has been made with. Other limits that it shows as well are looked at in floating point.
    """
    cells = len(case.row)
    if cells > _MOST_CELLS or not np.isfinite(case.candidate).all():
        return "unknown"
    every_row = np.ones(len(case.candidate), bool)
    seen = nearby_jacobians(case, every_row, rng)
    # Cells of very different size are moved by the same part of it: in such units the Jacobian is J times the units.
    unit = case.scale
    gap = _gap(case.row, unit)
    radii = (_RADII[0] * gap, _RADII[1] * gap)

    def exactly(points: np.ndarray) -> np.ndarray:
        found = np.full((len(points), *case.candidate.shape), np.nan)
        for number, point in enumerate(case.row + unit * (points - case.row)):
            truth = case.exact.derivative(point, range(cells))
            if truth is not None and not truth.tied:
                found[number] = truth.columns * unit
        return found

    def roughly(points: np.ndarray) -> np.ndarray:
        return np.asarray(seen.at(case.row + unit * (points - case.row)) * unit)

    offsets = radii[0] * rng.uniform(-1, 1, size=(_PROBES, cells))
    probes = case.row + np.concatenate([offsets, -offsets])
    there, here = exactly(probes), roughly(probes)
    size = np.abs(there).max(axis=(1, 2), keepdims=True, initial=0.0)
    with np.errstate(invalid="ignore"):
        misleading = (np.isfinite(there) & ~(np.abs(there - here) <= _FAR_APART * size)).any()
    if not misleading and ruling.status in ("outside", "rows"):
        return "unknown"
    at, error = (exactly, 0.0) if misleading else (roughly, seen.error * unit)
    return membership(at, case.row, case.candidate * unit, radii, rng, error)


def _gap(row: np.ndarray, unit: np.ndarray) -> float:
    """Smallest distance between entries, or their sizes, that are not equal, in their units; at most 1."""
    apart = [np.abs(part[:, None] - part) / np.maximum(unit[:, None], unit) for part in (row, np.abs(row))]
    return float(min(np.min(distance, initial=1.0, where=distance > 0) for distance in apart))
