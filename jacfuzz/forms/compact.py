"""Jacobians whose zeros are not stored: diagonal, banded, and one block a row of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.errors import UsageError
from jacfuzz.evaluation.arrays import take
from jacfuzz.forms.base import Form, assembled, differentiable, of_shape, one_or_tuple, parts_of


@dataclass(frozen=True)
class Diagonal(Form):
    """The diagonal ``rule(x)``, in the shape of x, of the Jacobian of an f that works cell by cell.

    For several arguments a tuple of diagonals; f(x) and every argument have the same shape.

    Attributes
    ----------
    rule
        The author's function.
    """

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian with zeros off its diagonal."""
        shape, count = take(f(*arguments)).shape, len(differentiable(arguments))
        parts = parts_of(self.rule(*arguments), count)
        diagonals = [of_shape(part, shape, "the diagonal") for part in parts]
        return one_or_tuple([np.diag(diagonal.reshape(-1)).reshape(shape + shape) for diagonal in diagonals])

    def accept(self, primal: np.ndarray, varying: Mapping[str, np.ndarray]) -> None:
        """Refuse an f that changes the shape."""
        super().accept(primal, varying)
        for name, value in varying.items():
            if value.shape != primal.shape:
                raise UsageError(
                    f"{_mapped(name, value, primal)}; a diagonal Jacobian is that of an f that works cell by cell, so "
                    "that both shapes are the same; state the full Jacobian, or choose another form"
                )


@dataclass(frozen=True)
class Banded(Form):
    """The bands of a square Jacobian as ``scipy.linalg.solve_banded`` stores them.

    ``rule(x)`` has shape (lower + upper + 1, n), and its cell ``[upper + i - j, j]`` is the Jacobian's ``[i, j]``; the
    corner cells that belong to no ``[i, j]`` are ignored. f and x have the shape (n,).

    Attributes
    ----------
    rule
        The author's function.
    lower, upper
        How many diagonals there are below and above the main one.
    """

    lower: int
    upper: int

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian with zeros outside its bands."""
        size = take(f(*arguments)).size
        bands = of_shape(self.rule(*arguments), (self.lower + self.upper + 1, size), "the array of bands")
        row, column = np.indices((size, size))
        band = self.upper + row - column
        inside = (band >= 0) & (band <= self.lower + self.upper)
        return np.where(inside, bands[np.where(inside, band, 0), column], 0.0)

    def accept(self, primal: np.ndarray, varying: Mapping[str, np.ndarray]) -> None:
        """Refuse an f of several arguments or axes, and one that changes the size."""
        super().accept(primal, varying)
        if len(varying) > 1:
            raise UsageError(
                f"f has {len(varying)} differentiable arguments, {', '.join(varying)}, and bands belong to one; fix "
                "the others with args="
            )
        ((name, value),) = varying.items()
        if primal.ndim != 1 or value.shape != primal.shape:
            raise UsageError(
                f"{_mapped(name, value, primal)}; banded storage is for f(x) and x of one axis and the same size; "
                "state the full Jacobian, or choose another form"
            )

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """The two numbers swapped, bands from bottom to top, and bands aligned by rows."""
        yield (
            f"lower and upper are swapped: the bands are right with lower={self.upper}, upper={self.lower}.",
            Banded(self.rule, self.upper, self.lower),
        )
        yield (
            "The bands are upside down: the topmost diagonal comes first.",
            Banded(self._flipped, self.lower, self.upper),
        )
        yield (
            "The bands are aligned by rows: the cell [upper + i - j, j] holds J[i, j], as in solve_banded.",
            Banded(self._shifted, self.lower, self.upper),
        )

    def _flipped(self, *arguments: Any) -> np.ndarray:
        return take(self.rule(*arguments))[::-1]

    def _shifted(self, *arguments: Any) -> np.ndarray:
        bands = take(self.rule(*arguments))
        return np.stack([np.roll(band, self.upper - number) for number, band in enumerate(bands)])


@dataclass(frozen=True)
class Batched(Form):
    """One Jacobian per row of a batch, for an f that maps every row on its own.

    x has shape (B, ...), f(x) shape (B, ...), and ``rule(x)`` shape ``f(x).shape + x.shape[1:]``; a tuple of them for
    several arguments. A cell that depends on another row is found, too.

    Attributes
    ----------
    rule
        The author's function.
    """

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian with zeros between the rows of the batch."""
        return assembled(self.rule, f, arguments, _block_diagonal)

    def accept(self, primal: np.ndarray, varying: Mapping[str, np.ndarray]) -> None:
        """Refuse an f whose result has another number of rows than its arguments."""
        super().accept(primal, varying)
        for name, value in varying.items():
            if not primal.shape or value.shape[:1] != primal.shape[:1]:
                raise UsageError(
                    f"{_mapped(name, value, primal)}, which have no first axis in common: nothing is batched; state "
                    "the full Jacobian, or choose another form"
                )


def _mapped(name: str, value: np.ndarray, primal: np.ndarray) -> str:
    return f"f maps {name} of shape {value.shape} to shape {primal.shape}"


def _block_diagonal(part: Any, shape: tuple[int, ...], own: tuple[int, ...]) -> np.ndarray:
    blocks = of_shape(part, shape + own[1:], "the batched Jacobian")
    rows, cells, columns = shape[0], math.prod(shape[1:]), math.prod(own[1:])
    full = np.zeros((rows, cells, rows, columns), dtype=blocks.dtype)
    full[np.arange(rows), :, np.arange(rows), :] = blocks.reshape(rows, cells, columns)
    return full.reshape(shape + own)
