"""View and reshape: a matrix as one long vector, row after row.

Catches a vector read column after column, and the number of rows where the number of columns belongs.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("View + Reshape", "Reshape")


def f(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "n*m"]:
    return x.reshape(-1)


def jac(x: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "n*m n m"]:
    return np.eye(x.size).reshape(x.size, *x.shape)
