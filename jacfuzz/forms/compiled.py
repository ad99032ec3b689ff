"""jax code compiled where it can be: what is called thousands of times must not run operation by operation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a jax function compiled; calls that cannot be (Python control flow on values) run as written.

    It is traced anew: what the function reads, such as a rule, may have been defined anew since it was compiled last.
    """
    import jax

    jitted = jax.jit(lambda *arguments: function(*arguments))  # jax keeps traces by function

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        try:
            return jitted(*arguments)
        except Exception:  # as written it either works or raises what its author should see
            return function(*arguments)

    return call
