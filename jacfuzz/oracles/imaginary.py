"""Complex steps: a derivative of the untouched f from one call, where its code goes on working on complex numbers.

Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 40 (1998): for an
analytic f, Im f(x + i h d) / h is J d up to h^2, without cancellation. Comparisons, ties and absolute values mean
something else for complex numbers, so that such steps may confirm a Jacobian but never speak against one.
"""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.rows import UNDERFLOWN

STEP = 2.0**-20
"""Small enough for the square to vanish, larger than the thresholds below which code takes a number for zero."""

_SAME = 1e-9


def confirmed(values: np.ndarray, primals: np.ndarray, stated: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Mask (K,) of the points at which J d is what a complex step along d gives.

    Parameters
    ----------
    values
        f at the rows plus ``STEP`` i times the directions, complex (K, m).
    primals
        f's values (K, m).
    stated, sizes
        J d and |J| |d| as jac has them, (K, m).
    """
    with np.errstate(all="ignore"):
        agree = np.abs(values.imag / STEP - stated) <= _SAME * sizes + UNDERFLOWN
        agree &= np.abs(values.real - primals) <= _SAME * np.abs(primals) + UNDERFLOWN
        return np.asarray(agree.all(axis=1))
