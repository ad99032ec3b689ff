"""Hypothesis strategies for the arguments of numerical functions, drawn from their jaxtyping annotations.

``arguments`` is imported when it is first used: most of what is in here does without Hypothesis.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jacfuzz.strategies.calls import arguments as arguments


def __getattr__(name: str) -> Any:
    if name != "arguments":
        raise AttributeError(f"module 'jacfuzz.strategies' has no attribute {name!r}")
    from jacfuzz.strategies.calls import arguments

    return arguments
