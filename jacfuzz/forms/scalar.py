"""Derivatives of a scalar function: its gradient and its Hessian."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.errors import UsageError
from jacfuzz.evaluation.arrays import take
from jacfuzz.forms.base import Form, differentiable, one_or_tuple, parts_of
from jacfuzz.forms.compiled import compiled
from jacfuzz.forms.full import Full
from jacfuzz.loading.functions import name_of
from jacfuzz.tracing.rebind import to_jax


@dataclass(frozen=True)
class Gradient(Full):
    """The gradient of a scalar function, ``rule(x)``, in the shape of x; for several arguments a tuple of them.

    The same numbers as the full Jacobian, and f must be scalar: a column of shape (n, 1) is refused.

    Attributes
    ----------
    rule
        The author's function.
    """

    def accept(self, primal: np.ndarray, varying: Mapping[str, np.ndarray]) -> None:
        """Refuse an f that is not scalar."""
        super().accept(primal, varying)
        _scalar(primal, "gradient")

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """A gradient stated as a row or a column."""
        yield "The gradient is right but for its shape: return it in the shape of x.", Gradient(self._in_shape)

    def _in_shape(self, *arguments: Any) -> Any:
        varying = differentiable(arguments)
        parts = zip(parts_of(self.rule(*arguments), len(varying)), varying, strict=True)
        return one_or_tuple([take(part).reshape(take(argument).shape) for part, argument in parts])


@dataclass(frozen=True)
class Hessian(Full):
    """The Hessian of a scalar function of one array, ``rule(x)``, of shape ``x.shape + x.shape``.

    It is judged as the Jacobian of f's gradient.

    Attributes
    ----------
    rule
        The author's function.
    gradient
        The gradient of f, where f cannot be traced by jax or torch (compiled code, in-place writes). Otherwise the
        gradient is that of automatic differentiation.
    """

    gradient: Callable[..., Any] | None = None

    def primal(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return the gradient of f."""
        return self.gradient or gradient_of(f)

    def accept(self, primal: np.ndarray, varying: Mapping[str, np.ndarray]) -> None:
        """Refuse an f that is not scalar, and more than one argument."""
        super().accept(primal, varying)
        _scalar(primal, "Hessian")
        if len(varying) > 1:
            raise UsageError(
                f"f has {len(varying)} differentiable arguments, {', '.join(varying)}, and a Hessian belongs to one; "
                "put them into one array, or fix the others with args="
            )

    def lost(self) -> str:
        """Ask for the gradient, or for another one."""
        if self.gradient is None:
            return "f cannot be traced for its gradient; give the gradient, too: forms.Hessian(rule, gradient)"
        return f"{name_of(self.gradient)} has no value where f has one; expected the gradient of f, called as f is"

    def remark(self, candidate: np.ndarray, reference: np.ndarray) -> str:
        """Name the first pair of cells that are not each other's mirror image."""
        matrix = candidate.reshape(int(np.sqrt(candidate.size)), -1)
        size = np.abs(matrix).max(initial=0.0)
        wrong = np.argwhere(np.abs(matrix - matrix.T) > np.sqrt(np.finfo(float).eps) * size)
        if not len(wrong):
            return ""
        row, column = (int(index) for index in wrong[0])
        return (
            f"The Hessian is not symmetric: H[{row}, {column}] is {matrix[row, column]:.6g} and "
            f"H[{column}, {row}] is {matrix[column, row]:.6g}."
        )


def gradient_of(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the gradient of a scalar f by its first argument, from torch or jax as the argument needs it."""

    @functools.cache
    def derived() -> Callable[..., Any]:
        import jax

        return compiled(jax.grad(to_jax(f)))

    def gradient(*arguments: Any) -> Any:
        if type(arguments[0]).__module__.partition(".")[0] == "torch":
            import torch

            return torch.func.grad(f)(*arguments)
        return derived()(*arguments)

    return gradient


def _scalar(primal: np.ndarray, what: str) -> None:
    if primal.shape:
        raise UsageError(
            f"f returns an array of shape {primal.shape}, and only a scalar function has a {what}; return a scalar, "
            "or state the full Jacobian: check(f, jac)"
        )
