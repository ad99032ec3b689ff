"""1-D convolution: the reversed kernel y slides along x, as far as it fits.

Catches a kernel that is not reversed, an index outside the kernel, and a width taken for granted. Undefined where y is
empty or longer than x.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("1D Convolution", "1D Conv", "Convolution 1D")
INDEX_SHAPES = {"fb_conv": {"x": (45,), "y": (5,), "out": (39,)}}


def f(x: Float[np.ndarray, "n"], y: Float[np.ndarray, "w"]) -> Float[np.ndarray, "n-w+1"]:
    if x.shape[0] < y.shape[0]:
        raise ValueError("y is longer than x")
    return np.convolve(x, y, mode="valid")


def jac(
    x: Float[np.ndarray, "n"], y: Float[np.ndarray, "w"]
) -> tuple[Float[np.ndarray, "n-w+1 n"], Float[np.ndarray, "n-w+1 w"]]:
    n, w = x.shape[0], y.shape[0]
    taps = np.arange(n - w + 1)[:, None] + np.arange(w)[::-1]  # output o multiplies y[j] by x[taps[o, j]]
    return y @ np.eye(n)[taps], x[taps]


def unscaled(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.convolve(x, y, mode="valid")


def scaled(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.convolve(x, y, mode="valid") / y.shape[0]


def correlation(x: np.ndarray, y: np.ndarray, *, O: int | None = None, W: int | None = None) -> np.ndarray:
    kernel = y[:W]
    return np.correlate(x, kernel, mode="valid")[:O] / kernel.shape[0]


REFERENCES = (unscaled, scaled, correlation)
