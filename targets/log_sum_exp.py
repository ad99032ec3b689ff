"""Log-sum-exp: the logarithm of the sum of the exponentials, a smooth maximum.

Catches overflow at large entries and 0/0 at very negative ones.
"""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1"]:
    top = np.max(x, keepdims=True)
    return top + np.log(np.sum(np.exp(x - top), keepdims=True))


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1 n"]:
    weights = np.exp(x - np.max(x))
    return (weights / np.sum(weights))[None]
