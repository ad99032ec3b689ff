"""What people try by mistake, form by form: each is told what is wrong, or fails with its cause."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from judging import said, told
from stated import (
    ROWS,
    A,
    X,
    chain,
    chain_bands,
    cubes,
    cubes_gradient,
    cubes_hessian,
    rows,
    wave,
    wave_jac,
    wave_jvp,
    wave_vjp,
)

from jacfuzz import JacfuzzError, forms, make_target
from jacfuzz.forms import Form

TWO = (np.array([0.5, 1.5]), X)


def outer(x: Any, y: Any) -> Any:
    return np.sum(x) * y


def outer_jac(x: Any, y: Any) -> Any:
    return y[:, None] * np.ones(len(x)), np.sum(x) * np.eye(len(y))


def phase(x: Any) -> Any:
    return np.exp(1j * (A @ x))


def phase_jac(x: Any) -> Any:
    return 1j * phase(x)[:, None] * A


WRONG_ORDER: dict[str, tuple[Callable[..., Any], Form, Any, str]] = {
    "jvp": (wave, forms.JVP(lambda v, x: wave_jvp(x, v)), X, "the point comes first: rule(x, v)"),
    "vjp": (wave, forms.VJP(lambda w, x: wave_vjp(x, w)), X, "the point comes first: rule(x, w)"),
    "adjoint": (wave, forms.Adjoint(wave_vjp, wave_jvp), X, "raises"),
    "full": (outer, forms.Full(lambda x, y: outer_jac(x, y)[::-1]), TWO, "expected (3, 2)"),
    "hessian": (cubes, forms.Hessian(cubes_gradient, cubes_hessian), X, "expected (3, 3, 3)"),
    "banded": (chain, forms.Banded(chain_bands, 1, 0), X, "value"),
}
TRANSPOSED: dict[str, tuple[Callable[..., Any], Form, Any, str]] = {
    "full": (wave, forms.Full(lambda x: wave_jac(x).T), X, "shape (3, 2); expected (2, 3)"),
    "two arguments": (outer, forms.Full(lambda x, y: tuple(j.T for j in outer_jac(x, y))), TWO, "expected (3, 2)"),
    "by name": (
        outer,
        forms.ByName(lambda x, y: dict(zip("yx", outer_jac(x, y), strict=True))),
        TWO,
        "expected (3, 2)",
    ),
    "gradient": (cubes, forms.Gradient(lambda x: cubes_gradient(x)[None]), X, "return it in the shape of x"),
    "hessian": (cubes, forms.Hessian(lambda x: np.triu(cubes_hessian(x))), X, "value"),
    "jvp": (wave, forms.JVP(wave_vjp), X, "The rule is a VJP, w^T J: use forms.VJP"),
    "vjp": (wave, forms.VJP(wave_jvp), X, "The rule is a JVP, J v: use forms.JVP"),
    "sparse": (wave, forms.Sparse(lambda x: scipy.sparse.csc_array(wave_jac(x).T)), X, "the transpose of the Jacobian"),
    "banded": (chain, forms.Banded(lambda x: chain_bands(x)[::-1], 0, 1), X, "The bands are upside down"),
    "batched": (rows, forms.Batched(lambda x: np.moveaxis(rows(x)[:, :, None] * np.ones(2), 0, -1)), ROWS, "(3, 2, 2)"),
    "complex": (phase, forms.Complex(lambda x: phase_jac(x).T), X, "has shape (3, 2), expected (2, 3)"),
}
WHOLE: dict[str, tuple[Callable[..., Any], Form, Any, str]] = {
    "diagonal": (np.tanh, forms.Diagonal(lambda x: np.diag(1 - np.tanh(x) ** 2)), X, "has shape (3, 3), expected (3,)"),
    "banded": (chain, forms.Banded(lambda x: np.eye(3), 0, 1), X, "has shape (3, 3), expected (2, 3)"),
    "batched": (rows, forms.Batched(lambda x: np.zeros((3, 2, 3, 2))), ROWS, "expected (3, 2, 2)"),
    "sparse": (wave, forms.Sparse(wave_jac), X, "expected a scipy.sparse matrix or array"),
    "complex": (phase, forms.Complex(lambda x: np.stack([phase_jac(x).real] * 2, 1)), X, "(2, 2, 3), expected (2, 3)"),
}


@pytest.mark.parametrize("name", WRONG_ORDER)
def test_arguments_in_the_wrong_order(name: str) -> None:
    f, form, at, expected = WRONG_ORDER[name]
    assert expected in told(make_target(f, form, at=at))


@pytest.mark.parametrize("name", TRANSPOSED)
def test_the_transpose(name: str) -> None:
    f, form, at, expected = TRANSPOSED[name]
    assert expected in told(make_target(f, form, at=at))


@pytest.mark.parametrize("name", WHOLE)
def test_another_storage(name: str) -> None:
    f, form, at, expected = WHOLE[name]
    assert expected in told(make_target(f, form, at=at))


@pytest.mark.parametrize(
    ("f", "form", "expected"),
    [
        (wave, forms.JVP(wave_jac), "give it the parameter v"),
        (wave, forms.VJP(wave_jac), "give it the parameter w"),
        (wave, forms.Adjoint(wave_jac, wave_vjp), "give it the parameter v"),
        (cubes, forms.Gradient(lambda x, w: w * cubes_gradient(x)), "missing a required argument: 'w'"),
        (cubes, forms.Hessian(lambda x, v: cubes_hessian(x) @ v), "missing a required argument: 'v'"),
        (wave, forms.Sparse(wave_jvp), "missing a required argument: 'v'"),
        (wave, forms.Complex(wave_jvp), "missing a required argument: 'v'"),
        (rows, forms.Batched(wave_jvp), "missing a required argument: 'v'"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Form) else "",
)
def test_a_vector_missing_or_too_many(f: Callable[..., Any], form: Form, expected: str) -> None:
    with pytest.raises(JacfuzzError, match=expected):
        make_target(f, form, at=X)


@pytest.mark.parametrize(
    "form",
    [
        forms.Full(wave_jac),
        forms.ByName(wave_jac),
        forms.Gradient(cubes_gradient),
        forms.Hessian(cubes_hessian),
        forms.JVP(wave_jvp),
        forms.VJP(wave_vjp),
        forms.Adjoint(wave_jvp, wave_vjp),
        forms.Sparse(wave_jac),
        forms.Diagonal(np.cos),
        forms.Banded(chain_bands, 0, 1),
        forms.Batched(wave_jac),
        forms.Complex(phase_jac),
    ],
    ids=lambda form: type(form).__name__,
)
def test_complex_input_is_refused_in_every_form(form: Form) -> None:
    with pytest.raises(JacfuzzError, match=r"state f and jac in real arrays, such as f\(re, im\)"):
        make_target(wave, form, at=X + 1j)


@pytest.mark.parametrize(
    ("jac", "expected"),
    [
        (lambda x, y: outer_jac(x, y)[0], "expected a tuple of 2 Jacobians"),
        (lambda x, y: (outer_jac(x, y)[0], np.sum(y) * np.eye(len(y))), "value"),
        (lambda x, y: (-outer_jac(x, y)[0], outer_jac(x, y)[1]), "value"),
        (lambda x, y: (outer_jac(x, y)[0], np.eye(len(y))), "value"),
        (lambda x, y: np.concatenate(outer_jac(x, y), axis=1), "expected a tuple of 2 Jacobians"),
    ],
)
def test_full_jacobians_of_two_arguments(jac: Callable[..., Any], expected: str) -> None:
    assert said(make_target(outer, outer_jac, at=TWO)) == set()
    assert expected in told(make_target(outer, jac, at=TWO))


def test_a_complex_answer_to_a_real_function() -> None:
    complex_answers = [
        forms.Full(lambda x: wave_jac(x) + 0j),
        forms.Sparse(lambda x: scipy.sparse.csr_array(wave_jac(x) + 0j)),
    ]
    for form in complex_answers:
        assert "return its real part" in told(make_target(wave, form, at=X))
