"""Mean: the mean of all entries, as an array of one.

Catches a hard-coded size, a column where a row belongs, and a lost output axis.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Mean",)
INDEX_SHAPES = {"fb_mean": {"x": (50,), "out": (1,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1"]:
    return np.mean(x, keepdims=True)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1 n"]:
    return np.ones((1, x.shape[0])) / x.shape[0]


def as_a_number(x: np.ndarray) -> np.ndarray:
    return np.mean(x)


REFERENCES = (f, as_a_number)
