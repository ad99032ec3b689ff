"""Second half of the boundary suite: functions written after the solver was finished."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from boundary_cases import Case, each, weights

from jacfuzz.target import IndexShapes

V3, V6, V16, V24 = weights(11, 3), weights(12, 6), weights(13, 16), weights(14, 24)
A36, A66, A516, A23 = weights(15, 3, 6), weights(16, 6, 6), weights(17, 5, 16), weights(18, 2, 3)
C5, C3 = weights(19, 5), weights(20, 3)
KNOTS = np.sort(weights(21, 6))
CENTRES = weights(22, 3, 2)


def leaky(x):
    z = A36 @ x - C3
    return np.where(z > 0, z, 0.05 * z)


def elastic(x):
    return np.sum(np.abs(x - V6)) + 0.5 * np.sum(x * x)


def group_lasso(x):
    return np.linalg.norm(x[:3]) + np.linalg.norm(x[3:] - V3)


def pooled(x):
    return x.reshape(4, 4).max(axis=1)


def sliding(x):
    return np.lib.stride_tricks.sliding_window_view(x, 3).max(axis=-1)


def running_record(x):
    return np.maximum.accumulate(x * V6)


def simplex(x):
    u = np.sort(x)[::-1]
    css = np.cumsum(u) - 1.0
    k = np.nonzero(u - css / np.arange(1, len(x) + 1) > 0)[0][-1]
    return np.maximum(x - css[k] / (k + 1.0), 0.0)


def nearest_centre(x):
    distances = np.sum((CENTRES - x) ** 2, axis=1)
    return distances[np.argmin(distances)]


def binned(x):
    return np.take(KNOTS, np.clip(np.searchsorted(KNOTS, x), 0, 5)) * x


def digitised(x):
    return x * np.digitize(x, [-1.75, 0.3, 2.2])


def spread(x):
    return np.ptp(x[:4]) + x[4]


def triangle_wave(x):
    return np.abs((x - 0.5) % 2.0 - 1.0)


def quantised(x):
    return np.round(x * 4.0) / 4.0 + x


def bilinear(x):
    return np.maximum(np.einsum("i,ij,j->", x, A66, x) - 1.0, 0.0)


def inverse(x):
    return np.linalg.inv(np.array([[x[0], x[1]], [x[1], x[2]]]))


def manhattan(x):
    return np.linalg.norm(x - V3, 1) + np.linalg.norm(x, np.inf)


def while_loop(x):
    total, steps = x[0], 0
    while total > 1.0 and steps < 4:
        total = total * 0.5 - abs(x[1] - 0.75)
        steps += 1
    return total + x[2]


def counter(limit):
    def inner(x):
        import math as local

        value = local.exp(x[0]) if x[0] < limit else local.exp(limit) * (1 + x[0] - limit)
        return value + min(x[1], x[2]) ** 2

    return inner


def vectorised(x):
    return np.vectorize(lambda t: t * t if t > 1.5 else 2.0 * t)(x)


def recursive(x):
    def fold(values):
        if len(values) == 1:
            return values[0]
        middle = len(values) // 2
        left, right = fold(values[:middle]), fold(values[middle:])
        return left if left >= right else right

    return fold(list(x))


def sorted_list(x):
    low, *_, high = sorted(x)
    return high - low


def trimmed(x):
    return np.mean(np.sort(x)[2:-2])


def wide_hinges(x):
    return np.sum(np.maximum(0.0, A516 @ x + C5))


def three_layers(x):
    a = np.maximum(A36 @ x + 0.3, 0.0)
    b = np.maximum(A23 @ a - 0.2, 0.0)
    return np.maximum(b[0] - b[1], 0.1)


def barrier(x):
    return -np.sum(np.log(1.0 - x**2)) + np.sqrt(2.0 + x[0] + x[1])


def fractional(x):
    return np.abs(x - 0.25) ** 1.5 + np.cbrt(x + 1.0)


def masked_copy(x):
    y = np.empty(len(x))
    inner = (x > -0.6) & (x <= 1.9)
    y[inner] = x[inner] ** 2
    y[~inner] = np.sign(x[~inner])
    return y


def weighted_product(x):
    return np.prod(x - V3) * np.max(x)


def unreachable_clip(x):
    y = np.clip(x, 0.0, 1.0)
    return np.where(y > 2.0, y * 7.0, y) + np.where(x * x < -1.0, 3.0, 0.0)


def many_ties(x):
    return np.max(x) - np.median(x)


def scalar_clamp(x):
    return (lambda o: min(max(x[o], -0.75), 1.25)), (lambda i, o: float(i == o and -0.75 < x[i] < 1.25))


def scalar_nested(x):
    def f(o):
        if x[o] > 0.6:
            return math.sqrt(x[o] - 0.1)
        return abs(x[o] + 2.0) * x[(o + 1) % 5]

    return f, (lambda i, o: 0.0)


def python_list(x):
    return functools.reduce(lambda a, b: a * 0.5 if a > b else b * 0.5 + a, [float(v) for v in x])


def jax_while(x):
    return (
        jax.lax.while_loop(lambda s: s[0] > 2.0, lambda s: (s[0] - 1.5, s[1] + jnp.abs(s[1])), (x[0], x[1]))[0] + x[2]
    )


@jax.custom_jvp
def hard_step(x):
    return jnp.where(x >= 0.4, x, 0.0)


hard_step.defjvp(lambda primals, tangents: (hard_step(*primals), jnp.where(primals[0] >= 0.4, tangents[0], 0.0)))


def jax_custom(x):
    return hard_step(x) * 2.0 + jnp.sign(x - 1.0)


def jax_switch(x):
    which = jnp.clip(jnp.floor(x[0]), 0, 2).astype(int)
    return jax.lax.switch(which, [lambda v: v[1], lambda v: jnp.abs(v[1] - 3.0), lambda v: v[2] ** 2], x)


def jax_median(x):
    return jnp.median(x) + jax.nn.relu6(x[0])


def jax_affine(x):
    return jnp.max(jnp.asarray(A36) @ x) + jnp.minimum(jnp.dot(jnp.asarray(V6), x), 0.5)


def _in(*values):
    return {f"at {value}": (lambda x, value=value: np.any(x == value)) for value in values}


SECOND: tuple[Case, ...] = (
    Case(
        "leaky",
        leaky,
        6,
        {
            **each(3, lambda x, i: (A36 @ x - C3)[i] == 0.0, "unit"),
            "two": lambda x: np.sum(A36 @ x - C3 == 0.0) >= 2,
        },
    ),
    Case(
        "elastic",
        elastic,
        6,
        {
            **each(6, lambda x, i: x[i] == V6[i]),
            "all": lambda x: np.all(x == V6),
            "two": lambda x: np.sum(x == V6) == 2,
        },
    ),
    Case(
        "group lasso",
        group_lasso,
        6,
        {
            "first": lambda x: np.all(x[:3] == 0.0),
            "second": lambda x: np.all(x[3:] == V3),
            "both": lambda x: np.all(x[:3] == 0.0) and np.all(x[3:] == V3),
        },
    ),
    Case(
        "pooled",
        pooled,
        16,
        each(4, lambda x, i: np.sum(x[4 * i : 4 * i + 4] == np.max(x[4 * i : 4 * i + 4])) >= 2, "window"),
    ),
    Case(
        "sliding",
        sliding,
        6,
        {
            **each(4, lambda x, i: np.sum(x[i : i + 3] == np.max(x[i : i + 3])) >= 2, "window"),
            "three": lambda x: any(np.sum(x[i : i + 3] == x[i]) == 3 for i in range(4)),
        },
    ),
    Case(
        "running record",
        running_record,
        6,
        {
            "second": lambda x: (V6 * x)[1] == (V6 * x)[0],
            "last": lambda x: (V6 * x)[5] == np.max((V6 * x)[:5]),
        },
    ),
    Case(
        "simplex",
        simplex,
        4,
        {
            "tie": lambda x: len(set(x.tolist())) < 4,
            "leaves": lambda x: np.any(np.sort(x)[::-1] - (np.cumsum(np.sort(x)[::-1]) - 1.0) / np.arange(1, 5) == 0.0),
        },
    ),
    Case(
        "nearest centre",
        nearest_centre,
        2,
        {
            "tie": lambda x: (
                np.sum(np.sum((CENTRES - x) ** 2, axis=1) == np.min(np.sum((CENTRES - x) ** 2, axis=1))) >= 2
            ),
        },
    ),
    Case("binned", binned, 2, {f"knot {k}": (lambda x, k=k: np.any(x == KNOTS[k])) for k in range(6)}),
    Case("digitised", digitised, 2, _in(-1.75, 0.3, 2.2)),
    Case(
        "spread",
        spread,
        5,
        {
            "top": lambda x: np.sum(x[:4] == np.max(x[:4])) >= 2,
            "bottom": lambda x: np.sum(x[:4] == np.min(x[:4])) >= 2,
        },
    ),
    Case(
        "triangle wave",
        triangle_wave,
        1,
        {
            "valley": lambda x: (x[0] - 0.5) % 2.0 == 1.0,
            "peak": lambda x: (x[0] - 0.5) % 2.0 == 0.0,
            "negative peak": lambda x: x[0] < 0 and (x[0] - 0.5) % 2.0 == 0.0,
        },
    ),
    Case(
        "quantised",
        quantised,
        2,
        each(2, lambda x, i: x[i] * 4.0 - np.floor(x[i] * 4.0) == 0.5),
    ),
    Case("bilinear", bilinear, 6, {"level": lambda x: np.einsum("i,ij,j->", x, A66, x) == 1.0}),
    Case("inverse", inverse, 3, {"singular": lambda x: x[0] * x[2] == x[1] * x[1]}),
    Case(
        "manhattan",
        manhattan,
        3,
        {
            **each(3, lambda x, i: x[i] == V3[i]),
            "tie": lambda x: np.sum(np.abs(x) == np.max(np.abs(x))) >= 2,
            "opposite": lambda x: any(x[i] == -x[j] != 0 for i in range(3) for j in range(i)),
        },
    ),
    Case(
        "while loop",
        while_loop,
        3,
        {
            "first": lambda x: x[0] == 1.0,
            "kink": lambda x: x[0] > 1.0 and x[1] == 0.75,
            "second": lambda x: x[0] > 1.0 and x[0] * 0.5 - abs(x[1] - 0.75) == 1.0,
        },
    ),
    Case(
        "counter",
        counter(1.7),
        3,
        {"limit": lambda x: x[0] == 1.7, "tie": lambda x: x[1] == x[2], "both": lambda x: x[0] == 1.7 and x[1] == x[2]},
    ),
    Case("vectorised", vectorised, 3, each(3, lambda x, i: x[i] == 1.5)),
    Case(
        "recursive",
        recursive,
        4,
        {
            "left": lambda x: x[0] == x[1],
            "right": lambda x: x[2] == x[3],
            "middle": lambda x: max(x[0], x[1]) == max(x[2], x[3]),
        },
    ),
    Case(
        "sorted list",
        sorted_list,
        4,
        {
            "top": lambda x: np.sort(x)[3] == np.sort(x)[2],
            "bottom": lambda x: np.sort(x)[0] == np.sort(x)[1],
        },
    ),
    Case(
        "trimmed",
        trimmed,
        7,
        {
            "lower": lambda x: np.sort(x)[1] == np.sort(x)[2],
            "upper": lambda x: np.sort(x)[4] == np.sort(x)[5],
            "both": lambda x: np.sort(x)[1] == np.sort(x)[2] and np.sort(x)[4] == np.sort(x)[5],
        },
    ),
    Case("wide hinges", wide_hinges, 16, each(5, lambda x, i: (A516 @ x + C5)[i] == 0.0, "unit")),
    Case(
        "three layers",
        three_layers,
        6,
        {
            **each(3, lambda x, i: (A36 @ x + 0.3)[i] == 0.0, "first"),
            **each(2, lambda x, i: (A23 @ np.maximum(A36 @ x + 0.3, 0.0) - 0.2)[i] == 0.0, "second"),
            "output": lambda x: (lambda b: b[0] - b[1] == 0.1)(
                np.maximum(A23 @ np.maximum(A36 @ x + 0.3, 0.0) - 0.2, 0.0)
            ),
        },
    ),
    Case(
        "barrier",
        barrier,
        2,
        {
            "upper": lambda x: np.any(x == 1.0),
            "lower": lambda x: np.any(x == -1.0),
            "root": lambda x: 2.0 + x[0] + x[1] == 0.0,
        },
    ),
    Case(
        "fractional",
        fractional,
        2,
        {**each(2, lambda x, i: x[i] == 0.25, "power"), **each(2, lambda x, i: x[i] == -1.0, "root")},
    ),
    Case(
        "masked copy",
        masked_copy,
        3,
        {
            **each(3, lambda x, i: x[i] == -0.6, "low"),
            **each(3, lambda x, i: x[i] == 1.9, "high"),
            "two kinds": lambda x: np.any(x == -0.6) and np.any(x == 1.9),
        },
    ),
    Case(
        "weighted product",
        weighted_product,
        3,
        {
            **each(3, lambda x, i: x[i] == V3[i]),
            "two": lambda x: np.sum(x == V3) == 2,
            "tie": lambda x: np.sum(x == np.max(x)) >= 2,
            "tie and zero": lambda x: np.sum(x == np.max(x)) >= 2 and np.any(x == V3),
        },
    ),
    Case(
        "unreachable",
        unreachable_clip,
        2,
        {"low": lambda x: np.any(x == 0.0), "high": lambda x: np.any(x == 1.0)},
        {"above": "a clipped value never reaches 2", "negative square": "squares are not negative"},
    ),
    Case(
        "many ties",
        many_ties,
        24,
        {
            "top": lambda x: np.sum(x == np.max(x)) >= 2,
            "middle": lambda x: np.sort(x)[11] == np.sort(x)[12],
        },
    ),
    Case(
        "scalar clamp",
        scalar_clamp,
        3,
        {**each(3, lambda x, i: x[i] == -0.75, "low"), **each(3, lambda x, i: x[i] == 1.25, "high")},
        index=IndexShapes(((3,),), (3,)),
    ),
    Case(
        "scalar nested",
        scalar_nested,
        5,
        {
            **each(5, lambda x, i: x[i] == 0.6, "branch"),
            "kink": lambda x: np.any(x == -2.0),
            "both": lambda x: np.any(x == 0.6) and np.any(x == -2.0),
        },
        index=IndexShapes(((5,),), (5,)),
    ),
    Case(
        "python list",
        python_list,
        3,
        {
            "first": lambda x: x[0] == x[1],
            "second": lambda x: x[0] > x[1] and x[0] * 0.5 == x[2],
            "other second": lambda x: x[0] <= x[1] and x[1] * 0.5 + x[0] == x[2],
        },
    ),
    Case(
        "while in jax",
        jax_while,
        3,
        {
            "first": lambda x: x[0] == 2.0,
            "second": lambda x: x[0] > 2.0 and x[0] - 1.5 == 2.0,
            "kink": lambda x: x[0] > 2.0 and x[1] == 0.0,
        },
        kind="jax",
    ),
    Case("custom in jax", jax_custom, 2, _in(0.4, 1.0), kind="jax"),
    Case(
        "switch in jax",
        jax_switch,
        3,
        {
            "one": lambda x: x[0] == 1.0,
            "two": lambda x: x[0] == 2.0,
            "kink": lambda x: 1.0 <= x[0] < 2.0 and x[1] == 3.0,
        },
        kind="jax",
    ),
    Case(
        "median in jax",
        jax_median,
        5,
        {
            "tie": lambda x: np.sort(x)[2] in (np.sort(x)[1], np.sort(x)[3]),
            "zero": lambda x: x[0] == 0.0,
            "six": lambda x: x[0] == 6.0,
        },
        kind="jax",
    ),
    Case(
        "affine in jax",
        jax_affine,
        6,
        {
            "tie": lambda x: (lambda z: np.sum(z == np.max(z)) >= 2)(np.asarray(jnp.asarray(A36) @ x)),
            "level": lambda x: float(jnp.dot(jnp.asarray(V6), x)) == 0.5,
        },
        kind="jax",
    ),
)
