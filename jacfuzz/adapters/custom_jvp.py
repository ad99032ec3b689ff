"""``jax.custom_jvp``: the rule against the function under it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jacfuzz.adapters.base import RuleJVP, remade
from jacfuzz.errors import UsageError
from jacfuzz.forms.base import Form, is_differentiable, same_value
from jacfuzz.forms.compiled import compiled
from jacfuzz.functions import make_target
from jacfuzz.loading.functions import name_of
from jacfuzz.target import Target


def custom_jvp(function: Callable[..., Any], **options: Any) -> Target:
    """Make a target of a function with a ``jax.custom_jvp`` rule.

    f is the decorated function without its rule, and the candidate what the rule gives, one tangent at a time. The
    value that the rule returns beside the tangent must be f's own, and the tangent linear in the given one.

    Parameters
    ----------
    function
        Decorated with ``jax.custom_jvp``, its rule defined.
    **options
        As of ``check``: ``at``, ``args``, ``domain``, ``edges``, ``kinks``. Arguments in ``nondiff_argnums`` belong
        in ``args``.

    Raises
    ------
    UsageError
        If the function has no such rule.
    """
    return by_rule(function, "custom_jvp", CustomJVP(function), options)


@dataclass(frozen=True)
class CustomJVP(RuleJVP):
    """The JVP that jax gives for a function, by its rule if it has one."""

    def product(self, arguments: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
        """Return the rule's tangent."""
        return self._both(arguments, tangents)[1]

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian, after the rule's value was compared with f's."""
        import jax.numpy as jnp

        zeros = tuple(jnp.zeros_like(argument) for argument in arguments if is_differentiable(argument))
        same_value(self._both(arguments, zeros)[0], f(*arguments))
        return super().jacobian(f, arguments)

    @functools.cached_property
    def _both(self) -> Callable[..., Any]:
        import jax

        return compiled(lambda arguments, tangents: jax.jvp(*by_differentiable(self.rule, arguments), tangents))


def by_rule(function: Callable[..., Any], kind: str, form: Form, options: dict[str, Any]) -> Target:
    """Make a target of the function under a rule and of the form in which jax applies the rule.

    Raises
    ------
    UsageError
        If the function was not decorated with ``jax.<kind>``.
    """
    target = make_target(compiled(underlying(function, kind)), form, **options)
    return remade(target, function, kind, function, at="at", args="args" if "args" in options else "")


def underlying(function: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """Return the function under a rule; differentiating it takes no notice of the rule.

    Raises
    ------
    UsageError
        If the function was not decorated with ``jax.<kind>``.
    """
    import jax

    if not isinstance(function, getattr(jax, kind)):
        raise UsageError(
            f"{name_of(function)} is {type(function).__name__}, expected a function decorated with jax.{kind}; "
            f"give the decorated function itself, not its jit"
        )
    underlying: Callable[..., Any] = function.fun
    return underlying


def by_differentiable(
    function: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return the function of its differentiable arguments alone, and these."""
    positions = [position for position, argument in enumerate(arguments) if is_differentiable(argument)]

    def partial(*varying: Any) -> Any:
        given = dict(zip(positions, varying, strict=True))
        return function(*(given.get(position, argument) for position, argument in enumerate(arguments)))

    return partial, tuple(arguments[position] for position in positions)
