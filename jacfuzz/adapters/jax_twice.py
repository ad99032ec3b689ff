"""Second derivatives through ``jax.custom_jvp`` and ``jax.custom_vjp`` rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jacfuzz.adapters.base import remade
from jacfuzz.adapters.custom_jvp import custom_jvp
from jacfuzz.adapters.custom_vjp import custom_vjp
from jacfuzz.forms.compiled import compiled
from jacfuzz.functions import Args, with_arguments
from jacfuzz.target import Target


def custom_jvp_twice(function: Callable[..., Any], args: Args = (), **options: Any) -> Target:
    """Make a target of the second derivative through a ``jax.custom_jvp`` rule.

    f is the Jacobian by the first argument that the rule gives, and the candidate what jax makes of differentiating
    it once more, which is wrong where the rule cannot be differentiated. Check ``custom_jvp`` first.

    Parameters
    ----------
    function, args, **options
        As of ``custom_jvp``.
    """
    import jax

    twice = _twice(custom_jvp(function, args=args, **options), with_arguments(function, args), jax.jacfwd)
    return remade(twice, function, "custom_jvp_twice", function, at="at", args="args" if args else "")


def custom_vjp_twice(function: Callable[..., Any], args: Args = (), **options: Any) -> Target:
    """Make a target of the second derivative through a ``jax.custom_vjp`` rule.

    f is the Jacobian by the first argument that the rule gives, and the candidate what jax makes of differentiating
    it once more, which is wrong where the rule cannot be differentiated. Check ``custom_vjp`` first.

    Parameters
    ----------
    function, args, **options
        As of ``custom_vjp``.
    """
    import jax

    twice = _twice(custom_vjp(function, args=args, **options), with_arguments(function, args), jax.jacrev)
    return remade(twice, function, "custom_vjp_twice", function, at="at", args="args" if args else "")


def _twice(once: Target, function: Callable[..., Any], derive: Callable[..., Any]) -> Target:
    arguments = once.signature.arguments
    positions = tuple(position for position, argument in enumerate(arguments) if argument.differentiable)
    first = compiled(derive(function, argnums=positions[0]))
    signature = replace(once.signature, result=(), jacobians=())
    return replace(once, f=first, jac=compiled(derive(first, argnums=positions)), signature=signature)
