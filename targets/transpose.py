"""Transpose: rows become columns.

Catches input and output axes mixed up, which only a matrix that is not square shows.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Transpose",)
INDEX_SHAPES = {"fb_trans": {"x": (4, 10), "y": (10,), "out": (10, 4)}}


def f(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "m n"]:
    return x.T


def jac(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "m n n m"]:
    return np.eye(x.size).reshape(x.shape + x.shape).swapaxes(0, 1)
