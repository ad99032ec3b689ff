"""A finding's Jacobians as matrices: a row is an output cell, a column an input cell.

All pictures of a finding are drawn from these: on the terminal, in HTML and in a notebook.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from jacfuzz.findings import MOST_CELLS
from jacfuzz.result import Finding

Index: TypeAlias = tuple[int, ...]
Matrix: TypeAlias = dict[Index, dict[Index, Any]]
"""Numbers by output index and input index."""


@dataclass(frozen=True)
class Compared:
    """Candidate and reference of a finding as matrices; the first ``output`` axes of a wrong cell name its row."""

    candidate: Matrix
    reference: Matrix
    wrong: set[Index]
    output: int


def compared(finding: Finding) -> Compared | None:
    """Return the matrices to compare; None where they are not of one shape, or empty."""
    if not comparable(finding):
        return None
    output = output_rank(finding)
    candidate, reference = matrix_of(finding.candidate, output), matrix_of(finding.reference, output)
    return Compared(candidate, reference, wrong_cells(finding), output)


def comparable(finding: Finding) -> bool:
    """Whether candidate and reference are matrices of one shape, and not empty."""
    shape = shape_of(finding.candidate)
    return shape is not None and shape == shape_of(finding.reference) and 0 not in shape


def matrix_of(value: Any, output: int) -> Matrix:
    """Cut nested lists of numbers into rows after so many output axes."""
    matrix: Matrix = {}
    for index, number in _flat(value, ()):
        matrix.setdefault(index[:output], {})[index[output:]] = number
    return matrix


def wrong_cells(finding: Finding) -> set[Index]:
    """Wrong cells; where a finding lists only the first of them, also the others that look different."""
    listed = {tuple(cell) for cell in finding.cells}
    if len(listed) < MOST_CELLS:
        return listed
    pairs = zip(_flat(finding.candidate, ()), _flat(finding.reference, ()), strict=True)
    return listed | {index for (index, given), (_, right) in pairs if number_text(given) != number_text(right)}


def output_rank(finding: Finding) -> int:
    """How many axes of the Jacobian belong to the output: those that the point's shape leaves over."""
    axes = len(finding.axes) or len(finding.cells[0] if finding.cells else [])
    return max(axes - _rank(finding.point.get(finding.argument)), 0)


def axes_text(finding: Finding) -> str:
    """Say what rows and columns are, and the sizes of the axes."""
    output, argument = output_rank(finding), finding.argument
    if finding.axes:
        rows = f"row: f[{', '.join(finding.axes[:output])}]; column: " if output else ""
        text = f"{rows}{argument}[{', '.join(finding.axes[output:])}]"
    else:
        text = f"row: index of f's result; column: index of {argument}" if output else f"index of {argument}"
    sizes = ", ".join(f"{name} = {size}" for name, size in finding.dims.items() if isinstance(size, int))
    return f"{text}; {sizes}" if sizes else text


def window(matrix: Matrix, wrong: set[Index], output: int, rows: int, columns: int) -> tuple[list[Index], list[Index]]:
    """Return so many rows and columns of a matrix at most, those around the wrong cells."""
    every_row, every_column = list(matrix), list(next(iter(matrix.values())))
    return (
        cropped(every_row, {cell[:output] for cell in wrong}, rows),
        cropped(every_column, {cell[output:] for cell in wrong}, columns),
    )


def cropped(every: list[Index], wanted: set[Index], most: int) -> list[Index]:
    """Keep the wrong lines first, then their neighbours; in their own order."""
    if len(every) <= most:
        return every
    hits = [number for number, index in enumerate(every) if index in wanted] or [0]
    chosen = set(hits[:most])
    near = sorted(range(len(every)), key=lambda number: min(abs(number - hit) for hit in hits))
    for number in near:
        if len(chosen) >= most:
            break
        chosen.add(number)
    return [every[number] for number in sorted(chosen)]


def index_text(index: Index) -> str:
    """Return an index as a label."""
    return ",".join(map(str, index))


def number_text(value: Any, digits: int = 4) -> str:
    """Return a number in few digits; -0 as 0."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, complex):
        return f"{value:.{digits - 1}g}"
    return "nan" if math.isnan(value) else f"{value + 0.0:.{digits}g}"


def shape_of(value: Any) -> Index | None:
    """Shape of nested lists of numbers; None for anything else, such as ragged lists or what jac returned instead."""
    if not isinstance(value, list):
        return () if isinstance(value, (bool, int, float, complex)) else None
    shapes = {shape_of(item) for item in value}
    if not shapes:
        return (0,)
    inner = shapes.pop()
    return None if shapes or inner is None else (len(value), *inner)


def _rank(value: Any) -> int:
    return 1 + _rank(value[0]) if isinstance(value, list) and value else int(isinstance(value, list))


def _flat(value: Any, index: Index) -> list[tuple[Index, Any]]:
    if not isinstance(value, list):
        return [(index, value)]
    return [entry for number, item in enumerate(value) for entry in _flat(item, (*index, number))]
