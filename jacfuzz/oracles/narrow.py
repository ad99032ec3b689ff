"""A suspicious point with a large Jacobian: the same question about a few of its columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from jacfuzz.oracles.exact import Truth
from jacfuzz.oracles.ruling import Case, Ruling, close

LARGE = 1 << 16
"""Cells of a Jacobian from which on full references cost too much."""

_MOST_COLUMNS = 8
_MOST_CELLS = 1 << 23  # of whole Jacobians at a time, 64 MB


def is_large(case: Case) -> bool:
    """Whether a full look at the case would take too long and too much memory."""
    return case.candidate.size > LARGE and len(case.row) > _MOST_COLUMNS


class _Inexact:
    """No exact arithmetic: it takes each number by itself."""

    foreign = False

    def derivative(self, row: np.ndarray, columns: Sequence[int]) -> Truth | None:
        return None

    def candidate(self, level: float = 0.0) -> np.ndarray | None:
        return None


def arbitrate_narrowly(
    case: Case, arbitrate: Callable[[Case, np.random.Generator], Ruling], rng: np.random.Generator
) -> Ruling:
    """Settle some columns of a suspicious point, those first in which the candidate differs from AD.

    Unsure if these are right, but there are more that differ.
    """
    everything = np.arange(len(case.row))
    doubtful = everything if case.ad is None else everything[~close(case.candidate, case.ad).all(axis=0)]
    few = len(doubtful) <= _MOST_COLUMNS
    columns = np.sort(rng.permutation(doubtful if len(doubtful) else everything)[:_MOST_COLUMNS])
    ruling = arbitrate(_narrowed(case, columns), rng)
    wrong = np.zeros(case.candidate.shape, bool)
    wrong[:, columns] = ruling.wrong
    reference = np.full(case.candidate.shape, np.nan) if case.ad is None else case.ad.copy()
    reference[:, columns] = ruling.reference
    status = "unsure" if ruling.status == "pass" and not few else ruling.status
    return dataclasses.replace(ruling, status=status, wrong=wrong, reference=reference)


def _narrowed(case: Case, columns: np.ndarray) -> Case:
    most = max(1, _MOST_CELLS // case.candidate.size)

    def wide(rows: np.ndarray) -> np.ndarray:
        full = np.tile(case.row, (len(rows), 1))
        full[:, columns] = rows
        return full

    def answers(rows: np.ndarray) -> np.ndarray:
        parts = np.split(wide(rows), range(most, len(rows), most))
        return np.concatenate([case.candidates_at(part)[:, :, columns] for part in parts])

    def by_ad(rows: np.ndarray, some: np.ndarray | None = None) -> np.ndarray:
        assert case.jacobians_at is not None  # asked below
        return case.jacobians_at(wide(rows), columns if some is None else columns[some])

    return Case(
        lambda rows, index: case.function(wide(rows), index),
        None if case.jacobians_at is None else by_ad,
        case.row[columns],
        case.index,
        case.candidate[:, columns],
        answers,
        None if case.ad is None else case.ad[:, columns],
        case.kinks,
        _Inexact(),
    )
