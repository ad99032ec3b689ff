"""What people try by mistake, place by place: each is told what is wrong, or fails with its cause."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from judging import said, told
from stated import X, cubes, cubes_gradient, cubes_hessian, wave, wave_jac

from jacfuzz import JacfuzzError, adapters, forms


@jax.custom_jvp
def cosine_with_wrong_rule(x: Any) -> Any:
    return jnp.cos(x)


cosine_with_wrong_rule.defjvp(lambda x, v: (jnp.cos(x[0]), jnp.sin(x[0]) * v[0]))


class Model:
    def value(self, x: Any) -> Any:
        return x**2

    def bands(self, x: Any) -> Any:
        return 2 * x[None]

    def vjp(self, x: Any, w: Any) -> Any:
        return 2 * x * w


class TestPlaces:
    @staticmethod
    def with_vjp(backward: Callable[..., Any]) -> Any:
        function = jax.custom_vjp(lambda x: jnp.sin(x))
        function.defvjp(lambda x: (jnp.sin(x), x), backward)
        return function

    @staticmethod
    def with_jvp(rule: Callable[..., Any]) -> Any:
        function = jax.custom_jvp(lambda x: jnp.sin(x))
        function.defjvp(rule)
        return function

    @pytest.mark.parametrize(
        ("backward", "expected"),
        [
            (lambda w, x: (w * jnp.cos(x),), "not linear in w"),
            (lambda x: (jnp.cos(x),), "takes 1 positional argument but 2 were given"),
            (lambda x, w: w * jnp.cos(x), "must produce a tuple"),
        ],
    )
    def test_custom_vjp(self, backward: Callable[..., Any], expected: str) -> None:
        assert expected in told(adapters.custom_vjp(self.with_vjp(backward), at=X))

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            (lambda v, x: (jnp.sin(x[0]), jnp.cos(x[0]) * v[0]), "value of f is"),
            (lambda x, v: jnp.cos(x[0]) * v[0], "must produce a pair"),
            (lambda x: (jnp.sin(x[0]), jnp.cos(x[0])), "takes 1 positional argument but 2 were given"),
        ],
    )
    def test_custom_jvp(self, rule: Callable[..., Any], expected: str) -> None:
        assert expected in told(adapters.custom_jvp(self.with_jvp(rule), at=X))

    def test_rules_that_were_never_given(self) -> None:
        assert "No VJP defined" in told(adapters.custom_vjp(jax.custom_vjp(lambda x: jnp.sin(x)), at=X))
        assert "No JVP defined" in told(adapters.custom_jvp(jax.custom_jvp(lambda x: jnp.sin(x)), at=X))

    @pytest.mark.parametrize(
        ("slope", "expected"),
        [
            (lambda x: jax.lax.stop_gradient(jnp.cos(x)), "value"),
            (lambda x: jnp.cos(jax.lax.stop_gradient(x)) * x / jax.lax.stop_gradient(x), "value"),
            (lambda x: cosine_with_wrong_rule(x), "value"),
            (lambda x: jax.pure_callback(np.cos, x, x, vmap_method="expand_dims"), "raises"),
        ],
    )
    def test_second_derivatives_of_rules_right_once(self, slope: Callable[..., Any], expected: str) -> None:
        forward = self.with_jvp(lambda x, v: (jnp.sin(x[0]), slope(x[0]) * v[0]))
        backward = self.with_vjp(lambda x, w: (w * slope(x),))
        assert said(adapters.custom_jvp(forward, at=X)) == said(adapters.custom_vjp(backward, at=X)) == set()
        assert expected in told(adapters.custom_jvp_twice(forward, at=X))
        assert expected in told(adapters.custom_vjp_twice(backward, at=X))

    def test_complex_input(self) -> None:
        function = self.with_vjp(lambda x, w: (w * jnp.cos(x),))
        with pytest.raises(JacfuzzError, match="at holds complex numbers"):
            adapters.custom_vjp(function, at=X + 1j)

    def test_torch(self) -> None:
        torch = pytest.importorskip("torch")

        class Exp(torch.autograd.Function):  # type: ignore[name-defined,misc]  # torch does not export it to mypy
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x.exp())
                return x.exp()

        class Swapped(Exp):
            @staticmethod
            def backward(w: Any, ctx: Any) -> Any:
                return w * ctx.saved_tensors[0]

        class Missing(Exp):
            @staticmethod
            def backward(ctx: Any) -> Any:
                return ctx.saved_tensors[0]

        assert "must implement either the backward or vjp method" in told(adapters.torch_backward(Exp, at=X))
        assert "must implement the jvp function" in told(adapters.torch_jvp(Exp, at=X))
        assert "has no attribute 'saved_tensors'" in told(adapters.torch_backward(Swapped, at=X))
        assert "takes 1 positional argument but 2 were given" in told(adapters.torch_backward(Missing, at=X))
        with pytest.raises(JacfuzzError, match="at holds complex numbers"):
            adapters.torch_backward(Exp, at=X + 1j)

    def test_minimize(self) -> None:
        column = adapters.minimize(cubes, X, jac=lambda x: cubes_gradient(x)[:, None])
        assert "return it in the shape of x" in told(column)
        with pytest.raises(JacfuzzError, match="give it the parameter v"):
            adapters.minimize_hessp(cubes_gradient, X, hessp=cubes_hessian)
        value_for_gradient = adapters.minimize_hess(cubes, X, hess=cubes_hessian)
        assert "shape (3, 3); expected (3,)" in told(value_for_gradient)

    def test_least_squares_and_curve_fit(self) -> None:
        assert "shape (3, 2); expected (2, 3)" in told(adapters.least_squares(wave, X, lambda x: wave_jac(x).T))
        assert "expected (2, 3, 3)" in told(adapters.least_squares(wave_jac, X, wave))
        xdata = np.linspace(0.0, 1.0, 4)

        def line(x: Any, a: Any, b: Any) -> Any:
            return a * x + b

        transposed = adapters.curve_fit(line, xdata, (1.0, 2.0), jac=lambda x, a, b: np.stack([x, np.ones(4)]))
        assert "shape (2, 4); expected (4, 2)" in told(transposed)

    def test_solve_ivp(self) -> None:
        def pendulum(t: Any, y: Any) -> Any:
            return [y[1], -np.sin(y[0])]

        def jac(t: Any, y: Any) -> Any:
            return [[0, 1], [-np.cos(y[0]), 0]]

        swapped = adapters.solve_ivp(pendulum, (0, 1), [1.0, 0.0], jac=lambda y, t: jac(t, y))
        assert "raises" in told(swapped)
        transposed = adapters.solve_ivp(pendulum, (0, 1), [1.0, 0.0], jac=lambda t, y: np.transpose(jac(t, y)))
        assert "value" in told(transposed)
        missing = adapters.solve_ivp(pendulum, (0, 1), [1.0, 0.0], jac=lambda y: jac(0.0, y))
        assert "takes 1 positional argument but 2 were given" in told(missing)

    def test_autograd(self) -> None:
        pytest.importorskip("autograd")
        import autograd.numpy as anp
        from autograd.extend import defvjp, primitive

        def with_rule(*rules: Any) -> Any:
            function = primitive(lambda x: anp.log(anp.sum(anp.exp(x))))
            if rules:
                defvjp(function, *rules)
            return function

        swapped = with_rule(lambda x, value: lambda w: w * np.exp(x - value))
        assert "value" in told(adapters.defvjp(swapped, at=X))
        flat = with_rule(lambda value, x: np.exp(x - value))
        assert "not callable" in told(adapters.defvjp(flat, at=X))
        assert "not defined" in told(adapters.defvjp(with_rule(), at=X))
        with pytest.raises(JacfuzzError, match="at holds complex numbers"):
            adapters.defvjp(flat, at=X + 1j)

    def test_pair(self) -> None:
        class Model:
            def value(self, x: Any) -> Any:
                return x**2

            def derivative(self, x: Any) -> Any:
                return 2 * x

        diagonal = adapters.pair(Model(), "value", "derivative", at=X)
        assert "shape (3,); expected (3, 3)" in told(diagonal)
        swapped = adapters.pair(Model(), "derivative", "value", form=forms.Diagonal, at=X)
        assert "value" in told(swapped)
        with pytest.raises(JacfuzzError, match="give it the parameter v"):
            adapters.pair(Model(), "value", "derivative", form=forms.JVP, at=X)
        with pytest.raises(JacfuzzError, match="at holds complex numbers"):
            adapters.pair(Model(), "value", "derivative", at=X + 1j)

    @pytest.mark.parametrize(
        ("value", "derivative", "form", "expected"),
        [
            ("value", "bands", forms.Banded, "such as `lambda rule: forms.Banded"),
            ("value", "bands", forms.Diagonal(np.cos), "give the class alone, forms.Diagonal"),
            ("value", "bands", lambda rule: rule, "form makes method of the method"),
            (np.cos, "bands", forms.Full, "value is ufunc, expected the name of a method"),
            ("value", "slope", forms.Full, "Model has no method 'slope'; it has bands, value, vjp"),
        ],
    )
    def test_a_pair_that_cannot_be_meant_so(self, value: Any, derivative: str, form: Any, expected: str) -> None:
        with pytest.raises(JacfuzzError, match=expected):
            adapters.pair(Model(), value, derivative, form=form, at=X)

    def test_a_class_and_another_form_in_a_pair(self) -> None:
        with pytest.raises(JacfuzzError, match=r"obj is the class Model; expected an instance of it"):
            adapters.pair(Model, "value", "vjp", at=X)
        assert "give form=forms.VJP" in told(adapters.pair(Model(), "value", "vjp", at=X))
        banded = adapters.pair(Model(), "value", "bands", form=lambda rule: forms.Banded(rule, 0, 0), at=X)
        assert said(banded) == set()

    @pytest.mark.parametrize(
        "make",
        [
            lambda x: adapters.minimize(cubes, x, jac=cubes_gradient),
            lambda x: adapters.minimize_hess(cubes_gradient, x, hess=cubes_hessian),
            lambda x: adapters.minimize_hessp(cubes_gradient, x, hessp=lambda y, p: cubes_hessian(y) @ p),
            lambda x: adapters.least_squares(wave, x, wave_jac),
            lambda x: adapters.curve_fit(lambda t, *p: t * p[0], X, x, jac=lambda t, *p: t[:, None]),
            lambda x: adapters.solve_ivp(lambda t, y: -y, (0, 1), x, jac=-np.eye(3)),
        ],
    )
    def test_a_complex_start_is_refused_and_never_cut(self, make: Callable[[Any], Any]) -> None:
        for start in (X * 1j, [1.0, 2j, 3.0]):
            with pytest.raises(JacfuzzError, match="0 holds complex numbers"):
                make(start)

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ((wave, X, wave_jac(X)), r"jac is an array of shape \(2, 3\); expected a function, called as jac\(x"),
            ((wave, wave_jac, X), "x0 is a function; expected an array of numbers; the order is fun, x0, jac"),
            ((X, wave, wave_jac), "x0 is a function; expected an array of numbers; the order is fun, x0, jac"),
            ((wave, X, "2-point"), "jac is '2-point', a method of SciPy's own"),
        ],
    )
    def test_arguments_of_least_squares_in_disorder(self, arguments: Any, expected: str) -> None:
        with pytest.raises(JacfuzzError, match=expected):
            adapters.least_squares(*arguments)

    def test_the_order_of_odeint_is_named(self) -> None:
        def fun(t: Any, y: Any) -> Any:
            return [y[1], -np.sin(y[0])]

        def jac(t: Any, y: Any) -> Any:
            return [[0, 1], [-np.cos(y[0]), 0]]

        swapped = adapters.solve_ivp(fun, (0, 1), [1.0, 0.0], jac=lambda y, t: jac(t, y))
        assert "solve_ivp calls jac(t, y), t first" in told(swapped)
        with pytest.raises(JacfuzzError, match=r"solve_ivp calls fun\(t, y\), t first"):
            adapters.solve_ivp(lambda y, t: fun(t, y), (0, 1), [1.0, 0.0], jac=jac)
        with pytest.raises(JacfuzzError, match=r"t_span is 1\.0; expected two numbers"):
            adapters.solve_ivp(fun, 1.0, [1.0, 0.0], jac=jac)  # type: ignore[arg-type]
