"""A finding as a picture of two matrices: candidate and reference side by side, wrong cells marked.

A row is an output cell, a column an input cell. Large matrices are cropped around the wrong cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from jacfuzz.report.matrix import Compared, axes_text, compared, index_text, number_text, window
from jacfuzz.result import Finding

Tone: TypeAlias = Literal["right", "wrong", "label"]

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
    sides = compared(finding)
    if sides is None:
        return []
    for most in range(_MOST_COLUMNS, 0, -1):
        lines = [*_lines(sides, most), (Span(axes_text(finding), "label"),)]
        if max(len(_text(line)) for line in lines) <= _WIDTH:
            return lines
    return []


def text_of(lines: list[Line]) -> str:
    """Return the picture without colours; wrong cells keep their ``>``."""
    return "\n".join(_text(line).rstrip() for line in lines)


def _text(line: Line) -> str:
    return "".join(span.text for span in line)


def _lines(sides: Compared, most: int) -> list[Line]:
    candidate, reference, wrong = sides.candidate, sides.reference, sides.wrong
    height, breadth = len(candidate), len(next(iter(candidate.values())))
    rows, columns = window(candidate, wrong, sides.output, _MOST_ROWS, most)
    marked = [
        [f"{'>' if row + column in wrong else ' '}{number_text(candidate[row][column])}" for column in columns]
        for row in rows
    ]
    right = [[number_text(reference[row][column]) for column in columns] for row in rows]
    heads = [index_text(column) for column in columns]
    left_widths, right_widths = _widths([[f" {head}" for head in heads], *marked]), _widths([heads, *right])
    names = [f"[{index_text(row)}]" if row else "" for row in rows]
    margin = max(map(len, names))
    first, second = _joined(heads, left_widths), _joined(heads, right_widths)
    width = max(len(first), len("candidate"))
    blank = " " * margin
    lines: list[Line] = [(Span(f"{blank} {'candidate':{width}}{_GAP}reference", "label"),)]
    if breadth > 1:
        lines.append((Span(f"{blank} {first:{width}}{_GAP}{second}", "label"),))
    for number, row in enumerate(rows):
        spans = [Span(f"{names[number]:{margin}} ", "label")]
        for place, column in enumerate(columns):
            cell = f"{marked[number][place]:>{left_widths[place]}}"
            spans += [Span("  " if place else "", "right"), Span(cell, "wrong" if row + column in wrong else "right")]
        filling = " " * (width - len(first))
        spans.append(Span(f"{filling}{_GAP}{_joined(right[number], right_widths)}", "right"))
        lines.append(tuple(spans))
    if len(rows) < height or len(columns) < breadth:
        shown = f"{len(rows)} of {height} rows and {len(columns)} of {breadth} columns shown"
        lines.append((Span(f"{blank} {shown}", "label"),))
    return lines


def _widths(rows: list[list[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _joined(cells: list[str], widths: list[int]) -> str:
    return "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
