"""Sort that compares values, so that equal entries are counted twice."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.sort(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return (np.sort(x)[:, None] == x[None, :]).astype(float)
