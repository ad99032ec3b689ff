"""The code of README and docs runs as it stands, and says what the text block after it says.

A Python block is executed, unless its first line is a comment that names a file: then it is written there, as is a
block of any other language that begins so. A shell block is executed where a text block follows it.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", DOCS / "tutorial.md", DOCS / "verdicts.md", *sorted((DOCS / "howto").glob("*.md"))]
NEEDS = {"torch.md": "torch", "autograd.md": "autograd"}
FILE = re.compile(r"(?:# |<!-- )(?P<name>\w+\.\w+)(?: -->)?\n")
SECONDS = re.compile(r"\d+\.\d+ ?s\b")


@dataclass(frozen=True)
class Block:
    """A fence of a page."""

    language: str
    content: str
    line: int

    @property
    def file(self) -> str | None:
        """Name of the file that the block is to be written to."""
        found = FILE.match(self.content)
        return found["name"] if found else None


def blocks(page: Path) -> Iterator[Block]:
    """Yield every fence with the line of its first line of code."""
    for token in MarkdownIt().parse(page.read_text()):
        if token.type == "fence" and token.map:
            yield Block(token.info, token.content, token.map[0] + 2)


def printed(block: Block, page: Path, names: dict[str, Any]) -> str:
    """Execute a Python block among the names of its page; return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile("\n" * (block.line - 1) + block.content, str(page), "exec"), names)
    return out.getvalue()


def said(commands: str, folder: Path) -> str:
    """Run the lines of a shell block in a folder; return what they write."""
    place = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        ["sh", "-c", commands],
        cwd=folder,
        env={**os.environ, "PATH": place, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.stdout


def timeless(text: str) -> str:
    """Take out how long something took, and what the margins hold."""
    return "\n".join(line.rstrip() for line in SECONDS.sub("- s", text).strip("\n").split("\n"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if page.name in NEEDS:
        pytest.importorskip(NEEDS[page.name])
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": page.stem}
    output, ran = "", 0
    parts = list(blocks(page))
    for block, after in zip(parts, [*parts[1:], None], strict=True):
        if block.file:
            Path(block.file).write_text(block.content)
        elif block.language == "python":
            output = printed(block, page, names)
            ran += 1
        elif block.language == "sh" and after is not None and after.language == "text":
            output = said(block.content, tmp_path)
            ran += 1
        elif block.language == "text":
            assert timeless(block.content) in timeless(output), f"{page}:{block.line} shows what was not said"
    assert ran
