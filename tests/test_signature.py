"""Annotations as plain data."""

from typing import Any

import jaxtyping
import numpy as np
import pytest
from jaxtyping import Bool, Float, Float32, Int, Num, Shaped

from jacfuzz.errors import AnnotationError
from jacfuzz.signature import Axis, parse_axes, parse_hint


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("", ()),
        ("3", (Axis("fixed", size=3),)),
        ("rows=3", (Axis("fixed", size=3),)),
        ("n m", (Axis("named", "n"), Axis("named", "m"))),
        ("_ _n", (Axis("anonymous"), Axis("anonymous"))),
        ("... 2", (Axis("anonymous", variadic=True), Axis("fixed", size=2))),
        ("*b n", (Axis("named", "b", variadic=True), Axis("named", "n"))),
        ("#n", (Axis("named", "n", broadcastable=True),)),
        ("*#b", (Axis("named", "b", variadic=True, broadcastable=True),)),
        ("n+1", (Axis("symbolic", "n+1"),)),
        ("O ", (Axis("named", "O"),)),
    ],
)
def test_axes_are_read(text: str, axes: tuple[Axis, ...]) -> None:
    assert parse_axes(text) == axes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n, m", "separate them with blanks"),
        ("*4", "`\\*` goes before a name"),
        ("... *b", "two variadic axes"),
        ("?n", "PyTree"),
        ("{k}", "refers to an argument's value"),
        ("##n", "repeats"),
        ("n.shape", "no arithmetic on axis names"),
        ("__import__('os').system('true')", "repeats `_`"),
        ("n+", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        parse_axes(text)


def test_nothing_in_an_axis_is_evaluated() -> None:
    with pytest.raises(AnnotationError):
        parse_axes("exit()")


@pytest.mark.parametrize("text", ["n+1", "min(n,m)", "n//2", "-n+9", "2*n-m"])
def test_symbolic_sizes_agree_with_python(text: str) -> None:
    dims = {"n": 5, "m": 3}
    (axis,) = parse_axes(text)
    assert axis.symbolic_size(dims) == eval(text, {"min": min}, dict(dims))
    assert axis.names() <= set(dims)


@pytest.mark.parametrize("text", ["3", "n m", "_ n", "... 2", "*b #n", "n+1 n", ""])
def test_our_reading_is_that_of_jaxtyping(text: str) -> None:
    hint: Any = Float[np.ndarray, text]
    ours = parse_axes(text)
    assert len(ours) == len(hint.dims)
    assert [axis.variadic for axis in ours] == [i == hint.index_variadic for i in range(len(ours))]


@pytest.mark.parametrize(
    ("hint", "dtype"),
    [
        (Float[np.ndarray, "n"], "float"),
        (Float32[np.ndarray, "n"], "float"),
        (Num[np.ndarray, "n"], "float"),
        (Int[np.ndarray, "n"], "int"),
        (Bool[np.ndarray, "n"], "bool"),
        (jaxtyping.Complex[np.ndarray, "n"], "complex"),
        (Shaped[np.ndarray, "n"], "any"),
        (float, "float"),
        (int, "int"),
    ],
)
def test_dtypes_come_in_families(hint: object, dtype: str) -> None:
    (spec,) = parse_hint(hint)
    assert spec.dtype == dtype


def test_unions_give_one_spec_per_shape() -> None:
    specs = parse_hint(Float[np.ndarray, "n"] | Float[np.ndarray, "n m"] | Float32[np.ndarray, "n"])
    assert [spec.dim_str for spec in specs] == ["n", "n m"]


def test_a_hint_without_shape_says_what_to_write() -> None:
    with pytest.raises(AnnotationError, match=r'Float\[Array, "n"\]'):
        parse_hint(np.ndarray)
