"""Layer norm: the entries minus their mean, divided by the root of their variance plus a small constant.

Catches a mean or a variance taken as constant. The textbook Jacobian subtracts numbers that are almost equal and loses
its digits for two entries and for outliers; written in the differences of the entries it keeps them.
"""

import numpy as np
from jaxtyping import Float

EPSILON = 1e-5


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return (x - np.mean(x)) / np.sqrt(np.var(x) + EPSILON)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    n = x.shape[0]
    gaps = x[:, None] - x
    products = gaps @ gaps.T / n**2
    variance = np.trace(products) / 2
    centring = np.eye(n) - np.ones((n, n)) / n
    return (variance * np.eye(n) - products + EPSILON * centring) / (variance + EPSILON) ** 1.5
