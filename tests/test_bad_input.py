"""Bad input gets one clear message each, and everything beside it is still judged."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner
from pages import DOUBLE, PAIR_OF_NUMBERS, block, page

from jacfuzz.cli.main import cli

Judged: TypeAlias = dict[str, dict[str, Any]]


def returning(jac: str) -> str:
    return block("2 * x", jac, PAIR_OF_NUMBERS)


FAILING = {
    "text": (returning("'abc'"), "protocol", "jac returned text ('abc'); expected an array"),
    "ragged": (returning("[[1.0], [1.0, 2.0]]"), "protocol", "jac returned list that is no rectangular array"),
    "objects": (returning("np.array([[object()]])"), "protocol", "jac returned an object array"),
    "dict": (returning("{'x': 1}"), "protocol", "jac returned an object array (dict); expected an array"),
    "too many": (returning("(2 * np.eye(2), x)"), "protocol", "jac returned 2 results; expected one Jacobian"),
    "none of them": (returning("()"), "protocol", "jac returned 0 results; expected one Jacobian"),
    "raises": (returning("x.nothing"), "raises", "jac raises AttributeError: "),
    "exits": (returning("exit()"), "raises", "jac raises SystemExit"),
    "complex": (returning("2j * np.eye(2)"), "value", "complex where f is real; return its real part"),
    "a number": (returning("2.0"), "shape", "The Jacobian has shape (); expected (2, 2)"),
    "None": (
        "def f(x: Float[Array, '2'], y: Float[Array, '2']):\n    return x * y\n\n\n"
        "def jac(x: Float[Array, '2'], y: Float[Array, '2']):\n    return np.diag(y), None\n",
        "protocol",
        "jac returned None for y; expected an array",
    ),
    "one of two": (
        "def f(x: Float[Array, '2'], y: Float[Array, '2']):\n    return x * y\n\n\n"
        "def jac(x: Float[Array, '2'], y: Float[Array, '2']):\n    return np.diag(y)\n",
        "protocol",
        "expected a tuple of 2 Jacobians, one for each of x, y",
    ),
}
UNLOADABLE = {
    "f raises everywhere": (block("1 / 0 * x", "x", PAIR_OF_NUMBERS), "f raises ZeroDivisionError: division by zero"),
    "f returns text": (block("'abc'", "x", PAIR_OF_NUMBERS), "f returned text ('abc')"),
    "unfinished": ("def f(x):\n    return ((\n", "SyntaxError: '(' was never closed"),
    "strange axis": (block("x", "x", "Float[Array, 'n +* 3']"), "argument `x` of f: axis `+*` cannot be read; write "),
    "no array": (block("x", "x", "int"), "f has no floating-point argument"),
    "unannotated": (
        "def f(x):\n    return x\n\n\ndef jac(x):\n    return x\n",
        "argument `x` of f has no annotation, so that its shape is not known; annotate it",
    ),
    "missing name": (block("x * absent", "x", PAIR_OF_NUMBERS), "f needs `absent`, which nothing before it defines"),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Judged, str]:
    """Results by title and what was printed: one run over all that is bad, and a good pair before and after it."""
    folder = tmp_path_factory.mktemp("bad")
    blocks = {title: text for title, (text, *_) in (FAILING | UNLOADABLE).items()}
    (folder / "bad.md").write_text(page({"before": DOUBLE, **blocks, "after": DOUBLE}))
    (folder / "no.ipynb").write_text("hello {")
    (folder / "cells.ipynb").write_text('{"nbformat": 4}')
    (folder / "nothing.py").write_text("a = 1\n")
    (folder / "latin.md").write_bytes("## é\n".encode("latin-1"))
    names = ["no.ipynb", "cells.ipynb", "nothing.py", "latin.md", "bad.md"]
    here = Path.cwd()
    os.chdir(folder)
    try:
        options = ["-n", "20", "-w", "0", "--no-shrink", "--report", "jsonl,junit"]
        done = CliRunner().invoke(cli, ["check", *names, *options], standalone_mode=False)
    finally:
        os.chdir(here)
    if done.exception is not None:
        raise done.exception
    lines = [json.loads(line) for line in (folder / "jacfuzz.jsonl").read_text().splitlines()]
    return {line["title"]: line for line in lines[:-1]}, done.output


def test_good_pairs_beside_bad_ones_pass(judged: tuple[Judged, str]) -> None:
    results, _ = judged
    assert results["before"]["verdict"] == results["after"]["verdict"] == "pass"


@pytest.mark.parametrize("title", FAILING)
def test_a_bad_answer_is_a_failure_with_its_cause(judged: tuple[Judged, str], title: str) -> None:
    _, kind, message = FAILING[title]
    result = judged[0][title]
    assert result["verdict"] == "fail"
    (finding,) = result["findings"]
    assert finding["kind"] == kind
    assert message in finding["message"]
    assert ", at x = [" in finding["message"]


@pytest.mark.parametrize("title", UNLOADABLE)
def test_what_cannot_be_judged_is_an_error_with_its_place(judged: tuple[Judged, str], title: str) -> None:
    _, message = UNLOADABLE[title]
    result = judged[0][title]
    assert result["verdict"] == "error"
    (finding,) = result["findings"]
    assert finding["message"].startswith(f"bad.md, line {result['line']}: ")
    assert message in finding["message"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no.ipynb", "no.ipynb: got a file that is no notebook"),
        ("cells.ipynb", "cells.ipynb"),
        ("nothing.py", "nothing.py: no pair found; expected functions f and jac"),
        ("latin.md", "latin.md"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(
    judged: tuple[Judged, str], name: str, message: str
) -> None:
    result = judged[0][name]
    assert result["verdict"] == "error"
    assert message in result["findings"][0]["message"]
    assert ";" in result["findings"][0]["message"]


def test_every_message_is_printed_once_and_no_traceback(judged: tuple[Judged, str]) -> None:
    results, text = judged
    assert "Traceback" not in text
    for title, result in results.items():
        assert (
            text.count(f"{result['verdict'].upper():6} {title}\n")
            + text.count(f"{result['verdict'].upper():6} {title}  ")
            == 1
        )
        for finding in result["findings"]:
            assert " ".join(text.split()).count(" ".join(finding["message"].split())) == 1
    assert text.splitlines()[-1].startswith("12 fail, 11 error, 2 pass, ")
