"""Functions and what people state of them, in every form."""

from typing import Any

import numpy as np

A = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0]])
X = np.array([0.4, 1.0, -2.0])
ROWS = np.array([[0.3, 1.2], [-0.7, 0.4], [2.0, -1.0]])
MIXED = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])


def wave(x: Any) -> Any:
    return np.sin(A @ x)


def wave_jac(x: Any) -> Any:
    return np.cos(A @ x)[:, None] * A


def wave_jvp(x: Any, v: Any) -> Any:
    return wave_jac(x) @ v


def wave_vjp(x: Any, w: Any) -> Any:
    return wave_jac(x).T @ w


def cubes(x: Any) -> Any:
    return np.sum(x**3) + x[0] * x[1]


def cubes_gradient(x: Any) -> Any:
    return 3 * x**2 + np.array([x[1], x[0], 0.0])


def cubes_hessian(x: Any) -> Any:
    return np.diag(6 * x) + MIXED


def chain(x: Any) -> Any:
    return np.concatenate([x[:-1] ** 2 * x[1:], x[-1:] ** 2])


def chain_bands(x: Any) -> Any:
    return np.stack([np.append(0.0, x[:-1] ** 2), np.append(2 * x[:-1] * x[1:], 2 * x[-1])])


def rows(x: Any) -> Any:
    return np.stack([x[:, 0] * x[:, 1], x[:, 1] ** 3], axis=1)


def rows_jac(x: Any) -> Any:
    zero = np.zeros(len(x))
    return np.stack([np.stack([x[:, 1], x[:, 0]], 1), np.stack([zero, 3 * x[:, 1] ** 2], 1)], axis=1)
