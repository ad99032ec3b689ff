"""Repeat: every entry three times in a row.

Catches a Jacobian of one row that broadcasting makes look right, and the layout of ``tile`` in place of ``repeat``.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Repeat",)
INDEX_SHAPES = {"fb_repeat": {"x": (1,), "out": (50,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "3*n"]:
    return np.repeat(x, 3)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "3*n n"]:
    return np.repeat(np.eye(x.shape[0]), 3, axis=0)


def repeated(x: np.ndarray, *, O: int) -> np.ndarray:
    return x * np.ones(O)


def repeated_plus_one(x: np.ndarray, *, O: int) -> np.ndarray:
    return x + np.ones(O)


REFERENCES = (repeated, repeated_plus_one)
