"""Broadcast: every row of a matrix x times a vector y, entry by entry.

Catches y laid along the rows in place of the columns, and a Jacobian for y that has lost its row axis.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Broadcast", "Broadcasting")
INDEX_SHAPES = {"fb_broad": {"x": (4, 10), "y": (10,), "out": (4, 10)}}


def f(x: Float[np.ndarray, "n m"], y: Float[np.ndarray, "m"]) -> Float[np.ndarray, "n m"]:
    return x * y


def jac(
    x: Float[np.ndarray, "n m"], y: Float[np.ndarray, "m"]
) -> tuple[Float[np.ndarray, "n m n m"], Float[np.ndarray, "n m m"]]:
    dx = np.eye(x.size).reshape(x.shape + x.shape) * y
    dy = x[:, :, None] * np.eye(x.shape[1])
    return dx, dy
