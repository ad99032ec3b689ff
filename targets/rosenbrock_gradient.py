"""Rosenbrock gradient: the gradient of the Rosenbrock function, so that its Jacobian is the Hessian.

Catches a Hessian that is not symmetric, and the first and last entry of its diagonal, which differ from the others.
"""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    gap = x[1:] - x[:-1] ** 2
    end = np.zeros_like(x[:1])
    left = np.concatenate([-400 * x[:-1] * gap - 2 * (1 - x[:-1]), end])
    right = np.concatenate([end, 200 * gap])
    return left + right


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    hessian = np.zeros((x.shape[0], x.shape[0]))
    left, right = np.arange(x.shape[0])[:-1], np.arange(x.shape[0])[1:]
    hessian[left, left] += 2 - 400 * x[1:] + 1200 * x[:-1] ** 2
    hessian[right, right] += 200
    hessian[left, right] = hessian[right, left] = -400 * x[:-1]
    return hessian
