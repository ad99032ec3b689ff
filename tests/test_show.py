"""``jacfuzz show``: signature, formula and the structure of the Jacobian with index names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pages import STUB, page

from jacfuzz.axes import axis_names
from jacfuzz.cli.main import cli
from jacfuzz.report.formula import formula
from jacfuzz.report.structure import structure
from jacfuzz.signature import Argument, ArraySpec, Signature, parse_axes

INDEX = '''\
import numpy as np


# jacfuzz: shapes x=(3,) out=(2,)
def fb_shift(x):
    """Shift: f(x)_i = x_{i+1}.

    More words.
    """
    f = lambda i: x[i + 1]
    dx = lambda j, i: float(j == i + 1)
    return f, dx
'''


def shown(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["show", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


class TestShow:
    def test_of_a_catalogue_entry(self) -> None:
        text = shown("cumsum")
        assert '  f(x: "n") -> "n"\n  jac(x: "n") -> "n n"\n' in text
        assert "Cumulative sum: entry o is the sum" in text
        rows = text.partition("d f[n] / d x[n]")[2].splitlines()
        assert [row.split() for row in rows[1:3]] == [["n", *"0123456"], ["n"]]
        assert [row.split() for row in rows[3:10]] == [[str(o), *"1" * (o + 1), *"." * (6 - o)] for o in range(7)]

    def test_of_several_arguments_with_axes_told_apart(self) -> None:
        text = shown("matmul")
        assert "d f[n, m] / d x[n, k]" in text
        assert "d f[n, m] / d y[k, m]" in text

    def test_of_an_index_function(self, tmp_path: Path) -> None:
        path = tmp_path / "shift.py"
        path.write_text(INDEX)
        text = shown(str(path))
        assert "  Shift: f(x)_i = x_{i+1}.\n" in text
        assert "More words." not in text.partition("\n\n")[0]
        rows = text.partition("d f[i] / d x[j]")[2].splitlines()
        assert [row.split() for row in rows[3:5]] == [["0", ".", "1", "."], ["1", ".", ".", "1"]]

    @pytest.mark.parametrize(
        ("block", "why"),
        [(STUB, "jac returned None"), (STUB.replace("pass", "raise KeyError(3)"), "jac raises KeyError")],
    )
    def test_without_an_answer_there_is_a_reason(self, tmp_path: Path, block: str, why: str) -> None:
        path = tmp_path / "todo.md"
        path.write_text(page({"Todo": block}))
        assert f"no picture of the Jacobian: {why}" in shown(str(path))

    def test_a_stranger_s_source_steers_no_terminal(self, tmp_path: Path) -> None:
        path = tmp_path / "odd.py"
        path.write_text(INDEX.replace("More words", "\x1b[31mred \u202e"))
        assert not {"\x1b", "\u202e"} & set(shown(str(path)))


class TestStructure:
    def test_symbols(self) -> None:
        jacobian = np.array([[0.0, 1.0, 2.0], [-0.0, np.nan, np.inf]])
        assert [line.split() for line in structure(jacobian, ["i", "j"], 1)] == [
            ["j", "0", "1", "2"], ["i"], ["0", ".", "1", "x"], ["1", ".", "!", "!"],
        ]  # fmt: skip

    @given(st.lists(st.integers(1, 2), max_size=4), st.data())
    def test_a_column_per_input_cell_and_a_row_per_output_cell(self, shape: list[int], data: st.DataObject) -> None:
        output = data.draw(st.integers(0, len(shape)))
        lines = structure(np.ones(shape), [f"a{axis}" for axis in range(len(shape))], output)
        rows = lines[-int(np.prod(shape[:output])) :]
        assert all(row.split()[output:] == ["1"] * int(np.prod(shape[output:])) for row in rows)
        assert len(lines) == len(rows) + len(shape) - output + (output > 0)

    def test_large_ones_are_cut_and_say_so(self) -> None:
        lines = structure(np.zeros((2, 50)), ["i", "j"], 1)
        assert lines[-1] == "the first 2 of 2 rows and 24 of 50 columns"
        assert max(map(len, lines)) < 80


def names(argument: str, result: str, output: int, inputs: int, jacobian: str = "") -> list[str]:
    def specs(text: str) -> tuple[ArraySpec, ...]:
        return (ArraySpec(parse_axes(text), "float"),) if text else ()

    jacobians = (specs(jacobian),) if jacobian else ()
    return axis_names(Signature((Argument("x", specs(argument)),), specs(result), jacobians), "x", output, inputs)


class TestAxisNames:
    @pytest.mark.parametrize(("argument", "result", "output", "inputs", "expected"), [
        ("n", "m", 1, 1, ["m", "n"]),
        ("n m", "m", 1, 2, ["m", "n", "m"]),
        ("3", "3", 1, 1, ["i", "j"]),
        ("i", "3", 1, 1, ["j", "i"]),
        ("_ n", "n+1", 1, 2, ["n+1", "i", "n"]),
        ("*b n", "*b", 2, 3, ["b0", "b1", "b0", "b1", "n"]),
        ("*b n", "*b", 1, 2, ["b", "b", "n"]),
        ("... n", "n", 1, 1, ["n", "n"]),
        ("n", "n", 3, 2, ["i", "j", "k", "l", "m"]),
    ])  # fmt: skip
    def test_are_the_signature_s_else_letters(
        self, argument: str, result: str, output: int, inputs: int, expected: list[str]
    ) -> None:
        assert names(argument, result, output, inputs) == expected

    def test_of_the_output_are_the_jacobian_s_where_the_result_has_none(self) -> None:
        assert names("n", "", 1, 1, "m n") == ["m", "n"]


class TestFormula:
    @pytest.mark.parametrize(("source", "expected"), [
        ('"""Sum: of all.\n\nMore."""\ndef f(x):\n    """Other."""', "Sum: of all."),
        ('def f(x):\n    """f(x)_i\n    = x_i."""', "f(x)_i = x_i."),
        ("# about\ndef f(x):  # f(x) = x\n    return x", "f(x) = x"),
        ("# jacfuzz: shapes x=(3,)\nf = 1", ""),
        ("def f(x", ""),
        ("", ""),
    ])  # fmt: skip
    def test_is_the_first_thing_said(self, source: str, expected: str) -> None:
        assert formula(source) == expected
