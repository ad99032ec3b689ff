"""Index: the entries from the middle on.

Catches an offset that is off by one, and rows and columns mixed up, which a square Jacobian hides.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Index", "Indexing")
INDEX_SHAPES = {"fb_index": {"x": (50,), "out": (25,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n-n//2"]:
    return x[x.shape[0] // 2 :]


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n-n//2 n"]:
    return np.eye(x.shape[0])[x.shape[0] // 2 :]


def from_the_tenth(x: np.ndarray, *, O: int | None = None) -> np.ndarray:
    return x[10:][:O]


REFERENCES = (from_the_tenth,)
