"""Where each elementwise operation branches, ties, saturates or is singular.

One table for whoever looks for the boundaries of f. A newly supported operation is one entry here, under NumPy's or
scipy.special's name of it; what its derivative is stands in ``exact_numbers.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

Residual: TypeAlias = Callable[..., Any]
"""A function of the operands that is zero exactly where the operation may change its branch."""

_LARGEST_EXPONENT = math.log(np.finfo(float).max)


def _first(x: Any, *others: Any) -> Any:
    return x


def _second(x: Any, y: Any, *others: Any) -> Any:
    return y


def _gap(x: Any, y: Any, *others: Any) -> Any:
    return x - y


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


_AT_ZERO = (_first,)
_AT_A_TIE = (_gap,)
_AT_EITHER_ZERO = (_first, _second)
_AT_INTEGERS = (_to_integer,)
_AT_MULTIPLES = (_to_multiple, _second)
_AT_ONES = (_beyond(1.0), _beyond(-1.0))
_AT_OVERFLOW = (_beyond(_LARGEST_EXPONENT),)
_AT_EITHER_OVERFLOW = (_beyond(_LARGEST_EXPONENT), _beyond(-_LARGEST_EXPONENT))

_SMOOTH = "add subtract negative positive conjugate logaddexp logaddexp2 sin cos arctan tanh arcsinh degrees rad2deg"
_SMOOTH += " radians deg2rad isfinite isnan isinf matmul vecdot matvec vecmat expit erf erfc log_expit"
_COMPARISONS = "greater greater_equal less less_equal equal not_equal maximum minimum fmax fmin"

OPERATIONS: Mapping[str, tuple[Residual, ...]] = {
    **dict.fromkeys(_SMOOTH.split(), ()),
    **dict.fromkeys(_COMPARISONS.split(), _AT_A_TIE),
    **dict.fromkeys(["absolute", "fabs", "sign", "signbit", "heaviside", "logical_not"], _AT_ZERO),
    **dict.fromkeys(["reciprocal", "square", "cbrt", "log", "log2", "log10", "entr"], _AT_ZERO),
    **dict.fromkeys(
        ["multiply", "arctan2", "copysign", "logical_and", "logical_or", "logical_xor", "xlogy", "rel_entr"],
        _AT_EITHER_ZERO,
    ),
    **dict.fromkeys(["floor", "ceil", "trunc", "modf"], _AT_INTEGERS),
    **dict.fromkeys(["floor_divide", "remainder", "fmod", "divmod"], _AT_MULTIPLES),
    **dict.fromkeys(["arcsin", "arccos", "arctanh"], _AT_ONES),
    **dict.fromkeys(["power", "float_power"], (_power_base,)),
    **dict.fromkeys(["exp", "expm1"], _AT_OVERFLOW),
    **dict.fromkeys(["sinh", "cosh"], _AT_EITHER_OVERFLOW),
    "divide": (_second,),
    "sqrt": (_first, _signed_root),
    "exp2": (_beyond(1024.0),),
    "log1p": (_beyond(-1.0),),
    "tan": (np.cos,),
    "hypot": (_first, _second, np.hypot),
    "arccosh": (_beyond(1.0),),
    "rint": (_to_half,),
    "clip": (_gap, lambda x, low, high: x - high),
    "xlog1py": (_first, lambda x, y: y + 1),
}
