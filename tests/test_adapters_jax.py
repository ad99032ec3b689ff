"""``jax.custom_jvp`` and ``jax.custom_vjp`` rules: f is the function without its rule."""

from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from judging import said

import jacfuzz
from jacfuzz import adapters
from jacfuzz.errors import UsageError

X = np.array([0.4, -2.0])


def with_jvp(rule: Callable[[Any, Any], Any], f: Callable[..., Any] = jnp.sin) -> Any:
    """Sine with a rule that gets x and v."""
    function = jax.custom_jvp(lambda x: f(x))
    function.defjvp(lambda primals, tangents: rule(primals[0], tangents[0]))
    return function


def with_vjp(forward: Callable[..., Any], backward: Callable[..., Any]) -> Any:
    """Return a product x y with a rule."""
    function = jax.custom_vjp(lambda x, y: x * y)
    function.defvjp(forward, backward)
    return function


def forward(x: Any, y: Any) -> Any:
    return x * y, (x, y)


def backward(saved: Any, w: Any) -> Any:
    x, y = saved
    return w * y, w * x


RIGHT_JVP = with_jvp(lambda x, v: (jnp.sin(x), jnp.cos(x) * v))
RIGHT_VJP = with_vjp(forward, backward)


class TestCustomJVP:
    def test_a_right_rule_passes(self) -> None:
        assert said(adapters.custom_jvp(RIGHT_JVP, at=X)) == set()

    @pytest.mark.parametrize(
        ("rule", "expected"),
        {
            "sign": (lambda x, v: (jnp.sin(x), -jnp.cos(x) * v), "value"),
            "forgotten tangent": (lambda x, v: (jnp.sin(x), jnp.cos(x) * jnp.ones_like(v)), "not linear in v"),
            "squared tangent": (lambda x, v: (jnp.sin(x), jnp.cos(x) * v**2), "not linear in v"),
            "another value": (lambda x, v: (jnp.sin(x) + 0.1, jnp.cos(x) * v), "value of f is"),
            "float32": (
                lambda x, v: (jnp.sin(x), (jnp.cos(x.astype(jnp.float32)) * v.astype(jnp.float32)).astype(v.dtype)),
                "value",
            ),
        }.values(),
    )
    def test_a_wrong_rule_fails(self, rule: Callable[[Any, Any], Any], expected: str) -> None:
        assert any(expected in text for text in said(adapters.custom_jvp(with_jvp(rule), at=X)))

    def test_the_rule_under_test_is_not_its_own_judge(self) -> None:
        # jax.jacfwd of the decorated function would agree with the rule, whatever it says.
        wrong = with_jvp(lambda x, v: (jnp.sin(x), 2 * jnp.cos(x) * v))
        assert np.allclose(jax.jacfwd(wrong)(X), np.diag(2 * np.cos(X)))
        assert said(adapters.custom_jvp(wrong, at=X))

    def test_the_report_says_how_to_make_the_target_again(self) -> None:
        wrong = with_jvp(lambda x, v: (jnp.sin(x) + 1, jnp.cos(x) * v))
        (finding,) = jacfuzz.check(adapters.custom_jvp(wrong, at=X), max_examples=1, shrink=False).findings
        assert "pair = adapters.custom_jvp(" in finding.reproduce

    def test_second_derivatives(self) -> None:
        assert said(adapters.custom_jvp_twice(RIGHT_JVP, at=X)) == set()
        stopped = with_jvp(lambda x, v: (jnp.sin(x), jax.lax.stop_gradient(jnp.cos(x)) * v))
        assert said(adapters.custom_jvp(stopped, at=X)) == set()
        assert any("value" in text for text in said(adapters.custom_jvp_twice(stopped, at=X)))

    def test_arguments_that_are_not_differentiated(self) -> None:
        power = jax.custom_jvp(lambda x, n: x**n, nondiff_argnums=(1,))
        power.defjvp(lambda n, primals, tangents: (primals[0] ** n, n * primals[0] ** (n - 1) * tangents[0]))
        assert said(adapters.custom_jvp(power, at=X, args=(3,))) == set()
        assert said(adapters.custom_jvp_twice(power, at=X, args=(3,))) == set()

    @pytest.mark.parametrize("function", [jnp.sin, RIGHT_VJP, jax.jit(RIGHT_JVP)])
    def test_other_functions_are_refused(self, function: Any) -> None:
        with pytest.raises(UsageError, match=r"expected a function decorated with jax\.custom_jvp"):
            adapters.custom_jvp(function, at=X)


class TestCustomVJP:
    def test_a_right_rule_passes(self) -> None:
        assert said(adapters.custom_vjp(RIGHT_VJP, at=(X, X))) == set()

    @pytest.mark.parametrize(
        ("forward", "backward", "expected"),
        {
            "swapped": (forward, lambda saved, w: (w * saved[0], w * saved[1]), "value"),
            "forgotten cotangent": (forward, lambda saved, w: (saved[1], saved[0]), "not linear in w"),
            "clipped cotangent": (
                forward,
                lambda saved, w: (jnp.clip(w, -1, 1) * saved[1], jnp.clip(w, -1, 1) * saved[0]),
                "not linear in w",
            ),
            "one zero": (forward, lambda saved, w: (w * saved[1], jnp.zeros_like(w)), "value"),
            "another value": (lambda x, y: (x + y, (x, y)), backward, "value of f is"),
            "too few": (forward, lambda saved, w: (w * saved[1],), "raises"),
        }.values(),
    )
    def test_a_wrong_rule_fails(self, forward: Any, backward: Any, expected: str) -> None:
        assert any(expected in text for text in said(adapters.custom_vjp(with_vjp(forward, backward), at=(X, X))))

    def test_second_derivatives(self) -> None:
        assert said(adapters.custom_vjp_twice(RIGHT_VJP, at=(X, X))) == set()
        stopped = with_vjp(forward, lambda saved, w: (w * jax.lax.stop_gradient(saved[1]), w * saved[0]))
        assert said(adapters.custom_vjp(stopped, at=(X, X))) == set()
        assert any("value" in text for text in said(adapters.custom_vjp_twice(stopped, at=(X, X))))

    def test_a_function_of_integers_too(self) -> None:
        function = jax.custom_vjp(lambda x, n: x * n, nondiff_argnums=(1,))
        function.defvjp(lambda x, n: (x * n, None), lambda n, saved, w: (w * n,))
        assert said(adapters.custom_vjp(function, at=X, args=(3,))) == set()

    def test_python_control_flow_runs_uncompiled(self) -> None:
        function = jax.custom_vjp(lambda x: x if x.sum() > 0 else 2 * x)
        function.defvjp(lambda x: (x if x.sum() > 0 else 2 * x, x.sum() > 0), lambda up, w: (w if up else 2 * w,))
        assert said(adapters.custom_vjp(function, at=X)) == set()

    def test_a_rule_that_is_defined_anew_is_checked_anew(self) -> None:
        function = with_vjp(forward, backward)
        assert said(adapters.custom_vjp(function, at=(X, X))) == set()
        function.defvjp(forward, lambda saved, w: (saved[1], saved[0]))
        assert said(adapters.custom_vjp(function, at=(X, X)))

    def test_a_jitted_function_is_refused(self) -> None:
        with pytest.raises(UsageError, match="not its jit"):
            adapters.custom_vjp(jax.jit(RIGHT_VJP), at=(X, X))


class TestPytrees:
    TREE: ClassVar[dict[str, Any]] = {"layer": {"w": np.ones((2, 2)), "b": np.zeros(2)}}

    @staticmethod
    def net(tree: Any) -> Any:
        layer = tree["layer"]
        return jnp.tanh(layer["w"] @ jnp.arange(1.0, 3.0) + layer["b"])

    def test_a_right_jacobian_passes_leaf_by_leaf(self) -> None:
        target = adapters.pytree(self.net, jax.jit(jax.jacrev(self.net)), self.TREE)
        assert target.signature.differentiable == ("layer_b", "layer_w")
        assert said(target) == set()

    @pytest.mark.parametrize(
        ("change", "expected"),
        {
            "sign": (lambda w, b: {"layer": {"w": w, "b": -b}}, "value"),
            "transposed": (lambda w, b: {"layer": {"w": w.swapaxes(1, 2), "b": b}}, "value"),
            "structure": (lambda w, b: {"w": w, "b": b}, "expected the structure of its argument"),
            "shape": (lambda w, b: {"layer": {"w": w, "b": b[0]}}, "shape"),
        }.values(),
    )
    def test_a_wrong_one_fails(self, change: Callable[..., Any], expected: str) -> None:
        def jac(tree: Any) -> Any:
            layer = jax.jacrev(self.net)(tree)["layer"]
            return change(layer["w"], layer["b"])

        assert any(expected in text for text in said(adapters.pytree(self.net, jax.jit(jac), self.TREE)))

    def test_an_example_without_leaves_is_refused(self) -> None:
        with pytest.raises(UsageError, match="has no leaves"):
            adapters.pytree(self.net, self.net, {})
