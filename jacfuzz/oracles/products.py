"""Jacobians times directions, and the sizes of what is summed up there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jacfuzz.oracles.rows import Rows

_BLOCK = 1 << 15
"""Cells that stay in a processor's cache, 256 kB."""


@dataclass(frozen=True)
class Products:
    """What K Jacobians (K, m, N) state along D directions each.

    Attributes
    ----------
    directions
        (K, D, N).
    stated
        J d, (K, m, D).
    sizes
        |J| |d|, the sum of the terms' sizes, (K, m, D); infinite or NaN where a cell is.
    """

    directions: np.ndarray
    stated: np.ndarray
    sizes: np.ndarray

    def first(self, points: np.ndarray) -> tuple[Rows, np.ndarray, np.ndarray]:
        """Return the first direction at some points, and J d and |J| |d| along it."""
        return self.directions[points, 0], self.stated[points, :, 0], self.sizes[points, :, 0]


def products(jacobians: np.ndarray, directions: np.ndarray) -> Products:
    """Multiply K Jacobians (K, m, N) by D directions each (K, D, N); large ones are read once, a block at a time."""
    count, cells, width = jacobians.shape
    sizes = np.abs(directions)
    if cells * width <= _BLOCK:
        stated = np.einsum("kmn,kdn->kmd", jacobians, directions)
        return Products(directions, stated, np.einsum("kmn,kdn->kmd", np.abs(jacobians), sizes))
    found = np.empty((2, count, cells, directions.shape[1]))
    step = max(1, _BLOCK // width)
    for point in range(count):
        for start in range(0, cells, step):
            block = jacobians[point, start : start + step]
            found[0, point, start : start + step] = block @ directions[point].T
            found[1, point, start : start + step] = np.abs(block) @ sizes[point].T
    return Products(directions, *found)
