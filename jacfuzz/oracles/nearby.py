"""Jacobians at points near a kink: by AD where it agrees with f there, else by differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jacfuzz.oracles.clarke import JacobiansAt
from jacfuzz.oracles.ruling import Case

_STEP = 1e-7
_VISIBLE = 1e-3
_PROBES = 8
_TIMES = 4


@dataclass(frozen=True)
class Nearby:
    """Jacobians of some outputs of f near a point.

    Attributes
    ----------
    at
        The Jacobians at rows.
    radii
        Two distances, both well below that to the next kink, at which to look.
    error
        How far off each of them may be, (m, 1).
    """

    at: JacobiansAt
    radii: tuple[float, float]
    error: np.ndarray


def nearby_jacobians(case: Case, rows: np.ndarray, rng: np.random.Generator) -> Nearby:
    """Jacobians of the outputs in the mask ``rows`` (m,): by AD where it agrees with f there, else by differences."""
    gap = distance_to_next_kink(case.row)
    by_ad = _nearby_by_ad(case, gap, rng)
    if by_ad is not None:
        return Nearby(lambda points: by_ad(points)[:, rows], (1e-5 * gap, 1e-7 * gap), np.zeros((rows.sum(), 1)))
    # Nodes that are nearer than this show round-off alone, however near a kink of another entry may be.
    gap = max(gap, _VISIBLE * float(np.abs(case.row).max(initial=0.0)))
    differences, radii = _nearby_by_differences(case, _STEP * gap), (1e-3 * gap, 1e-4 * gap)
    # Round-off is what another step gives otherwise; of several places, since a kink may lie between the nodes of one.
    probes = case.row + radii[0] * rng.uniform(-1, 1, size=(_PROBES, len(case.row)))
    change = np.abs(differences(probes) - _nearby_by_differences(case, 0.7 * _STEP * gap)(probes))
    error = _TIMES * np.nan_to_num(np.median(change.max(axis=2, initial=0.0), axis=0))[:, None]
    return Nearby(lambda points: differences(points)[:, rows], radii, error[rows])


def distance_to_next_kink(row: np.ndarray) -> float:
    """Guess of how far kinks at other places are: the smallest nonzero magnitude or gap between entries, at most 1."""
    sizes = np.abs(np.concatenate([row, np.diff(np.sort(row)), np.diff(np.sort(np.abs(row)))]))
    sizes = sizes[sizes > 1e-9 * max(float(np.abs(row).max(initial=0.0)), 1e-290)]
    return float(min(sizes.min(initial=1.0), 1.0))


def _nearby_by_ad(case: Case, gap: float, rng: np.random.Generator) -> JacobiansAt | None:
    """AD at nearby points, if it agrees with f's own differences at some of them."""
    if case.jacobians_at is None:
        return None
    cells = len(case.row)
    points = case.row + 1e-3 * gap * rng.uniform(-1, 1, size=(4, cells))
    directions = rng.standard_normal((4, cells))
    step = 1e-6 * gap * directions
    with np.errstate(all="ignore"):
        values = case.function(np.concatenate([points + step, points - step]), np.full(8, case.index))
        slope = (values[:4] - values[4:]) / (2e-6 * gap)
        predicted = np.einsum("kmn,kn->km", case.jacobians_at(points), directions)
        size = np.maximum(np.abs(slope), np.abs(predicted)).max(initial=0.0)
        noise = 1e-9 * np.abs(values).max(initial=0.0) / gap
        off = np.abs(slope - predicted) > 1e-3 * size + noise
    # A step that crosses a kink is off for an honest reason; an AD that drops a tangent is off at every point.
    return None if off.any(axis=1).sum() >= 3 else case.jacobians_at


def _nearby_by_differences(case: Case, step: float) -> JacobiansAt:
    cells = len(case.row)

    def jacobians(points: np.ndarray) -> np.ndarray:
        offsets = step * np.concatenate([np.eye(cells), -np.eye(cells)])
        nodes = (points[:, None] + offsets).reshape(-1, cells)
        with np.errstate(all="ignore"):
            values = case.function(nodes, np.full(len(nodes), case.index)).reshape(len(points), 2, cells, -1)
            return np.asarray(np.swapaxes((values[:, 0] - values[:, 1]) / (2 * step), 1, 2))

    return jacobians
