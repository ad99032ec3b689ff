"""Euclidean norm: the root of the sum of squares.

At zero f has a kink, and any vector of length at most 1 is legal. Catches 0/0 there, and the square of the norm in the
denominator.
"""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1"]:
    return np.sqrt(np.sum(x**2, keepdims=True))


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1 n"]:
    length = f(x)
    return x[None] / np.where(length > 0, length, 1)
