"""Identity: every entry stays as it is.

Catches an integer or bool Jacobian where floats are promised, and a Jacobian that asks ``x == x`` and so breaks at NaN.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Id", "Identity")
INDEX_SHAPES = {"fb_id": {"x": (1,), "out": (1,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return np.eye(x.shape[0])


def twice(x: np.ndarray) -> np.ndarray:
    return 2 * x


REFERENCES = (f, twice)
