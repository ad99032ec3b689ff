"""NumPy, SciPy and math over dual numbers: untouched code run on object arrays of them.

NumPy's own functions do the work where they take objects; those that insist on floats have twins here. What has neither
raises, so that nothing is ever computed half in floating point.
"""

from __future__ import annotations

import functools
import importlib
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from jacfuzz.tracing.branches import Branches
from jacfuzz.tracing.duals import Dual, lift, lifted
from jacfuzz.tracing.exact_linalg import Linalg
from jacfuzz.tracing.operations import canonical, on_duals
from jacfuzz.tracing.rebind import rebind

_CREATORS = {"zeros", "ones", "empty", "full", "eye", "identity", "zeros_like", "ones_like", "empty_like", "full_like"}
_LINALG = ("det", "slogdet", "inv", "solve", "cholesky", "norm")
_CONSTANTS = ("pi", "e", "tau", "inf", "nan", "comb", "factorial", "gcd")


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
        if isinstance(function, np.ufunc) and _insists_on_floats(function):
            return self._elementwise(function)
        if name in _CREATORS:
            return lambda *arguments, **options: self._lifted(function(*arguments, **options))
        if name in ("array", "asarray"):
            return self._holder(function)
        return function

    def _of_linalg(self, name: str) -> Any:
        return getattr(Linalg(self._lifted) if name in _LINALG else np.linalg, name)

    def _of_math(self, name: str) -> Any:
        if name in _CONSTANTS:
            return getattr(math, name)
        work = on_duals(canonical(name))
        if work is not None and name != "log":
            return self._of_numbers(work)
        functions: dict[str, Any] = {"prod": math.prod, "fsum": sum, "log": self._log}
        functions |= {"hypot": lambda *sides: sum((side * side for side in sides), self._lift(0)).sqrt()}
        functions |= {"isnan": lambda x: False, "isinf": lambda x: False, "isfinite": lambda x: True}
        if name not in functions:
            raise AttributeError(name)
        return functions[name]

    def _of_special(self, name: str) -> Any:
        work = on_duals(canonical(name))
        if work is None:
            raise AttributeError(name)
        return np.frompyfunc(self._of_numbers(work), getattr(importlib.import_module("scipy.special"), name).nin, 1)

    def _log(self, x: Any, base: Any = None) -> Any:
        log = self._lift(x).log()
        return log if base is None else log / self._lift(base).log()

    def _holder(self, hold: Callable[..., Any]) -> Callable[..., Any]:
        def held(value: Any, dtype: Any = None, **options: Any) -> Any:
            whole = dtype is not None and np.dtype(dtype).kind in "iub"
            return self._lifted(hold(value, dtype=dtype if whole else None, **options))

        return held

    def _of_numbers(self, work: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *numbers: work(*map(self._lift, numbers))

    def _elementwise(self, function: np.ufunc) -> Any:
        """Let a function of numbers take arrays in which plain numbers stand beside dual ones, as np.maximum leaves."""
        work = on_duals(function.__name__)
        if work is None:
            return function
        of_objects = np.frompyfunc(self._of_numbers(work), function.nin, 1)

        def either(*arguments: Any, **options: Any) -> Any:
            of_duals = any(np.asarray(argument).dtype == object for argument in arguments[: function.nin])
            return (of_objects if of_duals else function)(*arguments, **options)

        return either


def _insists_on_floats(function: np.ufunc) -> bool:
    """Whether NumPy has no loop over objects, or one that asks each number of an array for a method."""
    return function.nin == 1 or not any("O" in kinds for kinds in function.types)


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
    "nan_to_num": lambda x: x,
}
