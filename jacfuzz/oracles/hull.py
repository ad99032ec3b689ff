"""Distance of a point to a convex hull: a linear program, solved in spite of the round-off in its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_MOST_ALIKE = 64  # more are no round-off
_ALIKE = 0.25
_MOST_NUMBERS = 1 << 20  # of segments
_TIGHT = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
_WAYS: tuple[Mapping[str, Any], ...] = (
    {},
    {"options": _TIGHT},
    {"method": "highs-ipm"},
    {"method": "highs-ipm", "options": _TIGHT},
)


class UnsolvedError(Exception):
    """No way to solve a linear program worked."""


def distance_to_hull(columns: np.ndarray, wanted: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the distance (sup norm) of a point to the hull of others, and the dual prices.

    Parameters
    ----------
    columns
        The others (P, C), in units of what is tolerated.
    wanted
        The point (C,).

    Returns
    -------
    tuple[float, numpy.ndarray]
        The distance, too large by at most a quarter; prices (C,) of the point's cells.

    Raises
    ------
    UnsolvedError
        If the program is too ill-conditioned.
    """
    scale = max(float(np.abs(columns).max(initial=0.0)), float(np.abs(wanted).max(initial=0.0))) or 1.0
    varied = (columns.max(axis=0) > columns.min(axis=0)) | (np.abs(columns[0] - wanted) > 0)
    price = np.zeros(len(wanted))
    if not varied.any():
        return 0.0, price
    columns, wanted = columns[:, varied], wanted[varied]
    solved = _solved(columns / scale, wanted / scale)
    if solved is None:
        ways = (_solved(_distinct(columns) / scale, wanted / scale, **way) for way in _WAYS)
        solved = next(filter(None, ways), None)
    if solved is None:
        raise UnsolvedError
    gap, price[varied] = solved
    return gap * scale, price


def is_between_two(columns: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether a point (C,) is no further than 1 (sup norm) from a segment between two others of (P, C).

    Then it is in their hull, and no program need be solved: so are the midpoints that people take at a kink.
    """
    one, other = np.triu_indices(len(columns), 1)
    if one.size * len(wanted) > _MOST_NUMBERS:
        return False
    ways = columns[other] - columns[one]
    lengths = np.einsum("pc,pc->p", ways, ways)
    with np.errstate(all="ignore"):
        shares = np.nan_to_num(np.clip(np.einsum("pc,pc->p", wanted - columns[one], ways) / lengths, 0.0, 1.0))
    gaps = np.abs(columns[one] + shares[:, None] * ways - wanted).max(axis=1, initial=0.0)
    return bool((gaps <= 1).any())


def _distinct(columns: np.ndarray) -> np.ndarray:
    """Columns (P, C) without those that differ from another by round-off, which solvers stumble over."""
    kept: list[np.ndarray] = []
    while len(columns) and len(kept) < _MOST_ALIKE:
        kept.append(columns[:1])
        columns = columns[np.abs(columns - columns[0]).max(axis=1) > _ALIKE]
    return np.concatenate([*kept, columns])


def _solved(columns: np.ndarray, wanted: np.ndarray, **way: Any) -> tuple[float, np.ndarray] | None:
    from scipy.optimize import linprog

    count, cells = columns.shape
    ones = -np.ones((cells, 1))
    solved = linprog(
        np.concatenate([np.zeros(count), [1.0]]),
        A_ub=np.block([[columns.T, ones], [-columns.T, ones]]),
        b_ub=np.concatenate([wanted, -wanted]),
        A_eq=np.concatenate([np.ones(count), [0.0]])[None],
        b_eq=[1.0],
        bounds=[(0, None)] * (count + 1),
        **way,
    )
    if solved.x is None:
        return None
    dual = np.asarray(solved.ineqlin.marginals)
    return float(solved.x[-1]), dual[:cells] - dual[cells:]
