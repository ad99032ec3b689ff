"""HIPS ``autograd``: the rules of ``defvjp`` and ``defjvp`` against the primitive's own code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jacfuzz.adapters.base import RuleJVP, RuleVJP, remade
from jacfuzz.adapters.custom_jvp import by_differentiable
from jacfuzz.errors import UsageError
from jacfuzz.functions import make_target
from jacfuzz.loading.functions import name_of
from jacfuzz.target import Target


def defvjp(primitive: Callable[..., Any], **options: Any) -> Target:
    """Make a target of the rules that ``autograd.extend.defvjp`` gave a primitive.

    f is the code under the primitive, and the candidate what its rules give, one cotangent at a time.

    Parameters
    ----------
    primitive
        Made by ``autograd.extend.primitive``, its rules defined.
    **options
        As of ``check``: ``at``, ``args``, ``domain``, ``edges``, ``kinks``.

    Raises
    ------
    UsageError
        If the function is no primitive.
    """
    target = make_target(_underlying(primitive), Backward(primitive), **options)
    return remade(target, primitive, "defvjp", primitive, at="at", args="args" if "args" in options else "")


def defjvp(primitive: Callable[..., Any], **options: Any) -> Target:
    """Make a target of the rules that ``autograd.extend.defjvp`` gave a primitive; see ``defvjp``."""
    target = make_target(_underlying(primitive), Forward(primitive), **options)
    return remade(target, primitive, "defjvp", primitive, at="at", args="args" if "args" in options else "")


@dataclass(frozen=True)
class Backward(RuleVJP):
    """The VJP that autograd gives for a function."""

    def product(self, arguments: tuple[Any, ...], cotangent: Any) -> Any:
        """Return what the rules give, a call an argument."""
        from autograd import make_vjp

        function, varying = by_differentiable(self.rule, arguments)
        products = tuple(make_vjp(function, number)(*varying)[0](cotangent) for number in range(len(varying)))
        return products if len(products) > 1 else products[0]


@dataclass(frozen=True)
class Forward(RuleJVP):
    """The JVP that autograd gives for a function."""

    def product(self, arguments: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
        """Return the sum of what the rules give, a call an argument."""
        from autograd import make_jvp

        function, varying = by_differentiable(self.rule, arguments)
        return sum(make_jvp(function, number)(*varying)(tangent)[1] for number, tangent in enumerate(tangents))


def _underlying(primitive: Callable[..., Any]) -> Callable[..., Any]:
    function: Callable[..., Any] | None = getattr(primitive, "fun", None)
    if function is None:
        raise UsageError(
            f"{name_of(primitive)} is no primitive of autograd; decorate it with autograd.extend.primitive and give "
            "it rules by defvjp"
        )
    return function
