"""What kind of mistake it is: the simplest transform that turns every reference into the candidate.

A transform is a region of cells and what happens to them (times a factor), or a rearrangement of the whole Jacobian, or
another Jacobian put in its place. All of them are tried in order of simplicity on every sample; the first that
reproduces every cell of every wrong sample, and contradicts no right one, is named.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from jacfuzz.diagnosis.evidence import Sample
from jacfuzz.diagnosis.factors import Factor, factors
from jacfuzz.target import Target

Predict: TypeAlias = Callable[[Sample, np.ndarray], np.ndarray | None]
Region: TypeAlias = Callable[[Sample, np.ndarray], np.ndarray | None]

_FEWEST_CELLS = 6
_FEWEST_SAMPLES = 3
_FEWEST_PICTURES = 2
_MANY_CELLS = 20
_MOST_AXES = 4
_RELATIVE = 1e-6


@dataclass(frozen=True)
class Transform:
    """A kind of mistake: in words, after "the Jacobian", and what it makes of a reference (None: not applicable)."""

    text: str
    predict: Predict


@dataclass(frozen=True)
class Named:
    """The transform that explains a failure.

    Attributes
    ----------
    text
        The mistake in words, after "the Jacobian".
    cells, samples
        How many wrong cells it explains, at how many points.
    general
        Whether it holds at the points where the Jacobian is right, too: no condition is then needed.
    """

    text: str
    cells: int
    samples: int
    general: bool

    @property
    def sentence(self) -> str:
        """The mistake with its evidence."""
        return (
            f"The Jacobian {self.text}; this explains 100 % of {self.cells} wrong cells at {self.samples} fresh points."
        )


def transform_of(target: Target, samples: list[Sample]) -> Named | None:
    """Return the simplest transform that explains all wrong samples; None on thin evidence.

    Parameters
    ----------
    target
        The pair; its integers, such as a window's width, are possible factors.
    samples
        Judged points of several shapes.
    """
    wrong = [one for one in samples if one.wrong]
    ranks = {_ranks(one) for one in wrong}
    if len(wrong) < _FEWEST_SAMPLES or len(ranks) != 1 or not all(_comparable(one) for one in wrong):
        return None
    if all(_holds(_AS_IT_IS, one) for one in wrong):  # off by so little that a transform of anything like it fits
        return None
    right = [one for one in samples if not one.wrong and _ranks(one) in ranks]
    for transform in _transforms(target, wrong):
        cells = _explained(transform, wrong)
        if cells:
            return Named(transform.text, cells, len(wrong), all(_holds(transform, one) for one in right))
    return None


_AS_IT_IS = Transform("is right", lambda sample, reference: reference)


def _ranks(sample: Sample) -> tuple[int, int]:
    return sample.rank, -1 if sample.candidate is None else sample.candidate.ndim


def _comparable(sample: Sample) -> bool:
    candidate, reference = sample.candidate, sample.reference
    if candidate is None or reference is None or candidate.shape != reference.shape:
        return False
    return candidate.dtype.kind in "fiub" and bool(np.isfinite(candidate).all())


def _explained(transform: Transform, wrong: list[Sample]) -> int:
    """Number of wrong cells that the transform explains; 0 unless it explains all, on enough different evidence."""
    distinct: set[tuple[object, ...]] = set()
    pictures: set[bytes] = set()
    total = largest = 0
    for sample in wrong:
        if not _holds(transform, sample):
            return 0
        assert sample.candidate is not None
        assert sample.reference is not None
        assert sample.mask is not None
        total += int(sample.mask.sum())
        largest = max(largest, int(sample.mask.sum()))
        pictures.add(bytes(str(sample.reference.shape), "ascii") + np.round(sample.reference, 6).tobytes())
        for cell in np.argwhere(sample.mask)[:_FEWEST_CELLS]:
            index = tuple(cell)
            distinct.add(
                (sample.reference.shape, index, float(sample.reference[index]), float(sample.candidate[index]))
            )
    # A constant Jacobian of one shape has one picture; if many of its cells are wrong, that is evidence enough.
    varied = len(pictures) >= _FEWEST_PICTURES or largest >= _MANY_CELLS
    enough = len(distinct) >= _FEWEST_CELLS and varied
    return total if enough else 0


def _holds(transform: Transform, sample: Sample) -> bool:
    candidate, reference = sample.candidate, sample.reference
    if candidate is None or reference is None or candidate.size == 0:
        return True
    with np.errstate(all="ignore"):
        predicted = transform.predict(sample, reference)
    if predicted is None or predicted.shape != candidate.shape:
        return False
    known = np.isfinite(predicted)
    size = np.maximum(np.abs(predicted), np.abs(candidate))
    slack = _RELATIVE * size + 10 * sample.bound + 1e-9 * float(size[known].max(initial=0.0))
    return bool(known.any() and (np.abs(predicted - candidate) <= slack)[known].all())


def _transforms(target: Target, wrong: list[Sample]) -> Iterator[Transform]:
    """Yield all transforms, simplest first."""
    known = dict(factors(target, wrong))
    yield from (_scaled(text, _everywhere, factor) for text, factor in known.items())
    yield from _places(wrong)
    yield from _arguments(wrong)
    for where, region in _regions(wrong[0].rank, _rank(wrong)).items():
        yield from (_scaled(f"{text} {where}", region, factor) for text, factor in known.items())
    yield from _VALUES
    yield from (_scaled(f"{text} in the wrong cells", _wrong_cells, factor) for text, factor in known.items())


def _everywhere(sample: Sample, reference: np.ndarray) -> np.ndarray:
    return np.ones(reference.shape, bool)


def _wrong_cells(sample: Sample, reference: np.ndarray) -> np.ndarray | None:
    return sample.mask


def _rank(wrong: list[Sample]) -> int:
    reference = wrong[0].reference
    assert reference is not None
    return reference.ndim


def _scaled(text: str, region: Region, factor: Factor) -> Transform:
    def predict(sample: Sample, reference: np.ndarray) -> np.ndarray | None:
        cells, times = region(sample, reference), factor(sample)
        return None if cells is None or times is None else np.where(cells, times * reference, reference)

    return Transform(text, predict)


def _places(wrong: list[Sample]) -> Iterator[Transform]:
    """Rearrangements: the right numbers in the wrong places."""
    rank, output = _rank(wrong), wrong[0].rank
    if rank == 2 and all(_triangular(one) for one in wrong):
        yield Transform("accumulates in the opposite direction (upper and lower triangle exchanged)", _exchanged)
    for order in itertools.permutations(range(rank)) if rank <= _MOST_AXES else ():
        if order != tuple(range(rank)):
            exchanged = order == (*range(output, rank), *range(output))
            text = "is transposed" if exchanged or rank == 2 else f"has its axes permuted: {order}"
            yield _moved(text, functools.partial(np.transpose, axes=order))
    for axis in range(rank):
        lines = _lines(output, rank, axis)
        yield _moved(f"has its {lines} reversed", functools.partial(np.flip, axis=axis))
        for step in (1, -1, 2, -2):
            text = f"has its {lines} shifted by {step:+d}"
            yield _moved(text, functools.partial(_shifted, axis=axis, step=step))
            yield _moved(f"{text}, cyclically", functools.partial(np.roll, shift=step, axis=axis))
        for names, one, two in (("first two", 0, 1), ("last two", -1, -2), ("first and last", 0, -1)):
            move = functools.partial(_swapped, axis=axis, one=one, two=two)
            yield _moved(f"has its {names} {lines} swapped", move)
    yield _moved("is reversed along all its axes", np.flip)
    yield Transform("has the one nonzero cell of a row in the wrong place", _misplaced)


def _moved(text: str, move: Callable[[np.ndarray], np.ndarray]) -> Transform:
    return Transform(text, lambda sample, reference: move(reference))


def _lines(output: int, rank: int, axis: int) -> str:
    if rank == 2 and output == 1:
        return "rows" if axis == 0 else "columns"
    if rank == 1:
        return "entries"
    return f"output axis {axis}" if axis < output else f"input axis {axis - output}"


def _triangular(sample: Sample) -> bool:
    reference = sample.reference
    assert reference is not None
    square = reference.ndim == 2 and reference.shape[0] == reference.shape[1]
    return square and (not np.triu(reference, 1).any() or not np.tril(reference, -1).any())


def _exchanged(sample: Sample, reference: np.ndarray) -> np.ndarray | None:
    return reference.T if len(reference) > 1 and not np.array_equal(reference, np.diag(np.diag(reference))) else None


def _shifted(reference: np.ndarray, axis: int, step: int) -> np.ndarray:
    """Move along an axis; zeros come in."""
    result = np.zeros_like(reference)
    size = reference.shape[axis]
    if abs(step) < size:
        source, goal = (
            (slice(0, size - step), slice(step, size)) if step > 0 else (slice(-step, size), slice(0, size + step))
        )
        whole = [slice(None)] * reference.ndim
        result[(*whole[:axis], goal)] = reference[(*whole[:axis], source)]
    return result


def _swapped(reference: np.ndarray, axis: int, one: int, two: int) -> np.ndarray:
    if reference.shape[axis] < 2:
        return reference
    result = np.moveaxis(reference, axis, 0).copy()
    result[[one, two]] = result[[two, one]]
    return np.moveaxis(result, 0, axis)


def _misplaced(sample: Sample, reference: np.ndarray) -> np.ndarray | None:
    """The candidate itself, where both have one nonzero cell of the same value in every row."""
    assert sample.candidate is not None
    columns = int(np.prod(reference.shape[sample.rank :]))
    right, given = reference.reshape(-1, columns), sample.candidate.reshape(-1, columns)
    single = (np.count_nonzero(right, axis=1) == 1) & (np.count_nonzero(given, axis=1) == 1)
    same = np.isclose(right.sum(axis=1), given.sum(axis=1), rtol=_RELATIVE, atol=0)
    return sample.candidate if (single & same).all() else None


def _arguments(wrong: list[Sample]) -> Iterator[Transform]:
    """Mix-ups with the Jacobian of another argument, and identities added or left out."""
    for name in wrong[0].others:
        other = _of_argument(name)
        yield Transform(f"is the one of {name}", other)
        yield Transform(f"has an extra term equal to the Jacobian of {name}", _plus(other, 1.0))
        yield Transform(f"lacks a term equal to the Jacobian of {name}", _plus(other, -1.0))
    yield Transform("has an extra identity (1 along the diagonal)", _plus(_diagonal, 1.0))
    yield Transform("lacks an identity (1 along the diagonal)", _plus(_diagonal, -1.0))


def _of_argument(name: str) -> Predict:
    return lambda sample, reference: sample.others.get(name)


def _plus(term_of: Predict, sign: float) -> Predict:
    def predict(sample: Sample, reference: np.ndarray) -> np.ndarray | None:
        term = term_of(sample, reference)
        return reference + sign * term if term is not None and term.shape == reference.shape else None

    return predict


def _diagonal(sample: Sample, reference: np.ndarray) -> np.ndarray | None:
    """Mask of the cells whose output and input index are the same."""
    if reference.ndim != 2 * sample.rank or not sample.rank:
        return None
    grid = np.indices(reference.shape)
    return np.asarray((grid[: sample.rank] == grid[sample.rank :]).all(axis=0))


def _regions(output: int, rank: int) -> dict[str, Region]:
    """Parts of a Jacobian by what they are called, each the simpler the earlier."""
    found: dict[str, Region] = {}
    if rank == 2 * output:
        found["on the diagonal"] = _diagonal
        found["off the diagonal"] = _off_diagonal
    if rank == 2:
        found["above the diagonal"] = lambda sample, reference: np.triu(np.ones(reference.shape, bool), 1)
        found["below the diagonal"] = lambda sample, reference: np.tril(np.ones(reference.shape, bool), -1)
    for axis in range(rank):
        line = {"rows": "row", "columns": "column", "entries": "entry"}.get(lines := _lines(output, rank, axis), "")
        for name, index in (("first", 0), ("last", -1)):
            where = f"in the {name} {line}" if line else f"at the {name} index of {lines}"
            found[where] = _line(axis, index)
    return found


def _off_diagonal(sample: Sample, reference: np.ndarray) -> np.ndarray | None:
    diagonal = _diagonal(sample, reference)
    return None if diagonal is None else ~diagonal


def _line(axis: int, index: int) -> Region:
    def region(sample: Sample, reference: np.ndarray) -> np.ndarray:
        result = np.zeros(reference.shape, bool)
        if reference.shape[axis]:
            np.moveaxis(result, axis, 0)[index] = True
        return result

    return region


_VALUES = (
    Transform("has lost its signs", lambda sample, reference: np.abs(reference)),
    Transform("is cut off to integers", lambda sample, reference: np.trunc(reference)),
    Transform("holds 1 wherever it should not be 0", lambda sample, reference: (reference != 0) * 1.0),
)
