"""Matrix product: x times y.

Catches a factor that is not transposed, and index arithmetic that is right for square matrices only.
"""

import math

import numpy as np
from jaxtyping import Float

TITLES = ("Matmul", "Matrix Multiplication", "Matrix Product")
INDEX_SHAPES = {"fb_mm": {"x": (5, 5), "y": (5, 5), "out": (5, 5)}}


def f(x: Float[np.ndarray, "n k"], y: Float[np.ndarray, "k m"]) -> Float[np.ndarray, "n m"]:
    return x @ y


def jac(
    x: Float[np.ndarray, "n k"], y: Float[np.ndarray, "k m"]
) -> tuple[Float[np.ndarray, "n m n k"], Float[np.ndarray, "n m k m"]]:
    dx = np.einsum("oi,jp->opij", np.eye(x.shape[0]), y)
    dy = np.einsum("oi,jp->opij", x, np.eye(y.shape[1]))
    return dx, dy


def scaled(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return x @ y / x.shape[1]


def flattened(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    side = math.isqrt(x.size)
    return (x.reshape(side, side) @ y.reshape(side, side)).reshape(-1)


REFERENCES = (f, scaled, flattened)
