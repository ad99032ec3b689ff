"""``torch.autograd.Function``: backward, jvp and double backward against the forward pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jacfuzz.adapters.base import RuleJVP, RuleVJP, remade
from jacfuzz.errors import UsageError
from jacfuzz.forms.base import is_differentiable
from jacfuzz.functions import make_target
from jacfuzz.target import Target


def torch_backward(function: type, **options: Any) -> Target:
    """Make a target of the ``backward`` of a ``torch.autograd.Function``.

    f is ``forward`` alone, and the candidate what ``function.apply`` gives backwards, one cotangent at a time.

    Parameters
    ----------
    function
        The class.
    **options
        As of ``check``: ``at``, ``args``, ``domain``, ``edges``, ``kinks``. Arguments that are no tensors belong in
        ``args``.

    Raises
    ------
    UsageError
        If the class is no ``torch.autograd.Function``.
    """
    target = make_target(_forward(function), Backward(function.apply), **_with_tensors(options))  # type: ignore[attr-defined]
    return remade(
        target, function, "torch_backward", function.__name__, "at=at", "args=args" if "args" in options else ""
    )


def torch_jvp(function: type, **options: Any) -> Target:
    """Make a target of the ``jvp`` of a ``torch.autograd.Function``; see ``torch_backward``."""
    target = make_target(_forward(function), ForwardMode(function.apply), **_with_tensors(options))  # type: ignore[attr-defined]
    return remade(target, function, "torch_jvp", function, at="at", args="args" if "args" in options else "")


def torch_double_backward(function: type, **options: Any) -> Target:
    """Make a target of the second derivative through the ``backward`` of a ``torch.autograd.Function``.

    f is the gradient of the sum of the squares of ``function.apply``, and the candidate what autograd makes of
    differentiating it. The function takes one tensor. Check ``torch_backward`` first; see it for the parameters.
    """
    once = torch_backward(function, **options)
    apply = once.jac.form.rule  # type: ignore[attr-defined]

    def gradient(*arguments: Any) -> Any:
        return _gradient(apply, arguments)

    def hessian(*arguments: Any) -> Any:
        return _hessian(gradient, arguments)

    if len(once.signature.differentiable) > 1:
        names = ", ".join(once.signature.differentiable)
        raise UsageError(f"{function.__name__} has several tensors, {names}; fix all but one with args=")
    twice = replace(once, f=gradient, jac=hessian, signature=replace(once.signature, result=()))
    return remade(twice, function, "torch_double_backward", function, at="at")


@dataclass(frozen=True)
class Backward(RuleVJP):
    """The VJP that torch's autograd gives for a function, by its ``backward`` if it has one."""

    def product(self, arguments: tuple[Any, ...], cotangent: Any) -> Any:
        """Return the gradients of <w, f(x)>, zero where ``backward`` gives None."""
        import torch

        given = [_tracked(argument) for argument in arguments]
        varying = [argument for argument in given if is_differentiable(argument)]
        gradients = torch.autograd.grad(self.rule(*given), varying, cotangent, allow_unused=True)
        pairs = zip(gradients, varying, strict=True)
        products = tuple(torch.zeros_like(value) if gradient is None else gradient for gradient, value in pairs)
        return products if len(products) > 1 else products[0]


@dataclass(frozen=True)
class ForwardMode(RuleJVP):
    """The JVP that torch's forward-mode AD gives for a function, by its ``jvp`` if it has one."""

    def product(self, arguments: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
        """Return the tangent of f(x), zero where there is none."""
        import torch

        forward_ad: Any = torch.autograd.forward_ad
        given = iter(tangents)
        with forward_ad.dual_level():
            duals = [forward_ad.make_dual(x, next(given)) if is_differentiable(x) else x for x in arguments]
            primal, tangent = forward_ad.unpack_dual(self.rule(*duals))
        return torch.zeros_like(primal) if tangent is None else tangent


class _Context:
    """What ``forward`` is given in place of autograd's own context: it takes what it is told and forgets it."""

    needs_input_grad = (False,) * 64

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *values: None


def _forward(function: Any) -> Callable[..., Any]:
    """Return ``forward`` as a function of the tensors alone, which torch differentiates by its own rules."""
    import torch

    if not (isinstance(function, type) and issubclass(function, torch.autograd.Function)):
        raise UsageError(f"expected a subclass of torch.autograd.Function, got {function!r}; give the class itself")
    forward: Callable[..., Any] = function.forward
    if function.setup_context is not torch.autograd.Function.setup_context:  # then forward takes no context
        return forward

    def alone(*arguments: Any) -> Any:
        return forward(_Context(), *arguments)

    signature = inspect.signature(forward)
    further = list(signature.parameters.values())[1:]
    alone.__wrapped__ = forward  # type: ignore[attr-defined]
    alone.__signature__ = signature.replace(parameters=further)  # type: ignore[attr-defined]
    return alone


def _with_tensors(options: dict[str, Any]) -> dict[str, Any]:
    """Return options with NumPy arrays of ``at`` as tensors: nothing else tells that a rule is called with some."""
    import torch

    at = options.get("at")
    if at is None:
        return options
    values = at if isinstance(at, (tuple, list)) else (at,)
    return options | {"at": tuple(torch.from_numpy(v) if isinstance(v, np.ndarray) else v for v in values)}


def _tracked(value: Any) -> Any:
    return value.detach().clone().requires_grad_() if is_differentiable(value) else value


def _gradient(apply: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Gradient of the sum of squares of a function by its differentiable argument, itself differentiable."""
    import torch

    given = [value if getattr(value, "requires_grad", True) else _tracked(value) for value in arguments]
    varying = next(value for value in given if is_differentiable(value))
    (gradient,) = torch.autograd.grad((apply(*given) ** 2).sum(), varying, create_graph=True)
    return gradient


def _hessian(gradient: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    import torch

    (position,) = [position for position, value in enumerate(arguments) if is_differentiable(value)]

    def of_one(value: Any) -> Any:
        return gradient(*arguments[:position], value, *arguments[position + 1 :])

    functional: Any = torch.autograd.functional
    return functional.jacobian(of_one, arguments[position])
