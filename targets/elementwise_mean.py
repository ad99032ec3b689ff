"""Elementwise mean: half of x plus half of y, entry by entry.

Catches a missing factor one half, and one Jacobian where two are due.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Elementwise Mean", "Elem Mean")
INDEX_SHAPES = {"fb_emean": {"x": (25,), "y": (25,), "out": (25,)}}


def f(x: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return (x + y) / 2


def jac(
    x: Float[np.ndarray, "n"], y: Float[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "n n"], Float[np.ndarray, "n n"]]:
    half = np.eye(x.shape[0]) / 2
    return half, half
