"""Every form of file gives the same targets: Markdown, notebooks, Python, text."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from jacfuzz.errors import LoadError, UsageError
from jacfuzz.loading import load_file
from jacfuzz.target import Loaded, Target, Unloadable

NEW: Any = nbformat.v4
WRITE: Any = nbformat.writes

SETUP = """\
import numpy as np
from jaxtyping import Float

Array = np.ndarray
"""
DOUBLE = """\
def f(x: Float[Array, "n"]) -> Float[Array, "n"]:
    return 2 * x

def jac(x: Float[Array, "n"]) -> Float[Array, "n n"]:
    return 2 * np.eye(x.shape[0])
"""
SQUARE = """\
def f(x: Float[Array, "n"]) -> Float[Array, "n"]:
    return x**2

def jac(x: Float[Array, "n"]) -> Float[Array, "n n"]:
    return np.diag(2 * x)
"""


def page(*parts: str) -> str:
    """Markdown: parts that start with # are headings, others are fences of Python."""
    return "\n\n".join(part if part.startswith("#") else f"```python\n{part}```" for part in parts) + "\n"


def notebook(*parts: str) -> str:
    """Build a notebook's JSON: parts that start with # are Markdown cells."""
    cells = [NEW.new_markdown_cell(part) if part.startswith("#") else NEW.new_code_cell(part) for part in parts]
    return str(WRITE(NEW.new_notebook(cells=cells)))


def load(folder: Path, name: str, text: str) -> Loaded:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_file(path)


def targets(loaded: Loaded) -> list[Target]:
    assert all(isinstance(target, Target) for target in loaded.targets), loaded
    return [target for target in loaded.targets if isinstance(target, Target)]


PARTS = ("# Answers", SETUP, "## Problem 1: Double", DOUBLE, "## Problem 2: Square", SQUARE)
PYTHON = "\n\n".join(part if not part.startswith("#") else f"# {part}" for part in PARTS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", page(*PARTS)),
        ("a.markdown", page(*PARTS)),
        ("a.txt", page(*PARTS)),
        ("a.ipynb", notebook(*PARTS)),
        ("a.py", PYTHON),
        ("b.txt", PYTHON),
        ("percent.py", PYTHON.replace("# # ", "# %% [markdown]\n# # ").replace("\n\ndef f", "\n\n# %%\ndef f")),
    ],
)
def test_all_forms_give_the_same_pairs(tmp_path: Path, name: str, text: str) -> None:
    double, square = targets(load(tmp_path, name, text))
    assert (double.title, square.title) == ("Problem 1: Double", "Problem 2: Square")
    assert double.id == f"{tmp_path / name}::Problem 1: Double"
    x = np.array([3.0, -1.0])
    assert np.array_equal(double.f(x), [6, -2])
    assert np.array_equal(square.f(x), [9, 1])
    assert np.array_equal(double.jac(x), [[2, 0], [0, 2]])
    assert np.array_equal(square.jac(x), [[6, 0], [0, -2]])


@pytest.mark.parametrize(("name", "text"), [("a.md", page(*PARTS)), ("a.ipynb", notebook(*PARTS)), ("a.py", PYTHON)])
def test_places_and_sources_are_those_of_the_file(tmp_path: Path, name: str, text: str) -> None:
    loaded = targets(load(tmp_path, name, text))
    lines = [target.place.line for target in loaded]
    cells = [target.place.cell for target in loaded]
    if name.endswith("ipynb"):
        assert cells == [4, 6]
        assert lines == [1, 1]
    else:
        assert cells == [None, None]
        assert [text.split("\n")[line - 1].partition("(")[0] for line in lines] == ["def f", "def f"]
    assert inspect.getsource(loaded[1].f) == SQUARE.partition("\n\n")[0] + "\n"
    assert "x**2" in loaded[1].source
    assert "2 * x\n" not in loaded[1].source


def test_fences_are_told_by_label_or_by_looks(tmp_path: Path) -> None:
    text = (
        f"```\n{SETUP}```\n```\nnot python at all = =\n```\n```sh\njac=1\n```\n```{{python}}\n{DOUBLE}```\n"
        f"```text\ndef jac(x): return x\n```\n\n    22\n\n1. In a list:\n\n"
        + textwrap.indent(f"```py\n{SQUARE}```\n", "   ")
    )
    loaded = load(tmp_path, "a.md", text)
    assert [target.f(np.array([3.0]))[0] for target in targets(loaded)] == [6, 9]
    assert not loaded.skipped


def test_headings_lose_their_marks(tmp_path: Path) -> None:
    text = page(SETUP, "### **Problem 3: `Double`** ###", DOUBLE) + "\nUnder a line\n---\n\n" + page(SQUARE)
    assert [target.title for target in targets(load(tmp_path, "a.md", text))] == ["Problem 3: Double", "Under a line"]


def test_front_matter_is_no_heading(tmp_path: Path) -> None:
    (target,) = targets(load(tmp_path, "a.md", f"---\ntitle: Mine\n---\n{page(SETUP + DOUBLE)}"))
    assert target.title == "line 9"


def test_titles_that_occur_twice_get_unique_ids(tmp_path: Path) -> None:
    loaded = targets(load(tmp_path, "a.md", page(SETUP, "# Pair", DOUBLE, "# Pair", SQUARE, SQUARE)))
    assert [target.title for target in loaded] == ["Pair"] * 3
    assert [target.id.rpartition("::")[2] for target in loaded] == ["Pair", "Pair#2", "Pair#3"]


def test_the_only_pair_of_a_python_file_is_named_after_it(tmp_path: Path) -> None:
    (target,) = targets(load(tmp_path, "twice.py", SETUP + DOUBLE))
    assert target.title == "twice"
    assert [target.title for target in targets(load(tmp_path, "a.py", SETUP + DOUBLE + SQUARE))] == [
        "line 5",
        "line 10",
    ]
    assert [target.title for target in targets(load(tmp_path, "a.ipynb", notebook(SETUP, DOUBLE)))] == ["cell 2"]


def test_magics_are_dropped_and_lines_keep_their_numbers(tmp_path: Path) -> None:
    first = "%matplotlib inline\n!pip install \\\n    nothing\nfiles = !ls\nnp?\n" + SETUP
    rest = "%%time\n" + DOUBLE + "broken = (1\n % 0)\n"
    loaded = load(tmp_path, "a.ipynb", notebook(first, "%%bash\ndef jac(x): oops", rest, "%%html\n<p>jac = 1"))
    (target,) = targets(loaded)
    assert target.place.line == 2
    assert target.jac(np.ones(2)).shape == (2, 2)
    (failure,) = loaded.skipped
    assert "cell 3, line 7" in failure
    assert "ZeroDivisionError" in failure


def test_magics_in_fences_are_dropped_too(tmp_path: Path) -> None:
    assert len(targets(load(tmp_path, "a.md", page("!pip install x\n" + SETUP, DOUBLE)))) == 1


def test_outputs_of_a_notebook_are_ignored(tmp_path: Path) -> None:
    cell = NEW.new_code_cell(SETUP + DOUBLE, outputs=[NEW.new_output("stream", text="def jac(x):")])
    text = str(WRITE(NEW.new_notebook(cells=[cell])))
    assert len(targets(load(tmp_path, "a.ipynb", text))) == 1


def test_comments_inside_statements_are_no_headings(tmp_path: Path) -> None:
    body = DOUBLE.replace("    return 2 * x\n", "# ## Problem 7: Not a heading\n    return 2 * x\n")
    text = f'"""\n# ## Nor this\n"""\n{SETUP}{body}'
    (target,) = targets(load(tmp_path, "a.py", text))
    assert target.title == "a"


def test_a_script_is_not_started(tmp_path: Path) -> None:
    loaded = load(tmp_path, "a.py", SETUP + DOUBLE + 'if __name__ == "__main__":\n    raise SystemExit\n')
    assert len(targets(loaded)) == 1
    assert not loaded.skipped


def test_ready_targets_are_taken_as_they_are(tmp_path: Path) -> None:
    text = textwrap.dedent("""
        import numpy as np
        from jacfuzz.signature import Argument, Signature, fixed_spec
        from jacfuzz.target import Place, Target
        signature = Signature((Argument("x", fixed_spec((2,))),))
        first = Target("one", "One", Place("here"), np.sin, lambda x: np.diag(np.cos(x)), signature)
        again = first
        second = Target("one", "One", Place("here"), np.cos, lambda x: np.diag(-np.sin(x)), signature)
    """)
    loaded = targets(load(tmp_path, "a.py", text))
    assert [target.title for target in loaded] == ["first", "second"]
    assert loaded[1].f is np.cos


@pytest.mark.parametrize(
    ("name", "text"), [("a.py", "import math\n"), ("a.md", "# Only words\n"), ("a.ipynb", notebook("1 + 1"))]
)
def test_a_file_without_a_pair_gives_none(tmp_path: Path, name: str, text: str) -> None:
    assert load(tmp_path, name, text).targets == ()


@pytest.mark.parametrize("text", ["", "not JSON", "[]", "{}", '{"cells": 3, "nbformat": 4}'])
def test_a_notebook_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(LoadError, match=r"bad\.ipynb: got a file that is no notebook .*; expected the JSON"):
        load(tmp_path, "bad.ipynb", text)


def test_text_of_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = '\xff'")
    with pytest.raises(LoadError, match=r"a\.py: got text that is not UTF-8"):
        load_file(tmp_path / "a.py")


@pytest.mark.parametrize("name", ["missing.py", "page.rst"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "page.rst").write_text("Text")
    with pytest.raises(UsageError, match=name):
        load_file(tmp_path / name)


LOST = "\n".join(line.strip() for line in (SETUP + DOUBLE + SQUARE).split("\n"))


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.txt", "A page.\n" + LOST), ("a.md", LOST), ("a.py", LOST), ("b.md", page(LOST)), ("a.ipynb", notebook(LOST))],
)
def test_lost_indentation_is_said_once(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(LoadError, match=r"line \d+: the indentation of the code is lost \(`def f") as caught:
        load(tmp_path, name, text)
    assert "all 4 functions" in str(caught.value)
    assert "with its indentation" in str(caught.value)


def test_one_function_without_indentation_costs_no_other(tmp_path: Path) -> None:
    broken = SQUARE.replace("    ", "")
    bad, good = load(tmp_path, "a.md", page(SETUP, "# Bad", broken, "# Good", DOUBLE)).targets
    assert isinstance(bad, Unloadable)
    assert "IndentationError" in bad.message
    assert isinstance(good, Target)
