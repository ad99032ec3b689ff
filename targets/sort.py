"""Sort: the entries in ascending order.

At a tie f has a kink, and each order of the equal entries is legal, as is any mixture of whole orders. Catches the
inverse permutation (ranks in place of positions), and equal entries that both point to one position.
"""

import numpy as np
from jaxtyping import Float

TITLES = ("Sort", "Sorting")
INDEX_SHAPES = {"fb_sort": {"x": (50,), "out": (50,)}}


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.sort(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return np.eye(x.shape[0])[np.argsort(x, kind="stable")]
