"""Softmax: exponentials of the entries, divided by their sum.

Catches a missing diagonal, overflow at large entries, and ``p * (1 - p)``, which loses its digits where p is near 1.
"""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    weights = np.exp(x - np.max(x))
    return weights / np.sum(weights)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    p = f(x)
    cross = np.outer(p, p) * (1 - np.eye(x.shape[0]))
    return np.diag(cross.sum(axis=1)) - cross  # rows sum to zero, so the diagonal needs no 1 - p
