"""``torch.autograd.Function``: backward, jvp and double backward."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judging import said

from jacfuzz import adapters
from jacfuzz.errors import UsageError

torch = pytest.importorskip("torch")
X = np.array([0.4, -2.0])


def exponential(backward: Callable[[Any, Any], Any], jvp: Callable[[Any, Any], Any] = lambda y, v: v * y) -> Any:
    """Exponential function with rules that get exp(x) and a vector."""

    class Exp(torch.autograd.Function):  # type: ignore[name-defined,misc]  # torch does not export it to mypy
        @staticmethod
        def forward(x: Any) -> Any:
            return x.exp()

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(output)
            ctx.save_for_forward(output)

        @staticmethod
        def backward(ctx: Any, w: Any) -> Any:
            return backward(ctx.saved_tensors[0], w)

        @staticmethod
        def jvp(ctx: Any, v: Any) -> Any:
            return jvp(ctx.saved_tensors[0], v)

    return Exp


RIGHT = exponential(lambda y, w: w * y)


class Product(torch.autograd.Function):  # type: ignore[name-defined,misc]  # torch does not export it to mypy
    """x y times a number, in the form with the context first."""

    @staticmethod
    def forward(ctx: Any, x: Any, y: Any, factor: Any) -> Any:
        ctx.save_for_backward(x, y)
        ctx.factor = factor
        return factor * x * y

    @staticmethod
    def backward(ctx: Any, w: Any) -> Any:
        x, y = ctx.saved_tensors
        return ctx.factor * w * y, ctx.factor * w * x, None


class Swapped(Product):
    @staticmethod
    def backward(ctx: Any, w: Any) -> Any:
        x, y = ctx.saved_tensors
        return ctx.factor * w * x, ctx.factor * w * y, None


def test_right_rules_pass() -> None:
    assert said(adapters.torch_backward(RIGHT, at=X)) == set()
    assert said(adapters.torch_jvp(RIGHT, at=X)) == set()
    assert said(adapters.torch_double_backward(RIGHT, at=X)) == set()
    assert said(adapters.torch_backward(Product, at=(X, X), args=(2.0,))) == set()


@pytest.mark.parametrize(
    ("backward", "expected"),
    {
        "sign": (lambda y, w: -w * y, "value"),
        "forgotten cotangent": (lambda y, w: y * torch.ones_like(w), "not linear in w"),
        "None": (lambda y, w: None, "value"),
        "raises": (lambda y, w: w @ y.reshape(1, 1, -1), "raises"),
    }.values(),
)
def test_a_wrong_backward_fails(backward: Callable[[Any, Any], Any], expected: str) -> None:
    assert any(expected in text for text in said(adapters.torch_backward(exponential(backward), at=X)))


def test_swapped_products_fail() -> None:
    assert any("value" in text for text in said(adapters.torch_backward(Swapped, at=(X, X), args=(2.0,))))


@pytest.mark.parametrize(
    ("jvp", "expected"),
    {
        "sign": (lambda y, v: -v * y, "value"),
        "squared tangent": (lambda y, v: v * v * y, "not linear in v"),
        "twice": (lambda y, v: v * y * 2, "value"),
    }.values(),
)
def test_a_wrong_jvp_fails(jvp: Callable[[Any, Any], Any], expected: str) -> None:
    target = adapters.torch_jvp(exponential(lambda y, w: w * y, jvp), at=X)
    assert any(expected in text for text in said(target))


def test_a_backward_that_cannot_be_differentiated() -> None:
    detached = exponential(lambda y, w: w * y.detach())
    once = exponential(torch.autograd.function.once_differentiable(lambda y, w: w * y))
    through_numpy = exponential(lambda y, w: w * torch.from_numpy(y.detach().numpy()))
    assert said(adapters.torch_backward(detached, at=X)) == set()
    for function in (detached, once, through_numpy):
        assert said(adapters.torch_double_backward(function, at=X)) != set()


def test_misuse() -> None:
    with pytest.raises(UsageError, match=r"subclass of torch\.autograd\.Function"):
        adapters.torch_backward(RIGHT.apply, at=X)
    with pytest.raises(UsageError, match="several tensors, x, y; fix all but one"):
        adapters.torch_double_backward(Product, at=(X, X), args=(2.0,))
