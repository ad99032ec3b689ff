"""Huber loss: half the square of an entry up to a threshold, straight lines beyond.

The slope is continuous at the threshold. Catches the wrong branch, and a missing sign on the negative side.
"""

import numpy as np
from jaxtyping import Float

THRESHOLD = 1.0
EDGES = {"x": [-THRESHOLD, THRESHOLD]}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    clipped = np.clip(x, -THRESHOLD, THRESHOLD)
    return clipped * (x - clipped / 2)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return np.diag(np.clip(x, -THRESHOLD, THRESHOLD))
