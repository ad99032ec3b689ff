"""2-D convolution: the kernel y, reversed along both axes, slides over x, as far as it fits.

Catches what the convolution along one axis catches, and rows and columns of the kernel mixed up. Undefined where y is
larger than x.
"""

import math

import numpy as np
from jaxtyping import Float

TITLES = ("2D Convolution", "2D Conv", "Convolution 2D")
INDEX_SHAPES = {"fb_conv": {"x": (7, 7), "y": (3, 3), "out": (5, 5)}}


def f(x: Float[np.ndarray, "n m"], y: Float[np.ndarray, "u v"]) -> Float[np.ndarray, "n-u+1 m-v+1"]:
    rows, columns = taps(x.shape[0], y.shape[0]), taps(x.shape[1], y.shape[1])
    return np.einsum("oupv,uv->op", x[rows][:, :, columns], y)


def jac(
    x: Float[np.ndarray, "n m"], y: Float[np.ndarray, "u v"]
) -> tuple[Float[np.ndarray, "n-u+1 m-v+1 n m"], Float[np.ndarray, "n-u+1 m-v+1 u v"]]:
    rows, columns = taps(x.shape[0], y.shape[0]), taps(x.shape[1], y.shape[1])
    dx = np.einsum("oui,pvj,uv->opij", np.eye(x.shape[0])[rows], np.eye(x.shape[1])[columns], y)
    dy = x[rows][:, :, columns].swapaxes(1, 2)
    return dx, dy


def taps(size: int, width: int) -> np.ndarray:
    """Output o multiplies entry j of the kernel by entry ``taps[o, j]`` of x."""
    if size < width:
        raise ValueError("y is larger than x")
    return np.arange(size - width + 1)[:, None] + np.arange(width)[::-1]


def correlation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return f(x, y[::-1, ::-1]) / y.size


def same_size_flattened(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Squares given as vectors; x is padded with zeros so that the result has its size."""
    side, width = math.isqrt(x.size), math.isqrt(y.size)
    before, after = width // 2, (width - 1) // 2
    padded = np.pad(x.reshape(side, side), ((before, after), (before, after)))
    return f(padded, y.reshape(width, width)).reshape(-1) / y.size


REFERENCES = (f, correlation, same_size_flattened)
