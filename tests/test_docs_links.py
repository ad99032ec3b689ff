"""Every page is in the site's navigation, and every link of a page leads somewhere."""

import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SITE = ROOT / "ci" / "mkdocs.yml"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
OUTSIDE = re.compile(r"[a-z]+:")


def tokens(page: Path) -> Iterator[Token]:
    """Yield the tokens of a page, those within lines too."""
    for token in MarkdownIt().enable("table").parse(page.read_text()):
        yield token
        yield from token.children or ()


def links(page: Path) -> list[str]:
    """Return where the links of a page lead."""
    return [str(token.attrs["href"]) for token in tokens(page) if token.type == "link_open"]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the site's generator makes them."""
    parsed = list(tokens(page))
    headings = [after.content for token, after in itertools.pairwise(parsed) if token.type == "heading_open"]
    words = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {re.sub(r"[-\s]+", "-", text) for text in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if OUTSIDE.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_pages_link_to_nothing_outside_the_site() -> None:
    paths = {(page, link.partition("#")[0]) for page in DOCS.rglob("*.md") for link in links(page)}
    inside = [(page.parent / path).resolve() for page, path in paths if path and not OUTSIDE.match(path)]
    assert inside
    assert all(target.is_relative_to(DOCS) and target.suffix == ".md" for target in inside)


def test_every_page_is_in_the_navigation_once() -> None:
    listed = re.findall(r": (\S+\.md)$", SITE.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Any:
    program = shutil.which("mkdocs")
    if program is None:
        pytest.skip("mkdocs is not installed: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [program, "build", "--config-file", str(SITE), "--site-dir", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not run.returncode, run.stderr
    return folder


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    loaded = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE)
    built = sorted(site.rglob("*.html"))
    assert len(built) >= len(list(DOCS.rglob("*.md")))
    assert not [page.name for page in built if loaded.search(page.read_text())]
