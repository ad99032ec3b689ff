"""Whole files of puzzle answers: every block gets the verdict it deserves, and names decide nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import jax
import pytest

from jacfuzz import registry, search
from jacfuzz.result import TargetResult
from jacfuzz.settings import Settings

FIXTURES = Path(__file__).parent / "fixtures"
QUICK = Settings(max_examples=50, shrink=False)

ARRAY = [
    ("Problem 3: Mean", "pass", []),
    ("Problem 4: Product", "fail", ["nonfinite"]),
    ("Problem 5: Repeat", "fail", ["shape"]),
    ("Problem 8: ReLU", "pass", []),
    ("Problem 9: Index", "error", ["protocol"]),
    ("Problem 10: Cumsum", "pass", []),
    ("Problem 12: Sort", "fail", ["mismatch"]),
    ("Problem 13: Elementwise mean", "stub", ["value"]),
    ("Problem 16: Transpose", "pass", []),
    ("Problem 16: Transpose", "fail", ["shape"]),
]
SCALAR = [
    ("Problem 2: Cosine", "pass", []),
    ("Problem 4: Product", "fail", ["value"]),
    ("Problem 8: ReLU", "pass", []),
    ("Problem 12: Sort", "pass", []),
    ("Problem 13: Elementwise mean", "stub", ["value"]),
    ("Problem 17: Broadcast", "pass", []),
    ("Problem 18: Mean Reduce", "pass", []),
]


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def judged(path: Path, *, catalogue: bool = True) -> list[TargetResult]:
    targets = registry.find([str(path)], catalogue=catalogue).targets
    return [search.run(target, QUICK, targets) for target in targets]


def summary(results: list[TargetResult]) -> list[tuple[str, str, list[str]]]:
    return [(result.title, result.verdict, sorted(finding.kind for finding in result.findings)) for result in results]


def test_array_answers() -> None:
    results = judged(FIXTURES / "array.md")
    assert summary(results) == ARRAY
    assert len({result.id for result in results}) == len(results)
    relu, sort = results[3], results[6]
    assert any("bool dtype" in note.text for note in relu.notes)
    assert any(note.text == "same f as Problem 10: Cumsum" for note in sort.notes)


def test_scalar_answers() -> None:
    pytest.importorskip("torch")
    loaded = registry.find([str(FIXTURES / "scalar.md")])
    assert any("a_drawing_library_that_is_missing" in sentence for sentence in loaded.skipped)
    assert summary([search.run(target, QUICK, loaded.targets) for target in loaded.targets]) == SCALAR


def test_without_the_catalogue_only_the_mismatch_goes() -> None:
    expected = [(title, "pass" if kinds == ["mismatch"] else verdict, [k for k in kinds if k != "mismatch"])
                for title, verdict, kinds in ARRAY]  # fmt: skip
    assert summary(judged(FIXTURES / "array.md", catalogue=False)) == expected


def test_a_scalar_answer_without_known_shapes_prints_the_directive_to_paste(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    result, *_ = judged(FIXTURES / "scalar.md", catalogue=False)
    assert result.verdict == "error"
    assert "# jacfuzz: shapes x=" in result.findings[0].message


def test_names_decide_nothing_but_the_mismatch(tmp_path: Path) -> None:
    renamed = re.sub(r"## Problem \S+ .*", "## A thing", (FIXTURES / "array.md").read_text())
    path = tmp_path / "renamed.md"
    path.write_text(renamed)
    expected = [("pass" if kinds == ["mismatch"] else verdict, [kind for kind in kinds if kind != "mismatch"])
                for _, verdict, kinds in ARRAY]  # fmt: skip
    assert [(verdict, kinds) for _, verdict, kinds in summary(judged(path))] == expected


def test_scalar_names_decide_only_the_shapes(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    shapes = {
        "fb_cos": "x=(1,) out=(1,)",
        "fb_prod": "x=(50,) out=(1,)",
        "fb_relu": "x=(50,) out=(50,)",
        "fb_sort": "x=(50,) out=(50,)",
        "fb_emean": "x=(25,) y=(25,) out=(25,)",
        "fb_broad": "x=(4, 10) y=(10,) out=(4, 10)",
        "fb_mean": "x=(4, 10) y=(10,) out=(1, 10)",
    }
    text = re.sub(r"## Problem \S+ .*", "## A thing", (FIXTURES / "scalar.md").read_text())
    for number, (name, given) in enumerate(shapes.items()):
        text = text.replace(f"def {name}(", f"# jacfuzz: shapes {given}\ndef fb_thing{number}(").replace(
            f"({name},", f"(fb_thing{number},"
        )
    path = tmp_path / "renamed.md"
    path.write_text(text)
    assert [(verdict, kinds) for _, verdict, kinds in summary(judged(path))] == [(v, k) for _, v, k in SCALAR]
