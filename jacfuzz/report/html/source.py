"""A block's source with the numbers of its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jacfuzz.cleaning import visible
from jacfuzz.result import TargetResult

_PAIR = re.compile(r"\s*(?:def\s+(?:f|jac|fb_\w+)\b|(?:f|jac)\s*=)")
_JACOBIAN = re.compile(r"\s*(?:def\s+(?:jac|d[xyzuvw])\b|(?:jac|d[xyzuvw])\s*=)")


@dataclass(frozen=True)
class Line:
    """One line; ``number`` is 0 where the block's place is not known, ``marked`` says that it is the one to look at."""

    number: int
    text: str
    marked: bool


def source_lines(source: str, result: TargetResult) -> list[Line]:
    """Number the lines of a target's source, and mark where the Jacobian starts, or the line that could not be read."""
    lines = visible(source).strip("\n").split("\n")
    start = _first_number(lines, result)
    numbered = [(start + place if start else 0, line) for place, line in enumerate(lines)]
    if result.verdict == "error":
        return [Line(number, line, number == result.line) for number, line in numbered]
    return [Line(number, line, bool(_JACOBIAN.match(line))) for number, line in numbered]


def _first_number(lines: list[str], result: TargetResult) -> int:
    """Number of the first line in its file or cell, 0 where it is not known.

    A notebook's cell is the whole block. Elsewhere the place of a target is the first line of its pair; that of an
    error is the line with the error.
    """
    if result.cell is not None:
        return 1
    pair = next((place for place, line in enumerate(lines) if _PAIR.match(line)), None)
    return 0 if pair is None or result.verdict == "error" else max(result.line - pair, 0)
