"""Smooth functions of one to four variables with exact derivatives, to hold error bounds against.

Each is written once over a namespace ``m``: with NumPy for float64 columns, with mpmath for as many digits as it takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeAlias

import mpmath
import numpy as np
import scipy.special

from jacfuzz.oracles.rows import RowFunction, Rows, step_scale

Formula: TypeAlias = Callable[..., Any]

_DIGITS = 60
_SMALLEST, _LARGEST = 1e-8, 1e8
_UNDERFLOWN = 1e-290

NUMPY = SimpleNamespace(
    exp=np.exp,
    log=np.log,
    sin=np.sin,
    cos=np.cos,
    tan=np.tan,
    atan=np.arctan,
    asin=np.arcsin,
    sinh=np.sinh,
    tanh=np.tanh,
    sqrt=np.sqrt,
    erf=scipy.special.erf,
    expm1=np.expm1,
    log1p=np.log1p,
    where=np.where,
)
EXACT = SimpleNamespace(
    **{name: getattr(mpmath.mp, name) for name in vars(NUMPY) if name != "where"},
    where=lambda condition, yes, no: yes if condition else no,
)


@dataclass(frozen=True)
class Smooth:
    """A smooth function.

    Attributes
    ----------
    formula
        ``formula(m, *cells)``.
    size
        Number of variables.
    low, high
        Every variable is drawn from this interval,
    centre
        at distances from here that are even over the decades from 1e-8 to 1e8.
    """

    formula: Formula
    size: int = 1
    low: float = -_LARGEST
    high: float = _LARGEST
    centre: float = 0.0

    @property
    def function(self) -> RowFunction:
        """f in float64 at rows, of one output."""

        def rows_to_values(rows: Rows, index: np.ndarray) -> np.ndarray:
            with np.errstate(all="ignore"):
                return np.asarray(self.formula(NUMPY, *rows.T))[:, None]

        return rows_to_values

    def points(self, count: int, rng: np.random.Generator) -> Rows:
        """Draw points (count, N)."""
        found: list[float] = []
        while len(found) < count * self.size:
            distance = 10 ** rng.uniform(math.log10(_SMALLEST), math.log10(_LARGEST))
            cell = self.centre + distance * rng.choice([-1.0, 1.0])
            if self.low <= cell <= self.high:
                found.append(cell)
        return np.reshape(found, (count, self.size))

    def derivative(self, row: Sequence[float], direction: Sequence[float]) -> float | None:
        """Return the exact derivative along a direction; None where it or f leaves the range of normal numbers."""

        def along(t: Any) -> Any:
            return self.formula(
                EXACT, *(mpmath.mpf(x) + t * mpmath.mpf(d) for x, d in zip(row, direction, strict=True))
            )

        with mpmath.workdps(_DIGITS):
            value, slope = along(mpmath.mpf(0)), mpmath.diff(along, 0)
            largest, smallest = max(abs(value), abs(slope)), abs(slope)
        return float(slope) if smallest > _UNDERFLOWN and largest < 1 / _UNDERFLOWN else None


def directions(rows: Rows, rng: np.random.Generator) -> np.ndarray:
    """One axis and two random directions per point, (K, 3, N), of the lengths over which the cells vary."""
    axes = np.eye(rows.shape[1])[rng.integers(rows.shape[1], size=len(rows))]
    mixed = rng.standard_normal((len(rows), 2, rows.shape[1]))
    return np.asarray(np.concatenate([axes[:, None], mixed], axis=1) * step_scale(rows)[:, None])


def log_sum_exp(m: Any, *cells: Any) -> Any:
    return m.log(sum(m.exp(cell) for cell in cells))


def quadratic_spline(m: Any, x: Any) -> Any:
    return m.where(x < 1, x * x / 2, x - 0.5)


def cubic_spline(m: Any, x: Any) -> Any:
    return m.where(x < 1, x**3 / 6, x**3 / 6 - (x - 1) ** 3 / 3)


def expanded_power(m: Any, x: Any) -> Any:
    """(x - 1)^5, multiplied out."""
    return ((((x - 5) * x + 10) * x - 10) * x + 5) * x - 1


SMOOTH: dict[str, Smooth] = {
    "exponential": Smooth(lambda m, x: m.exp(x), low=-600, high=600),
    "logarithm": Smooth(lambda m, x: m.log(x), low=0),
    "sine": Smooth(lambda m, x: m.sin(x)),
    "cosine": Smooth(lambda m, x: m.cos(x)),
    "tangent": Smooth(lambda m, x: m.tan(x), low=-1.5, high=1.5),
    "arctangent": Smooth(lambda m, x: m.atan(x)),
    "arcsine": Smooth(lambda m, x: m.asin(x), low=-1, high=1),
    "arcsine near 1": Smooth(lambda m, x: m.asin(x), low=-1, high=1, centre=1),
    "hyperbolic sine": Smooth(lambda m, x: m.sinh(x), low=-600, high=600),
    "square root": Smooth(lambda m, x: m.sqrt(x), low=0),
    "power 1.5": Smooth(lambda m, x: x**1.5, low=0),
    "power -2.5": Smooth(lambda m, x: x**-2.5, low=0),
    "cube": Smooth(lambda m, x: x**3),
    "reciprocal": Smooth(lambda m, x: 1 / x),
    "rational": Smooth(lambda m, x: x / (1 + x * x)),
    "runge": Smooth(lambda m, x: 1 / (1 + 25 * x * x)),
    "x log x": Smooth(lambda m, x: x * m.log(x), low=0),
    "expm1": Smooth(lambda m, x: m.expm1(x), low=-600, high=600),
    "log1p": Smooth(lambda m, x: m.log1p(x), low=-0.999),
    "1 - cos x": Smooth(lambda m, x: 1 - m.cos(x)),
    "exp x - 1": Smooth(lambda m, x: m.exp(x) - 1, low=-600, high=600),
    "log of 1 + x": Smooth(lambda m, x: m.log(1 + x), low=-0.999),
    "sqrt(1 + x) - 1": Smooth(lambda m, x: m.sqrt(1 + x) - 1, low=-0.999),
    "difference of squares": Smooth(lambda m, x: (x + 1) ** 2 - (x - 1) ** 2),
    "fifth power, multiplied out": Smooth(expanded_power, low=-1e3, high=1e3),
    "fifth power, multiplied out, near 1": Smooth(expanded_power, low=-1e3, high=1e3, centre=1),
    "error function": Smooth(lambda m, x: m.erf(x), low=-20, high=20),
    "hyperbolic tangent": Smooth(lambda m, x: m.tanh(x), low=-300, high=300),
    "logistic": Smooth(lambda m, x: 1 / (1 + m.exp(-x)), low=-600, high=600),
    "steep logistic": Smooth(lambda m, x: 1 / (1 + m.exp(-1e3 * x)), low=-0.6, high=0.6),
    "gaussian": Smooth(lambda m, x: m.exp(-x * x), low=-25, high=25),
    "sine of 30 x": Smooth(lambda m, x: m.sin(30 * x)),
    "sine of 300 x": Smooth(lambda m, x: m.sin(300 * x), low=-1e6, high=1e6),
    "high plateau": Smooth(lambda m, x: 1e10 + m.sin(x)),
    "tiny": Smooth(lambda m, x: 1e-200 * m.sin(x)),
    "huge": Smooth(lambda m, x: 1e200 * m.sin(x)),
    "quadratic spline near its knot": Smooth(quadratic_spline, centre=1),
    "cubic spline near its knot": Smooth(cubic_spline, centre=1),
    "product of two": Smooth(lambda m, x, y: x * y, 2),
    "ratio": Smooth(lambda m, x, y: x / y, 2),
    "rosenbrock": Smooth(lambda m, x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2, 2),
    "length": Smooth(lambda m, x, y: m.sqrt(x * x + y * y), 2),
    "length less x": Smooth(lambda m, x, y: m.sqrt(x * x + y * y) - x, 2),
    "angle": Smooth(lambda m, x, y: m.atan(y / x), 2),
    "two scales": Smooth(lambda m, x, y: 1e8 * x + 1e-8 * m.sin(y), 2),
    "sine of a product": Smooth(lambda m, x, y: m.sin(x * y), 2, low=-1e4, high=1e4),
    "log-sum-exp": Smooth(log_sum_exp, 3, low=-600, high=600),
    "softmax": Smooth(lambda m, x, y, z: m.exp(x) / (m.exp(x) + m.exp(y) + m.exp(z)), 3, low=-200, high=200),
    "norm of three": Smooth(lambda m, x, y, z: m.sqrt(x * x + y * y + z * z), 3),
    "determinant": Smooth(lambda m, a, b, c, d: a * d - b * c, 4),
    "product of four": Smooth(lambda m, a, b, c, d: a * b * c * d, 4),
    "cross ratio": Smooth(lambda m, a, b, c, d: (a - c) * (b - d) / ((a - d) * (b - c)), 4),
}
