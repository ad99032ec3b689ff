"""Markdown: fences of Python become blocks, each under the nearest heading above."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from markdown_it import MarkdownIt

from jacfuzz.loading.blocks import UNPARSABLE, Block
from jacfuzz.loading.magics import NotPythonError, without_magics

_LABELS = {"python", "python3", "py", "py3", "ipython", "ipython3", "code-cell"}
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_FENCE = re.compile(r"^\s*(```|~~~)", re.MULTILINE)
_PYTHON_LINE = re.compile(r"^(def |import |from \w|@\w|[A-Za-z_][\w, ]*=[^=])", re.MULTILINE)


def has_fences(text: str) -> bool:
    """Whether a text is Markdown with code rather than plain code."""
    return bool(_FENCE.search(text))


def read_markdown(text: str, file: str) -> list[Block]:
    """Return the Python fences of a page; fences without a label count where they look like Python."""
    blocks: list[Block] = []
    heading = ""
    parsed = _FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), text)
    for kind, content, line, label in _parts(parsed):
        if kind == "heading":
            heading = content
        elif label in _LABELS or (not label and _looks_like_python(content)):
            block = Block(content, file, line, heading=heading, unit=len(blocks))
            try:
                blocks.append(replace(block, source=without_magics(content)))
            except NotPythonError:
                continue
    return blocks


def last_heading(text: str) -> str:
    """Return the last heading of a text; "" where there is none."""
    return next((content for kind, content, *_ in reversed(list(_parts(text))) if kind == "heading"), "")


def _parts(text: str) -> Iterator[tuple[str, str, int, str]]:
    """Headings and pieces of code in order: kind, content, first line, label."""
    tokens = MarkdownIt("commonmark").parse(text)
    for position, token in enumerate(tokens):
        start = token.map[0] if token.map else 0
        if token.type == "heading_open":
            yield "heading", _plain(tokens[position + 1].content), start + 1, ""
        elif token.type == "fence":
            words = re.findall(r"[\w-]+", token.info.lower())
            yield "code", token.content, start + 2, words[0] if words else ""
        elif token.type == "code_block":
            yield "code", token.content, start + 1, ""


def _plain(heading: str) -> str:
    """Return the heading's words without marks of emphasis, closing ``#`` and anchors."""
    return re.sub(r"\s*\{#[^}]*\}\s*$", "", re.sub(r"\*\*|__|`", "", heading)).strip(" #*_")


def _looks_like_python(text: str) -> bool:
    if not _PYTHON_LINE.search(text):
        return False
    try:
        ast.parse(text)
    except UNPARSABLE:
        return bool(re.search(r"^def \w+\(", text, re.MULTILINE))
    return True
