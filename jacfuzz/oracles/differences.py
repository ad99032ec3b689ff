"""Finite differences of the untouched f, each with an error bound.

Central differences on nested steps, Richardson-extrapolated to orders 4 and 6 (Fornberg, "Generation of finite
difference formulas", 1988, for the weights; Ridders 1982 for the table). The bound of an estimate is its truncation
error, measured as the difference between two orders, plus the round-off that f's own noise leaves in the quotient.
A bound is believed only where every smaller step agrees with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jacfuzz.oracles.breaks import broken_here
from jacfuzz.oracles.inquiry import ask, on_both_sides
from jacfuzz.oracles.noise import grain, noise
from jacfuzz.oracles.rows import EPS, RowFunction, Rows

_LADDER = 4.0 ** -np.arange(1, 13)
_CONVERGED = 0.03
_ORDERS = 3
# Sums of the weights of f's values in the quotients, at any order of extrapolation.
_CENTRAL_WEIGHT, _ONE_SIDED_WEIGHT = 1.2, 3.2
_FINER = 4.0 ** -np.arange(10, 24)


@dataclass(frozen=True)
class Estimate:
    """Derivatives with error bounds; arrays of one shape, bound infinite where nothing is known."""

    value: np.ndarray
    bound: np.ndarray


@dataclass(frozen=True)
class Slopes:
    """What the difference tables say of D directions at one point; all arrays have shape (m, D).

    Attributes
    ----------
    central
        Two-sided derivative, or the one-sided one at an end of the domain.
    right, left
        One-sided derivatives.
    kink
        The one-sided derivatives differ.
    broken
        f jumps here, or its slope is infinite, or f exists on neither side.
    """

    central: Estimate
    right: Estimate
    left: Estimate
    kink: np.ndarray
    broken: np.ndarray


def round_off_of(
    unit: np.ndarray, shift: np.ndarray, h: np.ndarray | float, slope: np.ndarray, weight: float
) -> np.ndarray:
    """Error that round-off leaves in an extrapolated quotient of step h, whose weights sum to less than ``weight``.

    ``unit`` is the error of f's values; ``shift`` how far, in units of the direction, the nodes are rounded away from
    where they should be; ``slope`` how steep f is at most.
    """
    return np.asarray(weight * (unit + shift * slope) / h)


def unit_of(top: np.ndarray, noise: np.ndarray | float = 0.0) -> np.ndarray:
    """Error of f's values up to ``top`` in size: 4 units in the last place, or what its noise measures if larger."""
    return np.maximum(4 * EPS * top, 4 * noise)


def shift_of(rows: Rows, directions: Rows) -> np.ndarray:
    """Rounding of the nodes ``rows + h * directions`` in units of the direction, shape (K, 1)."""
    with np.errstate(all="ignore"):
        ratio = np.where(directions != 0, np.abs(rows) / np.abs(directions), 0.0)
    return np.asarray(EPS * ratio.max(axis=1, keepdims=True, initial=0.0))


def slopes(
    function: RowFunction,
    row: np.ndarray,
    index: int,
    directions: np.ndarray,
    rng: np.random.Generator,
    floor: np.ndarray | float = 0.0,
) -> Slopes:
    """Difference tables at one point along D directions; 24 evaluations of f per direction.

    Parameters
    ----------
    function
        f at rows.
    row
        The point, (N,).
    index
        Which point of the batch it is.
    directions
        (D, N), already scaled to the lengths over which the cells vary.
    rng
        For the noise measurement.
    floor
        Least noise level to reckon with, (m,).
    """
    (origin,), table, level, coarse = ask(
        function,
        index,
        lambda f: f(row[None]),
        lambda f: on_both_sides(f, row, directions, _LADDER),
        lambda f: noise(f, row, rng),
        lambda f: grain(f, row, rng),
    )
    with np.errstate(all="ignore"):
        level = np.maximum(np.maximum(level, floor), 0.5 * coarse)
        ahead, behind = table
        top = np.fmax(np.fmax.reduce(np.abs(table), axis=(0, 1)), np.abs(origin))
        h = _LADDER[:, None, None]
        unit, shift = unit_of(top, level), shift_of(np.broadcast_to(row, directions.shape), directions)
        sides = _table(np.stack([ahead - origin, origin - behind], axis=1) / h[:, None], 4, unit, shift)
        right, left = (Estimate(value, bound) for value, bound in zip(sides.value, sides.bound, strict=True))
        central = _table((ahead - behind) / (2 * h), 16, unit, shift)
        differ = np.abs(right.value - left.value) > 4 * (right.bound + left.bound)
        far_apart = np.abs(right.value - left.value) > 1e-6 * np.maximum(np.abs(right.value), np.abs(left.value))
        kink = differ & far_apart & np.isfinite(right.bound + left.bound)
        broken = broken_here(function, row, index, directions, _LADDER, origin, table, top)
        only_right, only_left = np.isnan(behind[-1]), np.isnan(ahead[-1])
        value = np.where(only_right, right.value, np.where(only_left, left.value, central.value))
        bound = np.where(only_right, right.bound, np.where(only_left, left.bound, central.bound))
        # At an end of the domain the finest step may lie beyond it, and the table may not have converged yet.
        flat = ((table == origin) | np.isnan(table)).all(axis=(0, 1))
        unfinished = (only_right | only_left) & ~flat & (bound > _CONVERGED * np.abs(value))
        bound = np.where(unfinished, np.inf, bound)
        broken |= only_right & only_left

    def turn(array: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(array.T)

    return Slopes(
        Estimate(turn(value), turn(bound)),
        Estimate(turn(right.value), turn(right.bound)),
        Estimate(turn(left.value), turn(left.bound)),
        turn(kink),
        turn(broken),
    )


def fine_quotients(function: RowFunction, row: np.ndarray, index: int, directions: np.ndarray) -> np.ndarray:
    """Plain two-sided quotients (S, m, D) along directions (D, N), at steps down to where round-off is all there is.

    For waves of f that are shorter than the steps of the tables.
    """
    ((ahead, behind),) = ask(function, index, lambda f: on_both_sides(f, row, directions, _FINER))
    with np.errstate(all="ignore"):
        return np.asarray(np.swapaxes((ahead - behind) / (2 * _FINER[:, None, None]), 1, 2))


def nonlinear(central: Estimate, mixed: np.ndarray, cells: int) -> np.ndarray:
    """Mask (m,) of the outputs whose derivative along mixed directions is not the sum of the partial ones.

    ``central`` (m, N + D) holds the partial derivatives first, those along ``mixed`` (D, N) next.
    """
    value, bound = central.value, central.bound
    predicted = value[:, :cells] @ mixed.T
    slack = bound[:, :cells] @ np.abs(mixed).T + bound[:, cells:]
    size = np.abs(value[:, :cells]) @ np.abs(mixed).T
    gap = np.abs(predicted - value[:, cells:])
    return np.asarray(((gap > 5 * slack) & (gap > 1e-5 * size)).any(axis=1))


def _table(first: np.ndarray, power: int, unit: np.ndarray, shift: np.ndarray) -> Estimate:
    """Best extrapolated estimate over a ladder of steps that shrink by 4.

    ``first`` (L, ..., D, m) holds the plain quotients; each extrapolation removes a power of h, by ``power`` = 4 for
    one-sided quotients (error in h, h^2, ...) and 16 for central ones (h^2, h^4, ...).
    """
    growth = 4 if power == 4 else 16
    weight = _ONE_SIDED_WEIGHT if power == 4 else _CENTRAL_WEIGHT
    orders = [first]
    factor = float(power)
    for _ in range(_ORDERS):
        previous = orders[-1]
        orders.append((factor * previous[1:] - previous[:-1]) / (factor - 1))
        factor *= growth
    # Of any step: an estimate that happens to be 0 because two nodes were rounded to one is no less uncertain.
    steepest = np.where(np.isfinite(first), np.abs(first), 0.0).max(axis=0)
    round_off = round_off_of(unit, shift, _LADDER.reshape(-1, *(1 for _ in first.shape[1:])), steepest, weight)
    value, error, away = np.full((3, _ORDERS, *first.shape), np.nan)
    for order in range(1, _ORDERS + 1):
        estimate, coarser, lower = orders[order][1:], orders[order][:-1], orders[order - 1][2:]
        # Two measures of the truncation error: against the lower order, and, for the slow convergence beside a
        # singularity such as x**1.5 at 0 where extrapolation gains nothing, against the larger step.
        truncation = np.maximum(2 * np.abs(estimate - lower), 3 * np.abs(estimate - coarser))
        known = slice(order + 1, None)
        value[order - 1, known] = estimate
        error[order - 1, known] = truncation + round_off[known]
        away[order - 1, known] = 2 / power * np.abs(first[known] - estimate) + error[order - 1, known]
    finite = np.isfinite(error)
    low = _of_finer(np.fmax, np.where(finite, value - 2 * error, -np.inf).max(axis=0))
    high = _of_finer(np.fmin, np.where(finite, value + 2 * error, np.inf).min(axis=0))
    # Plain quotients of smaller steps come nearer by the power, but for round-off; not so if the steps are longer than
    # the waves of f, or reach beyond a jump of its second derivative.
    floor = _of_finer(np.fmax, first - 2 * round_off)
    ceiling = _of_finer(np.fmin, first + 2 * round_off)
    agrees = (value - 2 * error <= high) & (value + 2 * error >= low)
    agrees &= (value - away <= ceiling) & (value + away >= floor)
    # Of equal bounds that of the smallest step and the lowest order.
    bounds = np.moveaxis(np.where(agrees, error, np.inf)[:, ::-1], 0, 1).reshape(-1, *first.shape[1:])
    values = np.moveaxis(value[:, ::-1], 0, 1).reshape(bounds.shape)
    best = bounds.argmin(axis=0)[None]
    bound = np.take_along_axis(bounds, best, axis=0)[0]
    return Estimate(np.where(np.isfinite(bound), np.take_along_axis(values, best, axis=0)[0], 0.0), bound)


def _of_finer(reduce: np.ufunc, found: np.ndarray) -> np.ndarray:
    """Reduce (L, ...) over all smaller steps, without those that have no value; no limit where there are none."""
    nothing = np.full_like(found[:1], -np.inf if reduce is np.fmax else np.inf)
    return np.asarray(np.concatenate([reduce.accumulate(found[:0:-1])[::-1], nothing]))
