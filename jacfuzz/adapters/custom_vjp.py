"""``jax.custom_vjp``: the rule against the function under it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jacfuzz.adapters.base import RuleVJP
from jacfuzz.adapters.custom_jvp import by_differentiable, by_rule
from jacfuzz.forms.base import same_value
from jacfuzz.forms.compiled import compiled
from jacfuzz.target import Target


def custom_vjp(function: Callable[..., Any], **options: Any) -> Target:
    """Make a target of a function with a ``jax.custom_vjp`` rule.

    f is the decorated function without its rule, and the candidate what forward and backward pass give, one cotangent
    at a time. The value that the forward pass returns must be f's own, and the result linear in the cotangent.

    Parameters
    ----------
    function
        Decorated with ``jax.custom_vjp``, its rule defined.
    **options
        As of ``check``: ``at``, ``args``, ``domain``, ``edges``, ``kinks``. Arguments in ``nondiff_argnums`` belong
        in ``args``.

    Raises
    ------
    UsageError
        If the function has no such rule.
    """
    return by_rule(function, "custom_vjp", CustomVJP(function), options)


@dataclass(frozen=True)
class CustomVJP(RuleVJP):
    """The VJP that jax gives for a function, by its rule if it has one."""

    def product(self, arguments: tuple[Any, ...], cotangent: Any) -> Any:
        """Return what the backward pass gives."""
        products = self._both(arguments, cotangent)[1]
        return products if len(products) > 1 else products[0]

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian, after the forward pass's value was compared with f's."""
        primal = f(*arguments)
        same_value(self._both(arguments, primal)[0], primal)
        return super().jacobian(f, arguments)

    @functools.cached_property
    def _both(self) -> Callable[..., Any]:
        import jax

        def value_and_products(arguments: tuple[Any, ...], cotangent: Any) -> Any:
            partial, varying = by_differentiable(self.rule, arguments)
            value, backward = jax.vjp(partial, *varying)
            return value, backward(cotangent)

        return compiled(value_and_products)
