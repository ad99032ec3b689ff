"""View: a matrix stays as it is.

Catches axes in the wrong order, such as (P, O, I, J) for (O, P, I, J), which only a matrix that is not square shows.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("View",)
INDEX_SHAPES = {"fb_view": {"x": (4, 10), "y": (10,), "out": (4, 10)}}


def f(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "n m"]:
    return x


def jac(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "n m n m"]:
    return np.eye(x.size).reshape(x.shape + x.shape)


def flattened(x: np.ndarray) -> np.ndarray:
    return x.reshape(-1)


REFERENCES = (f, flattened)
