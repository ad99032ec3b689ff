"""Cosine: the cosine of every entry.

Catches a missing sign, sine and cosine mixed up, and derivatives in a row where they belong on the diagonal.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Cosine", "Cos")
INDEX_SHAPES = {"fb_cos": {"x": (1,), "out": (1,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.cos(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return -np.diag(np.sin(x))
