"""Elementwise product: x times y, entry by entry.

Catches the two Jacobians swapped, which no point with x equal to y shows.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Elementwise Mul", "Elementwise Product", "Elementwise Multiplication", "Elem Mul")
INDEX_SHAPES = {"fb_mul": {"x": (25,), "y": (25,), "out": (25,)}}


def f(x: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x * y


def jac(
    x: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "n n"], Float[np.ndarray, "n n"]]:
    return np.diag(y), np.diag(x)
