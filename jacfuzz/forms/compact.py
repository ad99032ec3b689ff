"""Jacobians whose zeros are not stored: diagonal, banded, and one block a row of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.evaluation.arrays import take
from jacfuzz.forms.base import Form, WrongForm, assembled, differentiable, of_shape, one_or_tuple, parts_of


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
        shape, varying = take(f(*arguments)).shape, differentiable(arguments)
        for argument in varying:
            of_shape(argument, shape, "an argument of an f with a diagonal Jacobian")
        parts = parts_of(self.rule(*arguments), len(varying))
        diagonals = [of_shape(part, shape, "the diagonal") for part in parts]
        return one_or_tuple([np.diag(diagonal.reshape(-1)).reshape(shape + shape) for diagonal in diagonals])


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
        (size,) = take(f(*arguments)).shape
        bands = of_shape(self.rule(*arguments), (self.lower + self.upper + 1, size), "the array of bands")
        row, column = np.indices((size, size))
        band = self.upper + row - column
        inside = (band >= 0) & (band <= self.lower + self.upper)
        return np.where(inside, bands[np.where(inside, band, 0), column], 0.0)

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """Bands from bottom to top, and bands aligned by rows."""
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


def _block_diagonal(part: Any, shape: tuple[int, ...], own: tuple[int, ...]) -> np.ndarray:
    if not shape or shape[:1] != own[:1]:
        raise WrongForm(f"f maps shape {own} to {shape}, which have no first axis in common: nothing is batched")
    blocks = of_shape(part, shape + own[1:], "the batched Jacobian")
    rows, cells, columns = shape[0], math.prod(shape[1:]), math.prod(own[1:])
    full = np.zeros((rows, cells, rows, columns), dtype=blocks.dtype)
    full[np.arange(rows), :, np.arange(rows), :] = blocks.reshape(rows, cells, columns)
    return full.reshape(shape + own)
