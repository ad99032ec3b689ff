"""Jacobians on a boundary compared with those beside it: what is no mean of the two was written for the boundary alone.

Nothing is said of them here. At a kink of f the mean of both sides is right, and where many boundaries meet more is; it
is only told which of many points on boundaries are worth a judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

import numpy as np

Jacobian: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""The Jacobian (M,) at an input (N,), in one row; empty where there is none."""

_BESIDE = 1e-7
_ALIKE = 1e-4


class Beside(Enum):
    """What a Jacobian on a boundary is, beside those to both sides of it."""

    LIKE_ALL = "the boundary does not count"
    LIKE_ONE = "one of them"
    A_MEAN = "a mean of them"
    LIKE_NONE = "no mean of them"


def beside(jacobian: Jacobian, row: np.ndarray, normal: np.ndarray) -> Beside:
    """Compare a Jacobian on a boundary with those to both sides.

    Parameters
    ----------
    jacobian
        It is asked three times.
    row
        The point (N,).
    normal
        Normal of the boundary (N,), of any length.
    """
    step = _BESIDE * max(1.0, float(np.max(np.abs(row)))) * normal / np.linalg.norm(normal)
    here, below, above = (jacobian(place) for place in (row, row - step, row + step))
    if below.shape != above.shape or not (np.all(np.isfinite(below)) and np.all(np.isfinite(above))):
        return Beside.LIKE_ALL
    if below.shape != here.shape or not np.all(np.isfinite(here)):
        return Beside.LIKE_NONE
    least = _ALIKE * max(float(np.max(np.abs(side), initial=0.0)) for side in (here, below, above))
    across, off = above - below, here - below
    if _size(across) <= least:
        return Beside.LIKE_ALL if _size(off) <= least else Beside.LIKE_NONE
    share = np.clip((off @ across) / (across @ across), 0.0, 1.0)
    if _size(off - share * across) > least:
        return Beside.LIKE_NONE
    return Beside.LIKE_ONE if min(_size(off), _size(off - across)) <= least else Beside.A_MEAN


def _size(difference: np.ndarray) -> float:
    return float(np.max(np.abs(difference), initial=0.0))
