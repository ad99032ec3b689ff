"""Sparse Jacobians: a wrong pattern and wrong values are told apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.forms.base import Form, WrongForm, assembled, of_shape


@dataclass(frozen=True)
class Sparse(Form):
    """A ``scipy.sparse`` Jacobian ``rule(x)`` of shape (f(x).size, x.size); a tuple of them for several arguments.

    Attributes
    ----------
    rule
        The author's function.
    """

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian as an array."""
        return assembled(self.rule, f, arguments, _dense)

    def remark(self, candidate: np.ndarray, reference: np.ndarray) -> str:
        """Tell a wrong pattern from wrong values."""
        error = np.abs(candidate - reference)
        wrong = error > np.sqrt(np.finfo(float).eps) * np.maximum(np.abs(candidate), np.abs(reference))
        missing, extra = wrong & (candidate == 0), wrong & (np.abs(reference) <= np.sqrt(np.finfo(float).eps))
        if missing.any():
            return f"The sparsity pattern lacks {_cells(missing)}, where the derivative is not zero."
        if extra.any():
            return f"The sparsity pattern has {_cells(extra)}, where the derivative is zero."
        return f"The sparsity pattern is right; the values at {_cells(wrong)} are wrong." if wrong.any() else ""

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """The transpose."""
        yield (
            "The matrix is the transpose of the Jacobian: rows belong to f(x), columns to x.",
            Sparse(self._transposed),
        )

    def _transposed(self, *arguments: Any) -> Any:
        return self.rule(*arguments).T


def _dense(part: Any, shape: tuple[int, ...], own: tuple[int, ...]) -> np.ndarray:
    import scipy.sparse  # which takes a while to import

    if not scipy.sparse.issparse(part):
        raise WrongForm(f"the rule returned {type(part).__name__}, expected a scipy.sparse matrix or array")
    return of_shape(part.toarray(), (math.prod(shape), math.prod(own)), "the sparse Jacobian").reshape(shape + own)


def _cells(mask: np.ndarray) -> str:
    cells = [str([int(index) for index in cell]) for cell in np.argwhere(mask)]
    shown = ", ".join(cells[:5])
    return f"{shown} and {len(cells) - 5} more" if len(cells) > 5 else shown
