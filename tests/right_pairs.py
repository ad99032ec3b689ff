"""Right pairs that other gradient checkers flag, each with the points that make them do it.

Sources of the traps: issues of jax (#2107, #3058, #18450), torch (#114233, #114234, #57166), scipy (#7766),
FiniteDifferences.jl (#53, #129), ChainRulesTestUtils.jl (#285), pytensor (#1911), and the defaults of their checkers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Function: TypeAlias = Callable[..., Any]
Pair: TypeAlias = tuple[Function, Function, list[list[float]]]


def diagonal(derivative: Function) -> Function:
    """Jacobian of an elementwise function."""
    return lambda x: np.diag(derivative(x))


def elementwise(f: Function, derivative: Function, *points: float) -> Pair:
    """An elementwise function at single-entry points."""
    return f, diagonal(derivative), [[point] for point in points]


def softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - np.max(x))
    return powers / np.sum(powers)


def products_of_others(x: np.ndarray) -> np.ndarray:
    return np.array([np.prod(np.delete(x, j)) for j in range(len(x))])


def spline(x: np.ndarray) -> np.ndarray:
    return np.where(x < 1, x**3 / 6, x**3 / 6 - (x - 1) ** 3 / 3)


def spline_slope(x: np.ndarray) -> np.ndarray:
    return np.where(x < 1, x**2 / 2, x**2 / 2 - (x - 1) ** 2)


def spread_slope(x: np.ndarray) -> np.ndarray:
    return (x - x.mean()) / (len(x) * x.std()) if x.std() else np.zeros(len(x))


def sinc(x: np.ndarray) -> np.ndarray:
    return np.sinc(x / np.pi)


def sinc_slope(x: np.ndarray) -> np.ndarray:
    safe = np.where(np.abs(x) < 1e-3, 1.0, x)
    return np.where(np.abs(x) < 1e-3, -x / 3 + x**3 / 30, (np.cos(safe) - np.sin(safe) / safe) / safe)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def sorted_by(places: Function) -> Function:
    return lambda x: np.eye(len(x))[places(x)]


def last_first(x: np.ndarray) -> np.ndarray:
    """Sort positions that break ties the other way than a stable sort."""
    return len(x) - 1 - np.argsort(x[::-1], kind="stable")


def unit(x: np.ndarray) -> np.ndarray:
    length = np.sqrt(np.sum(x * x))
    return np.where(length == 0, 0.0, x / np.where(length == 0, 1.0, length))


PAIRS: dict[str, Pair] = {
    "relu, 0 at 0": elementwise(lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0, 0.0, 1e-7, -1e-7, 1e-300, 3.0),
    "relu, 1 at 0": elementwise(lambda x: np.maximum(x, 0), lambda x: (x >= 0) * 1.0, 0.0, 1e-7),
    "relu, half at 0": elementwise(lambda x: np.maximum(x, 0), lambda x: np.heaviside(x, 0.5), 0.0),
    "absolute value, 0 at 0": elementwise(np.abs, np.sign, 0.0, 1e-9, -1e-9),
    "absolute value, 1 at 0": elementwise(np.abs, lambda x: np.where(x >= 0, 1.0, -1.0), 0.0),
    "absolute value, -0.3 at 0": elementwise(np.abs, lambda x: np.where(x == 0, -0.3, np.sign(x)), 0.0),
    "leaky relu": elementwise(lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.where(x > 0, 1, 0.01), 0.0, -1e-8),
    "relu less relu is the identity": elementwise(lambda x: np.maximum(x, 0) - np.maximum(-x, 0), np.ones_like, 0.0),
    "shifted relu at its kink": elementwise(lambda x: np.maximum(x - 3, 0), lambda x: (x > 3) * 1.0, 3.0, 3 + 1e-9),
    "clip": elementwise(lambda x: np.clip(x, -1, 1), lambda x: (np.abs(x) < 1) * 1.0, 1.0, -1.0, 0.5, 2.0),
    "clip, closed": elementwise(lambda x: np.clip(x, -1, 1), lambda x: (np.abs(x) <= 1) * 1.0, 1.0, -1.0),
    "huber": elementwise(
        lambda x: np.where(np.abs(x) <= 1, x * x / 2, np.abs(x) - 0.5), lambda x: np.clip(x, -1, 1), 1.0, -1.0, 0.0, 9.0
    ),
    "x times its absolute value": elementwise(lambda x: x * np.abs(x), lambda x: 2 * np.abs(x), 0.0, 1e-8, -5.0),
    "x to the 1.5": elementwise(lambda x: x**1.5, lambda x: 1.5 * np.sqrt(x), 0.0, 1e-10, 2.0),
    "sine of 1e8": elementwise(np.sin, np.cos, 1e8, -1e6, 1e4),
    "three times 1e13": elementwise(lambda x: 3 * x, lambda x: np.full_like(x, 3.0), 1e13, 1e-13),
    "sine on a high plateau": elementwise(lambda x: 1e10 + np.sin(x), np.cos, 0.5, 2.0),
    "square root near 0": elementwise(np.sqrt, lambda x: 0.5 / np.sqrt(x), 1e-5, 1e-12, 4.0),
    "logarithm near 0": elementwise(np.log, lambda x: 1 / x, 5e-5, 1e-12, 1e12),
    "arcsine near 1": elementwise(np.arcsin, lambda x: 1 / np.sqrt((1 - x) * (1 + x)), 0.999999, -0.5),
    "inverse hyperbolic tangent near 1": elementwise(np.arctanh, lambda x: 1 / ((1 - x) * (1 + x)), 0.9999),
    "reciprocal": elementwise(lambda x: 1 / x, lambda x: -1 / x**2, 1e-6, 1e6, -2.0),
    "tiny Jacobian": elementwise(lambda x: 1e-15 * np.sin(x), lambda x: 1e-15 * np.cos(x), 0.3, 2.0),
    "huge Jacobian": elementwise(lambda x: 1e15 * np.sin(x), lambda x: 1e15 * np.cos(x), 0.3, 2.0),
    "fast oscillation": elementwise(lambda x: np.sin(300 * x), lambda x: 300 * np.cos(300 * x), 0.3, 5.0),
    "steep sigmoid": elementwise(
        lambda x: sigmoid(1e4 * x), lambda x: 1e4 * sigmoid(1e4 * x) * sigmoid(-1e4 * x), 1e-4, -2e-4, 0.0
    ),
    "saturated sigmoid": elementwise(sigmoid, lambda x: sigmoid(x) * sigmoid(-x), 36.0, -36.0, 300.0, 0.0),
    "saturated tanh": elementwise(np.tanh, lambda x: 1 / np.cosh(x) ** 2, 18.0, -18.0, 300.0, 0.0),
    "gaussian tail": elementwise(lambda x: np.exp(-x * x), lambda x: -2 * x * np.exp(-x * x), 10.0, 26.0, 0.0),
    "exponential": elementwise(np.exp, np.exp, 700.0, -700.0, 0.0),
    "exponential less one": elementwise(np.expm1, np.exp, 1e-12, -40.0, 0.0),
    "logarithm of one plus": elementwise(np.log1p, lambda x: 1 / (1 + x), 1e-12, -0.999),
    "softplus": elementwise(lambda x: np.logaddexp(x, 0), sigmoid, 0.0, -40.0, 40.0),
    "cancellation": elementwise(lambda x: (1 - np.cos(x)) / 1.0, np.sin, 1e-4, 1e-7),
    "difference of squares": elementwise(lambda x: (x + 1) ** 2 - (x - 1) ** 2, lambda x: 4 + 0 * x, 1e-6, 1e5),
    "sinc": elementwise(sinc, sinc_slope, 0.0, 1e-5, 0.5, 20.0),
    "cubic spline with a jump in the third derivative": elementwise(spline, spline_slope, 1.0, 0.999999, 2.0),
    "quadratic spline with a jump in the second derivative": elementwise(
        lambda x: np.where(x < 1, x * x / 2, x - 0.5), lambda x: np.minimum(x, 1.0), 1.0, 1 - 1e-7
    ),
    "flat step": elementwise(np.floor, np.zeros_like, 0.5, 2.999, -7.25),
    "sign": elementwise(np.sign, np.zeros_like, 0.5, -1e-6),
    "x to the power 0": elementwise(lambda x: x**0, np.zeros_like, 0.0, 2.0),
    "x to the power 3 at 0": elementwise(lambda x: x**3, lambda x: 3 * x**2, 0.0, -1e-5),
    "constant": elementwise(lambda x: 0 * x + 7, np.zeros_like, 0.0, 5.0),
    "power of two arguments in one": elementwise(lambda x: np.abs(x) ** 2.5, lambda x: 2.5 * np.abs(x) ** 1.5 * np.sign(x), 0.0, 0.1),
    "sort, stable": (np.sort, sorted_by(lambda x: np.argsort(x, kind="stable")), [[1.0, 1.0, 0.0], [2.0] * 5, [3.0, 1.0]]),
    "sort, ties the other way": (np.sort, sorted_by(last_first), [[1.0, 1.0, 0.0], [2.0] * 5, [0.0, 1e-9, 0.0]]),
    "maximum, first": (np.max, lambda x: (np.arange(len(x)) == np.argmax(x)) * 1.0, [[1.0, 1.0, 0.0], [0.0, 1e-6]]),
    "maximum, shared": (np.max, lambda x: (x == np.max(x)) / np.sum(x == np.max(x)), [[1.0, 1.0, 0.0], [2.0] * 4]),
    "minimum, last": (np.min, lambda x: (np.arange(len(x)) == len(x) - 1 - np.argmin(x[::-1])) * 1.0, [[1.0, 1.0, 4.0]]),
    "median of three": (np.median, lambda x: (np.arange(3) == np.argsort(x)[1]) * 1.0, [[1.0, 5.0, 3.0], [2.0, 2.0, 2.0]]),
    "product at zeros": (np.prod, products_of_others, [[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [1e-9, 1e9, 5.0]]),
    "cumulative product at a zero": (
        np.cumprod,
        lambda x: np.array([[np.prod(np.delete(x[: i + 1], j)) if j <= i else 0.0 for j in range(3)] for i in range(3)]),
        [[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]],
    ),
    "softmax": (softmax, lambda x: np.diag(softmax(x)) - np.outer(softmax(x), softmax(x)), [[0.0, 0.0], [1.0, 30.0], [900.0, 0.0]]),
    "log-sum-exp": (lambda x: np.max(x) + np.log(np.sum(np.exp(x - np.max(x)))), softmax, [[0.0, 0.0], [800.0, 799.0], [-800.0, 5.0]]),
    "euclidean norm, 0 at 0": (lambda x: np.sqrt(np.sum(x * x)), unit, [[0.0, 0.0], [3.0, 4.0], [1e-9, 0.0]]),
    "squared norm": (lambda x: np.sum(x * x), lambda x: 2 * x, [[0.0, 0.0], [3.0, 4.0]]),
    "taxicab norm": (lambda x: np.sum(np.abs(x)), np.sign, [[0.0, 0.0], [3.0, 0.0], [-1.0, 1e-8]]),
    "largest magnitude": (
        lambda x: np.max(np.abs(x)), lambda x: (np.arange(len(x)) == np.argmax(np.abs(x))) * np.sign(x), [[-2.0, 2.0], [3.0, -1.0]],
    ),
    "hinge on a dot product": (
        lambda x: np.maximum(0, 1 - x @ np.array([1.0, 2.0])),
        lambda x: -1.0 * (x @ np.array([1.0, 2.0]) < 1) * np.array([1.0, 2.0]),
        [[1.0, 0.0], [0.0, 0.5], [5.0, 5.0]],
    ),
    "difference of absolute values": (lambda x: np.abs(x[0]) - np.abs(x[1]), lambda x: np.sign(x) * [1, -1], [[0.0, 0.0], [1.0, 0.0]]),
    "distance that cancels": (
        lambda x: np.hypot(x[0], x[1]) - x[0],
        lambda x: (lambda r: np.array([x[0] / r - 1, x[1] / r]) if r else np.array([-1.0, 0.0]))(np.hypot(x[0], x[1])),
        [[1e4, 1.0], [0.0, 0.0], [3.0, 4.0]],
    ),
    "rosenbrock": (
        lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2,
        lambda x: np.array([-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)]),
        [[1.0, 1.0], [0.0, 0.0], [1e4, -1e4]],
    ),
    "exponential of a minimum": (
        lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
        diagonal(lambda x: np.exp(np.minimum(x, 0))),
        [[0.0, 0.0, -1e-30], [0.0, 0.0, 0.0], [1.0, -1.0, 0.0]],
    ),
    "standard deviation, 0 where it is 0": (np.std, spread_slope, [[1.75] * 4, [-0.25, -0.25, -0.25, -0.25 + 2**-54], [1.0, 2.0, 4.0, 8.0]]),
    "cross-entropy next to certainty": (
        lambda x: -np.log(softmax(x)[0]), lambda x: softmax(x) - np.eye(len(x))[0], [[30.0, 0.0, 1.0], [10.0, 0.0, 0.0], [2.0, 1.0, 0.0]],
    ),
    "average of the sorted middle": (
        lambda x: np.sort(x)[1:-1].mean(),
        lambda x: (lambda r: ((r > 0) & (r < len(x) - 1)) / (len(x) - 2))(np.argsort(np.argsort(x, kind="stable"))),
        [[1.0] * 4, [0.0, 0.0, 1.0, 1.0], [3.0, 1.0, 2.0, 2.0]],
    ),
}  # fmt: skip
