"""x times its sum, differentiated as if the sum were all there is."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x * np.sum(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return x[:, None] * np.ones_like(x)[None, :]
