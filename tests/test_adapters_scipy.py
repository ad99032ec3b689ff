"""Derivatives that SciPy's solvers are given."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from judging import hints, said
from scipy.optimize import Bounds, rosen, rosen_der, rosen_hess, rosen_hess_prod
from scipy.sparse.linalg import aslinearoperator

import jacfuzz
from jacfuzz import adapters
from jacfuzz.errors import UsageError

X = np.array([0.4, 1.0, -2.0])
A = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]])


def fit(x: Any, k: Any) -> Any:
    return np.sin(k * A @ x)


def fit_jac(x: Any, k: Any) -> Any:
    return k * np.cos(k * A @ x)[:, None] * A


def van_der_pol(t: Any, y: Any, mu: Any) -> Any:
    return [y[1], mu * (1 - y[0] ** 2) * y[1] - y[0] + np.sin(t) * y[0]]


def van_der_pol_jac(t: Any, y: Any, mu: Any) -> Any:
    return [[0, 1], [-2 * mu * y[0] * y[1] - 1 + np.sin(t), mu * (1 - y[0] ** 2)]]


class TestMinimize:
    def test_right_ones_pass(self) -> None:
        assert said(adapters.minimize(rosen, X, jac=rosen_der)) == set()
        assert said(adapters.minimize_hess(rosen_der, X, hess=rosen_hess)) == set()
        assert said(adapters.minimize_hess(rosen_der, X, hess=lambda x: aslinearoperator(rosen_hess(x)))) == set()
        assert said(adapters.minimize_hessp(rosen_der, X, hessp=rosen_hess_prod)) == set()

    def test_value_and_gradient_of_one_function(self) -> None:
        target = adapters.minimize(
            lambda x, a: (np.sum(a * np.log(x)), a / x), X**2 + 1, args=2.0, jac=True, bounds=[(0.1, None)] * 3
        )
        assert target.domain == {"x": (0.1, None)}
        assert said(target) == set()

    @pytest.mark.parametrize(
        "jac", [lambda x: -rosen_der(x), lambda x: rosen_der(x)[::-1], lambda x: rosen_der(x)[:, None], rosen_hess]
    )
    def test_a_wrong_gradient_fails(self, jac: Callable[..., Any]) -> None:
        assert said(adapters.minimize(rosen, X, jac=jac))

    @pytest.mark.parametrize(
        "hess", [lambda x: 2 * rosen_hess(x), lambda x: np.triu(rosen_hess(x)), lambda x: np.diag(rosen_hess(x))]
    )
    def test_a_wrong_hessian_fails(self, hess: Callable[..., Any]) -> None:
        assert said(adapters.minimize_hess(rosen_der, X, hess=hess))

    def test_a_wrong_product_fails_and_a_swapped_one_is_named(self) -> None:
        assert said(adapters.minimize_hessp(rosen_der, X, hessp=lambda x, p: rosen_hess_prod(x, 2 * p)))
        assert said(adapters.minimize_hessp(rosen_der, X, hessp=lambda x, p: rosen_hess(x)))
        swapped = adapters.minimize_hessp(rosen_der, X, hessp=lambda p, x: rosen_hess_prod(x, p))
        assert "the point comes first" in hints(swapped)

    def test_bounds(self) -> None:
        assert adapters.minimize(rosen, X, jac=rosen_der, bounds=Bounds([0, -1, -2], 5)).domain == {"x": (0, 5)}
        with pytest.raises(UsageError, match="nothing in common"):
            adapters.minimize(rosen, X, jac=rosen_der, bounds=[(0, 1), (2, 3), (0, 1)])

    @pytest.mark.parametrize("jac", ["2-point", False, None])
    def test_a_method_of_scipy_is_refused(self, jac: Any) -> None:
        with pytest.raises(UsageError, match=r"expected a function, called as jac\(x, \*args\); or True"):
            adapters.minimize(rosen, X, jac=jac)


class TestLeastSquares:
    @pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array, aslinearoperator])
    def test_right_ones_pass(self, kind: Callable[..., Any]) -> None:
        target = adapters.least_squares(fit, X, lambda x, k: kind(fit_jac(x, k)), args=(2.0,))
        assert said(target) == set()

    def test_bounds_and_keywords(self) -> None:
        target = adapters.least_squares(fit, X, fit_jac, bounds=([-1, -2, -3], np.inf), kwargs={"k": 2.0})
        assert target.domain == {"x": (-1.0, None)}
        assert said(target) == set()

    @pytest.mark.parametrize(
        "jac",
        [
            lambda x, k: fit_jac(x, k).T,
            lambda x, k: fit_jac(x, k) / k,
            lambda x, k: scipy.sparse.csr_array(fit_jac(x, k) * (np.arange(3) < 2)),
        ],
    )
    def test_a_wrong_one_fails(self, jac: Callable[..., Any]) -> None:
        assert said(adapters.least_squares(fit, X, jac, args=(2.0,)))

    def test_a_method_of_scipy_is_refused(self) -> None:
        with pytest.raises(UsageError, match="3-point"):
            adapters.least_squares(fit, X, "3-point", args=(2.0,))  # type: ignore[arg-type]

    def test_curve_fit(self) -> None:
        def decay(x: Any, a: Any, b: Any) -> Any:
            return a * np.exp(-b * x)

        def jac(x: Any, a: Any, b: Any) -> Any:
            return np.stack([np.exp(-b * x), -a * x * np.exp(-b * x)], axis=1)

        xdata = np.linspace(0.0, 1.0, 4)
        assert said(adapters.curve_fit(decay, xdata, (1.0, 2.0), jac=jac)) == set()
        for wrong in (lambda x, a, b: jac(x, a, b).T, lambda x, a, b: -jac(x, a, b), lambda x, a, b: jac(x, b, a)):
            assert said(adapters.curve_fit(decay, xdata, (1.0, 2.0), jac=wrong))


class TestSolveIVP:
    def target(self, jac: Any) -> Any:
        return adapters.solve_ivp(van_der_pol, (0.0, 5.0), [1.0, 0.0], jac=jac, args=(3.0,))

    def test_right_ones_pass(self) -> None:
        assert said(self.target(van_der_pol_jac)) == set()
        assert said(self.target(lambda t, y, mu: scipy.sparse.csc_array(van_der_pol_jac(t, y, mu)))) == set()
        assert said(adapters.solve_ivp(lambda t, y: A[:, 1:] @ y, (0, 1), [1.0, 2.0], jac=A[:, 1:])) == set()

    @pytest.mark.parametrize(
        "jac",
        [
            lambda t, y, mu: np.transpose(van_der_pol_jac(t, y, mu)),
            lambda t, y, mu: van_der_pol_jac(0.0, y, mu),
            lambda t, y, mu: van_der_pol_jac(t, y, mu + 1),
            lambda y, t, mu: van_der_pol_jac(t, y, mu),
        ],
    )
    def test_wrong_ones_fail(self, jac: Callable[..., Any]) -> None:
        assert said(self.target(jac))


def test_a_report_names_the_authors_function_and_how_to_make_the_target_again() -> None:
    target = adapters.minimize(rosen, X, jac=lambda x: np.zeros(4))
    (finding,) = jacfuzz.check(target, max_examples=1, shrink=False).findings
    assert target.title == "rosen"
    assert "pair = adapters.minimize(rosen, *at, jac=function)" in finding.reproduce
