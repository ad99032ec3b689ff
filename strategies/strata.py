"""Kinds of input, edge cases first: each stratum turns generic rows into rows of its kind.

A row holds the cells of all differentiable arguments one after the other, so that a tie or a zero may span arguments.
The same functions fill batches on the hot path and serve the Hypothesis strategies, which draw the generic row
explicitly so that it shrinks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

Rows: TypeAlias = np.ndarray
"""Float array (K, N): K points, N cells each."""

MAGIC = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 6.0, -6.0, 10.0, -10.0)
"""Values at which functions like to branch."""

_MOST_DECADES = 250.0


@dataclass(frozen=True)
class Columns:
    """What each of the N cells of a row may be.

    Attributes
    ----------
    low, high
        Closed interval per cell, shape (N,); infinite where unbounded.
    values
        Special values per cell that the boundary stratum picks from: magic values, ends of the domain, edges.
    scale
        Size of the example's number per cell, shape (N,); 1 where there is none or generic rows reach it anyway.
    """

    low: np.ndarray
    high: np.ndarray
    values: tuple[tuple[float, ...], ...]
    scale: np.ndarray

    @property
    def zero(self) -> np.ndarray:
        """Mask of the cells that may be zero, shape (N,)."""
        return (self.low <= 0) & (self.high >= 0)

    def confine(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Replace cells outside their interval by uniform values inside, within 10 of a finite end, in their scale."""
        reach = 10 * self.scale
        low = np.where(np.isfinite(self.low), self.low, np.where(np.isfinite(self.high), self.high - reach, -reach))
        high = np.where(np.isfinite(self.high), self.high, low + reach)
        inside = low + (high - low) * rng.random(rows.shape)
        return np.where((rows >= self.low) & (rows <= self.high), rows, inside)


Apply: TypeAlias = Callable[[Rows, np.random.Generator, Columns], Rows]


def _pick(rows: Rows, rng: np.random.Generator, count: int, mask: np.ndarray | None = None) -> np.ndarray:
    """Indices (K, count) of different cells per row, drawn among the masked ones."""
    order = rng.random(rows.shape)
    if mask is not None:
        order = np.where(mask, order, 2.0)
    return np.argsort(order, axis=1)[:, :count]


def _zeros(count: int) -> Apply:
    def apply(rows: Rows, rng: np.random.Generator, columns: Columns) -> Rows:
        np.put_along_axis(rows, _pick(rows, rng, count, columns.zero), 0.0, axis=1)
        return rows

    return apply


def _all_zero(rows: Rows, rng: np.random.Generator, columns: Columns) -> Rows:
    return np.where(columns.zero, 0.0, rows)


def _tie(rows: Rows, rng: np.random.Generator, columns: Columns) -> Rows:
    """Two equal cells, in every other row three."""
    chosen = _pick(rows, rng, 3)
    values = np.take_along_axis(rows, chosen[:, :1], axis=1)
    np.put_along_axis(rows, chosen[:, 1:2], values, axis=1)
    if chosen.shape[1] == 3:
        third = np.take_along_axis(rows, chosen[:, 2:], axis=1)
        every_other = np.arange(len(rows))[:, None] % 2 == 1
        np.put_along_axis(rows, chosen[:, 2:], np.where(every_other, values, third), axis=1)
    return rows


def _all_equal(rows: Rows, rng: np.random.Generator, columns: Columns) -> Rows:
    return np.repeat(rows[:, :1], rows.shape[1], axis=1)


def _boundary(rows: Rows, rng: np.random.Generator, columns: Columns) -> Rows:
    """Special values: in half of the rows everywhere, in the others in about half of the cells."""
    special = np.stack([rng.choice(values, size=len(rows)) for values in columns.values], axis=1)
    everywhere = (np.arange(len(rows)) % 2 == 0)[:, None]
    return np.where(everywhere | (rng.random(rows.shape) < 0.5), special, rows)


def _scaled(sign: int) -> Apply:
    def apply(rows: Rows, rng: np.random.Generator, columns: Columns) -> Rows:
        # A product of all cells stays an ordinary number, so that f keeps its digits.
        most = min(8.0, _MOST_DECADES / max(rows.shape[1], 1))
        decades = rng.uniform(most / 4, most, size=(len(rows), 1))
        return np.asarray(rows * 10.0 ** (sign * decades))

    return apply


@dataclass(frozen=True)
class Stratum:
    """A kind of input; ``cells`` is the least number of cells a row needs to be of that kind."""

    name: str
    apply: Apply
    cells: int = 1
    zero: bool = False

    def possible(self, columns: Columns) -> bool:
        """Whether rows of these columns can be of this kind."""
        allowed = int(columns.zero.sum()) if self.zero else len(columns.low)
        return allowed >= self.cells


STRATA: tuple[Stratum, ...] = (
    Stratum("one zero", _zeros(1), zero=True),
    Stratum("two zeros", _zeros(2), cells=2, zero=True),
    Stratum("all zero", _all_zero, zero=True),
    Stratum("tie", _tie, cells=2),
    Stratum("all equal", _all_equal, cells=2),
    Stratum("sorted", lambda rows, rng, columns: np.sort(rows, axis=1), cells=2),
    Stratum("reversed", lambda rows, rng, columns: np.sort(rows, axis=1)[:, ::-1].copy(), cells=2),
    Stratum("positive", lambda rows, rng, columns: np.abs(rows)),
    Stratum("negative", lambda rows, rng, columns: -np.abs(rows)),
    Stratum("boundary", _boundary),
    Stratum("tiny", _scaled(-1)),
    Stratum("huge", _scaled(+1)),
    Stratum("generic", lambda rows, rng, columns: rows),
)

BY_NAME: Mapping[str, Stratum] = {stratum.name: stratum for stratum in STRATA}


def generic_rows(count: int, cells: int, rng: np.random.Generator) -> Rows:
    """Distinct, nonzero cells (count, cells) of both signs at scales 1, 3 and 10."""
    scale = rng.choice([1.0, 1.0, 3.0, 10.0], size=(count, 1))
    return np.asarray(rng.standard_normal((count, cells)) * scale)


def fill(stratum: Stratum, rows: Rows, columns: Columns, rng: np.random.Generator) -> Rows:
    """Turn generic rows into rows of a stratum, inside the domain.

    Confining comes first, so that what the stratum sets (a zero, a tie) is kept; what a stratum moves outside the
    domain (a huge value) is confined again.
    """
    if rows.shape[1] == 0:
        return rows
    shaped = stratum.apply(columns.confine(rows, rng), rng, columns)
    return columns.confine(shaped, rng)
