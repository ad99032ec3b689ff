"""Between arguments and rows: all differentiable cells of a point side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


def shapes_of(values: tuple[np.ndarray, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of the arguments at the points of a batch (K, *shape)."""
    return tuple(value.shape[1:] for value in values)


def are_same(first: tuple[np.ndarray, ...], second: tuple[np.ndarray, ...]) -> bool:
    """Whether batches, one array per argument, are the same points."""
    return len(first) == len(second) and all(map(np.array_equal, first, second))


@dataclass(frozen=True)
class Frame:
    """Shapes of the arguments and which of them vary.

    Attributes
    ----------
    shapes
        One shape per argument.
    differentiable
        Whether the argument's cells are part of a row.
    """

    shapes: tuple[tuple[int, ...], ...]
    differentiable: tuple[bool, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Cells of each differentiable argument."""
        return tuple(math.prod(shape) for shape, varies in zip(self.shapes, self.differentiable, strict=True) if varies)

    def rows(self, values: tuple[np.ndarray, ...]) -> np.ndarray:
        """Flatten batch values (K, *shape) into rows (K, N)."""
        count = len(values[0])
        parts = [np.empty((count, 0))]
        for value, varies in zip(values, self.differentiable, strict=True):
            if varies:
                parts.append(np.asarray(value, dtype=float).reshape(count, -1) if value.size else np.empty((count, 0)))
        return np.concatenate(parts, axis=1)

    def values(self, rows: np.ndarray, origin: tuple[np.ndarray, ...], index: np.ndarray) -> tuple[np.ndarray, ...]:
        """Cut rows (B, N) into batch values; row b takes its other arguments from point ``index[b]`` of origin."""
        result: list[np.ndarray] = []
        start = 0
        for shape, varies, value in zip(self.shapes, self.differentiable, origin, strict=True):
            if varies:
                stop = start + math.prod(shape)
                result.append(np.ascontiguousarray(rows[:, start:stop]).reshape(len(rows), *shape))
                start = stop
            else:
                result.append(value[index])
        return tuple(result)
