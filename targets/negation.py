"""Negation: every entry with the opposite sign.

Catches a missing sign, and minus one outside the diagonal.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Negation", "Neg")
INDEX_SHAPES = {"fb_neg": {"x": (50,), "out": (50,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return -x


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return -np.eye(x.shape[0])
