"""Cosine without the sign of its derivative."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.cos(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return np.diag(np.sin(x))
