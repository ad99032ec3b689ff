"""Exact shapes, and annotations with axis names shared across the whole call."""

import numpy as np
import pytest

from jacfuzz.oracles.structure import against_annotation, wrong_shape
from jacfuzz.signature import Argument, ArraySpec, DType, Signature, parse_axes


def spec(axes: str, dtype: DType = "float") -> tuple[ArraySpec, ...]:
    return (ArraySpec(parse_axes(axes), dtype),)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((1, 1), "shape (1, 1); expected (5, 3)"),
        ((3, 5), "shape (3, 5); expected (5, 3)"),
        ((5, 3, 1), "shape (5, 3, 1); expected (5, 3)"),
        ((), "shape (); expected (5, 3)"),
    ],
)
def test_shapes_are_exact(shape: tuple[int, ...], text: str) -> None:
    mismatch = wrong_shape(np.zeros(5), (np.zeros(shape),), ("x",), ((3,),))
    assert mismatch is not None
    assert text in mismatch.text
    assert "the shape of f(x) (5,) followed by that of x (3,)" in mismatch.text


def test_the_second_jacobian_is_named() -> None:
    mismatch = wrong_shape(np.zeros(2), (np.zeros((2, 3)), np.zeros((2, 3))), ("x", "y"), ((3,), (4,)))
    assert mismatch is not None
    assert mismatch.argument == "y"


def check(result: str, jacobian: str, primal: np.ndarray, value: np.ndarray, dtype: DType = "float") -> list[str]:
    signature = Signature((Argument("x", spec("n")),), spec(result), (spec(jacobian, dtype),))
    return [mismatch.argument for mismatch in against_annotation(signature, (np.zeros(3),), primal, (value,))]


def test_names_bound_by_the_arguments_and_the_result_hold_for_the_jacobian() -> None:
    assert check("m", "m n", np.zeros(5), np.zeros((5, 3))) == []
    assert check("m", "n m", np.zeros(5), np.zeros((5, 3))) == ["x"]
    assert check("m", "m m", np.zeros(5), np.zeros((5, 3))) == ["x"]
    assert check("m", "m 3", np.zeros(5), np.zeros((5, 3))) == []
    assert check("m", "m n-1", np.zeros(5), np.zeros((5, 3))) == ["x"]


def test_the_result_of_f_is_checked_too_but_is_not_the_fault_of_jac() -> None:
    assert check("n", "_ n", np.zeros(5), np.zeros((5, 3))) == [""]


@pytest.mark.parametrize(
    ("annotated", "dtype", "fits"),
    [
        ("float", float, True),
        ("float", np.float32, True),
        ("float", bool, False),
        ("float", int, False),
        ("int", int, True),
        ("any", bool, True),
        ("bool", bool, True),
    ],
)
def test_dtypes_are_compared_by_family(annotated: DType, dtype: type, fits: bool) -> None:
    assert (check("m", "m n", np.zeros(5), np.zeros((5, 3), dtype), annotated) == []) is fits


def test_without_annotations_nothing_is_checked() -> None:
    signature = Signature((Argument("x", spec("n")),))
    assert against_annotation(signature, (np.zeros(3),), np.zeros(2), (np.zeros((7, 7)),)) == []


def test_axes_that_are_computed_from_names_of_later_arguments_are_checked_and_those_of_no_name_fit() -> None:
    arguments = (Argument("x", spec("n-1")), Argument("y", spec("n")))
    values = (np.zeros(2), np.zeros(3))
    result, jacobians = np.zeros(3), (np.zeros((3, 2)), np.zeros((3, 3)))
    annotated = Signature(arguments, spec("n"), (spec("n n-1"), spec("n n-1")))
    assert [mismatch.argument for mismatch in against_annotation(annotated, values, result, jacobians)] == ["y"]
    unknown = Signature((Argument("x", spec("2*g")),), spec("2*g"), (spec("2*g 2*g"),))
    assert against_annotation(unknown, (np.zeros(4),), np.zeros(4), (np.zeros((4, 4)),)) == []
