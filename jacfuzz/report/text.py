"""Results as plain text: readable at 80 columns, without colour, in logs."""

from __future__ import annotations

import math
import re
import textwrap
from typing import Any

from jacfuzz.result import Finding, TargetResult

_WIDTH = 78
_MOST_ROWS = 8
_MOST_COLUMNS = 6


def place_of(result: TargetResult) -> str:
    """Return where a target was written, for a person."""
    cell = f", cell {result.cell}" if result.cell is not None else ""
    return f"{result.file}{cell}, line {result.line}"


def result_text(result: TargetResult) -> str:
    """Return all that is said of a target."""
    lines = [headline(result)]
    for finding in result.findings:
        lines += ["", finding_text(result, finding)]
    for note in result.notes:
        lines.append(_wrapped(f"note: {note.text}", "  "))
    return "\n".join(lines)


def headline(result: TargetResult) -> str:
    """Return one line: verdict, title, and how much was tried."""
    kinds = ", ".join(finding.kind for finding in result.findings if result.verdict == "fail")
    tried = f"{result.points} points" if result.points else ""
    if result.undefined_points:
        tried += f", f undefined at {result.undefined_points}"
    if result.unsure_points:
        tried += f", {result.unsure_points} unsure"
    parts = [f"{result.verdict.upper():6} {result.title}", kinds, tried]
    return "  ".join(part for part in parts if part)


def finding_text(result: TargetResult, finding: Finding) -> str:
    """Return a finding: place, message, the matrices where they are small, and how to reproduce it."""
    if result.verdict == "error":
        return _wrapped(finding.message, "  ")
    often = f" at {finding.points} of {result.points} points" if finding.points and result.points else ""
    lines = [f"  {finding.kind}{often}; {place_of(result)}", _wrapped(finding.message, "  ")]
    picture = matrices(finding)
    if picture:
        lines += ["", textwrap.indent(picture, "    ")]
    if finding.reproduce:
        lines += ["", "  Reproduce with:", "", textwrap.indent(finding.reproduce, "    ")]
        if finding.point and result.file != "<python>":
            lines += ["", f'  or: jacfuzz replay "{result.id}"']
    return "\n".join(lines)


def matrices(finding: Finding) -> str:
    """Return candidate and reference side by side as matrices, wrong cells marked ``>``; "" where they are large."""
    shape = _shape(finding.candidate)
    if shape is None or shape != _shape(finding.reference):
        return ""
    output_rank = _output_rank(finding)
    wrong = {tuple(cell) for cell in finding.cells}
    candidate, reference = (_cells(value, output_rank) for value in (finding.candidate, finding.reference))
    if not candidate or len(candidate) > _MOST_ROWS or len(candidate[0]) > _MOST_COLUMNS:
        return ""
    left = [[f"{'>' if index in wrong else ' '}{_number(value)}" for index, value in row] for row in candidate]
    right = [[_number(value) for _, value in row] for row in reference]
    left_lines, right_lines = _table(left), _table(right)
    width = max(len("candidate"), *map(len, left_lines))
    if width + 3 + max(map(len, right_lines)) > _WIDTH:
        return ""
    rows = [f"{'candidate':{width}}   reference"]
    rows += [f"{one:{width}}   {other}" for one, other in zip(left_lines, right_lines, strict=True)]
    return "\n".join(row.rstrip() for row in rows)


def _shape(value: Any) -> tuple[int, ...] | None:
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


def _cells(value: Any, output_rank: int) -> list[list[tuple[tuple[int, ...], float]]]:
    """Rows of (index, number), a row per output cell."""
    rows: dict[tuple[int, ...], list[tuple[tuple[int, ...], float]]] = {}
    for index, number in _flat(value, ()):
        rows.setdefault(index[:output_rank], []).append((index, number))
    return list(rows.values())


def _flat(value: Any, index: tuple[int, ...]) -> list[tuple[tuple[int, ...], float]]:
    if not isinstance(value, list):
        return [(index, value)]
    return [entry for number, item in enumerate(value) for entry in _flat(item, (*index, number))]


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, complex):
        return f"{value:.3g}"
    return "nan" if math.isnan(value) else f"{value + 0.0:.4g}"


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]


def _wrapped(text: str, indent: str) -> str:
    """Fill to the width; code in backticks is not broken, since people paste it."""
    whole = re.sub(r"`[^`\n]+`", lambda code: code.group().replace(" ", "\0"), text)
    return "\n".join(
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in whole.splitlines()
    ).replace("\0", " ")
