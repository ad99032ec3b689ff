"""Blocks that are no Python: the error is the block's own, with its line, and the others go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from jacfuzz.loading import load_file
from jacfuzz.target import Loaded, Place, Target, Unloadable

NEW: Any = nbformat.v4
WRITE: Any = nbformat.writes

GOOD = """\
import numpy as np
from jaxtyping import Float
def f(x: Float[np.ndarray, "n"]):
    return x
def jac(x):
    return np.eye(x.size)
"""
BAD = """\
K = 3
def f(x):
    return x
def jac(x):
    return (x + 10)s
"""


def page(*parts: str) -> str:
    return "\n\n".join(part if part.startswith("#") else f"```python\n{part}```" for part in parts) + "\n"


def load(folder: Path, text: str, name: str = "a.md") -> Loaded:
    (folder / name).write_text(text)
    return load_file(folder / name)


def test_the_message_has_file_line_and_text(tmp_path: Path) -> None:
    text = page("# Good", GOOD, "# Bad", BAD, "# Good too", GOOD)
    first, bad, last = load(tmp_path, text).targets
    assert isinstance(bad, Unloadable)
    line = text.split("\n").index("    return (x + 10)s") + 1
    assert bad.place == Place(str(tmp_path / "a.md"), line)
    assert bad.message.startswith(f"{tmp_path / 'a.md'}, line {line}: SyntaxError: ")
    assert "in `return (x + 10)s`" in bad.message
    assert bad.id.endswith("a.md::Bad")
    assert isinstance(first, Target)
    assert isinstance(last, Target)


def test_in_a_notebook_it_has_the_cell_and_its_line(tmp_path: Path) -> None:
    cells = [NEW.new_code_cell(text) for text in (GOOD, "!ls\n" + BAD, GOOD)]
    text = str(WRITE(NEW.new_notebook(cells=cells)))
    _, bad, last = load(tmp_path, text, "a.ipynb").targets
    assert isinstance(bad, Unloadable)
    assert bad.message.startswith(f"{tmp_path / 'a.ipynb'}, cell 2, line 6: SyntaxError: ")
    assert bad.title == "cell 2"
    assert isinstance(last, Target)


@pytest.mark.parametrize("marks", ["# Problem 3: Bad", "# ## Bad", "# %% Bad"])
def test_in_a_python_file_only_its_section_is_lost(tmp_path: Path, marks: str) -> None:
    text = f"# ## Good\n{GOOD}\n{marks}\n{BAD}\n# ## Last\n{GOOD}"
    first, bad, last = load(tmp_path, text, "a.py").targets
    assert isinstance(bad, Unloadable)
    assert f"a.py, line {text.split(chr(10)).index('    return (x + 10)s') + 1}: SyntaxError" in bad.message
    assert [first.title, bad.title, last.title] == ["Good", marks.lstrip("# %"), "Last"]


def test_a_python_file_of_one_section_is_one_error(tmp_path: Path) -> None:
    (bad,) = load(tmp_path, GOOD + BAD, "answers.py").targets
    assert isinstance(bad, Unloadable)
    assert bad.title == "answers"


def test_nothing_of_a_broken_block_is_carried_forward(tmp_path: Path) -> None:
    uses = GOOD.replace("return x\n", "return K * x\n")
    bad, needs = load(tmp_path, page(BAD, uses)).targets
    assert isinstance(bad, Unloadable)
    assert isinstance(needs, Unloadable)
    assert "f needs `K`" in needs.message


@pytest.mark.parametrize(
    "source",
    [
        "def jac(x) return x\n",
        "jac = (\n",
        "def fb_any(x:\n",
        "def f(x): return = x\n",
        "def f(x):\n    return x\nreturn 3\n",
        "def jac(x):\n    return x\nbreak\n",
        "def jac(x):\nreturn x\n",
    ],
)
def test_a_block_that_looks_like_a_pair_is_an_error(tmp_path: Path, source: str) -> None:
    bad, good = load(tmp_path, page(source, GOOD)).targets
    assert isinstance(bad, Unloadable)
    assert "Error: " in bad.message
    assert isinstance(good, Target)


def test_under_the_heading_of_a_problem_any_broken_block_is_an_error(tmp_path: Path) -> None:
    (bad, _) = load(tmp_path, page("## Problem 5: Any", "x = = 3\n", "## Other", GOOD)).targets
    assert isinstance(bad, Unloadable)
    assert bad.title == "Problem 5: Any"


@pytest.mark.parametrize("source", ["x = = 3\n", ">>> f(3)\n3\n", "print 'hello'\n", "x = " + "-" * 200_000 + "1\n"])
def test_a_broken_scratch_block_is_listed(tmp_path: Path, source: str) -> None:
    loaded = load(tmp_path, page(source, GOOD))
    (target,) = loaded.targets
    assert isinstance(target, Target)
    assert np.array_equal(target.jac(np.ones(2)), np.eye(2))
    (sentence,) = loaded.skipped
    assert "a.md, line 2: " in sentence


def test_text_that_python_refuses_to_parse_is_an_error(tmp_path: Path) -> None:
    (bad,) = load(tmp_path, "jac = '\0'\n", "a.py").targets
    assert isinstance(bad, Unloadable)
    assert "null bytes" in bad.message
