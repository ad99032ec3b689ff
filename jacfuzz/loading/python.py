"""Python files: sections under headings that are comments, as in an exported notebook, become blocks.

Headings are ``# Problem 3: Mean``, ``# ## Any words`` and the words after ``# %%``; a bare ``# %%`` or ``# In[3]:``
starts a block under the heading above.
"""

from __future__ import annotations

import ast
import re

from jacfuzz.loading.blocks import UNPARSABLE, Block
from jacfuzz.loading.magics import without_magics

_MARK = re.compile(r"#\s*(?:%%|In\s?\[[^\]]*\]:)\s*(?:\[\w+\])?\s*(?P<words>.*)")
_HEADING = re.compile(r"#\s+#{1,6}\s+(?P<words>\S.*)|#+\s*(?P<problem>problem\s+\d.*)", re.IGNORECASE)


def read_python(text: str, file: str) -> list[Block]:
    """Return the sections of a Python file; a file without headings is one block."""
    lines = without_magics(text).split("\n")
    inside = _inside_statements("\n".join(lines))
    blocks: list[Block] = []
    heading, start = "", 0
    for number, line in enumerate(lines):
        words = None if number in inside else _words(line)
        if words is not None:
            blocks.append(Block("\n".join(lines[start:number]), file, start + 1, heading=heading))
            heading, start = words or heading, number
    blocks.append(Block("\n".join(lines[start:]), file, start + 1, heading=heading))
    return [block for block in blocks if any(_is_code(line) for line in block.source.split("\n"))]


def _words(line: str) -> str | None:
    """Return the heading that a line starts; "" for a mark without words; None for any other line."""
    if match := _HEADING.fullmatch(line.rstrip()):
        return (match["words"] or match["problem"]).strip(" #*")
    if match := _MARK.fullmatch(line.rstrip()):
        return match["words"].strip(" #*")
    return None


def _inside_statements(text: str) -> set[int]:
    """Return the indices of the lines that lie within a statement, where a comment at the margin is no heading."""
    try:
        body = ast.parse(text).body
    except UNPARSABLE:
        return set()
    return {number for statement in body for number in range(statement.lineno, statement.end_lineno or 0)}


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
