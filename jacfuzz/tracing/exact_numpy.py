"""NumPy, SciPy and math over dual numbers: untouched code run on object arrays of them.

NumPy's own functions do the work where they take objects; those that insist on floats have twins here. What has neither
raises, so that nothing is ever computed half in floating point.
"""

from __future__ import annotations

import functools
import math
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jacfuzz.tracing.duals import Branches, Dual, lift, lifted
from jacfuzz.tracing.exact_linalg import Linalg
from jacfuzz.tracing.exact_numbers import ELEMENTARY
from jacfuzz.tracing.rebind import rebind

_CREATORS = "zeros ones empty full eye identity zeros_like ones_like empty_like full_like"
_LINALG = ("det", "slogdet", "inv", "solve", "cholesky", "norm")
_MATH = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh"}
_MATH |= {"atanh": "arctanh", "sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "trunc": "trunc"}
_MATH |= {name: name for name in ELEMENTARY}
_ELEMENTWISE = (*ELEMENTARY, "sqrt", "floor", "ceil", "trunc", "rint")
_SPECIAL = {"expit": "logistic", "gammaln": "lgamma", "psi": "digamma"}
_SPECIAL |= {name: name for name in ("erf", "erfc", "digamma", "exp2", "log1p", "expm1", "cbrt")}


def to_exact(function: Callable[..., Any], branches: Branches) -> Callable[..., Any]:
    """Return NumPy or plain Python code that runs on object arrays of dual numbers."""
    libraries = _Libraries(branches)
    return rebind(function, libraries.module, libraries.function, {"float": libraries.float})


class _Library:
    """A library's names, some of them with twins."""

    def __init__(self, library: types.ModuleType, twins: Mapping[str, Any]) -> None:
        self._library = library
        self._twins = twins

    def __getattr__(self, name: str) -> Any:
        return self._twins[name] if name in self._twins else getattr(self._library, name)


class _Libraries:
    """Twins of the libraries for one evaluation."""

    def __init__(self, branches: Branches) -> None:
        self._lift = functools.partial(lift, branches=branches)
        self._lifted = functools.partial(lifted, branches=branches)
        linalg = Linalg(self._lifted)
        self._linalg = _Library(np.linalg, {name: getattr(linalg, name) for name in _LINALG})
        twins: dict[str, Any] = {name: self._creator(getattr(np, name)) for name in _CREATORS.split()}
        twins |= {name: self._holder(getattr(np, name)) for name in ("array", "asarray")}
        twins |= {name: self._elementwise(getattr(np, name)) for name in _ELEMENTWISE if hasattr(np, name)}
        twins |= {"isnan": _never(np.isnan), "isinf": _never(np.isinf), "isfinite": lambda x: ~_never(np.isnan)(x)}
        twins |= {"heaviside": lambda x, zero: np.where(x < 0, 0.0, np.where(x > 0, 1.0, zero))}
        twins |= {"logaddexp": lambda x, y: np.log(np.exp(x) + np.exp(y)), "nan_to_num": lambda x: x}
        self._numpy = _Library(np, twins | {"linalg": self._linalg})
        self._math = types.SimpleNamespace(**self._scalar_functions())
        special = {name: np.frompyfunc(self._method(method), 1, 1) for name, method in _SPECIAL.items()}
        self._special = types.SimpleNamespace(**special)

    def module(self, module: types.ModuleType) -> Any:
        """Twin of a module; without one, the module itself."""
        twins = {"numpy": self._numpy, "numpy.linalg": self._linalg, "math": self._math}
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

    def _creator(self, create: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments, **options: self._lifted(create(*arguments, **options))

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

    def _scalar_functions(self) -> dict[str, Any]:
        functions: dict[str, Any] = {name: self._method(method) for name, method in _MATH.items()}
        log = self._method("log")
        functions |= {"fabs": abs, "pow": lambda x, y: self._lift(x) ** y, "prod": math.prod, "fsum": sum}
        functions |= {"log": lambda x, base=None: log(x) if base is None else log(x) / log(base)}
        functions |= {"atan2": lambda y, x: self._lift(y).arctan2(x)}
        functions |= {"hypot": lambda *sides: sum((side * side for side in sides), self._lift(0)).sqrt()}
        functions |= {"isnan": lambda x: False, "isinf": lambda x: False, "isfinite": lambda x: True}
        constants = ("pi", "e", "tau", "inf", "nan", "comb", "factorial", "gcd")
        return functions | {name: getattr(math, name) for name in constants}


def _never(function: Callable[..., Any]) -> Callable[..., Any]:
    """False for dual numbers, which are finite."""

    def never(value: Any) -> Any:
        array = np.asarray(value)
        return np.zeros(array.shape, bool) if array.dtype == object else function(value)

    return never
