"""Linear solve: the z with a z = b.

Catches a missing sign, the transposed inverse, and b where the solution belongs. Undefined (NaN) where the matrix is
singular or so close to it that no digits are left to judge.
"""

import numpy as np
from jaxtyping import Float

WORST_CONDITION = 1e6


def f(a: Float[np.ndarray, "n n"], b: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.where(np.linalg.cond(a) < WORST_CONDITION, np.linalg.solve(a, b), np.nan)


def jac(
    a: Float[np.ndarray, "n n"], b: Float[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "n n n"], Float[np.ndarray, "n n"]]:
    inverse = np.linalg.inv(a)
    return -inverse[:, :, None] * f(a, b), inverse
