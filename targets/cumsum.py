"""Cumulative sum: entry o is the sum of the entries up to and including o.

Catches a missing diagonal, and the upper triangle in place of the lower.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Cumsum", "Cumulative Sum")
INDEX_SHAPES = {"fb_cumsum": {"x": (50,), "out": (50,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.cumsum(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return np.tri(x.shape[0])


def twentieth(x: np.ndarray) -> np.ndarray:
    return np.cumsum(x) / 20


REFERENCES = (f, twentieth)
