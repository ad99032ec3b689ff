"""pytransform3d: left Jacobians of SO(3) and SE(3), stated as derivatives of the exponential.

For a rotation R(w) with the left Jacobian J(w), d vec(R) / d w_k = [J(w) e_k]x R(w).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from entry import Entry, vector
from pytransform3d import rotations, transformations

AT = [0.3, 0.5, 0.7]


def rotation(w: np.ndarray) -> np.ndarray:
    """Return the matrix of a rotation vector."""
    return rotations.matrix_from_compact_axis_angle(w)


def rotated(w: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
    """Return the derivative of the matrix that a left Jacobian states."""
    matrix = rotation(w)
    return np.stack([rotations.cross_product_matrix(column) @ matrix for column in jacobian.T], axis=-1)


def moved(s: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
    """Return the derivative of the transform that a left Jacobian of SE(3) states."""
    transform = transformations.transform_from_exponential_coordinates(s, check=False)
    return np.stack([twist(c) @ transform for c in jacobian.T], axis=-1)


def twist(column: np.ndarray) -> np.ndarray:
    """Return the 4 x 4 matrix of a twist (w, v)."""
    matrix = np.zeros((4, 4))
    matrix[:3, :3], matrix[:3, 3] = rotations.cross_product_matrix(column[:3]), column[3:]
    return matrix


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    yield vector("left_jacobian_SO3", rotation, lambda x: rotated(x, rotations.left_jacobian_SO3(x)), AT)
    yield vector(
        "left_jacobian_SO3_inv",
        rotation,
        lambda x: rotated(x, np.linalg.inv(rotations.left_jacobian_SO3_inv(x))),
        AT,
        "(-1.8, 1.8)",
        "the inverse exists below a full turn: |w| < 2 pi",
    )
    yield vector(
        "left_jacobian_SE3",
        lambda x: transformations.transform_from_exponential_coordinates(x, check=False),
        lambda x: moved(x, transformations.left_jacobian_SE3(x)),
        [0.3, 0.5, 0.7, 0.1, -0.2, 0.4],
    )
    yield vector(
        "left_jacobian_SE3_inv",
        lambda x: transformations.transform_from_exponential_coordinates(x, check=False),
        lambda x: moved(x, np.linalg.inv(transformations.left_jacobian_SE3_inv(x))),
        [0.3, 0.5, 0.7, 0.1, -0.2, 0.4],
        "(-1.8, 1.8)",
        "the inverse exists below a full turn: |w| < 2 pi",
    )
