"""First half of the boundary suite: the functions that were there while the solver was written."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from boundary_cases import Case, each, weights

from jacfuzz.target import IndexShapes

W4, W8, W32 = weights(1, 4), weights(2, 8), weights(3, 32)
M34, M48, M5 = weights(4, 3, 4), weights(5, 4, 8), weights(6, 5)
B3, B4 = weights(7, 3), weights(8, 4)


def relu_shifted(x):
    return np.maximum(x - 3.0, 0.0)


def hinge(x):
    return np.maximum(0.0, 1.0 - W8 @ x)


def relu_layer(x):
    return np.maximum(M34 @ x + B3, 0.0)


def two_layers(x):
    hidden = np.maximum(M48 @ x, 0.0)
    return np.maximum(hidden @ B4 + 0.5, 0.0)


def clipped(x):
    return np.clip(x, -1.5, 2.5) * x


def huber(x):
    size = np.abs(x)
    return np.where(size <= 1.25, 0.5 * x * x, 1.25 * (size - 0.625))


def absolute_pairs(x):
    return sum(abs(x[i] - x[i + 1]) for i in range(len(x) - 1))


def largest(x):
    return np.max(x)


def smallest_of_sums(x):
    return np.min(x[:-1] + x[1:])


def sorted_weighted(x):
    y = x.copy()
    y.sort()
    return y * W4


def middle(x):
    return np.median(x)


def quarter(x):
    return np.quantile(x, 0.25)


def product(x):
    return np.prod(x)


def cumulated(x):
    return np.cumprod(x)


def shifted_norm(x):
    return np.linalg.norm(x - np.array([1.0, -2.0, 0.5]))


def normalised(x):
    return x / np.sqrt(np.sum(x * x))


def angle(x):
    return np.arctan2(x[0] - 1.0, x[1] + 2.0)


def steps(x):
    return np.floor(x) + np.round(x) * 0.5 + x


def wrapped(x):
    return x % 2.5


def ratio(x):
    return (x[0] + x[1]) / (x[2] - x[3] + 0.5)


def logarithm(x):
    return np.log(x + 4.0) + np.sqrt(x - 2.0)


def nested_if(x):
    total = x[0] + x[1]
    if total > 1.0:
        if x[2] > x[0]:
            return np.array([total * x[2], 0.0])
        return np.array([total, x[3] ** 2])
    if x[3] < -2.0:
        return np.array([x[3], total])
    return np.array([x[0], x[1]])


def plain_loop(x):
    best = x[0]
    for value in x:
        if value > best:
            best = value
    return float(best) + max(x[1], 0.0)


def plain_math(x):
    return math.sqrt(abs(x[0] - 1.5)) + math.floor(x[1]) * x[2] + (math.hypot(x[2], x[3]) if x[0] > x[3] else 0.0)


def in_place(x):
    y = x.copy()
    y[x < 0.75] *= 0.1
    y[0] += np.abs(x[-1] + 1.0)
    return y


def softened(x):
    return np.sign(x) * np.maximum(np.abs(x) - 0.7, 0.0)


def selected(x):
    return np.select([x < -1.0, x < 1.0, x < 4.0], [-x, x**2, 2 * x], x**3)


def in_pieces(x):
    return np.piecewise(x, [x < 0.0, x >= 2.0], [lambda t: -t, lambda t: t * t, lambda t: abs(t - 1.0)])


def table(x):
    return np.interp(x, [-2.0, 0.0, 1.5, 3.0], [0.0, 1.0, 0.5, 2.0])


def wide(x):
    return np.maximum(W32 * x, 0.1) + np.max(x)


def determinant(x):
    return np.linalg.det(x.reshape(2, 2))


def scalar_relu(x):
    return (lambda o: max(x[o] - 1.0, 0)), (lambda i, o: 1.0 if i == o and x[o] > 1.0 else 0.0)


def scalar_pool(x):
    return (lambda o: max(x[2 * o], x[2 * o + 1])), (lambda i, o: float(i // 2 == o and x[i] >= x[i ^ 1]))


def by_index(x):
    return x[int(np.clip(np.floor(x[0] * 2.0), 0, 3))] * x


def ranked(x):
    order = np.argsort(x)
    return x[order[:2]] * np.array([1.0, 2.0])


def jax_relu(x):
    return jax.nn.relu(x - 3.0) * 2.0


def jax_branches(x):
    return jax.lax.cond(x[0] > x[1] + 0.5, lambda v: jnp.sort(v), lambda v: jnp.clip(v, -1.0, 2.0), x)


def jax_scan(x):
    return jax.lax.scan(lambda carry, value: (jnp.maximum(carry, value - 0.25), carry), 0.0, x)[1]


def jax_best(x):
    return jnp.max(jnp.asarray(W4) * x) + jax.lax.top_k(x, 2)[0][1]


def jax_norm(x):
    return jnp.linalg.norm(x - 1.0) + jnp.where(x[0] >= 0.5, x[1], x[2] / x[3])


FIRST: tuple[Case, ...] = (
    Case("relu shifted", relu_shifted, 3, {**each(3, lambda x, i: x[i] == 3.0), "all": lambda x: np.all(x == 3.0)}),
    Case("hinge", hinge, 8, {"margin": lambda x: W8 @ x == 1.0}),
    Case(
        "relu layer",
        relu_layer,
        4,
        {
            **each(3, lambda x, i: (M34 @ x + B3)[i] == 0.0, "unit"),
            "two units": lambda x: np.sum(M34 @ x + B3 == 0.0) >= 2,
        },
    ),
    Case(
        "two layers",
        two_layers,
        8,
        {
            **each(4, lambda x, i: (M48 @ x)[i] == 0.0, "unit"),
            "output": lambda x: np.maximum(M48 @ x, 0.0) @ B4 == -0.5,
        },
    ),
    Case(
        "clipped",
        clipped,
        2,
        {
            **each(2, lambda x, i: x[i] == -1.5, "low"),
            **each(2, lambda x, i: x[i] == 2.5, "high"),
            "both": lambda x: (x[0] == 2.5) & (x[1] == -1.5) | (x[1] == 2.5) & (x[0] == -1.5),
        },
        {"low and high": "an entry cannot be both"},
    ),
    Case(
        "huber",
        huber,
        3,
        {
            **each(3, lambda x, i: abs(x[i]) == 1.25),
            "positive": lambda x: np.any(x == 1.25),
            "negative": lambda x: np.any(x == -1.25),
        },
    ),
    Case(
        "absolute pairs",
        absolute_pairs,
        4,
        {**each(3, lambda x, i: x[i] == x[i + 1], "pair"), "all": lambda x: np.all(x == x[0])},
    ),
    Case(
        "largest",
        largest,
        5,
        {
            **each(5, lambda x, i: np.sum(x == x.max()) >= 2 and x[i] == x.max(), "tied"),
            "three": lambda x: np.sum(x == x.max()) >= 3,
        },
    ),
    Case(
        "smallest of sums",
        smallest_of_sums,
        4,
        {"tie": lambda x: np.sum(x[:-1] + x[1:] == np.min(x[:-1] + x[1:])) >= 2},
    ),
    Case(
        "sorted",
        sorted_weighted,
        4,
        {
            "tie": lambda x: len(set(x.tolist())) < 4,
            "three": lambda x: len(set(x.tolist())) <= 2,
            "lowest": lambda x: np.sum(x == x.min()) >= 2,
            "highest": lambda x: np.sum(x == x.max()) >= 2,
        },
    ),
    Case(
        "middle",
        middle,
        5,
        {
            "tie below": lambda x: np.sort(x)[2] == np.sort(x)[1],
            "tie above": lambda x: np.sort(x)[2] == np.sort(x)[3],
        },
    ),
    Case(
        "quarter",
        quarter,
        6,
        {
            "tie": lambda x: np.sort(x)[1] == np.sort(x)[2],
            "tie below": lambda x: np.sort(x)[0] == np.sort(x)[1],
        },
    ),
    Case(
        "product",
        product,
        4,
        {
            **each(4, lambda x, i: x[i] == 0.0 and np.sum(x == 0) == 1),
            "two": lambda x: np.sum(x == 0) == 2,
            "three": lambda x: np.sum(x == 0) == 3,
        },
    ),
    Case(
        "cumulated",
        cumulated,
        4,
        {**each(4, lambda x, i: x[i] == 0.0), "first and other": lambda x: x[0] == 0.0 and np.any(x[1:] == 0.0)},
    ),
    Case("shifted norm", shifted_norm, 3, {"apex": lambda x: np.all(x == np.array([1.0, -2.0, 0.5]))}),
    Case("normalised", normalised, 3, {"origin": lambda x: np.all(x == 0)}),
    Case(
        "angle",
        angle,
        2,
        {
            "origin": lambda x: x[0] == 1.0 and x[1] == -2.0,
            "cut": lambda x: x[0] == 1.0 and x[1] < -2.0,
            "other axis": lambda x: x[1] == -2.0 and x[0] != 1.0,
        },
    ),
    Case(
        "steps",
        steps,
        2,
        {
            **each(2, lambda x, i: x[i] == np.floor(x[i]), "integer"),
            **each(2, lambda x, i: x[i] - np.floor(x[i]) == 0.5, "half"),
        },
    ),
    Case("wrapped", wrapped, 2, each(2, lambda x, i: x[i] != 0 and x[i] % 2.5 == 0.0)),
    Case("ratio", ratio, 4, {"pole": lambda x: x[2] - x[3] + 0.5 == 0.0}),
    Case(
        "logarithm",
        logarithm,
        2,
        {**each(2, lambda x, i: x[i] == 2.0, "root"), **each(2, lambda x, i: x[i] == -4.0, "log")},
    ),
    Case(
        "nested if",
        nested_if,
        4,
        {
            "outer": lambda x: x[0] + x[1] == 1.0,
            "inner": lambda x: x[0] + x[1] > 1.0 and x[2] == x[0],
            "other": lambda x: x[0] + x[1] <= 1.0 and x[3] == -2.0,
            "outer and other": lambda x: x[0] + x[1] == 1.0 and x[3] == -2.0,
        },
        {"inner and other": "they lie on different sides of the outer branch"},
    ),
    Case(
        "plain loop",
        plain_loop,
        4,
        {
            "tie": lambda x: np.sum(x == x.max()) >= 2,
            "first tied": lambda x: x[0] == x.max() and np.sum(x == x.max()) >= 2,
            "zero": lambda x: x[1] == 0.0,
        },
    ),
    Case(
        "plain math",
        plain_math,
        4,
        {
            "root": lambda x: x[0] == 1.5,
            "integer": lambda x: x[1] == math.floor(x[1]),
            "branch": lambda x: x[0] == x[3],
            "origin": lambda x: x[2] == 0.0 and x[3] == 0.0 and x[0] > 0.0,
        },
    ),
    Case(
        "in place",
        in_place,
        3,
        {**each(3, lambda x, i: x[i] == 0.75), "last": lambda x: x[2] == -1.0},
    ),
    Case(
        "soft threshold",
        softened,
        3,
        {
            **each(3, lambda x, i: abs(x[i]) == 0.7),
            "zero": lambda x: np.any(x == 0.0),
            "all": lambda x: np.all(np.abs(x) == 0.7),
        },
    ),
    Case(
        "selected",
        selected,
        2,
        {
            "first": lambda x: np.any(x == -1.0),
            "second": lambda x: np.any(x == 1.0),
            "third": lambda x: np.any(x == 4.0),
            "two": lambda x: (x[0] == -1.0 and x[1] == 4.0) or (x[1] == -1.0 and x[0] == 4.0),
        },
    ),
    Case(
        "in pieces",
        in_pieces,
        3,
        {
            "zero": lambda x: np.any(x == 0.0),
            "two": lambda x: np.any(x == 2.0),
            "one": lambda x: np.any(x == 1.0),
        },
    ),
    Case(
        "table",
        table,
        2,
        {**{f"knot {k}": (lambda x, k=k: np.any(x == k)) for k in (-2.0, 0.0, 1.5, 3.0)}},
    ),
    Case(
        "wide",
        wide,
        32,
        {
            "first": lambda x: W32[0] * x[0] == 0.1,
            "last": lambda x: W32[31] * x[31] == 0.1,
            "tie": lambda x: np.sum(x == x.max()) >= 2,
        },
    ),
    Case(
        "determinant",
        determinant,
        4,
        {"singular": lambda x: x[0] * x[3] == x[1] * x[2], "zero": lambda x: np.all(x == 0)},
    ),
    Case(
        "scalar relu",
        scalar_relu,
        4,
        each(4, lambda x, i: x[i] == 1.0),
        index=IndexShapes(((4,),), (4,)),
    ),
    Case(
        "scalar pool",
        scalar_pool,
        6,
        each(3, lambda x, i: x[2 * i] == x[2 * i + 1]),
        index=IndexShapes(((6,),), (3,)),
    ),
    Case(
        "by index",
        by_index,
        4,
        {f"cell {k}": (lambda x, k=k: x[0] == 0.5 * k) for k in (1, 2, 3)},
    ),
    Case(
        "ranked",
        ranked,
        4,
        {"lowest": lambda x: np.sort(x)[0] == np.sort(x)[1], "second": lambda x: np.sort(x)[1] == np.sort(x)[2]},
    ),
    Case("relu in jax", jax_relu, 3, each(3, lambda x, i: x[i] == 3.0), kind="jax"),
    Case(
        "branches in jax",
        jax_branches,
        3,
        {
            "branch": lambda x: x[0] == x[1] + 0.5,
            "sorted tie": lambda x: x[0] > x[1] + 0.5 and (x[2] == x[0] or x[2] == x[1]),
            "low": lambda x: x[0] <= x[1] + 0.5 and np.any(x == -1.0),
            "high": lambda x: x[0] <= x[1] + 0.5 and np.any(x == 2.0),
        },
        kind="jax",
    ),
    Case(
        "scan in jax",
        jax_scan,
        4,
        {
            "first": lambda x: x[0] == 0.25,
            "second": lambda x: x[0] > 0.25 and x[1] == x[0],
            "third": lambda x: x[2] - 0.25 == max(0.0, x[0] - 0.25, x[1] - 0.25) and x[2] > 0.25,
        },
        kind="jax",
    ),
    Case(
        "best in jax",
        jax_best,
        4,
        {
            "tie": lambda x: np.sum(W4 * x == np.max(W4 * x)) >= 2,
            "second": lambda x: np.sort(x)[2] == np.sort(x)[1],
            "first": lambda x: np.sort(x)[2] == np.sort(x)[3],
        },
        kind="jax",
    ),
    Case(
        "norm in jax",
        jax_norm,
        4,
        {
            "apex": lambda x: np.all(x == 1.0),
            "branch": lambda x: x[0] == 0.5,
            "pole": lambda x: x[0] < 0.5 and x[3] == 0.0,
        },
        kind="jax",
    ),
)
