"""Complex-valued functions of real arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.evaluation.arrays import take
from jacfuzz.forms.base import Form, differentiable, of_shape, one_or_tuple, parts_of


@dataclass(frozen=True)
class Complex(Form):
    """The complex Jacobian ``rule(x)`` of a complex-valued f of real arguments, as NumPy and jax code has it.

    f is judged as a pair of real functions: cell ``[..., 0, ...]`` is the real part, ``[..., 1, ...]`` the imaginary.

    Attributes
    ----------
    rule
        The author's function.
    """

    def primal(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return real and imaginary part of f, on a last axis of size 2."""

        def pairs(*arguments: Any) -> Any:
            value = f(*arguments)
            return np.stack([np.real(value), np.imag(value)], axis=-1)

        return pairs

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian of both parts."""
        shape, varying = take(f(*arguments)).shape, differentiable(arguments)
        parts = zip(parts_of(self.rule(*arguments), len(varying)), varying, strict=True)
        values = [of_shape(part, shape + take(argument).shape, "the Jacobian") for part, argument in parts]
        return one_or_tuple([np.stack([value.real, value.imag], axis=len(shape)) for value in values])

    def accept(self, primal: np.ndarray, varying: Mapping[str, np.ndarray]) -> None:
        """Take any f: one that is real here may be complex elsewhere."""
