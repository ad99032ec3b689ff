"""Determinant: of a square matrix, as an array of one.

The Jacobian is the matrix of cofactors. Catches the inverse transposed times the determinant, which fails at singular
matrices, and the transposed cofactors.
"""

import functools
import itertools

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "1"]:
    return laplace(x)[None]


def jac(x: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "1 n n"]:
    row = np.arange(x.shape[0])
    others = row[:-1] + (row[:-1] >= row[:, None])  # all rows but row i
    minors = x[others[:, None, :, None], others[None, :, None, :]]
    return (laplace(minors) * (-1.0) ** (row[:, None] + row))[None]


def laplace(x: np.ndarray) -> np.ndarray:
    """Expand along row after row, each minor once: without divisions, so that equal entries cancel exactly."""
    n = x.shape[-1]
    minors = np.ones((*x.shape[:-2], 1))
    for k in range(1, n + 1):
        columns, rest = selections(n, k)
        signs = (-1.0) ** np.arange(k - 1, -1, -1)
        minors = np.sum(signs * x[..., k - 1, columns] * minors[..., rest], axis=-1)
    return minors[..., 0]


@functools.cache
def selections(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """All choices of k of n columns (C, k), and which choice of k - 1 is left without each of them (C, k)."""
    smaller = {columns: place for place, columns in enumerate(itertools.combinations(range(n), k - 1))}
    chosen = [*itertools.combinations(range(n), k)]
    rest = [[smaller[columns[:i] + columns[i + 1 :]] for i in range(k)] for columns in chosen]
    return np.array(chosen), np.array(rest)
