"""Repeat and scale: every entry times 0, 1/3 and 2/3.

Catches scales that start at one in place of zero, and a Jacobian without the scales.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Repeat and Scale",)
INDEX_SHAPES = {"fb_repeat_scale": {"x": (1,), "out": (50,)}}

SCALES = np.arange(3) / 3


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "3*n"]:
    return np.kron(x, SCALES)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "3*n n"]:
    return np.kron(np.eye(x.shape[0]), SCALES[:, None])


def scaled(x: np.ndarray, *, O: int) -> np.ndarray:
    return x * np.arange(O) / O


REFERENCES = (scaled,)
