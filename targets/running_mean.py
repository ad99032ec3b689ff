"""Running mean: entry o is the sum of the last three entries up to o, divided by three.

Entries before the first count as zero. Catches a window that is one too wide or too narrow, and one that looks ahead.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Running Mean", "Moving Average")
INDEX_SHAPES = {"fb_running": {"x": (50,), "out": (50,)}}

WIDTH = 3


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return causal(x, W=WIDTH)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    n = x.shape[0]
    return (np.tri(n) - np.tri(n, k=-WIDTH)) / WIDTH


def causal(x: np.ndarray, *, W: int) -> np.ndarray:
    return np.convolve(x, np.ones(W) / W)[: x.shape[0]]


def valid(x: np.ndarray, *, W: int) -> np.ndarray:
    return np.convolve(x, np.ones(W) / W, mode="valid")


REFERENCES = (causal, valid)
