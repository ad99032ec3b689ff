"""Hyperbolic tangent taken for saturated beyond 6, where its derivative is still 2e-5."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.tanh(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return np.diag(np.where(np.abs(x) > 6, 0.0, 1 / np.cosh(np.clip(x, -6, 6)) ** 2))
