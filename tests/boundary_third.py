"""Third part of the boundary suite: written after the solver was frozen, and nothing was tuned on it.

Frozen at the commit "Combinations of boundaries are drawn at once". First run, seed 0: 115 of 117 predicates met
(98.3 %), not "origin" of the infinity norm and "lower 1" of the soft clip.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from boundary_cases import Case, each, weights

from jacfuzz.target import IndexShapes

U4, U6 = weights(32, 4), weights(33, 6)
P24, P36, P412 = weights(36, 2, 4), weights(37, 3, 6), weights(38, 4, 12)
TARIFF = np.array([0.0, 12.5, 40.0])


def tariff(x):
    return np.interp(np.abs(x), TARIFF, [0.0, 5.0, 9.0])


def dead_zone(x):
    return np.where(x > 0.8, x - 0.8, np.where(x < -0.3, x + 0.3, 0.0))


def maxout(x):
    return np.maximum(P24 @ x, 0.5 - P24 @ x).sum()


def triplet(x):
    near, far = np.sum((x[:2] - x[2:4]) ** 2), np.sum((x[:2] - x[4:]) ** 2)
    return max(near - far + 0.25, 0.0)


def epsilon_loss(x):
    return np.maximum(np.abs(x - U4) - 0.125, 0.0)


def total_variation(x):
    return np.abs(np.diff(x.reshape(2, 3), axis=1)).sum() + np.abs(np.diff(x.reshape(2, 3), axis=0)).sum()


def box_volume(x):
    return np.prod(np.clip(x[3:] - x[:3], 0.0, None))


def quantile_loss(x):
    gap = U6 - x
    return np.maximum(0.3 * gap, -0.7 * gap)


def second_best(x):
    return np.partition(x, -2)[-2]


def winsorised(x):
    low, high = np.quantile(x, [0.25, 0.75])
    return np.clip(x, low, high).mean()


def relu_mean(x):
    return np.maximum(x - x.mean(), 0.0)


def rounded_price(x):
    return np.ceil(x[0] * 4.0) / 4.0 * x[1] + np.abs(x[1] - 2.5)


def saturating_sum(x):
    return np.minimum(np.cumsum(x), 1.5)


def infinity_norm(x):
    return np.linalg.norm(x, np.inf)


def spectral(x):
    return np.linalg.norm(np.diag(x), 2)


def pivoted(x):
    return np.linalg.inv(x.reshape(2, 2))


def wide_margin(x):
    return np.maximum(1.0 - (P412 @ x) * np.array([1.0, -1.0, 1.0, -1.0]), 0.0).sum()


def softclip(x):
    return np.where(np.abs(x) <= 1.0, x, np.sign(x) * (1.0 + np.log(np.abs(x))))


def top_three(x):
    return np.sort(x)[-3:].sum()


def unreachable_root(x):
    return np.sqrt(x * x + 2.0) + np.where(np.exp(x) < 0.0, 5.0, x)


def plain_bisect(x):
    low, high = 0.0, 4.0
    for _ in range(2):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if x[0] > middle else (low, middle)
    return np.array([low * x[1], high])


def plain_sort(x):
    ordered = sorted(float(entry) for entry in x)
    return ordered[0] * 2.0 + ordered[-1]


def plain_clock(x):
    hours = x[0] % 12.0
    return hours * x[1] if hours >= 6.0 else -hours


def plain_distance(x):
    return math.hypot(x[0] - 3.0, x[1] + 1.0) + math.fabs(x[2])


def plain_steps(x):
    total = 0.0
    for value in x:
        if total + value > 2.0:
            return total
        total = total + value
    return total


def scalar_threshold(x):
    return (lambda o: x[o] if x[o] > 1.75 else 0.0), (lambda i, o: float(i == o and x[o] > 1.75))


def scalar_neighbours(x):
    return (lambda o: max(x[o], x[o + 1])), (lambda i, o: float(i == o))


def scalar_sum(x):
    return (lambda o: abs(sum(x[i] for i in range(4)) - 1.0)), (lambda i, o: 1.0)


def jax_leaky(x):
    return jax.nn.leaky_relu(x - 2.25, 0.1)


def jax_clip_sum(x):
    return jnp.clip(jnp.cumsum(x), -1.0, 1.0)


def jax_pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (2,), (2,), "VALID")


def jax_top(x):
    return jax.lax.top_k(x, 2)[0].sum()


def jax_layer(x):
    return jax.nn.relu(jnp.asarray(P36) @ x + 0.5)


def jax_fori(x):
    return jax.lax.fori_loop(0, 3, lambda i, total: jnp.maximum(total, x[i]) - 0.5, 0.0)


def jax_cond(x):
    return jax.lax.cond(x[0] + x[1] > 3.0, lambda v: jnp.abs(v[2] - 0.5), lambda v: v[2] * 2.0, x)


def _margin(x):
    return 1.0 - (P412 @ x) * np.array([1.0, -1.0, 1.0, -1.0])


THIRD: tuple[Case, ...] = (
    Case(
        "tariff",
        tariff,
        3,
        {
            **each(3, lambda x, i: abs(x[i]) == 12.5, "step"),
            **each(3, lambda x, i: abs(x[i]) == 40.0, "end"),
            **each(3, lambda x, i: x[i] == 0.0, "zero"),
        },
    ),
    Case(
        "dead zone",
        dead_zone,
        4,
        {**each(4, lambda x, i: x[i] == 0.8, "upper"), **each(4, lambda x, i: x[i] == -0.3, "lower")},
    ),
    Case("maxout", maxout, 4, each(2, lambda x, i: (P24 @ x)[i] == (0.5 - P24 @ x)[i], "unit")),
    Case(
        "triplet",
        triplet,
        6,
        {"hinge": lambda x: np.sum((x[:2] - x[2:4]) ** 2) - np.sum((x[:2] - x[4:]) ** 2) + 0.25 == 0.0},
    ),
    Case(
        "epsilon loss",
        epsilon_loss,
        4,
        {
            **each(4, lambda x, i: abs(x[i] - U4[i]) == 0.125, "tube"),
            **each(4, lambda x, i: x[i] == U4[i], "centre"),
        },
    ),
    Case(
        "total variation",
        total_variation,
        6,
        {
            "along": lambda x: x[0] == x[1],
            "along too": lambda x: x[4] == x[5],
            "across": lambda x: x[0] == x[3],
            "across too": lambda x: x[2] == x[5],
            "corner": lambda x: x[0] == x[1] == x[3],
        },
    ),
    Case("box volume", box_volume, 6, each(3, lambda x, i: x[i] == x[i + 3], "side")),
    Case("quantile loss", quantile_loss, 6, each(6, lambda x, i: x[i] == U6[i])),
    Case(
        "second best",
        second_best,
        4,
        {
            "tie above": lambda x: np.sort(x)[-1] == np.sort(x)[-2],
            "tie below": lambda x: np.sort(x)[-2] == np.sort(x)[-3],
            "three": lambda x: np.sort(x)[-1] == np.sort(x)[-3],
        },
    ),
    Case(
        "winsorised",
        winsorised,
        5,
        {"low": lambda x: np.sort(x)[0] == np.sort(x)[1], "high": lambda x: np.sort(x)[-1] == np.sort(x)[-2]},
    ),
    Case("relu of mean", relu_mean, 4, each(4, lambda x, i: x[i] == x.mean())),
    Case(
        "rounded price",
        rounded_price,
        2,
        {
            "quarter": lambda x: x[0] * 4.0 == np.rint(x[0] * 4.0),
            "kink": lambda x: x[1] == 2.5,
            "both": lambda x: x[0] * 4.0 == np.rint(x[0] * 4.0) and x[1] == 2.5,
        },
    ),
    Case("saturating sum", saturating_sum, 4, each(4, lambda x, i: np.cumsum(x)[i] == 1.5)),
    Case(
        "infinity norm",
        infinity_norm,
        4,
        {
            "origin": lambda x: not np.any(x),
            "tie": lambda x: np.sum(np.abs(x) == np.max(np.abs(x))) >= 2,
            "opposite": lambda x: np.max(x) == -np.min(x) != 0.0,
        },
    ),
    Case("spectral", spectral, 3, {"tie": lambda x: np.sum(np.abs(x) == np.max(np.abs(x))) >= 2}),
    Case("pivoted", pivoted, 4, {"singular": lambda x: x[0] * x[3] == x[1] * x[2] != 0.0}),
    Case("wide margin", wide_margin, 12, each(4, lambda x, i: _margin(x)[i] == 0.0, "margin")),
    Case(
        "soft clip",
        softclip,
        3,
        {**each(3, lambda x, i: x[i] == 1.0, "upper"), **each(3, lambda x, i: x[i] == -1.0, "lower")},
    ),
    Case("top three", top_three, 20, {"edge": lambda x: np.sort(x)[-3] == np.sort(x)[-4]}),
    Case(
        "unreachable root",
        unreachable_root,
        2,
        {},
        {"root": "a square and 2 is above 0", "exponential": "it is above 0, or 0 where it underflows"},
    ),
    Case("plain bisection", plain_bisect, 2, {"middle": lambda x: x[0] == 2.0, "upper": lambda x: x[0] == 3.0}),
    Case(
        "plain sort",
        plain_sort,
        4,
        {
            "least": lambda x: np.sort(x)[0] == np.sort(x)[1],
            "greatest": lambda x: np.sort(x)[-1] == np.sort(x)[-2],
        },
    ),
    Case(
        "plain clock",
        plain_clock,
        2,
        {"noon": lambda x: x[0] % 12.0 == 0.0 and x[0] != 0.0, "six": lambda x: x[0] % 12.0 == 6.0},
    ),
    Case(
        "plain distance",
        plain_distance,
        3,
        {
            "centre": lambda x: x[0] == 3.0 and x[1] == -1.0,
            "edge": lambda x: x[2] == 0.0,
            "both": lambda x: x[0] == 3.0 and x[1] == -1.0 and x[2] == 0.0,
        },
    ),
    Case(
        "plain steps",
        plain_steps,
        3,
        {
            "first": lambda x: x[0] == 2.0,
            "second": lambda x: x[0] + x[1] == 2.0 and x[0] <= 2.0,
            "third": lambda x: x[0] + x[1] + x[2] == 2.0 and x[0] <= 2.0 and x[0] + x[1] <= 2.0,
        },
    ),
    Case(
        "scalar threshold",
        scalar_threshold,
        4,
        each(4, lambda x, i: x[i] == 1.75),
        index=IndexShapes(((4,),), (4,)),
    ),
    Case(
        "scalar neighbours",
        scalar_neighbours,
        4,
        {
            **each(3, lambda x, i: x[i] == x[i + 1], "pair"),
            "three": lambda x: x[0] == x[1] == x[2] or x[1] == x[2] == x[3],
        },
        index=IndexShapes(((4,),), (3,)),
    ),
    Case(
        "scalar sum",
        scalar_sum,
        4,
        {"zero": lambda x: x[0] + x[1] + x[2] + x[3] == 1.0},
        index=IndexShapes(((4,),), (1,)),
    ),
    Case("leaky in jax", jax_leaky, 4, each(4, lambda x, i: x[i] == 2.25), kind="jax"),
    Case(
        "clipped sum in jax",
        jax_clip_sum,
        3,
        {
            **each(3, lambda x, i: np.cumsum(x)[i] == 1.0, "upper"),
            **each(3, lambda x, i: np.cumsum(x)[i] == -1.0, "lower"),
        },
        kind="jax",
    ),
    Case("pool in jax", jax_pool, 6, each(3, lambda x, i: x[2 * i] == x[2 * i + 1], "window"), kind="jax"),
    Case(
        "top in jax",
        jax_top,
        5,
        {"edge": lambda x: np.sort(x)[-2] == np.sort(x)[-3], "best": lambda x: np.sort(x)[-1] == np.sort(x)[-2]},
        kind="jax",
    ),
    Case(
        "layer in jax",
        jax_layer,
        6,
        each(3, lambda x, i: (P36 @ x + 0.5)[i] == 0.0, "unit"),
        kind="jax",
    ),
    Case(
        "loop in jax",
        jax_fori,
        3,
        {"first": lambda x: x[0] == 0.0, "second": lambda x: x[1] == max(0.0, x[0]) - 0.5},
        kind="jax",
    ),
    Case(
        "cond in jax",
        jax_cond,
        3,
        {"branch": lambda x: x[0] + x[1] == 3.0, "kink": lambda x: x[2] == 0.5 and x[0] + x[1] > 3.0},
        kind="jax",
    ),
)
