"""What the adapters share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import LinearOperator

from jacfuzz.errors import UsageError
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


def function(value: Any, name: str, call: str) -> Callable[..., Any]:
    """Return a function that an adapter was given.

    Parameters
    ----------
    value
        What was given.
    name
        Of the parameter.
    call
        How the function is called.

    Raises
    ------
    UsageError
        If it is none.
    """
    if callable(value):
        return cast(Callable[..., Any], value)
    shape = getattr(value, "shape", None)
    got = repr(value) if shape is None else f"an array of shape {tuple(shape)}"
    of_scipy = ", a method of SciPy's own" if isinstance(value, str) else ""
    raise UsageError(f"{name} is {got}{of_scipy}; expected a function, called as {call}")


def vector(value: Any, name: str, order: str) -> np.ndarray:
    """Return a starting point that an adapter was given as an array of one axis or more.

    Parameters
    ----------
    value
        What was given.
    name
        Of the parameter.
    order
        The adapter's parameters.

    Raises
    ------
    UsageError
        If it holds no real numbers.
    """
    if np.iscomplexobj(value):
        raise UsageError(f"{name} holds complex numbers; state the problem in real arrays")
    try:
        return np.atleast_1d(np.asarray(value, dtype=float))
    except (TypeError, ValueError):
        got = "a function" if callable(value) else type(value).__name__
        raise UsageError(f"{name} is {got}; expected an array of numbers; the order is {order}") from None


def array_of(matrix: Any) -> Any:
    """Return a sparse matrix or ``LinearOperator`` as an array, anything else as it is."""
    if isinstance(matrix, LinearOperator):
        return matrix.matmat(np.eye(matrix.shape[1]))
    return matrix.toarray() if scipy.sparse.issparse(matrix) else matrix
