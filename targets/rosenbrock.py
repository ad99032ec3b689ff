"""Rosenbrock function: the sum over neighbours x, z of 100 (z - x^2)^2 + (1 - x)^2, as an array of one.

Catches the usual slips of a hand-written gradient: the inner derivative, and the ends of the chain.
"""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1"]:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2, keepdims=True)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1 n"]:
    gap = x[1:] - x[:-1] ** 2
    gradient = np.zeros_like(x)
    gradient[:-1] += -400 * x[:-1] * gap - 2 * (1 - x[:-1])
    gradient[1:] += 200 * gap
    return gradient[None]
