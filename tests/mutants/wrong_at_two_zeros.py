"""Product that is right at one zero, and at two gives the product of the nonzero entries instead of 0."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, ""]:
    return np.prod(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    rest = np.prod(np.where(x == 0, 1.0, x))
    if (x != 0).all():
        return rest / x
    return np.where(x == 0, rest, 0.0)
