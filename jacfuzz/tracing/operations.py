"""What each elementwise operation means: where it branches, what it is on dual numbers, what libraries call it.

One table, for the recorder (``notes.py``), exact arithmetic (``duals.py``, ``exact_numpy.py``) and jax's primitives
(``primitives.py``). A newly supported operation is one entry here, under the name that NumPy or scipy.special gives it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import mpmath
import numpy as np

from jacfuzz.tracing.exact_numbers import Elementary, elementary, trigamma

Residual: TypeAlias = Callable[..., Any]
"""A function of the operands that is zero exactly where the operation may change its branch."""


class Operation(NamedTuple):
    """An elementwise operation.

    Attributes
    ----------
    residuals
        Where it branches, ties, saturates or is singular.
    slope
        Value and slope of an elementary function of one number.
    on_duals
        What it does with dual numbers, where it is no elementary function.
    names
        What ``math`` and jax call it, where not the same.
    needs
        Operands that have to vary for it to branch: a product with a constant is linear.
    """

    residuals: tuple[Residual, ...] = ()
    slope: Elementary | None = None
    on_duals: Callable[..., Any] | None = None
    names: str = ""
    needs: tuple[int, ...] = ()


_LARGEST_EXPONENT = math.log(np.finfo(float).max)


def _first(x: Any, *others: Any) -> Any:
    return x


def _second(x: Any, y: Any, *others: Any) -> Any:
    return y


def _gap(x: Any, y: Any, *others: Any) -> Any:
    return x - y


def _to_integer(x: Any, *others: Any) -> Any:
    return x - np.rint(x)


def _to_half(x: Any) -> Any:
    return x - (np.floor(x) + 0.5)


def _to_pole(x: Any) -> Any:
    """Distance to the next pole of the gamma function, at 0, -1, -2 and so on."""
    return np.where(x < 0.5, x - np.rint(x), np.nan)


def _to_multiple(x: Any, y: Any) -> Any:
    return x - y * np.rint(x / y)


def _to_half_multiple(x: Any, y: Any) -> Any:
    return x - y * (np.floor(x / y) + 0.5)


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
_AT_POLES = (_to_pole,)
_AT_OVERFLOW = (_beyond(_LARGEST_EXPONENT),)
_AT_EITHER_OVERFLOW = (_beyond(_LARGEST_EXPONENT), _beyond(-_LARGEST_EXPONENT))


def _method(name: str) -> Callable[..., Any]:
    return operator.methodcaller(name)


def _arctan2(y: Any, x: Any) -> Any:
    return y.arctan2(x)


_EXP = elementary(mpmath.exp, lambda x, y: y)
_EXP2 = elementary(lambda x: mpmath.mpf(2) ** x, lambda x, y: y * mpmath.ln2)
_LOG2 = elementary(lambda x: mpmath.log(x) / mpmath.ln2, lambda x, y: 1 / (x * mpmath.ln2))
_LOG10 = elementary(lambda x: mpmath.log(x) / mpmath.ln10, lambda x, y: 1 / (x * mpmath.ln10))
_CBRT = elementary(lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), lambda x, y: 1 / (3 * y * y))
_EXPIT = elementary(lambda x: 1 / (1 + mpmath.exp(-x)), lambda x, y: y * y * mpmath.exp(-x))
_ERF = elementary(mpmath.erf, lambda x, y: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x))
_ERFC = elementary(mpmath.erfc, lambda x, y: -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x))
_ERFINV = elementary(mpmath.erfinv, lambda x, y: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(y * y))
_GAMMALN = elementary(lambda x: mpmath.log(abs(mpmath.gamma(x))), lambda x, y: mpmath.digamma(x))
_ARCSIN = elementary(mpmath.asin, lambda x, y: 1 / mpmath.sqrt((1 - x) * (1 + x)))
_ARCCOS = elementary(mpmath.acos, lambda x, y: -1 / mpmath.sqrt((1 - x) * (1 + x)))
_ARCSINH = elementary(mpmath.asinh, lambda x, y: 1 / mpmath.sqrt(1 + x * x))
_ARCCOSH = elementary(mpmath.acosh, lambda x, y: 1 / mpmath.sqrt((x - 1) * (x + 1)))

OPERATIONS: Mapping[str, Operation] = {
    "add": Operation(on_duals=operator.add, names="add_any"),
    "subtract": Operation(on_duals=operator.sub, names="sub"),
    "multiply": Operation(_AT_EITHER_ZERO, on_duals=operator.mul, names="mul", needs=(0, 1)),
    "divide": Operation((_second,), on_duals=operator.truediv, names="div", needs=(1,)),
    "negative": Operation(on_duals=operator.neg, names="neg"),
    "positive": Operation(on_duals=operator.pos),
    "reciprocal": Operation(_AT_ZERO),
    "square": Operation(_AT_ZERO, on_duals=lambda x: x * x),
    "power": Operation((_power_base,), on_duals=operator.pow, names="pow"),
    "float_power": Operation((_power_base,)),
    "floor_divide": Operation(_AT_MULTIPLES),
    "remainder": Operation(_AT_MULTIPLES),
    "divmod": Operation(_AT_MULTIPLES),
    "fmod": Operation(_AT_MULTIPLES, on_duals=lambda x, y: x - y * (x / y).trunc(), names="rem"),
    "remainder from the nearest": Operation((_to_half_multiple, _second)),
    "maximum": Operation(_AT_A_TIE, on_duals=lambda x, y: x if x >= y else y, names="max"),
    "minimum": Operation(_AT_A_TIE, on_duals=lambda x, y: x if x <= y else y, names="min"),
    "fmax": Operation(_AT_A_TIE, on_duals=lambda x, y: x if x >= y else y),
    "fmin": Operation(_AT_A_TIE, on_duals=lambda x, y: x if x <= y else y),
    "greater": Operation(_AT_A_TIE, names="gt"),
    "greater_equal": Operation(_AT_A_TIE, names="ge"),
    "less": Operation(_AT_A_TIE, names="lt lt_to"),
    "less_equal": Operation(_AT_A_TIE, names="le le_to"),
    "equal": Operation(_AT_A_TIE, names="eq isclose"),
    "not_equal": Operation(_AT_A_TIE, names="ne"),
    "clip": Operation((_gap, lambda x, low, high: x - high)),
    "absolute": Operation(_AT_ZERO, on_duals=abs, names="abs"),
    "fabs": Operation(_AT_ZERO, on_duals=abs),
    "sign": Operation(_AT_ZERO, on_duals=lambda x: x * 0 + ((x > 0) - (x < 0))),
    "signbit": Operation(_AT_ZERO, on_duals=lambda x: x < 0),
    "copysign": Operation(_AT_EITHER_ZERO, on_duals=lambda x, y: -abs(x) if y < 0 else abs(x)),
    "heaviside": Operation(_AT_ZERO, on_duals=lambda x, y: y if x == 0 else x * 0 + int(x > 0)),
    "logical_not": Operation(_AT_ZERO),
    "logical_and": Operation(_AT_EITHER_ZERO),
    "logical_or": Operation(_AT_EITHER_ZERO),
    "logical_xor": Operation(_AT_EITHER_ZERO),
    "floor": Operation(_AT_INTEGERS, on_duals=_method("floor")),
    "ceil": Operation(_AT_INTEGERS, on_duals=_method("ceil")),
    "trunc": Operation(_AT_INTEGERS, on_duals=_method("trunc")),
    "modf": Operation(_AT_INTEGERS),
    "rint": Operation((_to_half,), on_duals=_method("rint"), names="round"),
    "sqrt": Operation((_signed_root, _first), on_duals=_method("sqrt")),
    "rsqrt": Operation((_signed_root, _first), on_duals=lambda x: x.sqrt().reciprocal()),
    "cbrt": Operation(_AT_ZERO, _CBRT),
    "hypot": Operation((_first, _second, np.hypot)),
    "exp": Operation(_AT_OVERFLOW, _EXP),
    "exp2": Operation((_beyond(1024.0),), _EXP2),
    "expm1": Operation(_AT_OVERFLOW, elementary(mpmath.expm1, lambda x, y: mpmath.exp(x))),
    "log": Operation(_AT_ZERO, elementary(mpmath.log, lambda x, y: 1 / x)),
    "log2": Operation(_AT_ZERO, _LOG2),
    "log10": Operation(_AT_ZERO, _LOG10),
    "log1p": Operation((_beyond(-1.0),), elementary(mpmath.log1p, lambda x, y: 1 / (1 + x))),
    "logaddexp": Operation(on_duals=lambda x, y: (x.exp() + y.exp()).log()),
    "logaddexp2": Operation(on_duals=lambda x, y: (x.exp2() + y.exp2()).log2()),
    "sin": Operation((), elementary(mpmath.sin, lambda x, y: mpmath.cos(x))),
    "cos": Operation((), elementary(mpmath.cos, lambda x, y: -mpmath.sin(x))),
    "tan": Operation((np.cos,), elementary(mpmath.tan, lambda x, y: 1 + y * y)),
    "arcsin": Operation(_AT_ONES, _ARCSIN, names="asin"),
    "arccos": Operation(_AT_ONES, _ARCCOS, names="acos"),
    "arctan": Operation((), elementary(mpmath.atan, lambda x, y: 1 / (1 + x * x)), names="atan"),
    "arctan2": Operation(_AT_EITHER_ZERO, on_duals=_arctan2, names="atan2"),
    "sinh": Operation(_AT_EITHER_OVERFLOW, elementary(mpmath.sinh, lambda x, y: mpmath.cosh(x))),
    "cosh": Operation(_AT_EITHER_OVERFLOW, elementary(mpmath.cosh, lambda x, y: mpmath.sinh(x))),
    "tanh": Operation((), elementary(mpmath.tanh, lambda x, y: mpmath.sech(x) ** 2)),
    "arcsinh": Operation((), _ARCSINH, names="asinh"),
    "arccosh": Operation((_beyond(1.0),), _ARCCOSH, names="acosh"),
    "arctanh": Operation(_AT_ONES, elementary(mpmath.atanh, lambda x, y: 1 / ((1 - x) * (1 + x))), names="atanh"),
    "erf": Operation((), _ERF),
    "erfc": Operation((), _ERFC),
    "erfinv": Operation(_AT_ONES, _ERFINV, names="erf_inv"),
    "expit": Operation((), _EXPIT, names="logistic"),
    "log_expit": Operation(),
    "gammaln": Operation(_AT_POLES, _GAMMALN, names="lgamma"),
    "gamma": Operation(_AT_POLES, elementary(mpmath.gamma, lambda x, y: y * mpmath.digamma(x))),
    "digamma": Operation(_AT_POLES, elementary(mpmath.digamma, lambda x, y: trigamma(x)), names="psi"),
    "i0": Operation((), elementary(lambda x: mpmath.besseli(0, x), lambda x, y: mpmath.besseli(1, x))),
    "entr": Operation(_AT_ZERO),
    "xlogy": Operation(_AT_EITHER_ZERO),
    "xlog1py": Operation((_first, lambda x, y: y + 1)),
    "rel_entr": Operation(_AT_EITHER_ZERO),
    **dict.fromkeys(["degrees", "rad2deg", "radians", "deg2rad", "conjugate", "ldexp", "nextafter"], Operation()),
    **dict.fromkeys(["isfinite", "isnan", "isinf", "matmul", "vecdot", "matvec", "vecmat"], Operation()),
}

SMOOTH = frozenset(name for name, operation in OPERATIONS.items() if not operation.residuals)
"""Operations that branch nowhere."""

_CANONICAL = {alias: name for name, operation in OPERATIONS.items() for alias in operation.names.split()}


def canonical(name: str) -> str:
    """Return the name under which the table has what ``math`` or jax calls by this name; the name itself without."""
    return _CANONICAL.get(name, name)


def on_duals(name: str) -> Callable[..., Any] | None:
    """Return what an operation does with dual numbers; None where the table does not say."""
    operation = OPERATIONS.get(name)
    if operation is None:
        return None
    return operation.on_duals if operation.slope is None else _method(name)


def residuals_at(name: str, operands: tuple[Any, ...]) -> list[Any] | None:
    """Return the residuals of an operation at plain operands, sizes of them where complex; None where unknown."""
    operation = OPERATIONS.get(name)
    if operation is None:
        return None
    found = [residual(*operands) for residual in operation.residuals]
    return [np.abs(residual) if np.iscomplexobj(residual) else residual for residual in found]
