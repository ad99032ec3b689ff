"""Product: the product of all entries, as an array of one.

Each derivative is the product of the other entries. Catches the division of the whole product by the entry, which is
0/0 at a zero and overflows or underflows where the derivative does not.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Product", "Prod")
INDEX_SHAPES = {"fb_prod": {"x": (50,), "out": (1,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1"]:
    return np.prod(x, keepdims=True)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "1 n"]:
    others = np.where(np.eye(x.shape[0]), 1, x)  # row i is x with entry i replaced by 1
    return np.prod(others, axis=1)[None]


def as_a_number(x: np.ndarray) -> np.ndarray:
    return np.prod(x)


REFERENCES = (f, as_a_number)
