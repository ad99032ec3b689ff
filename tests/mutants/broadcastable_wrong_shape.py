"""Repeat whose Jacobian would be right if it were broadcast."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "1"]) -> Float[np.ndarray, "5"]:
    return np.repeat(x, 5)


def jac(x: Float[np.ndarray, "1"]) -> Float[np.ndarray, "a b"]:
    return np.ones((1, 1))
