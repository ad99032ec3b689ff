"""A finding as a picture of two matrices: candidate and reference side by side, wrong cells marked.

A row is an output cell, a column an input cell. Large matrices are cropped around the wrong cells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from jacfuzz.findings import MOST_CELLS
from jacfuzz.result import Finding

Tone: TypeAlias = Literal["right", "wrong", "label"]
Index: TypeAlias = tuple[int, ...]

_WIDTH = 74
_MOST_ROWS = 10
_MOST_COLUMNS = 8
_GAP = "   "


@dataclass(frozen=True)
class Span:
    """A piece of a line and how it is shown: a right cell dim, a wrong one loud, a label plain."""

    text: str
    tone: Tone


Line: TypeAlias = tuple[Span, ...]


def picture(finding: Finding) -> list[Line]:
    """Return the lines of the picture; none where candidate and reference are no matrices of one shape."""
    shape = _shape(finding.candidate)
    if shape is None or shape != _shape(finding.reference) or 0 in shape:
        return []
    wrong = _wrong(finding)
    output = _output_rank(finding)
    candidate, reference = _rows(finding.candidate, output), _rows(finding.reference, output)
    for most in range(_MOST_COLUMNS, 0, -1):
        lines = [*_lines(candidate, reference, wrong, output, most), *_axes(finding, output)]
        if max(len(_text(line)) for line in lines) <= _WIDTH:
            return lines
    return []


def _wrong(finding: Finding) -> set[Index]:
    """Wrong cells; where a finding lists only the first of them, also the others that look different."""
    listed = {tuple(cell) for cell in finding.cells}
    if len(listed) < MOST_CELLS:
        return listed
    pairs = zip(_flat(finding.candidate, ()), _flat(finding.reference, ()), strict=True)
    return listed | {index for (index, given), (_, right) in pairs if _number(given) != _number(right)}


def _axes(finding: Finding, output: int) -> list[Line]:
    """Say what rows and columns are."""
    sizes = ", ".join(f"{name} = {size}" for name, size in finding.dims.items() if isinstance(size, int))
    text = (
        f"row: index of f's result; column: index of {finding.argument}" if output else f"index of {finding.argument}"
    )
    return [(Span(f"{text}; {sizes}" if sizes else text, "label"),)]


def text_of(lines: list[Line]) -> str:
    """Return the picture without colours; wrong cells keep their ``>``."""
    return "\n".join(_text(line).rstrip() for line in lines)


def _text(line: Line) -> str:
    return "".join(span.text for span in line)


def _lines(
    candidate: dict[Index, dict[Index, Any]],
    reference: dict[Index, dict[Index, Any]],
    wrong: set[Index],
    output: int,
    most: int,
) -> list[Line]:
    all_rows, all_columns = list(candidate), list(next(iter(candidate.values())))
    rows = _cropped(all_rows, {cell[:output] for cell in wrong}, _MOST_ROWS)
    columns = _cropped(all_columns, {cell[output:] for cell in wrong}, most)
    marked = [
        [f"{'>' if row + column in wrong else ' '}{_number(candidate[row][column])}" for column in columns]
        for row in rows
    ]
    right = [[_number(reference[row][column]) for column in columns] for row in rows]
    heads = [_label(column) for column in columns]
    left_widths, right_widths = _widths([[f" {head}" for head in heads], *marked]), _widths([heads, *right])
    names = [f"[{_label(row)}]" if row else "" for row in rows]
    margin = max(map(len, names))
    first, second = _joined(heads, left_widths), _joined(heads, right_widths)
    width = max(len(first), len("candidate"))
    blank = " " * margin
    lines: list[Line] = [(Span(f"{blank} {'candidate':{width}}{_GAP}reference", "label"),)]
    if len(all_columns) > 1:
        lines.append((Span(f"{blank} {first:{width}}{_GAP}{second}", "label"),))
    for number, row in enumerate(rows):
        spans = [Span(f"{names[number]:{margin}} ", "label")]
        for place, column in enumerate(columns):
            cell = f"{marked[number][place]:>{left_widths[place]}}"
            spans += [Span("  " if place else "", "right"), Span(cell, "wrong" if row + column in wrong else "right")]
        filling = " " * (width - len(first))
        spans.append(Span(f"{filling}{_GAP}{_joined(right[number], right_widths)}", "right"))
        lines.append(tuple(spans))
    if len(rows) < len(all_rows) or len(columns) < len(all_columns):
        shown = f"{len(rows)} of {len(all_rows)} rows and {len(columns)} of {len(all_columns)} columns shown"
        lines.append((Span(f"{blank} {shown}", "label"),))
    return lines


def _cropped(every: list[Index], wanted: set[Index], most: int) -> list[Index]:
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


def _widths(rows: list[list[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _joined(cells: list[str], widths: list[int]) -> str:
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def _label(index: Index) -> str:
    return ",".join(map(str, index))


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, complex):
        return f"{value:.3g}"
    return "nan" if math.isnan(value) else f"{value + 0.0:.4g}"


def _shape(value: Any) -> Index | None:
    """Shape of nested lists of numbers; None for anything else, such as ragged lists or what jac returned instead."""
    if not isinstance(value, list):
        return () if isinstance(value, (bool, int, float, complex)) else None
    shapes = {_shape(item) for item in value}
    if not shapes:
        return (0,)
    inner = shapes.pop()
    return None if shapes or inner is None else (len(value), *inner)


def _output_rank(finding: Finding) -> int:
    """How many indices of a cell belong to the output: those that the point's shape leaves over."""
    cell = finding.cells[0] if finding.cells else []
    return max(len(cell) - _rank(finding.point.get(finding.argument)), 0)


def _rank(value: Any) -> int:
    return 1 + _rank(value[0]) if isinstance(value, list) and value else int(isinstance(value, list))


def _rows(value: Any, output: int) -> dict[Index, dict[Index, Any]]:
    """Numbers by output index and input index."""
    rows: dict[Index, dict[Index, Any]] = {}
    for index, number in _flat(value, ()):
        rows.setdefault(index[:output], {})[index[output:]] = number
    return rows


def _flat(value: Any, index: Index) -> list[tuple[Index, Any]]:
    if not isinstance(value, list):
        return [(index, value)]
    return [entry for number, item in enumerate(value) for entry in _flat(item, (*index, number))]
