"""What all forms have in common, and what goes wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from jacfuzz.errors import UsageError
from jacfuzz.evaluation.arrays import NotAnArrayError, take
from jacfuzz.loading.functions import name_of


class WrongShape(ValueError):
    """A rule returned an array of another shape than its form has."""


class WrongForm(TypeError):
    """A rule returned another thing than its form says."""


class NotLinear(ValueError):
    """A product with the Jacobian is not linear in the vector."""


class NotAdjoint(ValueError):
    """A JVP and a VJP of the same function state different Jacobians."""


class OtherValue(ValueError):
    """A rule returns another value of f than f does."""


@dataclass(frozen=True)
class Form:
    """A derivative as its author states it.

    Subclasses say how the full Jacobian follows from it; the judge sees nothing else.

    Attributes
    ----------
    rule
        The author's function.
    """

    rule: Callable[..., Any]

    def vectors(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return what the rule takes after f's arguments, given the names of those that are differentiated."""
        return ()

    def primal(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function whose Jacobian is stated; f itself unless a form says otherwise."""
        return f

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the full Jacobian of ``primal(f)`` at a point, one per differentiable argument.

        Raises
        ------
        WrongShape, WrongForm, NotLinear, NotAdjoint, OtherValue
            If what the rule returns cannot be of this form.
        """
        raise NotImplementedError

    def accept(self, primal: np.ndarray, varying: Mapping[str, np.ndarray]) -> None:
        """Raise ``UsageError`` where f, whose value is given, has no derivative of this form.

        Parameters
        ----------
        primal
            f's value at some point.
        varying
            f's differentiable arguments there, by name.
        """
        if primal.dtype.kind == "c":
            raise UsageError(
                "f returns complex numbers; state its complex Jacobian as forms.Complex(jac), "
                "which checks real and imaginary parts"
            )

    def lost(self) -> str:
        """Say what to do where f has values, and ``primal(f)`` has none."""
        return "f has no value in this form; state the full Jacobian"

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """Yield other readings of the same rule, each with what to tell an author whose rule is right only so."""
        yield from ()

    def remark(self, candidate: np.ndarray, reference: np.ndarray) -> str:
        """Say what is wrong in terms of this form, given a wrong Jacobian and the right one; "" for nothing."""
        return ""

    def __str__(self) -> str:
        """Return the form as it is written."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: value for name, value in values.items() if value is not None}
        shown = [written(value, name) if callable(value) else repr(value) for name, value in given.items()]
        return f"forms.{type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True)
class Stated:
    """A full Jacobian made from a form; called like any other ``jac``.

    Attributes
    ----------
    form
        How the derivative is stated.
    f
        The author's function.
    recipe
        Python code that makes the target again, given the author's names.
    """

    form: Form
    f: Callable[..., Any]
    recipe: str = ""

    def __call__(self, *arguments: Any) -> Any:
        """Return the full Jacobian."""
        return self.form.jacobian(self.f, arguments)


def written(function: Callable[..., Any], default: str) -> str:
    """Return the name that code calls a function by; ``default`` where it has none, as a lambda."""
    name = name_of(function)
    return name if name.isidentifier() else default


def one_or_tuple(jacobians: list[np.ndarray]) -> Any:
    """Return the array itself for one argument, a tuple for several."""
    return jacobians[0] if len(jacobians) == 1 else tuple(jacobians)


def parts_of(result: Any, count: int) -> tuple[Any, ...]:
    """Split what a rule returned into one part per differentiable argument."""
    if count == 1 and not isinstance(result, tuple):
        return (result,)
    if isinstance(result, (tuple, list)) and len(result) == count:
        return tuple(result)
    got = f"{len(result)} results" if isinstance(result, (tuple, list)) else f"one {type(result).__name__}"
    raise WrongForm(f"the rule returned {got}, expected {count}, one for each differentiable argument")


def assembled(
    rule: Callable[..., Any],
    f: Callable[..., Any],
    arguments: tuple[Any, ...],
    build: Callable[[Any, tuple[int, ...], tuple[int, ...]], np.ndarray],
) -> Any:
    """Return the full Jacobians: ``build(part, f(x).shape, x.shape)`` of the part that a rule returned for each x."""
    shape, varying = take(f(*arguments)).shape, differentiable(arguments)
    parts = zip(parts_of(rule(*arguments), len(varying)), varying, strict=True)
    return one_or_tuple([build(part, shape, take(argument).shape) for part, argument in parts])


def is_differentiable(value: Any) -> bool:
    """Whether an argument with this value, an array of any library or a Python number, can vary continuously."""
    if isinstance(value, (bool, int, float)):
        return isinstance(value, float)
    return bool(getattr(value.dtype, "is_floating_point", getattr(value.dtype, "kind", "") == "f"))


def differentiable(arguments: tuple[Any, ...]) -> list[Any]:
    """Return the arguments that can vary continuously."""
    return [argument for argument in arguments if is_differentiable(argument)]


def like(value: np.ndarray, argument: Any) -> Any:
    """Turn numbers into the kind of array that an argument is."""
    module = type(argument).__module__.partition(".")[0]
    if module == "torch":
        import torch

        return torch.from_numpy(np.array(value))
    if module in ("jax", "jaxlib"):
        import jax.numpy as jnp

        return jnp.asarray(value)
    return float(value) if isinstance(argument, float) and not value.ndim else value


def of_shape(result: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Return a rule's result as an array of exactly this shape.

    Raises
    ------
    WrongShape, WrongForm
        Otherwise; ``what`` begins the message.
    """
    try:
        array = take(result)
    except NotAnArrayError as error:
        raise WrongForm(f"{what} is {error}, expected an array of shape {shape}") from None
    if array.shape != shape:
        raise WrongShape(f"{what} has shape {array.shape}, expected {shape}")
    return array


def same_value(value: Any, primal: Any) -> None:
    """Check the value of f that comes with a rule against f's own, to half of all digits of what is not near zero.

    A rule may well be the better formula of the two where f itself loses digits.

    Raises
    ------
    OtherValue
        If the two differ.
    """
    found, expected = take(value), take(primal)
    if found.shape != expected.shape:
        raise OtherValue(f"the rule's value has shape {found.shape}, but f(x) has shape {expected.shape}")
    close = np.sqrt(np.finfo(float).eps) * np.abs(expected).max(initial=1.0)
    wrong = np.abs(found - expected) > close
    if wrong.any():
        cell = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        raise OtherValue(f"the rule's value of f is {found[cell]:.6g} where f gives {expected[cell]:.6g}")
