"""The integral check: J along a segment, summed up, is what f changes by between its ends.

By the fundamental theorem of calculus f(b) - f(a) is the integral of J (b - a) over the segment, which three
Gauss-Legendre rules of different order compute with a measured error. Nothing is divided by a small step, so f's
round-off counts once and not a million times over: this sees where differences are blind, in single precision, where
f casts its input to a coarser grid, and for many cells, a row at a time.

The segments run along signed Gaussian directions. A row whose errors have Euclidean length e (each error times the
length over which its cell varies) changes the integral by a normal number of standard deviation e: with a bound t it
goes unseen along one direction with probability p of at most sqrt(2 / pi) t / e, along half of D of them with less than
2^D p^(D / 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jacfuzz.oracles.clarke import JacobiansAt
from jacfuzz.oracles.precision import Precision
from jacfuzz.oracles.rows import RowFunction, step_scale

_DIRECTIONS = 6
_NODES = (5, 7, 10)
_LENGTH = 0.25
_ULPS = 4.0
_MOVED = 3


@dataclass(frozen=True)
class Integrals:
    """What D segments around a point say; arrays have shape (m, D).

    Attributes
    ----------
    gap
        J integrated along the segment, less what f changes by.
    bound
        What quadrature and round-off may leave of it; infinite where f or J has no finite value on the
        segment, or the rules are so far apart that none can be believed: a kink, or an oscillation.
    size
        How large the terms of the integral are.
    """

    gap: np.ndarray
    bound: np.ndarray
    size: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """Mask (m,) of the rows whose integral is off by more than its bound along most segments that have one.

        Of several, so that rules which agree by chance across a kink blame nobody.
        """
        off, known = (np.abs(self.gap) > self.bound).sum(axis=1), np.isfinite(self.bound).sum(axis=1)
        return np.asarray((off >= 2) & (2 * off > known))

    def blind(self, relative: float) -> np.ndarray:
        """Mask (m,) of the rows of which no segment shows an error of that part of the row's size."""
        return np.asarray((self.bound > relative * self.size).all(axis=1) & (self.size > 0).any(axis=1))


def integrals(
    function: RowFunction,
    jacobians_at: JacobiansAt,
    row: np.ndarray,
    index: int,
    rng: np.random.Generator,
    precision: Precision,
) -> Integrals:
    """Compare J with f along segments that are centred at a point; 8 evaluations of f and 32 of J each.

    Parameters
    ----------
    function
        f at rows.
    jacobians_at
        The J to judge at rows near the point, (B, m, N).
    row, index
        The point (N,), and its number in the batch.
    rng
        Draws the directions.
    precision
        Of the numbers that f computes with.
    """
    eps, spacing = precision.eps, precision.spacing
    natural = step_scale(row[None])[0]
    # Some segments are as long as the numbers are large, which shows more of a polynomial and nothing of sin(1000);
    # some as long as 1, next to which the numbers may be too small to show in f.
    kinds = np.stack([natural, np.maximum(natural, np.abs(row)), np.ones(len(row))])
    lengths = kinds[np.arange(_DIRECTIONS) % len(kinds)]
    half = 0.5 * _LENGTH * lengths * rng.standard_normal((_DIRECTIONS, len(row)))
    starts, stops = precision.rounded(row - half), precision.rounded(row + half)
    with np.errstate(all="ignore"):
        first, last = (_values(function, ends, index, rng, spacing) for ends in (starts, stops))
        coarse = [_integrated(jacobians_at, starts, stops, nodes)[0] for nodes in _NODES[:-1]]
        fine, size = _integrated(jacobians_at, starts, stops, _NODES[-1])
        beside, _ = _integrated(lambda rows: jacobians_at(_moved(rows, rng, spacing)), starts, stops, _NODES[-1])
        truncation = np.abs(fine - np.stack(coarse)).max(axis=0)
        gap = fine - (last[0] - first[0])
        moved = np.ptp(first, axis=0) + np.ptp(last, axis=0) + np.abs(fine - beside)
        level = np.abs(first[0]) + np.abs(last[0]) + size
        bound = 4 * truncation + _ULPS * (moved + eps * level) + precision.underflown
        converged = truncation <= math.sqrt(eps) * size + precision.underflown
    known = np.isfinite(gap) & np.isfinite(bound) & converged
    parts = (np.where(known, gap, 0.0), np.where(known, bound, np.inf), np.where(known, size, 0.0))
    return Integrals(*(part.T for part in parts))


def _values(
    function: RowFunction, rows: np.ndarray, index: int, rng: np.random.Generator, spacing: float
) -> np.ndarray:
    """Values at rows (D, N), and with every cell moved to one of its neighbours, (1 + R, D, m)."""
    copies = np.tile(rows, (_MOVED, 1, 1))
    flat = np.concatenate([rows[None], _moved(copies, rng, spacing)]).reshape(-1, rows.shape[1])
    return function(flat, np.full(len(flat), index)).reshape(1 + _MOVED, len(rows), -1)


def _moved(rows: np.ndarray, rng: np.random.Generator, spacing: float) -> np.ndarray:
    """Move every cell to one of its neighbours."""
    return np.asarray(rows * (1 + spacing * rng.choice([-1.0, 1.0], size=rows.shape)))


def _integrated(
    jacobians_at: JacobiansAt, starts: np.ndarray, stops: np.ndarray, nodes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Integral (D, m) of J along segments by a Gauss-Legendre rule, and that of the sizes of its terms."""
    ways = stops - starts
    value = size = np.zeros(())
    # A node at a time: the Jacobians of all nodes together may not fit into memory.
    for place, weight in zip(*np.polynomial.legendre.leggauss(nodes), strict=True):
        found = jacobians_at(starts + (place + 1) / 2 * ways)
        value = value + weight / 2 * np.einsum("dmn,dn->dm", found, ways)
        size = size + weight / 2 * np.einsum("dmn,dn->dm", np.abs(found), np.abs(ways))
    return value, size
