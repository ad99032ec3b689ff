"""Twenty more pairs of twins, written after those of ``boundary_pairs.py`` were found."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from boundary_cases import Twins, weights

from jacfuzz.target import IndexShapes

DATA, SIGNS = weights(201, 5, 4), np.sign(weights(202, 5))
V7, V24, P23 = weights(203, 7), weights(204, 24), weights(205, 2, 3)
R9 = weights(206, 9)


def squared_margins(w):
    return np.sum(np.maximum(0.0, 1.0 - SIGNS * (DATA @ w)) ** 2)


def squared_margins_jac(w, on_margin=0.0):
    margin = 1.0 - SIGNS * (DATA @ w)
    return -2.0 * (np.maximum(margin, 0.0) * SIGNS) @ DATA + on_margin * ((margin == 0.0) * SIGNS) @ DATA


def shrunk(x):
    return np.sign(x) * np.maximum(np.abs(x) - 0.65, 0.0)


def shrunk_jac(x):
    return np.diag((np.abs(x) > 0.65).astype(float))


def shrunk_ratio(x):
    with np.errstate(all="ignore"):
        return np.diag(shrunk(x) / (x - np.copysign(0.65, x)))


def in_ball(x):
    size = np.sqrt(x @ x)
    return x if size <= 2.25 else x * (2.25 / size)


def in_ball_jac(x):
    size = np.sqrt(x @ x)
    inside = np.eye(len(x))
    return inside if size <= 2.25 else 2.25 / size * (inside - np.outer(x, x) / size**2)


def in_ball_zero(x):
    return np.zeros((len(x), len(x))) if np.sqrt(x @ x) == 2.25 else in_ball_jac(x)


def pinball(x):
    r = V7 - x
    return np.where(r >= 0, 0.3 * r, -0.7 * r)


def pinball_jac(x):
    return np.diag(np.where(x <= V7, -0.3, 0.7))


def pinball_masks(x):
    return np.diag(-0.3 * (x < V7) + 0.7 * (x > V7) + 0.9 * (x == V7))


def dead_zone(x):
    return np.where(np.abs(x - 4.5) > 1.1, x - 4.5 - 1.1 * np.sign(x - 4.5), 0.0)


def dead_zone_jac(x):
    return np.diag((np.abs(x - 4.5) > 1.1) * 1.0)


def dead_zone_close(x):
    return np.diag((np.abs(x - 4.5) > 1.1) + 1.5 * np.isclose(np.abs(x - 4.5), 1.1, rtol=0.0, atol=1e-9))


def pooled(x):
    return x.reshape(4, 6).max(axis=1) * V24[:4]


def pooled_jac(x):
    rows = np.arange(4)
    result = np.zeros((4, 4, 6))
    result[rows, rows, x.reshape(4, 6).argmax(axis=1)] = V24[:4]
    return result.reshape(4, 24)


def pooled_ties(x):
    windows = x.reshape(4, 6)
    mask = (windows == windows.max(axis=1, keepdims=True)) * V24[:4, None]
    return (np.eye(4)[:, :, None] * mask).reshape(4, 24)


def smoothstep(x):
    t = np.clip((x + 0.7) / 2.6, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def smoothstep_jac(x):
    t = np.clip((x + 0.7) / 2.6, 0.0, 1.0)
    return np.diag(6.0 * t * (1.0 - t) / 2.6)


def smoothstep_strict(x):
    t = (x + 0.7) / 2.6
    slope = 6.0 * t * (1.0 - t) / 2.6
    return np.diag(np.select([t < 0.0, (t >= 0.0) & (t < 1.0), t > 1.0], [0.0 * t, slope, 0.0 * t], 1.0))


def power_gap(x):
    return np.abs(x[1:] - x[:-1] - 0.45) ** 1.5


def _differences(slope):
    matrix = np.zeros((len(slope), len(slope) + 1))
    rows = np.arange(len(slope))
    matrix[rows, rows], matrix[rows, rows + 1] = -slope, slope
    return matrix


def power_gap_jac(x):
    gap = x[1:] - x[:-1] - 0.45
    return _differences(1.5 * np.sign(gap) * np.sqrt(np.abs(gap)))


def power_gap_quotient(x):
    gap = x[1:] - x[:-1] - 0.45
    with np.errstate(all="ignore"):
        return _differences(1.5 * np.abs(gap) ** 1.5 / gap)


def running(x):
    return np.maximum.accumulate(x + R9)


def running_jac(x):
    y = x + R9
    best = [max(range(i + 1), key=y.__getitem__) for i in range(len(y))]
    return np.eye(len(y))[best]


def running_all(x):
    y = x + R9
    top = np.maximum.accumulate(y)
    return np.tril((y[None, :] == top[:, None]) * 1.0)


def excess(x):
    return np.maximum(np.cumsum(x * x) - 6.5, 0.0)


def excess_jac(x):
    return np.where(np.cumsum(x * x)[:, None] > 6.5, np.tril(np.ones((len(x), 1)) * 2.0 * x), 0.0)


def excess_double(x):
    on = (np.cumsum(x * x) == 6.5)[:, None]
    return excess_jac(x) + on * np.tril(np.ones((len(x), 1)) * 3.0 * x)


def bending(x):
    return np.where(x < 0.9, x**3, 2.43 * x - 1.458)


def bending_jac(x):
    return np.diag(np.where(x < 0.9, 3.0 * x * x, 2.43))


def bending_shifted(x):
    return np.diag(np.where(x < 0.9, 3.0 * x * x, np.where(x < 0.9 + 1e-6, 3.43, 2.43)))


def penalty(x, y):
    over = np.maximum(x[0] * y[1] - 1.2, 0.0)
    return over * over + x @ x


def penalty_jac(x, y, extra=0.0):
    gap = x[0] * y[1] - 1.2
    slope = 2.0 * max(gap, 0.0) + extra * (gap == 0.0)
    dx, dy = 2.0 * x, 0.0 * y
    dx[0] += slope * y[1]
    dy[1] += slope * x[0]
    return dx, dy


def affine_relu(a, x):
    return np.maximum(a @ x - 0.8, 0.0)


def affine_relu_jac(a, x, at_zero=0.0):
    z = a @ x - 0.8
    on = np.where(z > 0, 1.0, np.where(z == 0, at_zero, 0.0))
    return np.einsum("o,op,j->opj", on, np.eye(len(z)), x), on[:, None] * a


def middle(x):
    return np.sort(x * 2.0 + 1.0)[len(x) // 2]


def middle_jac(x):
    order = np.argsort(x)
    return 2.0 * np.eye(len(x))[order[len(x) // 2]]


def middle_equal(x):
    return 2.0 * (x == np.median(x))


def python_tax(x):
    owed = 0.0
    for income in x:
        if income <= 1.7:
            owed += 0.1 * income
        elif income <= 4.2:
            owed += 0.17 + 0.35 * (income - 1.7)
        else:
            owed += 1.045 + 0.5 * (income - 4.2)
    return owed


def python_tax_jac(x):
    return np.array([0.1 if income <= 1.7 else 0.35 if income <= 4.2 else 0.5 for income in x])


def python_tax_hole(x):
    return np.array([0.1 if t < 1.7 else 0.35 if 1.7 < t < 4.2 else 0.5 if t > 4.2 else 0.0 for t in x])


def jax_capped(x):
    return jnp.clip(x * x - 1.5625, 0.0, 4.6875)


def jax_capped_jac(x, inclusive=0.0):
    z = x * x - 1.5625
    inside = (z > 0.0) & (z < 4.6875)
    return jnp.diag(2.0 * x * (inside + inclusive * ((z == 0.0) | (z == 4.6875))))


def jax_capped_ends(x):
    return jax_capped_jac(x, inclusive=2.0)


def jax_branch(x):
    return jax.lax.cond(
        jnp.dot(x, jnp.asarray(P23[0])) > 0.55,
        lambda x: jnp.dot(x, jnp.asarray(P23[0])) * 2.0 - 0.55,
        lambda x: jnp.dot(x, jnp.asarray(P23[0])),
        x,
    )


def jax_branch_jac(x):
    return jnp.asarray(P23[0]) * jnp.where(jnp.dot(x, jnp.asarray(P23[0])) > 0.55, 2.0, 1.0)


def jax_branch_sign(x):
    return (
        jnp.asarray(P23[0])
        * (1.5 + 0.5 * jnp.sign(jnp.dot(x, jnp.asarray(P23[0])) - 0.55))
        * jnp.where(jnp.dot(x, jnp.asarray(P23[0])) == 0.55, 2.0, 1.0)
    )


def jax_softplus(x):
    return jnp.logaddexp(x, 0.0) + jnp.abs(x + 1.9)


def jax_softplus_jac(x):
    return jnp.diag(jax.nn.sigmoid(x) + jnp.where(x >= -1.9, 1.0, -1.0))


def jax_softplus_both(x):
    return jnp.diag(jax.nn.sigmoid(x) + (x >= -1.9) * 2.0 - (x <= -1.9) * 0.0 - jnp.where(x == -1.9, -0.5, 1.0))


def scalar_clamp(x):
    return (lambda o: min(max(x[o], -0.75), 2.6)), (lambda i, o: float(i == o and -0.75 < x[i] < 2.6))


def scalar_clamp_middle(x):
    return scalar_clamp(x)[0], (lambda i, o: 2.0 * float(i == o) if x[i] == 2.6 else scalar_clamp(x)[1](i, o))


def scalar_rise(x):
    def f(o):
        return abs(x[o + 1] - 3.0 * x[o])

    def dx(i, o):
        sign = 1.0 if x[o + 1] >= 3.0 * x[o] else -1.0
        return sign * ((i == o + 1) - 3.0 * (i == o))

    return f, dx


def scalar_rise_ratio(x):
    f = scalar_rise(x)[0]

    def dx(i, o):
        return (x[o + 1] - 3.0 * x[o]) / f(o) * ((i == o + 1) - 3.0 * (i == o))

    return f, dx


SECOND: tuple[Twins, ...] = (
    Twins(
        "squared margins",
        squared_margins,
        squared_margins_jac,
        functools.partial(squared_margins_jac, on_margin=1.0),
        {"x": "4"},
    ),
    Twins("soft threshold", shrunk, shrunk_jac, shrunk_ratio, {"x": "n"}),
    Twins("ball", in_ball, in_ball_jac, in_ball_zero, {"x": "3"}),
    Twins("pinball", pinball, pinball_jac, pinball_masks, {"x": "7"}),
    Twins("dead zone", dead_zone, dead_zone_jac, dead_zone_close, {"x": "n"}),
    Twins("pooling", pooled, pooled_jac, pooled_ties, {"x": "24"}),
    Twins("smoothstep", smoothstep, smoothstep_jac, smoothstep_strict, {"x": "n"}),
    Twins("power of a gap", power_gap, power_gap_jac, power_gap_quotient, {"x": "5"}),
    Twins("running maximum", running, running_jac, running_all, {"x": "9"}),
    Twins("excess", excess, excess_jac, excess_double, {"x": "n"}),
    Twins("bending", bending, bending_jac, bending_shifted, {"x": "n"}),
    Twins("penalty", penalty, penalty_jac, functools.partial(penalty_jac, extra=1.0), {"x": "2", "y": "3"}),
    Twins(
        "matrix and vector",
        affine_relu,
        affine_relu_jac,
        functools.partial(affine_relu_jac, at_zero=2.0),
        {"x": "2 3", "y": "3"},
    ),
    Twins("middle", middle, middle_jac, middle_equal, {"x": "5"}),
    Twins("tax", python_tax, python_tax_jac, python_tax_hole, {"x": "n"}),
    Twins("capped in jax", jax_capped, jax_capped_jac, jax_capped_ends, {"x": "n"}, "jax"),
    Twins("cond in jax", jax_branch, jax_branch_jac, jax_branch_sign, {"x": "3"}, "jax"),
    Twins("softplus in jax", jax_softplus, jax_softplus_jac, jax_softplus_both, {"x": "n"}, "jax"),
    Twins("scalar clamp", scalar_clamp, scalar_clamp, scalar_clamp_middle, {}, index=IndexShapes(((3,),), (3,))),
    Twins("scalar rise", scalar_rise, scalar_rise, scalar_rise_ratio, {}, index=IndexShapes(((4,),), (3,))),
)
