"""Squares without the factor 2."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x * x


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return np.diag(x)
