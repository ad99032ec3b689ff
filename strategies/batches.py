"""From a layout and a stratum to K points: the unit of work on the hot path."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.signature import Argument
from jacfuzz.strategies.layouts import Layout
from jacfuzz.strategies.strata import MAGIC, Columns, Rows, Stratum, fill, generic_rows
from jacfuzz.target import Interval, Point, Target

Shapes: TypeAlias = tuple[tuple[int, ...], ...]
_ORDINARY = 0.1, 30.0
"""Scales that generic rows reach."""
_INTEGERS, _MOST_INTEGER = 4, 2.0**53
_ENDS = 0.25  # of the integers of a domain


@dataclass(frozen=True)
class Batch:
    """K points of one layout.

    Attributes
    ----------
    layout
        The shapes.
    values
        One array (K, *shape) per argument, in the signature's order.
    stratum
        The kind of input that all K points are.
    alone
        Whether it is judged without others, so that f and jac are called at its one point as their author calls them.
    """

    layout: Layout
    values: tuple[np.ndarray, ...]
    stratum: str
    alone: bool = False

    def __len__(self) -> int:
        return len(self.values[0]) if self.values else 0

    def __getitem__(self, points: slice) -> Batch:
        return Batch(self.layout, tuple(value[points] for value in self.values), self.stratum, self.alone)

    def point(self, arguments: tuple[Argument, ...], index: int) -> Point:
        """Return one point of the batch by argument name."""
        return {argument.name: value[index] for argument, value in zip(arguments, self.values, strict=True)}


@dataclass(frozen=True)
class Lot:
    """Batches of one layout that are judged at once."""

    batches: tuple[Batch, ...]

    def __len__(self) -> int:
        return sum(map(len, self.batches))

    def __getitem__(self, points: slice) -> Lot:
        first, stop, _ = points.indices(len(self))
        parts, start = [], 0
        for batch in self.batches:
            parts.append(batch[max(first - start, 0) : max(stop - start, 0)])
            start += len(batch)
        return Lot(tuple(part for part in parts if len(part)))

    @property
    def values(self) -> tuple[np.ndarray, ...]:
        """One array (K, *shape) per argument."""
        return tuple(map(np.concatenate, zip(*(batch.values for batch in self.batches), strict=True)))


def lots(batches: Iterable[Batch], most: int) -> Iterator[Lot]:
    """Gather batches of one layout, in their order, into lots of so many points; what is left over comes last."""
    waiting: dict[Shapes, Lot] = {}
    for batch in batches:
        if batch.alone:
            yield Lot((batch,))
            continue
        shapes = batch.layout.shapes
        lot = Lot((*waiting[shapes].batches, batch)) if shapes in waiting else Lot((batch,))
        while len(lot) >= most:
            yield lot[:most]
            lot = lot[most:]
        waiting[shapes] = lot
    yield from (lot for lot in waiting.values() if len(lot))


def columns(target: Target, layout: Layout) -> Columns:
    """Return what each cell of a row may be: domain and special values per differentiable argument."""
    low: list[np.ndarray] = []
    high: list[np.ndarray] = []
    scale: list[np.ndarray] = []
    values: list[tuple[float, ...]] = []
    for argument, shape in zip(target.signature.arguments, layout.shapes, strict=True):
        if not argument.differentiable:
            continue
        size = math.prod(shape)
        lowest, highest = target.domain.get(argument.name, (None, None))
        left = -math.inf if lowest is None else float(lowest)
        right = math.inf if highest is None else float(highest)
        low.append(np.full(size, left))
        high.append(np.full(size, right))
        scale.append(_scale(target.at.get(argument.name), shape))
        scalars = [float(edge) for edge in target.edges.get(argument.name, ()) if np.ndim(edge) == 0]
        ends = [end for end in (left, right) if math.isfinite(end)]
        special = [value for value in (*MAGIC, *ends, *scalars) if left <= value <= right]
        values.extend([tuple(dict.fromkeys(special)) or (0.5 * (left + right),)] * size)
    empty = np.empty(0)
    bounds = np.concatenate([empty, *low]), np.concatenate([empty, *high])
    return Columns(*bounds, tuple(values), np.concatenate([empty, *scale]))


def _scale(example: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Scale of each cell of an argument, as ``Columns`` explains."""
    if example is None or example.shape != shape:
        return np.ones(math.prod(shape))
    size = np.abs(example).ravel()
    far = np.isfinite(size) & (size > 0) & ((size < _ORDINARY[0]) | (size > _ORDINARY[1]))
    return np.where(far, size, 1.0)


def split(rows: Rows, target: Target, layout: Layout, rng: np.random.Generator) -> tuple[Any, ...]:
    """Cut rows (K, N) into one array (K, *shape) per argument; integer and bool arguments are drawn here."""
    parts: list[np.ndarray] = []
    start = 0
    for argument, spec, shape in zip(target.signature.arguments, layout.specs, layout.shapes, strict=True):
        full = (len(rows), *shape)
        if argument.differentiable:
            size = math.prod(shape)
            parts.append(np.ascontiguousarray(rows[:, start : start + size]).reshape(full))
            start += size
        elif spec.dtype == "bool":
            parts.append(rng.integers(0, 2, size=full).astype(bool))
        else:
            parts.append(_integers(target.domain.get(argument.name), full, rng))
    return tuple(parts)


def _integers(domain: Interval | None, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw indices and counts, 0 to 3; of a domain also the ends, and as many numbers as it has if it is open."""
    if domain is None:
        return rng.integers(0, _INTEGERS, size=shape)
    low, high = (None if end is None else float(np.clip(end, -_MOST_INTEGER, _MOST_INTEGER)) for end in domain)
    least = math.ceil(low) if low is not None else 0 if high is None else min(0, math.floor(high) - _INTEGERS + 1)
    most = least + _INTEGERS - 1 if high is None else max(least, math.floor(high))
    inside = rng.integers(least, most, size=shape, endpoint=True)
    return np.where(rng.random(shape) < _ENDS, rng.choice([least, most], size=shape), inside)


def draw_batch(target: Target, layout: Layout, stratum: Stratum, count: int, rng: np.random.Generator) -> Batch | None:
    """Draw ``count`` points of a stratum; None where the layout or the domain has no such points."""
    cells = columns(target, layout)
    if len(cells.low) and not stratum.possible(cells):
        return None
    rows = generic_rows(count, len(cells.low), rng)
    rows[1::2] *= cells.scale
    rows = fill(stratum, rows, cells, rng)
    return Batch(layout, split(rows, target, layout, rng), stratum.name)


def edge_batches(target: Target, menu: tuple[Layout, ...], rng: np.random.Generator) -> list[Batch]:
    """Batches of the target's example, then its edges: arrays as they are, values in one cell and in all cells."""
    batches: list[Batch] = []
    arguments = target.signature.arguments
    for layout in menu:
        if layout.shapes == tuple(example.shape for example in target.at.values()):
            values = _any_point(target, layout, rng)
            for value, example in zip(values, target.at.values(), strict=True):
                value[0] = example
            batches.append(Batch(layout, values, "edges"))
        for position, argument in enumerate(arguments):
            shape = layout.shapes[position]
            for edge in target.edges.get(argument.name, ()):
                for mask, content in _spread(np.asarray(edge, dtype=float), shape):
                    values = _any_point(target, layout, rng)
                    values[position][0] = np.where(mask, content, values[position][0])
                    batches.append(Batch(layout, values, "edges"))
    return batches


def _any_point(target: Target, layout: Layout, rng: np.random.Generator) -> tuple[Any, ...]:
    cells = columns(target, layout)
    return split(cells.confine(generic_rows(1, len(cells.low), rng), rng), target, layout, rng)


def _spread(edge: np.ndarray, shape: tuple[int, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Masks and contents that place an edge in an argument; none where a given array does not fit."""
    if edge.shape == shape:
        return [(np.ones(shape, bool), edge)]
    if edge.ndim or 0 in shape:
        return []
    first = np.zeros(shape, bool)
    first.flat[0] = True
    return [(first, edge), (np.ones(shape, bool), edge)]


def batch_of(target: Target, point: Mapping[str, Any], stratum: str, menu: tuple[Layout, ...]) -> Batch | None:
    """Return a batch of one given point; None where an argument is missing or the ranks are no longer those of f."""
    try:
        values = tuple(np.asarray(point[argument.name]) for argument in target.signature.arguments)
    except KeyError:
        return None
    shapes = tuple(value.shape for value in values)
    known = next((layout for layout in menu if all(map(_stands_for, shapes, layout.shapes))), None)
    if known is None:
        ranks = {tuple(map(len, layout.shapes)) for layout in menu}
        if tuple(map(len, shapes)) not in ranks:
            return None
        known = Layout(tuple(argument.specs[0] for argument in target.signature.arguments), shapes, {})
    return Batch(known, tuple(v.reshape(1, *s) for v, s in zip(values, known.shapes, strict=True)), stratum)


def _stands_for(shape: tuple[int, ...], full: tuple[int, ...]) -> bool:
    """Whether an array of a shape stands for one of another; plain lists lose the axes behind one of size 0."""
    return shape == full or (0 in shape and shape == full[: len(shape)])
