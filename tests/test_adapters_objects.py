"""Models with methods for value and derivative, and primitives of HIPS autograd."""

from typing import Any

import numpy as np
import pytest
from judging import said

from jacfuzz import adapters, forms
from jacfuzz.errors import UsageError

X = np.array([0.4, -2.0])


class Model:
    """A parabola with derivatives of many kinds."""

    def __init__(self, power: float) -> None:
        self.power = power

    def value(self, x: Any) -> Any:
        return self.power * x**2

    def derivative(self, x: Any) -> Any:
        return np.diag(2 * self.power * x)

    def diagonal(self, x: Any) -> Any:
        return 2 * self.power * x

    def forgotten(self, x: Any) -> Any:
        return np.diag(2 * x)

    def negative(self, x: Any) -> Any:
        return -self.derivative(x)

    def pullback(self, x: Any, w: Any) -> Any:
        return 2 * self.power * x * w


class TestPair:
    def test_right_methods_pass(self) -> None:
        assert said(adapters.pair(Model(3.0), "value", "derivative", at=X)) == set()
        assert said(adapters.pair(Model(3.0), "value", "diagonal", form=forms.Diagonal, at=X)) == set()
        assert said(adapters.pair(Model(3.0), "value", "pullback", form=forms.VJP, at=X)) == set()

    @pytest.mark.parametrize("derivative", ["forgotten", "negative", "diagonal", "value"])
    def test_wrong_methods_fail(self, derivative: str) -> None:
        assert said(adapters.pair(Model(3.0), "value", derivative, at=X))

    def test_a_method_that_is_not_there(self) -> None:
        with pytest.raises(UsageError, match="Model has no method 'gradient'; it has derivative, diagonal"):
            adapters.pair(Model(3.0), "value", "gradient", at=X)
        with pytest.raises(UsageError, match="Model has no method 'power'"):
            adapters.pair(Model(3.0), "power", "derivative", at=X)


class TestHIPSAutograd:
    @staticmethod
    def primitive(vjp: Any, jvp: Any = None) -> Any:
        pytest.importorskip("autograd")
        import autograd.numpy as anp
        from autograd.extend import defjvp, defvjp, primitive

        @primitive  # type: ignore[untyped-decorator]  # autograd is not annotated
        def logsumexp(x: Any) -> Any:
            return anp.log(anp.sum(anp.exp(x)))

        defvjp(logsumexp, lambda value, x: lambda w: vjp(value, x, w))
        defjvp(logsumexp, lambda v, value, x: jvp(value, x, v))
        return logsumexp

    @staticmethod
    def right(value: Any, x: Any, w: Any) -> Any:
        return w * np.exp(x - value)

    def test_right_rules_pass(self) -> None:
        function = self.primitive(self.right, lambda value, x, v: np.sum(v * np.exp(x - value)))
        assert said(adapters.defvjp(function, at=X)) == set()
        assert said(adapters.defjvp(function, at=X)) == set()

    @pytest.mark.parametrize(
        "vjp",
        [
            lambda value, x, w: w * np.exp(x),
            lambda value, x, w: np.exp(x - value),
            lambda value, x, w: -w * np.exp(x - value),
        ],
    )
    def test_wrong_rules_fail(self, vjp: Any) -> None:
        assert said(adapters.defvjp(self.primitive(vjp), at=X))

    @pytest.mark.parametrize(
        "jvp",
        [
            lambda value, x, v: np.sum(v * np.exp(x)),
            lambda value, x, v: np.sum(v**2 * np.exp(x - value)),
            lambda value, x, v: np.max(v * np.exp(x - value)),
        ],
    )
    def test_wrong_tangents_fail(self, jvp: Any) -> None:
        assert said(adapters.defjvp(self.primitive(self.right, jvp), at=X))

    def test_other_functions_are_refused(self) -> None:
        with pytest.raises(UsageError, match="value is no primitive of autograd"):
            adapters.defvjp(Model(1.0).value, at=X)
