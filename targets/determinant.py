"""Determinant: of a square matrix, as an array of one.

The Jacobian is the matrix of cofactors. Catches the inverse transposed times the determinant, which fails at singular
matrices, and the transposed cofactors.
"""

import itertools

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "1"]:
    return leibniz(x)[None]


def jac(x: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "1 n n"]:
    row = np.arange(x.shape[0])
    others = row[:-1] + (row[:-1] >= row[:, None])  # all rows but row i
    minors = x[others[:, None, :, None], others[None, :, None, :]]
    return (leibniz(minors) * (-1.0) ** (row[:, None] + row))[None]


def leibniz(x: np.ndarray) -> np.ndarray:
    """Sum over permutations: for small matrices only, but without divisions, so that equal entries cancel exactly."""
    n = x.shape[-1]
    orders = np.array([*itertools.permutations(range(n))], dtype=int)
    signs = np.linalg.det(np.eye(n)[orders])
    return np.sum(signs * np.prod(x[..., np.arange(n), orders], axis=-1), axis=-1)
