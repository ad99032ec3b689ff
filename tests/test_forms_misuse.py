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


def cubed_length(x: Any) -> Any:
    return float(np.linalg.norm(x)) ** 3


@pytest.mark.parametrize(
    ("f", "form", "at", "expected"),
    [
        (cubed_length, forms.Hessian(lambda x: np.eye(len(x))), X, "give the gradient, too: forms.Hessian"),
        (cubes, forms.Hessian(cubes_hessian, wave_jvp), X, "wave_jvp has no value where f has one"),
        (np.cos, forms.Banded(chain_bands, 0, 1), ROWS, r"of shape \(3, 2\) to shape \(3, 2\); banded storage is for"),
        (wave, forms.Banded(chain_bands, 0, 1), X, r"of shape \(3,\) to shape \(2,\); banded storage is for"),
        (np.multiply, forms.Banded(np.multiply, 0, 0), (X, X), "2 differentiable arguments, x1, x2, and bands"),
        (np.sum, forms.Diagonal(np.ones_like), X, r"of shape \(3,\) to shape \(\); a diagonal Jacobian is"),
        (wave, forms.Batched(wave_jac), X, r"of shape \(3,\) to shape \(2,\), which have no first axis in common"),
    ],
)
def test_an_f_that_has_no_derivative_of_the_form_is_refused(
    f: Callable[..., Any], form: Form, at: Any, expected: str
) -> None:
    with pytest.raises(JacfuzzError, match=expected):
        make_target(f, form, at=at)


def test_the_numbers_of_bands_swapped_are_named() -> None:
    assert "right with lower=0, upper=1" in told(make_target(chain, forms.Banded(chain_bands, 1, 0), at=X))


def test_a_form_without_a_rule_is_refused() -> None:
    with pytest.raises(JacfuzzError, match=r"give it the rule: forms.JVP\(rule, ...\)"):
        make_target(wave, forms.JVP, at=X)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (forms.VJP(lambda x, w: wave_vjp(x, w) + 1), "raises: the product w^T J is not linear in w"),
        (forms.JVP(lambda x, v: None), "raises: the product J v is None, expected an array of shape (2,)"),
        (forms.Sparse(wave_jac), "raises: the rule returned ndarray"),
    ],
)
def test_what_a_form_finds_is_no_exception_of_the_author(form: Form, expected: str) -> None:
    assert any(text.startswith(expected) for text in said(make_target(wave, form, at=X)))


def test_an_f_of_any_number_of_arguments_takes_as_many_as_the_example() -> None:
    def f(*arrays: Any) -> Any:
        return arrays[0] * arrays[-1]

    def jac(*arrays: Any) -> Any:
        return np.diag(arrays[1]), np.diag(arrays[0])

    assert said(make_target(f, lambda *arrays: 2 * np.diag(arrays[0]), at=X)) == set()
    assert said(make_target(f, jac, at=(X, X))) == set()
    assert said(make_target(f, lambda *arrays: jac(*arrays)[::-1], at=(X, X)))
    with pytest.raises(JacfuzzError, match=r"argument `y` .* at has 1 values, expected one per argument"):
        make_target(outer, outer_jac, at=X)


@pytest.mark.parametrize("options", [{"domain": {"z": (0, 1)}}, {"edges": {"z": [1.0]}}])
def test_a_wrong_name_in_an_option_is_told_as_it_was_written(options: Any) -> None:
    with pytest.raises(JacfuzzError, match=f"{next(iter(options))}= names 'z'; expected arguments of f: x"):
        make_target(wave, wave_jac, at=X, **options)
