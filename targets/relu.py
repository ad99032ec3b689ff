"""ReLU: every entry, or zero where it is negative.

At zero f has a kink, and any slope from 0 to 1 is legal. Catches the wrong branch, a slope outside that range at zero,
and bool where floats are promised.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("ReLU",)
INDEX_SHAPES = {"fb_relu": {"x": (50,), "out": (50,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.maximum(x, 0)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return np.diag(np.where(x > 0, 1.0, 0.0))
