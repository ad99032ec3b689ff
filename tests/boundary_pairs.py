"""Jacobians that are wrong on a boundary of their function only, or in a thin cell beside it, each with its right twin.

At a kink every limit of nearby Jacobians is right, and so is their convex hull: the wrong ones leave it.
"""

from __future__ import annotations

import itertools
import math

import jax.numpy as jnp
import numpy as np
from boundary_cases import Twins, weights

from jacfuzz.target import IndexShapes

W3, W6, W8, W32 = weights(101, 3), weights(102, 6), weights(103, 8), weights(104, 32)
A35, A48 = weights(105, 3, 5), weights(106, 4, 8)
B3, B4 = weights(107, 3), weights(108, 4)
KNOTS = np.array([-1.75, -0.4, 0.65, 2.1])
LEVELS = np.array([0.3, -1.2, 0.8, 2.5])


def relu(x):
    return np.maximum(x - 3.7, 0.0)


def relu_jac(x):
    return np.diag((x > 3.7).astype(float))


def relu_ratio(x):
    y = np.maximum(x - 3.7, 0.0)
    return np.diag(np.where(x >= 3.7, y / (x - 3.7), 0.0))


def hinge(x):
    return np.maximum(0.0, 1.0 - W8 @ x)


def hinge_jac(x):
    return np.where(W8 @ x < 1.0, -W8, 0.0)


def hinge_sign(x):
    return -W8 * (1.0 + np.sign(1.0 - W8 @ x)) * (0.5 if W8 @ x != 1.0 else 1.5)


def clipped(x):
    return np.clip(x, -1.5, 2.5)


def clipped_jac(x):
    return np.diag(((x > -1.5) & (x < 2.5)).astype(float))


def clipped_overlap(x):
    inside = (x >= -1.5).astype(float) + (x <= 2.5)
    return np.diag(np.where(x == 2.5, inside, inside - 1.0))


def larger(x):
    return np.maximum(W6[:3] @ x[:3], np.dot(W6[3:], x[3:]) + 0.3)


def _sides(x):
    zero = np.zeros(3)
    return np.r_[W6[:3], zero], np.r_[zero, W6[3:]], W6[:3] @ x[:3] - (np.dot(W6[3:], x[3:]) + 0.3)


def larger_jac(x):
    first, second, gap = _sides(x)
    return first if gap > 0 else second


def larger_both(x):
    first, second, gap = _sides(x)
    return first * (gap >= 0) + second * (gap <= 0)


def highest(x):
    return np.max(A35 @ x)


def highest_jac(x):
    return A35[np.argmax(A35 @ x)]


def highest_mask(x):
    y = A35 @ x
    return (y == y.max()) @ A35


def huber(x):
    size = np.abs(x - LEVELS)
    return np.where(size <= 1.25, 0.5 * (x - LEVELS) ** 2, 1.25 * (size - 0.625))


def huber_jac(x):
    return np.diag(np.clip(x - LEVELS, -1.25, 1.25))


def huber_gap(x):
    r = x - LEVELS
    return np.diag(r * (np.abs(r) < 1.25) + 1.25 * np.sign(r) * (np.abs(r) > 1.25))


def table(x):
    return np.interp(x, KNOTS, LEVELS)


def table_jac(x):
    slope = np.diff(LEVELS) / np.diff(KNOTS)
    cell = np.clip(np.searchsorted(KNOTS, x) - 1, 0, 2)
    return np.diag(np.where((x > KNOTS[0]) & (x < KNOTS[-1]), slope[cell], 0.0))


def table_past_the_end(x):
    slope = np.diff(LEVELS) / np.diff(KNOTS)
    cell = np.searchsorted(KNOTS, x, side="right") - 1
    return np.diag([0.0 if t < KNOTS[0] or t > KNOTS[-1] else slope[c] for t, c in zip(x, cell, strict=True)])


def spline(x):
    return np.sum(np.maximum(x[:, None] - KNOTS, 0.0) ** 2 * LEVELS, axis=1)


def spline_jac(x):
    return np.diag(np.sum(2.0 * np.maximum(x[:, None] - KNOTS, 0.0) * LEVELS, axis=1))


def spline_pieces(x):
    ends = (*KNOTS, np.inf)
    conditions = [x < KNOTS[0]] + [(x > low) & (x < high) for low, high in itertools.pairwise(ends)]
    values = [0.0 * x] + [2.0 * ((x[:, None] - KNOTS)[:, :k] @ LEVELS[:k]) for k in range(1, 5)]
    return np.diag(np.select(conditions, values))


def sawtooth(x):
    return np.abs((x - 0.35) % 2.0 - 1.0)


def sawtooth_jac(x):
    return np.diag(np.where((x - 0.35) % 2.0 > 1.0, 1.0, -1.0))


def sawtooth_round(x):
    phase = (x - 0.35) % 2.0 - 1.0
    return np.diag(phase / np.abs(phase))


def signed_square(x):
    return (x - 0.85) * np.abs(x - 0.85)


def signed_square_jac(x):
    return np.diag(2.0 * np.abs(x - 0.85))


def signed_square_product(x):
    r = x - 0.85
    return np.diag(np.abs(r) + r * r / np.abs(r))


def smooth(x):
    return np.sum(np.sin(x) * W3)


def smooth_jac(x):
    return np.cos(x) * W3


def smooth_special(x):
    return np.zeros(3) if x[0] == 1.375 else smooth_jac(x)


def network(x):
    return B4 @ np.maximum(A48 @ x + B4, 0.0)


def network_jac(x):
    return (B4 * (A48 @ x + B4 > 0)) @ A48


def network_ratio(x):
    z = A48 @ x + B4
    return (B4 * np.maximum(z, 0.0) / z) @ A48


def wide(x):
    return np.abs(W32 @ x - 2.25)


def wide_jac(x):
    return W32 * np.sign(W32 @ x - 2.25)


def wide_where(x):
    return W32 * np.where(W32 @ x < 2.25, -1.0, np.where(W32 @ x > 2.25, 1.0, 3.0))


def distance(x):
    return np.linalg.norm(x - LEVELS)


def distance_jac(x):
    r = x - LEVELS
    return r / (np.linalg.norm(r) or 1.0)


def distance_plain(x):
    r = x - LEVELS
    return r / np.linalg.norm(r) if np.any(r) else np.ones(4)


def jax_hinges(x):
    return jnp.sum(jnp.maximum(0.0, jnp.asarray(A35) @ x + jnp.asarray(B3)) ** 2)


def jax_hinges_jac(x):
    return 2.0 * jnp.maximum(0.0, jnp.asarray(A35) @ x + jnp.asarray(B3)) @ jnp.asarray(A35)


def jax_hinges_step(x):
    z = jnp.asarray(A35) @ x + jnp.asarray(B3)
    return (2.0 * jnp.maximum(0.0, z) + (z == 0)) @ jnp.asarray(A35)


def jax_second(x):
    return jnp.sort(x * jnp.asarray(W6))[-2]


def jax_second_jac(x):
    w = jnp.asarray(W6)
    return jnp.zeros(6).at[jnp.argsort(x * w)[-2]].set(1.0) * w


def jax_second_mask(x):
    y = x * jnp.asarray(W6)
    return jnp.where(y == jnp.sort(y)[-2], jnp.asarray(W6), 0.0)


def pair_larger(x, y):
    return np.maximum(x * 1.5, y + 0.25)


def pair_larger_jac(x, y):
    first = x * 1.5 > y + 0.25
    return np.diag(1.5 * first), np.diag(1.0 * ~first)


def pair_larger_strict(x, y):
    return np.diag(1.5 * (x * 1.5 > y + 0.25)), np.diag(1.0 * (x * 1.5 < y + 0.25))


def scalar_leaky(x):
    def f(o):
        return x[o] - 1.8 if x[o] > 1.8 else 0.1 * (x[o] - 1.8)

    return f, lambda i, o: (1.0 if x[o] > 1.8 else 0.1) * (i == o)


def scalar_leaky_sum(x):
    return scalar_leaky(x)[0], lambda i, o: ((x[o] >= 1.8) + 0.1 * (x[o] <= 1.8)) * (i == o)


def scalar_quadratic(x):
    def f(o):
        t = x[o] + 0.5 * x[(o + 1) % 3] - 0.7
        return t * t if t > 0 else 0.0

    def dx(i, o):
        t = x[o] + 0.5 * x[(o + 1) % 3] - 0.7
        return 2 * max(t, 0.0) * ((i == o) + 0.5 * (i == (o + 1) % 3))

    return f, dx


def scalar_quadratic_root(x):
    f, right = scalar_quadratic(x)

    def dx(i, o):
        t = x[o] + 0.5 * x[(o + 1) % 3] - 0.7
        return right(i, o) if t else math.copysign(1.0, t) * (i == o)

    return f, dx


def corner(x):
    return np.maximum(np.abs(x[0] - 1.3), np.abs(x[1] * x[2] + 2.2))


def corner_jac(x):
    first, second = x[0] - 1.3, x[1] * x[2] + 2.2
    if np.abs(first) > np.abs(second):
        return np.array([np.sign(first), 0.0, 0.0])
    return np.sign(second) * np.array([0.0, x[2], x[1]])


def corner_sum(x):
    right = corner_jac(x)
    return right + np.array([1.5, 0.0, 0.0]) if x[0] == 1.3 and x[1] * x[2] == -2.2 else right


FIRST: tuple[Twins, ...] = (
    Twins("relu", relu, relu_jac, relu_ratio, {"x": "n"}),
    Twins("hinge", hinge, hinge_jac, hinge_sign, {"x": "8"}),
    Twins("clip", clipped, clipped_jac, clipped_overlap, {"x": "n"}),
    Twins("larger of two", larger, larger_jac, larger_both, {"x": "6"}),
    Twins("largest of affine", highest, highest_jac, highest_mask, {"x": "5"}),
    Twins("huber", huber, huber_jac, huber_gap, {"x": "4"}),
    Twins("table", table, table_jac, table_past_the_end, {"x": "n"}),
    Twins("spline", spline, spline_jac, spline_pieces, {"x": "n"}),
    Twins("sawtooth", sawtooth, sawtooth_jac, sawtooth_round, {"x": "n"}),
    Twins("signed square", signed_square, signed_square_jac, signed_square_product, {"x": "n"}),
    Twins("branch of jac", smooth, smooth_jac, smooth_special, {"x": "3"}),
    Twins("network", network, network_jac, network_ratio, {"x": "8"}),
    Twins("wide", wide, wide_jac, wide_where, {"x": "32"}),
    Twins("distance", distance, distance_jac, distance_plain, {"x": "4"}),
    Twins("hinges in jax", jax_hinges, jax_hinges_jac, jax_hinges_step, {"x": "5"}, "jax"),
    Twins("second in jax", jax_second, jax_second_jac, jax_second_mask, {"x": "6"}, "jax"),
    Twins("two arguments", pair_larger, pair_larger_jac, pair_larger_strict, {"x": "n", "y": "n"}),
    Twins("corner", corner, corner_jac, corner_sum, {"x": "3"}),
    Twins("scalar leaky", scalar_leaky, scalar_leaky, scalar_leaky_sum, {}, index=IndexShapes(((3,),), (3,))),
    Twins(
        "scalar quadratic",
        scalar_quadratic,
        scalar_quadratic,
        scalar_quadratic_root,
        {},
        index=IndexShapes(((3,),), (3,)),
    ),
)
