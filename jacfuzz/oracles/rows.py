"""Rows and functions of rows: all differentiable cells of a point side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

EPS = float(np.finfo(float).eps)
UNDERFLOWN = 1e-290
"""Below this size results have begun to lose their digits to underflow; such differences are not judged."""
Rows: TypeAlias = np.ndarray
RowFunction: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""f at rows: ``(rows (B, N), index (B,)) -> (B, m)``, NaN outside f's domain; row b belongs to point index[b]."""


def step_scale(rows: Rows) -> np.ndarray:
    """Length (K, N) over which each cell varies naturally: its magnitude up to 1, for zeros that of its neighbours."""
    size = np.minimum(np.abs(rows), 1.0)
    counted = np.where(size > 0, size, np.nan)
    with np.errstate(all="ignore"):
        empty = np.all(np.isnan(counted), axis=1, keepdims=True) if rows.shape[1] else np.ones((len(rows), 1), bool)
        typical = np.where(empty, 1.0, np.exp2(np.nan_to_num(_row_mean(np.log2(counted)))))
    scale = np.where(size > 0, size, typical)
    return np.exp2(np.round(np.log2(scale)))


def _row_mean(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=1, keepdims=True)
    return np.asarray(total / np.maximum(known.sum(axis=1, keepdims=True), 1))
