"""Row-major view whose index arithmetic has rows and columns mixed up."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "k"]:
    return x.reshape(-1)


def jac(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "k n m"]:
    n, m = x.shape
    i, j = np.arange(n)[:, None], np.arange(m)
    return (i * n + j == np.arange(n * m)[:, None, None]).astype(float)
