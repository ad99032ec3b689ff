"""A failing point as heat maps on one scale: candidate, reference and their difference."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Any

from jacfuzz.report.matrix import (
    Index,
    Matrix,
    axes_text,
    compared,
    index_text,
    matrix_of,
    number_text,
    shape_of,
    window,
)
from jacfuzz.result import Finding

LEVELS = 8
"""Shades on either side of zero."""
LINEAR = 0.02
"""Share of the largest number up to which a scale of tones is linear."""
_MOST = 20
_MOST_WITH_NUMBERS = 10
_DIGITS = 3


@dataclass(frozen=True)
class Cell:
    """One number: its text, its tone (``z``, ``p1`` to ``p8``, ``n1`` to ``n8``, ``inf``, ``nan``), if it is wrong."""

    text: str
    tone: str
    wrong: bool


@dataclass(frozen=True)
class Heat:
    """One matrix with the labels of its rows and columns."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Figure:
    """Matrices side by side.

    Attributes
    ----------
    heats
        Candidate, reference and difference; the candidate alone where there is nothing to compare it with.
    axes
        What rows and columns are.
    limit
        The largest finite number of all, which has the deepest tone.
    crop
        How much of a large matrix is shown; "" for all of it.
    fine
        Too many columns for numbers in the cells.
    specials
        Which of ``nan`` and ``inf`` occur.
    """

    heats: tuple[Heat, ...]
    axes: str
    limit: str
    crop: str
    fine: bool
    specials: tuple[str, ...]


def figure(finding: Finding) -> Figure | None:
    """Return the heat maps of a finding; None where the candidate is no matrix of numbers."""
    shape = shape_of(finding.candidate)
    if shape is None or 0 in shape:
        return None
    sides = compared(finding)
    if sides is None:
        output = max(len(shape) - 1, 0)
        return _figure({"candidate": matrix_of(finding.candidate, output)}, set(), output, f"of shape {shape}")
    difference = _difference(sides.candidate, sides.reference)
    matrices = {"candidate": sides.candidate, "reference": sides.reference, "difference": difference}
    return _figure(matrices, sides.wrong, sides.output, axes_text(finding))


def _figure(matrices: dict[str, Matrix], wrong: set[Index], output: int, axes: str) -> Figure:
    first = matrices["candidate"]
    height, breadth = len(first), len(next(iter(first.values())))
    rows, columns = window(first, wrong, output, _MOST, _MOST)
    shown = {title: _part(matrix, rows, columns) for title, matrix in matrices.items()}
    numbers = [number for part in shown.values() for cells in part.values() for number in cells.values()]
    limit = max((abs(number) for number in numbers if _finite(number)), default=0.0)
    marked = {"candidate": wrong}
    heats = tuple(_heat(title, part, limit, marked.get(title, set())) for title, part in shown.items())
    whole = len(rows) == height and len(columns) == breadth
    crop = f"{len(rows)} of {height} rows, {len(columns)} of {breadth} columns"
    tones = {cell.tone for heat in heats for line in heat.lines for cell in line}
    return Figure(
        heats,
        axes,
        number_text(limit, _DIGITS),
        "" if whole else crop,
        len(columns) > _MOST_WITH_NUMBERS,
        tuple(sorted(tones & {"nan", "inf"})),
    )


def _part(matrix: Matrix, rows: list[Index], columns: list[Index]) -> Matrix:
    return {row: {column: matrix[row][column] for column in columns} for row in rows}


def _heat(title: str, matrix: Matrix, limit: float, wrong: set[Index]) -> Heat:
    lines = tuple(
        tuple(Cell(_text(number), tone(number, limit), row + column in wrong) for column, number in cells.items())
        for row, cells in matrix.items()
    )
    columns = next(iter(matrix.values()))
    return Heat(title, tuple(map(index_text, matrix)), tuple(map(index_text, columns)), lines)


def _text(value: Any) -> str:
    return number_text(value, _DIGITS).replace("-", "\N{MINUS SIGN}")


def _difference(candidate: Matrix, reference: Matrix) -> Matrix:
    return {
        row: {column: _less(given, reference[row][column]) for column, given in cells.items()}
        for row, cells in candidate.items()
    }


def _less(given: Any, right: Any) -> Any:
    """Difference of two numbers, 0 where no digit that is shown differs."""
    return 0.0 if number_text(given) == number_text(right) and _finite(given) else given - right


def tone(value: Any, limit: float) -> str:
    """Return the tone of a number on a scale that is linear near zero and logarithmic beyond.

    Parameters
    ----------
    value
        The number; a complex one by its size.
    limit
        The size that has the deepest tone.
    """
    if cmath.isnan(value):
        return "nan"
    if cmath.isinf(value):
        return "inf"
    if not value:
        return "z"
    share = math.asinh(abs(value) / (limit * LINEAR)) / math.asinh(1 / LINEAR) if limit * LINEAR else 1.0
    sign = "n" if not isinstance(value, complex) and value < 0 else "p"
    return f"{sign}{max(math.ceil(LEVELS * min(share, 1.0)), 1)}"


def _finite(value: Any) -> bool:
    return bool(cmath.isfinite(value))
