"""What each elementwise operation means: its slopes, and where it branches, ties, saturates or is singular.

One table for whoever looks inside f. A newly supported operation is one entry here, under NumPy's name of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Slope: TypeAlias = Callable[..., Any]
"""Takes the operands and then the result; returns a partial derivative, shaped like the result."""

_LARGEST_EXPONENT = math.log(np.finfo(float).max)


@dataclass(frozen=True)
class Operation:
    """Meaning of an elementwise operation.

    Attributes
    ----------
    partials
        One function per operand: the derivative of the result by it, where there is one. Empty where the result is no
        number that varies smoothly (a truth value, an integer).
    residuals
        Functions of the operands, each zero exactly where the operation may change its branch: a kink, a jump, a tie
        or a singularity.
    """

    partials: tuple[Slope, ...] = ()
    residuals: tuple[Callable[..., Any], ...] = ()


def _first(x: Any, *others: Any) -> Any:
    return x


def _second(x: Any, y: Any, *others: Any) -> Any:
    return y


def _gap(x: Any, y: Any, *others: Any) -> Any:
    return x - y


def _zero(x: Any, *others: Any) -> Any:
    return 0.0 * x


def _to_integer(x: Any) -> Any:
    return x - np.rint(x)


def _to_half(x: Any) -> Any:
    return x - (np.floor(x) + 0.5)


def _to_multiple(x: Any, y: Any) -> Any:
    return x - y * np.rint(x / y)


def _signed_root(x: Any) -> Any:
    """Vanish where x does; a cone where x is a sum of squares, so that one step leads to its apex."""
    return np.copysign(np.sqrt(np.abs(x)), x)


def _power_base(x: Any, y: Any) -> Any:
    """Return the base, where the power is not a polynomial of it."""
    return np.where((y == np.rint(y)) & (y >= 2), np.nan, x)


def _beyond(end: float) -> Callable[[Any], Any]:
    return lambda x: x - end


def _branch(*residuals: Callable[..., Any]) -> Operation:
    return Operation((), residuals)


def _smooth(*partials: Slope) -> Operation:
    return Operation(partials)


_COMPARISON = _branch(_gap)
_INTEGERS = Operation((_zero,), (_to_integer,))
_LOGICAL = _branch(_first, _second)
_SIGN = Operation((_zero,), (_first,))

OPERATIONS: Mapping[str, Operation] = {
    "add": _smooth(lambda x, y, z: 1.0, lambda x, y, z: 1.0),
    "subtract": _smooth(lambda x, y, z: 1.0, lambda x, y, z: -1.0),
    "multiply": Operation((lambda x, y, z: y, lambda x, y, z: x), (_first, _second)),
    "divide": Operation((lambda x, y, z: 1 / y, lambda x, y, z: -z / y), (_second,)),
    "reciprocal": Operation((lambda x, z: -z * z,), (_first,)),
    "negative": _smooth(lambda x, z: -1.0),
    "positive": _smooth(lambda x, z: 1.0),
    "conjugate": _smooth(lambda x, z: 1.0),
    "square": Operation((lambda x, z: 2 * x,), (_first,)),
    "power": Operation(
        (lambda x, y, z: y * x ** (y - 1), lambda x, y, z: z * np.log(x)),
        (_power_base,),
    ),
    "float_power": Operation(
        (lambda x, y, z: y * x ** (y - 1), lambda x, y, z: z * np.log(x)),
        (_power_base,),
    ),
    "sqrt": Operation((lambda x, z: 0.5 / z,), (_first, _signed_root)),
    "cbrt": Operation((lambda x, z: 1 / (3 * z * z),), (_first,)),
    "exp": Operation((lambda x, z: z,), (_beyond(_LARGEST_EXPONENT),)),
    "exp2": Operation((lambda x, z: z * math.log(2),), (_beyond(1024.0),)),
    "expm1": Operation((lambda x, z: z + 1,), (_beyond(_LARGEST_EXPONENT),)),
    "log": Operation((lambda x, z: 1 / x,), (_first,)),
    "log2": Operation((lambda x, z: 1 / (x * math.log(2)),), (_first,)),
    "log10": Operation((lambda x, z: 1 / (x * math.log(10)),), (_first,)),
    "log1p": Operation((lambda x, z: 1 / (1 + x),), (_beyond(-1.0),)),
    "logaddexp": _smooth(lambda x, y, z: np.exp(x - z), lambda x, y, z: np.exp(y - z)),
    "logaddexp2": _smooth(lambda x, y, z: np.exp2(x - z), lambda x, y, z: np.exp2(y - z)),
    "sin": _smooth(lambda x, z: np.cos(x)),
    "cos": _smooth(lambda x, z: -np.sin(x)),
    "tan": Operation((lambda x, z: 1 + z * z,), (lambda x: np.cos(x),)),
    "arcsin": Operation((lambda x, z: 1 / np.sqrt((1 - x) * (1 + x)),), (_beyond(1.0), _beyond(-1.0))),
    "arccos": Operation((lambda x, z: -1 / np.sqrt((1 - x) * (1 + x)),), (_beyond(1.0), _beyond(-1.0))),
    "arctan": _smooth(lambda x, z: 1 / (1 + x * x)),
    "arctan2": Operation(
        (lambda x, y, z: y / (x * x + y * y), lambda x, y, z: -x / (x * x + y * y)),
        (_first, _second),
    ),
    "hypot": Operation((lambda x, y, z: x / z, lambda x, y, z: y / z), (_first, _second, np.hypot)),
    "sinh": Operation((lambda x, z: np.cosh(x),), (_beyond(_LARGEST_EXPONENT), _beyond(-_LARGEST_EXPONENT))),
    "cosh": Operation((lambda x, z: np.sinh(x),), (_beyond(_LARGEST_EXPONENT), _beyond(-_LARGEST_EXPONENT))),
    "tanh": _smooth(lambda x, z: 1 - z * z),
    "arcsinh": _smooth(lambda x, z: 1 / np.sqrt(1 + x * x)),
    "arccosh": Operation((lambda x, z: 1 / np.sqrt((x - 1) * (x + 1)),), (_beyond(1.0),)),
    "arctanh": Operation((lambda x, z: 1 / ((1 - x) * (1 + x)),), (_beyond(1.0), _beyond(-1.0))),
    "degrees": _smooth(lambda x, z: 180 / math.pi),
    "rad2deg": _smooth(lambda x, z: 180 / math.pi),
    "radians": _smooth(lambda x, z: math.pi / 180),
    "deg2rad": _smooth(lambda x, z: math.pi / 180),
    "absolute": Operation((lambda x, z: np.sign(x),), (_first,)),
    "fabs": Operation((lambda x, z: np.sign(x),), (_first,)),
    "sign": _SIGN,
    "signbit": _branch(_first),
    "copysign": Operation((lambda x, y, z: np.sign(x) * np.sign(z), lambda x, y, z: 0.0 * z), (_first, _second)),
    "heaviside": Operation((_zero, lambda x, y, z: 1.0 * (x == 0)), (_first,)),
    "floor": _INTEGERS,
    "ceil": _INTEGERS,
    "trunc": _INTEGERS,
    "rint": Operation((_zero,), (_to_half,)),
    "floor_divide": Operation((_zero, lambda x, y, z: 0.0 * z), (_to_multiple, _second)),
    "remainder": Operation((lambda x, y, z: 1.0, lambda x, y, z: -np.floor(x / y)), (_to_multiple, _second)),
    "fmod": Operation((lambda x, y, z: 1.0, lambda x, y, z: -np.trunc(x / y)), (_to_multiple, _second)),
    "divmod": _branch(_to_multiple, _second),
    "modf": _branch(_to_integer),
    "maximum": Operation((lambda x, y, z: 1.0 * (x > y), lambda x, y, z: 1.0 * (y > x)), (_gap,)),
    "minimum": Operation((lambda x, y, z: 1.0 * (x < y), lambda x, y, z: 1.0 * (y < x)), (_gap,)),
    "fmax": Operation((lambda x, y, z: 1.0 * (x > y), lambda x, y, z: 1.0 * (y > x)), (_gap,)),
    "fmin": Operation((lambda x, y, z: 1.0 * (x < y), lambda x, y, z: 1.0 * (y < x)), (_gap,)),
    "clip": Operation(
        (
            lambda x, low, high, z: 1.0 * ((x > low) & (x < high)),
            lambda x, low, high, z: 1.0 * ((x <= low) & (low < high)),
            lambda x, low, high, z: 1.0 * ((x >= high) | (low >= high)),
        ),
        (_gap, lambda x, low, high: x - high),
    ),
    "greater": _COMPARISON,
    "greater_equal": _COMPARISON,
    "less": _COMPARISON,
    "less_equal": _COMPARISON,
    "equal": _COMPARISON,
    "not_equal": _COMPARISON,
    "logical_and": _LOGICAL,
    "logical_or": _LOGICAL,
    "logical_xor": _LOGICAL,
    "logical_not": _branch(_first),
    "isfinite": _branch(),
    "isnan": _branch(),
    "isinf": _branch(),
    "matmul": _smooth(),
    "vecdot": _smooth(),
    "matvec": _smooth(),
    "vecmat": _smooth(),
    "expit": _smooth(lambda x, z: z * (1 - z)),
    "erf": _smooth(lambda x, z: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "erfc": _smooth(lambda x, z: -2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "log_expit": _smooth(lambda x, z: 1 - np.exp(z)),
    "xlogy": Operation((lambda x, y, z: np.log(y), lambda x, y, z: x / y), (_first, _second)),
    "xlog1py": Operation((lambda x, y, z: np.log1p(y), lambda x, y, z: x / (1 + y)), (_first, lambda x, y: y + 1)),
    "entr": Operation((lambda x, z: -1 - np.log(x),), (_first,)),
    "rel_entr": Operation((lambda x, y, z: 1 + np.log(x / y), lambda x, y, z: -x / y), (_first, _second)),
}
"""By NumPy's or scipy.special's name of the universal function."""
