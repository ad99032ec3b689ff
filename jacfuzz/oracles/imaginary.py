"""Complex steps: a derivative of the untouched f from one call, where its code goes on working on complex numbers.

Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40 (1998): for an
analytic f, Im f(x + i h d) / h is J d up to h^2, without cancellation. Comparisons, ties and absolute values mean
something else for complex numbers, so that such steps may confirm a Jacobian but never speak against one.
"""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.rows import UNDERFLOWN, Rows

STEP = 2.0**-20
"""Small enough for the square to vanish, larger than the thresholds below which code takes a number for zero."""

_SAME = 1e-9


def confirmed(values: np.ndarray, directions: Rows, primals: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Mask (K,) of the points at which J d is what a complex step along d gives.

    Parameters
    ----------
    values
        f at the rows plus ``STEP`` i times the directions, complex (K, m).
    directions
        (K, N), over the lengths that the cells vary on.
    primals, candidates
        f's values (K, m) and jac's answers (K, m, N).
    """
    with np.errstate(all="ignore"):
        stated = np.einsum("kmn,kn->km", candidates, directions)
        size = np.einsum("kmn,kn->km", np.abs(candidates), np.abs(directions))
        agree = np.abs(values.imag / STEP - stated) <= _SAME * size + UNDERFLOWN
        agree &= np.abs(values.real - primals) <= _SAME * np.abs(primals) + UNDERFLOWN
        return np.asarray(agree.all(axis=1))
