"""Matrix-vector product whose Jacobian is transposed."""

import numpy as np
from jaxtyping import Float

A = np.array([[1.0, 2.0], [3.0, 4.0]])


def f(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2"]:
    return A @ x


def jac(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2 2"]:
    return A.T
