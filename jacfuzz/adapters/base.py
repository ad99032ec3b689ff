"""What the adapters share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import LinearOperator

from jacfuzz.forms import JVP, VJP, Form, Full, Stated
from jacfuzz.forms.base import written
from jacfuzz.loading.functions import name_of
from jacfuzz.target import Target

Code = Callable[..., Any] | str


def remade(target: Target, author: Callable[..., Any], adapter: str, *arguments: Code, **named: Code) -> Target:
    """Return the target under its author's name, with the call that makes it again.

    Parameters
    ----------
    target
        What an adapter made.
    author
        The function that the author knows it by.
    adapter
        The adapter's name.
    arguments, named
        Of the call: functions, which are written by their names, and Python code in which ``at`` is a tuple of f's
        arguments. Empty texts are left out.
    """
    shown = [_code(argument) for argument in arguments if argument]
    shown += [f"{name}={_code(argument)}" for name, argument in named.items() if argument]
    recipe = f"adapters.{adapter}({', '.join(shown)})"
    jac = target.jac if isinstance(target.jac, Stated) else Stated(Full(target.jac), target.f)
    title = name_of(author)
    return replace(target, id=title, title=title, jac=replace(jac, recipe=recipe))


def _code(argument: Code) -> str:
    return argument if isinstance(argument, str) else written(argument, "function")


class RuleJVP(JVP):
    """The JVP that a framework gives for a function, by the function's rule; ``rule`` is the function itself."""

    def vectors(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The function takes none."""
        return ()

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """None: the framework calls the rule."""
        yield from ()


class RuleVJP(VJP):
    """The VJP that a framework gives for a function, by the function's rule; ``rule`` is the function itself."""

    def vectors(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The function takes none."""
        return ()

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """None: the framework calls the rule."""
        yield from ()


def array_of(matrix: Any) -> Any:
    """Return a sparse matrix or ``LinearOperator`` as an array, anything else as it is."""
    if isinstance(matrix, LinearOperator):
        return matrix.matmat(np.eye(matrix.shape[1]))
    return matrix.toarray() if scipy.sparse.issparse(matrix) else matrix
