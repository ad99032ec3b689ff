"""NumPy, SciPy and math over dual numbers: untouched code run on object arrays of them.

NumPy's own functions do the work where they take objects; those that insist on floats have twins here. What has neither
raises, so that nothing is ever computed half in floating point.
"""

from __future__ import annotations

import functools
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from jacfuzz.tracing.branches import Branches
from jacfuzz.tracing.duals import Dual, lift, lifted
from jacfuzz.tracing.exact_linalg import Linalg
from jacfuzz.tracing.exact_numbers import ELEMENTARY
from jacfuzz.tracing.rebind import rebind

_CREATORS = {"zeros", "ones", "empty", "full", "eye", "identity", "zeros_like", "ones_like", "empty_like", "full_like"}
_LINALG = ("det", "slogdet", "inv", "solve", "cholesky", "norm")
_MATH = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh"}
_MATH |= {"atanh": "arctanh", "sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "trunc": "trunc"}
_MATH |= {name: name for name in ELEMENTARY}
_ELEMENTWISE = (*ELEMENTARY, "sqrt", "floor", "ceil", "trunc", "rint")
_CONSTANTS = ("pi", "e", "tau", "inf", "nan", "comb", "factorial", "gcd")
_SPECIAL = {"expit": "logistic", "gammaln": "lgamma", "psi": "digamma"}
_SPECIAL |= {name: name for name in ("erf", "erfc", "digamma", "exp2", "log1p", "expm1", "cbrt")}


def to_exact(function: Callable[..., Any], branches: Branches) -> Callable[..., Any]:
    """Return NumPy or plain Python code that runs on object arrays of dual numbers."""
    libraries = _Libraries(branches)
    return rebind(function, libraries.module, libraries.function, {"float": libraries.float})


class _Library:
    """Names of a library, each made when it is asked for: code under test uses few of them.

    Parameters
    ----------
    twin
        Returns what a name stands for, or raises AttributeError.
    """

    def __init__(self, twin: Callable[[str], Any]) -> None:
        self._twin = twin

    def __getattr__(self, name: str) -> Any:
        return self._twin(name)


class _Libraries:
    """Twins of the libraries for one evaluation."""

    def __init__(self, branches: Branches) -> None:
        self._lift = functools.partial(lift, branches=branches)
        self._lifted = functools.partial(lifted, branches=branches)
        self._numpy = _Library(self._of_numpy)
        self._linalg = _Library(self._of_linalg)
        self._math = _Library(self._of_math)
        self._special = _Library(self._of_special)

    def module(self, module: types.ModuleType) -> Any:
        """Twin of a module; without one, the module itself."""
        twins: dict[str, Any] = {"numpy": self._numpy, "numpy.linalg": self._linalg, "math": self._math}
        twins |= {"scipy.special": self._special, "scipy": types.SimpleNamespace(special=self._special)}
        return twins.get(module.__name__, module)

    def function(self, function: Any) -> Any:
        """Twin of a library's function; without one, the function itself."""
        name = getattr(function, "__name__", "")
        if getattr(function, "__module__", None) == "math":
            return getattr(self._math, name, function)
        for library, twin in ((np, self._numpy), (np.linalg, self._linalg)):
            if getattr(library, name, None) is function:
                return getattr(twin, name)
        return getattr(self._special, name, function) if isinstance(function, np.ufunc) else function

    def float(self, value: Any = 0.0) -> Any:
        """Stand in for ``float``, letting dual numbers be."""
        if isinstance(value, np.ndarray) and value.dtype == object and value.size == 1:
            value = value.item()
        return value if isinstance(value, Dual) else float(value)

    def _of_numpy(self, name: str) -> Any:
        if name == "linalg":
            return self._linalg
        if name in _TWINS:
            return _TWINS[name]
        function = getattr(np, name)
        if name in _CREATORS:
            return lambda *arguments, **options: self._lifted(function(*arguments, **options))
        if name in ("array", "asarray"):
            return self._holder(function)
        return self._elementwise(function) if name in _ELEMENTWISE else function

    def _of_linalg(self, name: str) -> Any:
        return getattr(Linalg(self._lifted) if name in _LINALG else np.linalg, name)

    def _of_math(self, name: str) -> Any:
        if name in _CONSTANTS:
            return getattr(math, name)
        if name in _MATH:
            return self._method(_MATH[name])
        functions: dict[str, Any] = {"fabs": abs, "prod": math.prod, "fsum": sum}
        functions |= {"pow": lambda x, y: self._lift(x) ** y, "log": self._log}
        functions |= {"atan2": lambda y, x: self._lift(y).arctan2(x)}
        functions |= {"hypot": lambda *sides: sum((side * side for side in sides), self._lift(0)).sqrt()}
        functions |= {"isnan": lambda x: False, "isinf": lambda x: False, "isfinite": lambda x: True}
        if name not in functions:
            raise AttributeError(name)
        return functions[name]

    def _of_special(self, name: str) -> Any:
        if name not in _SPECIAL:
            raise AttributeError(name)
        return np.frompyfunc(self._method(_SPECIAL[name]), 1, 1)

    def _log(self, x: Any, base: Any = None) -> Any:
        log = self._lift(x).log()
        return log if base is None else log / self._lift(base).log()

    def _holder(self, hold: Callable[..., Any]) -> Callable[..., Any]:
        def held(value: Any, dtype: Any = None, **options: Any) -> Any:
            whole = dtype is not None and np.dtype(dtype).kind in "iub"
            return self._lifted(hold(value, dtype=dtype if whole else None, **options))

        return held

    def _method(self, name: str) -> Callable[[Any], Any]:
        return lambda x: getattr(self._lift(x), name)()

    def _elementwise(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let a function of numbers take arrays in which plain numbers stand beside dual ones, as np.maximum leaves."""
        of_objects = np.frompyfunc(self._method(function.__name__), 1, 1)

        def either(x: Any, *arguments: Any, **options: Any) -> Any:
            chosen = of_objects if np.asarray(x).dtype == object else function
            return chosen(x, *arguments, **options)

        return either


def _never(function: Callable[..., Any]) -> Callable[..., Any]:
    """False for dual numbers, which are finite."""

    def never(value: Any) -> Any:
        array = np.asarray(value)
        return np.zeros(array.shape, bool) if array.dtype == object else function(value)

    return never


_TWINS: dict[str, Callable[..., Any]] = {
    "isnan": _never(np.isnan),
    "isinf": _never(np.isinf),
    "isfinite": lambda x: ~_never(np.isnan)(x),
    "heaviside": lambda x, zero: np.where(x < 0, 0.0, np.where(x > 0, 1.0, zero)),
    "logaddexp": lambda x, y: np.log(np.exp(x) + np.exp(y)),
    "nan_to_num": lambda x: x,
}
