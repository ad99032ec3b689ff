"""Membership of a matrix in the Clarke generalized Jacobian at a kink.

The Jacobians at nearby smooth points estimate the Bouligand limits; their convex hull, over the whole matrix, is the
Clarke generalized Jacobian (Clarke, "Optimization and Nonsmooth Analysis", 1983, section 2.6). Two radii give the
limit and the tolerance; where a Jacobian changes between them by more than a part of itself, one in the middle tells
whether it does so evenly, as next to a limit of 0, or because another kink is that near. Random directions alone miss
pieces (a tie of t entries has t! of them), so directions are also aimed: at the candidate, then by column generation at
what a linear program says is missing, which tests the support function of a hull with infinitely many limits, such as a
ball. Before a failure is declared the orders of tied entries are enumerated where they are few; what would be legal if
unsettled Jacobians were limits is left open.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from jacfuzz.oracles.hull import UnsolvedError, distance_to_hull, is_between_two
from jacfuzz.oracles.rows import UNDERFLOWN

Membership: TypeAlias = Literal["selection", "convex", "rows", "outside", "unknown"]
JacobiansAt: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""Jacobians (B, m, N) at rows (B, N), NaN where there are none."""

_OPPOSITE = 4  # of the random directions, since a candidate may be the midpoint of two limits
_RANDOM, _MORE = 20, 32  # with the ramps of a dozen cells, twice as many points fill a room of AD
_ROUNDS = 12
_MOST_RAMPS = 64
_MOST_ORDERS = 120
_MOST_NEIGHBOURS = 64
_RELATIVE = 1e-6
_SMALLEST = 1e-6
_SPREADS = (0.3, 0.03, 0.003)
_CLIMBERS = 4
_LITTLE = 1e-3
_CHANGE = 0.05  # of a Jacobian between the radii, or of that change from an even one


def membership(
    jacobians_at: JacobiansAt,
    row: np.ndarray,
    candidate: np.ndarray,
    radii: tuple[float, float],
    rng: np.random.Generator,
    error: np.ndarray | float = 0.0,
) -> Membership:
    """Say how a candidate relates to the limits of nearby Jacobians.

    Parameters
    ----------
    jacobians_at
        Jacobians of f at rows near the point.
    row
        The point, (N,).
    candidate
        (m, N), finite.
    radii
        Larger and smaller distance (sup norm) at which to look; both well below the distance to the next kink.
    rng
        Draws the directions.
    error
        How far off the Jacobians may be, (m, 1).

    Returns
    -------
    Membership
        ``"selection"``: equal to one limit; ``"convex"``: in the convex hull; ``"rows"``: every row is in the hull of
        that row, the whole matrix is not; ``"outside"``; ``"unknown"`` where nearby Jacobians do not settle.
    """
    try:
        return _membership(_Search(jacobians_at, row, candidate, radii, error), row, candidate, rng)
    except UnsolvedError:
        return "unknown"


def _membership(search: _Search, row: np.ndarray, candidate: np.ndarray, rng: np.random.Generator) -> Membership:
    drawn = rng.standard_normal((_RANDOM - _OPPOSITE, len(row)))
    search.look(np.concatenate([drawn, -drawn[:_OPPOSITE], _ramps(len(row))]))
    if not len(search.limits):
        return "unknown"
    if search.selected():  # whatever other limits there are
        return "selection"
    search.look(_aimed(candidate - search.limits.mean(axis=0), candidate, rng))
    for _ in range(2):
        if search.selected():
            return "selection"
        if not search.fixed_cells_differ() and search.in_hull(rng):
            return "convex"
        even = rng.standard_normal((_MORE, len(row)))
        search.look(np.concatenate([even, _uneven(2 * _MORE, len(row), rng), _orders(row, rng)]))
    if search.may_be_in_hull():
        return "unknown"
    return "rows" if search.rows_in_hull() else "outside"


def variation(
    jacobians_at: JacobiansAt,
    row: np.ndarray,
    candidate: np.ndarray,
    radii: tuple[float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Range (m, N) of the limits of nearby Jacobians: zero, up to round-off, where there is no kink.

    Takes what ``membership`` takes.
    """
    search = _Search(jacobians_at, row, candidate, radii)
    search.look(rng.standard_normal((_RANDOM, len(row))))
    if not len(search.limits):
        return np.full(candidate.shape, np.inf)
    search.look(_aimed(candidate - search.limits.mean(axis=0), candidate, rng))
    return np.asarray(search.limits.max(axis=0) - search.limits.min(axis=0))


def _aimed(centred: np.ndarray, candidate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Directions along which the candidate would be the active piece.

    Moving along J^T v raises the outputs that v weighs. v rising, falling, constant and random in sign covers sorted
    outputs, maxima (convex) and minima (concave), and mixtures of both.
    """
    cells = len(candidate)
    ramp = np.arange(1.0, cells + 1)
    weights = np.stack([ramp, -ramp, np.ones(cells), -np.ones(cells)])
    weights = np.concatenate([weights, rng.standard_normal((_RANDOM // 2, cells))])
    directions = np.concatenate([weights @ candidate, weights @ centred])
    jitter = 1e-3 * rng.standard_normal(directions.shape)
    return np.asarray(directions + jitter * np.abs(directions).max(axis=1, keepdims=True, initial=0.0))


def _ramps(size: int) -> np.ndarray:
    """Cyclic shifts of a ramp: among tied entries every cyclic order."""
    ramp = np.arange(size, dtype=float) - size / 2 + 0.25
    return np.stack([np.roll(ramp, shift) for shift in range(min(size, _MOST_RAMPS))]) if size else np.empty((0, 0))


def _orders(row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Directions that put tied entries into all orders, or into random ones where there are more than 120."""
    _, places, counts = np.unique(row, return_inverse=True, return_counts=True)
    ties = [np.flatnonzero(places == value) for value in np.flatnonzero(counts > 1)]
    if not ties:
        return np.empty((0, len(row)))
    if math.prod(math.factorial(len(tie)) for tie in ties) <= _MOST_ORDERS:
        orders = list(itertools.product(*(itertools.permutations(range(len(tie))) for tie in ties)))
    else:
        orders = [tuple(tuple(rng.permutation(len(tie))) for tie in ties) for _ in range(_MOST_ORDERS)]
    directions = np.zeros((len(orders), len(row)))
    for direction, order in zip(directions, orders, strict=True):
        for tie, ranks in zip(ties, order, strict=True):
            direction[tie] = np.array(ranks) - len(tie) / 2 + 0.25
    return directions


def _uneven(count: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Directions that move some entries far less than others: a piece is narrow where one entry outweighs the rest."""
    return np.where(rng.random((count, size)) < 0.5, _LITTLE, 1.0) * rng.standard_normal((count, size))


def _neighbours(direction: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Directions that differ in the order of two entries or in the sign of one: the pieces next to a piece."""
    size = len(direction)
    pairs = np.stack(np.triu_indices(size), axis=1)
    chosen = rng.permutation(pairs)[:_MOST_NEIGHBOURS] if len(pairs) > _MOST_NEIGHBOURS else pairs
    result = np.tile(direction, (len(chosen), 1))
    for moved, (one, two) in zip(result, chosen, strict=True):
        moved[[one, two]] = moved[[two, one]] if one != two else -moved[[one, one]]
    return result


class _Search:
    def __init__(
        self,
        jacobians_at: JacobiansAt,
        row: np.ndarray,
        candidate: np.ndarray,
        radii: tuple[float, float],
        error: np.ndarray | float = 0.0,
    ) -> None:
        self._at = jacobians_at
        self._row = row
        self._candidate = candidate
        self._radii = radii
        self._error = error
        self.limits = np.empty((0, *candidate.shape))
        self._unsettled = np.empty((0, *candidate.shape))  # at the smaller radius, where there is no limit
        self._directions = np.empty((0, len(row)))
        self._tolerance = np.empty((0, *candidate.shape))

    def look(self, directions: np.ndarray) -> None:
        """Add the limits along some directions."""
        length = np.abs(directions).max(axis=1, keepdims=True, initial=0.0)
        directions = directions[length[:, 0] > 0] / length[length[:, 0] > 0]
        if not len(directions):
            return
        far, near = self._radii
        found = self._at(np.concatenate([self._row + far * directions, self._row + near * directions]))
        outer, inner = found[: len(directions)], found[len(directions) :]
        change = np.abs(inner - outer)
        limits = inner + (inner - outer) * near / (far - near)
        scale = np.abs(limits).max(axis=(1, 2), keepdims=True, initial=0.0)
        size = np.maximum(np.abs(limits), _SMALLEST * scale)
        finite = np.isfinite(limits).all(axis=(1, 2))
        settled = finite & (change <= _CHANGE * scale).all(axis=(1, 2))
        if (moving := finite & ~settled).any():
            most = change[moving].max(axis=(1, 2), keepdims=True, initial=0.0)
            # A limit takes an even change into account: what is left is what may make it wrong.
            change[moving] = self._bend(directions[moving], outer[moving], inner[moving])
            settled[moving] = (change[moving] <= _CHANGE * most + self._error).all(axis=(1, 2))
        tolerance = _RELATIVE * size + 4 * change * near / (far - near) + self._error
        self.limits = np.concatenate([self.limits, limits[settled]])
        self._unsettled = np.concatenate([self._unsettled, inner[finite & ~settled]])
        self._directions = np.concatenate([self._directions, directions[settled]])
        self._tolerance = np.concatenate([self._tolerance, tolerance[settled]])

    def _bend(self, directions: np.ndarray, outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
        """How far Jacobians in the middle between the radii are off the mean of those at the radii."""
        far, near = self._radii
        between = self._at(self._row + 0.5 * (far + near) * directions)
        return np.asarray(np.abs(between - 0.5 * (outer + inner)))

    def selected(self) -> bool:
        return bool((np.abs(self.limits - self._candidate) <= self._tolerance).all(axis=(1, 2)).any())

    def fixed_cells_differ(self) -> bool:
        """Whether the candidate is wrong in a cell that is the same in all limits."""
        low, high = self.limits.min(axis=0), self.limits.max(axis=0)
        slack = self._slack()
        fixed = high - low <= slack
        return bool((fixed & (np.abs(self._candidate - 0.5 * (low + high)) > 2 * slack)).any())

    def in_hull(self, rng: np.random.Generator) -> bool:
        """Whether the whole matrix is a convex combination, generating the columns that are missing."""
        for _ in range(_ROUNDS):
            slack = self._slack()
            limits, candidate = _flat(self.limits / slack), (self._candidate / slack).reshape(-1)
            if is_between_two(limits, candidate):
                return True
            gap, price = distance_to_hull(limits, candidate)
            if gap <= 1:
                return True
            weights = price.reshape(self._candidate.shape) / slack
            before = self._best(weights)
            self.look(_aimed(weights, weights, rng))
            for spread in _SPREADS:
                self._climb(weights, spread, rng)
            self._step(weights, rng)
            if self._best(weights) <= before + 1e-3 * np.abs(price).sum():
                return False
        return False

    def _best(self, weights: np.ndarray) -> float:
        return float(np.einsum("pmn,mn->p", self.limits, weights).max())

    def _climb(self, weights: np.ndarray, spread: float, rng: np.random.Generator) -> None:
        """Look around the directions whose limits the weights favour: limits may form a curve."""
        order = np.argsort(-np.einsum("pmn,mn->p", self.limits, weights))[:_CLIMBERS]
        best = self._directions[order]
        jitter = rng.standard_normal((len(best), 2 * _CLIMBERS, len(self._row)))
        self.look((best[:, None] + spread * jitter).reshape(-1, len(self._row)))

    def _step(self, weights: np.ndarray, rng: np.random.Generator) -> None:
        """Look at the pieces next to the one that the weights favour, as long as that leads to a better one."""
        for _ in range(_ROUNDS):
            before = self._best(weights)
            order = int(np.argmax(np.einsum("pmn,mn->p", self.limits, weights)))
            self.look(_neighbours(self._directions[order], rng))
            if self._best(weights) <= before:
                return

    def rows_in_hull(self) -> bool:
        """Whether every row is a convex combination of that row of the limits."""
        slack = self._slack()
        limits, candidate = self.limits / slack, self._candidate / slack
        return all(distance_to_hull(limits[:, i], candidate[i])[0] <= 1 for i in range(len(candidate)))

    def may_be_in_hull(self) -> bool:
        """Whether the whole matrix is a convex combination if Jacobians that have not settled count as limits."""
        if not len(self._unsettled):
            return False
        slack = self._slack()
        limits = _flat(np.concatenate([self.limits, self._unsettled]) / slack)
        return distance_to_hull(limits, (self._candidate / slack).reshape(-1))[0] <= 1

    def _slack(self) -> np.ndarray:
        """Tolerance (m, n) of a cell of the hull: cells of very different size are judged each by its own."""
        size = np.abs(self.limits).max(axis=0)
        size = np.maximum(size, _SMALLEST * size.max(initial=0.0))
        return np.asarray(np.median(self._tolerance, axis=0) + _RELATIVE * size + UNDERFLOWN)


def _flat(matrices: np.ndarray) -> np.ndarray:
    return matrices.reshape(len(matrices), matrices[0].size)
