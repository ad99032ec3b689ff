"""Mean reduce: the mean of every column of a matrix.

Catches the mean over the wrong axis, and the number of columns where the number of rows belongs. Undefined for columns
without entries.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Mean Reduce", "Mean Reduction")
INDEX_SHAPES = {"fb_mean": {"x": (4, 10), "y": (10,), "out": (1, 10)}}


def f(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "m"]:
    return np.mean(x, axis=0)


def jac(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "m n m"]:
    n, m = x.shape
    return np.repeat(np.eye(m)[:, None], n, axis=1) / n


def as_a_row(x: np.ndarray) -> np.ndarray:
    return np.mean(x, axis=0, keepdims=True)


REFERENCES = (f, as_a_row)
