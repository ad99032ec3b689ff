"""Points around a boundary."""

from __future__ import annotations

import numpy as np

from jacfuzz.strategies.probe import Probe
from jacfuzz.tracing.literals import LEAST


def around(
    probe: Probe, row: np.ndarray, slopes: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Points an ulp and a hair to each side of a boundary, and well inside the cells that meet there.

    Parameters
    ----------
    probe
        The function, in whose domain they are to lie.
    row
        The point (N,) on the boundary.
    slopes
        Slopes of the k residuals that vanish there, shape (k, N).
    rng
        Draws how far inside.
    """
    normal = slopes[0] / np.linalg.norm(slopes[0])
    column = int(np.argmax(np.abs(normal)))
    beside: list[np.ndarray] = []
    for end in (-np.inf, np.inf):
        moved = row.copy()
        moved[column] = np.nextafter(row[column], end) if row[column] else np.copysign(LEAST, end)
        beside.append(moved)
    scale = max(1.0, float(np.max(np.abs(row))))
    beside += [row + sign * 1e-7 * scale * normal for sign in (-1, 1)]
    width = 0.25 * scale * rng.uniform(0.5, 1.0)
    inside = [row + sign * width * normal for sign in (-1, 1)]
    if len(slopes) > 1:  # leave one boundary and stay on the others
        away = np.linalg.pinv(slopes / np.linalg.norm(slopes, axis=1, keepdims=True)).T
        inside = [row + sign * width * direction for direction in away for sign in (-1, 1)] + inside
    return probe.confined(np.array(beside)), probe.confined(np.array(inside))
