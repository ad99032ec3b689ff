"""The page on verdicts explains each that there is, and no other."""

import re
import typing
from pathlib import Path

from test_docs_reference import CODE

from jacfuzz.result import Kind, Verdict
from jacfuzz.verdict import Status

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "verdicts.md").read_text()
NOTED = re.compile(r'(?:\bNote\(|notes\.append\(\(|notes\[)\s*"([a-z ]+)"')


def first_column(heading: str) -> list[str]:
    """Return the names in the first column of the table under a heading."""
    body = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [CODE.findall(line)[0] for line in body.split("\n") if line.startswith("| `")]


def test_verdicts() -> None:
    assert sorted(first_column("Of a pair")) == sorted(typing.get_args(Verdict))


def test_kinds_of_findings() -> None:
    assert sorted(first_column("Fail")) == sorted(typing.get_args(Kind))


def test_as_many_states_of_a_point() -> None:
    table = PAGE.partition("\n## Of a point\n")[2].partition("\n## ")[0]
    rows = [line for line in table.split("\n") if line.startswith("| ")]
    assert len(rows) - 1 == len(typing.get_args(Status))


def test_notes() -> None:
    said = {name for path in (ROOT / "jacfuzz").rglob("*.py") for name in NOTED.findall(path.read_text())}
    assert sorted(first_column("Notes")) == sorted(said)
