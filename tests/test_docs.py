"""The Python blocks of README and how-to pages run as they stand, and print what the text block after them says."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "howto").glob("*.md"))]
NEEDS = {"torch.md": "torch", "autograd.md": "autograd"}


def blocks(page: Path) -> Iterator[tuple[str, str, int]]:
    """Yield language, content and first line of each fence."""
    for token in MarkdownIt().parse(page.read_text()):
        if token.type == "fence" and token.map:
            yield token.info, token.content, token.map[0] + 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_runs(page: Path) -> None:
    if page.name in NEEDS:
        pytest.importorskip(NEEDS[page.name])
    names: dict[str, Any] = {"__name__": page.stem}
    printed = io.StringIO()
    ran = 0
    for language, content, line in blocks(page):
        if language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("\n" * (line - 1) + content, str(page), "exec"), names)
            ran += 1
        elif language == "text":
            assert content.strip() in printed.getvalue()
    assert ran
