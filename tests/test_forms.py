"""Each form in which people state derivatives: right ones pass, wrong ones fail, misuse is named."""

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse
from jaxtyping import Float
from judging import hints, said
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
    rows_jac,
    wave,
    wave_jac,
    wave_jvp,
    wave_vjp,
)

import jacfuzz
from jacfuzz import forms, make_target
from jacfuzz.errors import UsageError
from jacfuzz.forms import Form

Two = tuple[Any, Any]


def scale(a: Any, x: Any) -> Any:
    return a * x


def scale_vjp(a: Any, x: Any, w: Any) -> Two:
    return np.sum(w * x), a * w


def phase(x: Any) -> Any:
    return np.exp(1j * x)


def phase_jac(x: Any) -> Any:
    return np.diag(1j * np.exp(1j * x))


def csr(factor: Any, shift: Any = 0.0) -> Callable[..., Any]:
    return lambda x: scipy.sparse.csr_array(wave_jac(x) * factor + shift)


Case = tuple[Callable[..., Any], Form, Any]
RIGHT: dict[str, Case] = {
    "jvp": (wave, forms.JVP(wave_jvp), X),
    "jvp of two": (scale, forms.JVP(lambda a, x, v_a, v_x: v_a * x + a * v_x), (2.0, X)),
    "vjp": (wave, forms.VJP(wave_vjp), X),
    "vjp of two": (scale, forms.VJP(scale_vjp), (2.0, X)),
    "vjp in jax": (lambda x: jnp.sin(x), forms.VJP(lambda x, w: jnp.cos(x) * w), X),
    "adjoint": (wave, forms.Adjoint(wave_jvp, wave_vjp), X),
    "gradient": (cubes, forms.Gradient(cubes_gradient), X),
    "hessian": (cubes, forms.Hessian(cubes_hessian), X),
    "hessian by gradient": (cubes, forms.Hessian(cubes_hessian, cubes_gradient), X),
    "sparse": (wave, forms.Sparse(csr(1.0)), X),
    "diagonal": (np.tanh, forms.Diagonal(lambda x: 1 - np.tanh(x) ** 2), np.ones((2, 2))),
    "banded": (chain, forms.Banded(chain_bands, lower=0, upper=1), X),
    "batched": (rows, forms.Batched(rows_jac), ROWS),
    "by name": (scale, forms.ByName(lambda a, x: {"x": a * np.eye(3), "a": x}), (2.0, X)),
    "complex": (phase, forms.Complex(phase_jac), X),
}
WRONG: dict[str, tuple[Callable[..., Any], Form, Any, str]] = {
    "jvp, sign": (wave, forms.JVP(lambda x, v: -wave_jvp(x, v)), X, "value"),
    "jvp, squared tangent": (wave, forms.JVP(lambda x, v: wave_jac(x) @ v**2), X, "not linear in v"),
    "jvp, normalised tangent": (wave, forms.JVP(lambda x, v: wave_jvp(x, v / np.linalg.norm(v))), X, "not linear in v"),
    "jvp, one cell only": (wave, forms.JVP(lambda x, v: wave_jvp(x, v)[:1]), X, "shape (1,), expected (2,)"),
    "vjp, forgotten factor": (wave, forms.VJP(lambda x, w: A.T @ w), X, "value"),
    "vjp, clipped cotangent": (wave, forms.VJP(lambda x, w: wave_vjp(x, np.minimum(w, 1))), X, "not linear in w"),
    "vjp, swapped": (scale, forms.VJP(lambda a, x, w: (a * w, np.sum(w * x))), (2.0, X), "shape (3,), expected ()"),
    "vjp, one for two": (scale, forms.VJP(lambda a, x, w: np.sum(w * x)), (2.0, X), "expected 2, one for each"),
    "adjoint, sign of one": (wave, forms.Adjoint(wave_jvp, lambda x, w: -wave_vjp(x, w)), X, "not adjoint"),
    "adjoint, the other": (wave, forms.Adjoint(lambda x, v: 2 * wave_jvp(x, v), wave_vjp), X, "not adjoint"),
    "adjoint, both": (
        wave,
        forms.Adjoint(lambda x, v: 2 * wave_jvp(x, v), lambda x, w: 2 * wave_vjp(x, w)),
        X,
        "value",
    ),
    "gradient, power": (cubes, forms.Gradient(lambda x: 2 * x**2), X, "value"),
    "gradient, column": (cubes, forms.Gradient(lambda x: cubes_gradient(x)[:, None]), X, "shape"),
    "gradient, row": (cubes, forms.Gradient(lambda x: cubes_gradient(x)[None]), X, "shape"),
    "hessian, one triangle": (cubes, forms.Hessian(lambda x: np.tril(cubes_hessian(x))), X, "value"),
    "hessian, no mixed": (cubes, forms.Hessian(lambda x: np.diag(6 * x)), X, "value"),
    "hessian, diagonal": (cubes, forms.Hessian(lambda x: 6 * x), X, "shape"),
    "sparse, lacks a column": (wave, forms.Sparse(csr(np.array([1.0, 1.0, 0.0]))), X, "value"),
    "sparse, twice": (wave, forms.Sparse(csr(2.0)), X, "value"),
    "sparse, full": (wave, forms.Sparse(csr(1.0, 1e-3)), X, "value"),
    "sparse, transposed": (wave, forms.Sparse(lambda x: csr(1.0)(x).T), X, "shape (3, 2), expected (2, 3)"),
    "sparse, dense": (wave, forms.Sparse(wave_jac), X, "ndarray, expected a scipy.sparse"),
    "diagonal, no square": (np.tanh, forms.Diagonal(lambda x: 1 - np.tanh(x)), X, "value"),
    "diagonal, not diagonal": (np.cumsum, forms.Diagonal(np.ones_like), X, "value"),
    "diagonal, full": (np.tanh, forms.Diagonal(lambda x: np.diag(x)), X, "shape (3, 3), expected (3,)"),
    "banded, upside down": (chain, forms.Banded(lambda x: chain_bands(x)[::-1], 0, 1), X, "value"),
    "banded, lower": (chain, forms.Banded(chain_bands, 1, 0), X, "value"),
    "banded, one band": (chain, forms.Banded(lambda x: chain_bands(x)[1:], 0, 1), X, "shape (1, 3), expected (2, 3)"),
    "batched, transposed": (rows, forms.Batched(lambda x: rows_jac(x).swapaxes(1, 2)), ROWS, "value"),
    "batched, across": (lambda x: rows(x) + x[::-1], forms.Batched(rows_jac), ROWS, "value"),
    "batched, first": (rows, forms.Batched(lambda x: rows_jac(x)[0]), ROWS, "shape (2, 2), expected (3, 2, 2)"),
    "by name, lacks one": (scale, forms.ByName(lambda a, x: {"x": a * np.eye(3)}), (2.0, X), "a dict of x, expected"),
    "by name, no dict": (scale, forms.ByName(lambda a, x: (x, a * np.eye(3))), (2.0, X), "tuple, expected a dict"),
    "by name, value": (scale, forms.ByName(lambda a, x: {"x": np.eye(3), "a": x}), (2.0, X), "value"),
    "complex, conjugate": (phase, forms.Complex(lambda x: phase_jac(x).conj()), X, "value"),
    "complex, real part": (phase, forms.Complex(lambda x: phase_jac(x).real), X, "value"),
    "complex, no i": (phase, forms.Complex(lambda x: np.diag(np.exp(1j * x))), X, "value"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_ones_pass(name: str) -> None:
    f, form, at = RIGHT[name]
    assert said(make_target(f, form, at=at)) == set()


@pytest.mark.parametrize("name", WRONG)
def test_wrong_ones_fail(name: str) -> None:
    f, form, at, expected = WRONG[name]
    assert any(expected in text for text in said(make_target(f, form, at=at)))


class TestMisuseIsNamed:
    def message(self, f: Callable[..., Any], jac: Any) -> str:
        return hints(make_target(f, jac, at=X))

    def test_a_vjp_without_its_form(self) -> None:
        assert "jac is right as forms.VJP(wave_vjp)" in self.message(wave, wave_vjp)

    def test_a_jvp_without_its_form(self) -> None:
        assert "jac is right as forms.JVP(wave_jvp)" in self.message(wave, wave_jvp)

    def test_a_sparse_matrix_without_its_form(self) -> None:
        assert "jac is right as forms.Sparse(rule)" in self.message(wave, csr(1.0))

    def test_a_vjp_as_a_jvp(self) -> None:
        assert "The rule is a VJP" in self.message(wave, forms.JVP(wave_vjp))

    def test_a_jvp_as_a_vjp(self) -> None:
        assert "The rule is a JVP" in self.message(wave, forms.VJP(wave_jvp))

    def test_vectors_first(self) -> None:
        assert "the point comes first: rule(x, v)" in self.message(wave, forms.JVP(lambda v, x: wave_jvp(x, v)))
        assert "the point comes first: rule(x, w)" in self.message(wave, forms.VJP(lambda w, x: wave_vjp(x, w)))

    def test_a_gradient_as_a_column(self) -> None:
        assert "right but for its shape" in self.message(cubes, lambda x: cubes_gradient(x)[:, None])

    def test_a_transposed_sparse_matrix(self) -> None:
        assert "the transpose of the Jacobian" in self.message(wave, forms.Sparse(lambda x: csr(1.0)(x).T))

    def test_bands_upside_down_and_by_rows(self) -> None:
        flipped = forms.Banded(lambda x: chain_bands(x)[::-1], 0, 1)
        assert "The bands are upside down" in self.message(chain, flipped)
        by_rows = forms.Banded(lambda x: np.stack([np.roll(chain_bands(x)[0], -1), chain_bands(x)[1]]), 0, 1)
        assert "aligned by rows" in self.message(chain, by_rows)

    def test_a_wrong_pattern_and_wrong_values(self) -> None:
        lacking = forms.Sparse(csr(np.array([1.0, 1.0, 0.0])))
        assert "The sparsity pattern lacks [1, 2], where" in self.message(wave, lacking)
        assert "The sparsity pattern has [0, 2]" in self.message(wave, forms.Sparse(csr(1.0, [[0, 0, 1.0], [0, 0, 0]])))
        assert "The sparsity pattern is right; the values at" in self.message(wave, forms.Sparse(csr(2.0)))

    def test_a_hessian_that_is_not_symmetric(self) -> None:
        lower = forms.Hessian(lambda x: np.tril(cubes_hessian(x)))
        assert "The Hessian is not symmetric: H[0, 1] is 0 and H[1, 0] is 1" in self.message(cubes, lower)

    def test_nothing_is_said_of_what_is_merely_wrong(self) -> None:
        assert self.message(wave, forms.JVP(lambda x, v: 2 * wave_jvp(x, v))).strip() == ""


class TestRefused:
    def test_a_missing_vector(self) -> None:
        with pytest.raises(UsageError, match=r"JVP calls rule\(x, v\), but the rule is wave_jac\(x.*parameter v"):
            make_target(wave, forms.JVP(wave_jac), at=X)

    def test_a_vector_too_many(self) -> None:
        with pytest.raises(UsageError, match=r"Gradient calls rule\(x\), but the rule is wave_vjp"):
            make_target(cubes, forms.Gradient(wave_vjp), at=X)

    def test_a_gradient_of_several_results(self) -> None:
        with pytest.raises(UsageError, match=r"shape \(2,\), and only a scalar function has a gradient"):
            make_target(wave, forms.Gradient(wave_jac), at=X)

    def test_a_hessian_of_two_arguments(self) -> None:
        with pytest.raises(UsageError, match="2 differentiable arguments, a, x"):
            make_target(lambda a, x: np.sum(a * x), forms.Hessian(lambda a, x: x), at=(2.0, X))

    def test_a_complex_function_without_its_form(self) -> None:
        with pytest.raises(UsageError, match=r"forms.Complex\(jac\)"):
            make_target(phase, phase_jac, at=X)

    def test_complex_input(self) -> None:
        with pytest.raises(UsageError, match=r"state f and jac in real arrays, such as f\(re, im\)"):
            make_target(wave, wave_jac, at=X + 1j)


def test_an_integer_has_no_tangent() -> None:
    def power(x: Float[np.ndarray, "n"], k: int) -> Any:
        return x**k

    jvp = forms.JVP(lambda x, k, v: k * x ** max(k - 1, 0) * v)
    vjp = forms.VJP(lambda x, k, w: k * x ** max(k - 1, 0) * w)
    assert said(make_target(power, jvp)) == said(make_target(power, vjp)) == set()
    assert said(make_target(power, forms.Adjoint(jvp.rule, lambda x, k, w: x**k * w)))


def test_two_rules_may_not_choose_different_sides_of_a_kink() -> None:
    # Each of the two is legal at 0; together they are no transpose of each other.
    def relu(x: Any) -> Any:
        return np.maximum(x, 0)

    def jvp(x: Any, v: Any) -> Any:
        return v * (x > 0)

    def vjp(x: Any, w: Any) -> Any:
        return w * (x >= 0)

    check = functools.partial(jacfuzz.check, relu, at=X, max_examples=1, shrink=False)
    assert check(forms.JVP(jvp)).verdict == check(forms.VJP(vjp)).verdict == "pass"
    (finding,) = check(forms.Adjoint(jvp, vjp)).findings
    assert "not adjoint: J[" in finding.message


def test_the_reproduction_of_a_form_runs_as_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = forms.JVP(lambda x, v: np.zeros(3))  # a wrong shape needs no arbiter
    (finding,) = jacfuzz.check(wave, wrong, at=X, max_examples=1, shrink=False).findings
    with pytest.raises(forms.WrongShape):
        exec(finding.reproduce, {"wave": wave, "rule": wrong.rule})
    assert capsys.readouterr().out  # f's value


def test_a_form_in_full_search() -> None:
    jacfuzz.assert_jacobian(wave, forms.VJP(wave_vjp), at=X, max_examples=5)
