"""The same code with other libraries: NumPy, SciPy and math in a function's globals replaced by twins.

A rebound function is advice only: whoever uses it compares its value with f's own, since code that writes in place
(``y.sort()``) may run under jax.numpy and give something else.
"""

from __future__ import annotations

import importlib
import math
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_PACKAGES = (("numpy", "jax.numpy"), ("scipy", "jax.scipy"))
_LIBRARIES = ("numpy", "scipy", "jax", "torch", "jaxtyping", "beartype", "builtins")


def to_jax(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with NumPy, SciPy and math replaced by their jax twins, in all helpers it calls too.

    What is no plain Python function (jitted, partial, a builtin) is returned as it is.
    """
    return rebind(function, _twin_module, _twin_function)


def rebind(
    function: Callable[..., Any],
    module: Callable[[types.ModuleType], Any],
    library_function: Callable[[Any], Any],
    builtins: Mapping[str, Any] | None = None,
) -> Callable[..., Any]:
    """Return a plain Python function, and all helpers it calls, with their libraries replaced.

    Parameters
    ----------
    function
        What is no plain Python function (jitted, partial, a builtin) is returned as it is.
    module, library_function
        Give the twin of a module and of a library's function; each may return what it was given.
    builtins
        Twins of builtin functions by name.
    """
    rebound: Callable[..., Any] = _Rebinder(module, library_function, builtins or {}).value(function)
    return rebound


class _Rebinder:
    def __init__(
        self,
        module: Callable[[types.ModuleType], Any],
        library_function: Callable[[Any], Any],
        builtins: Mapping[str, Any],
    ) -> None:
        self._module = module
        self._library_function = library_function
        self._builtins = builtins
        self._functions: dict[int, types.FunctionType] = {}
        self._globals: dict[int, dict[str, Any]] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, types.ModuleType):
            return self._module(value)
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, (types.BuiltinFunctionType, np.ufunc)) or _is_numpy_function(value):
            return self._library_function(value)
        return value

    def _function(self, function: types.FunctionType) -> Any:
        module = (function.__module__ or "").split(".")[0]
        if module in _LIBRARIES:
            return self._library_function(function)
        if id(function) in self._functions:
            return self._functions[id(function)]
        namespace = self._globals.setdefault(id(function.__globals__), dict(function.__globals__))
        rebound = types.FunctionType(
            function.__code__,
            namespace,
            function.__name__,
            function.__defaults__,
            tuple(types.CellType() for _ in function.__closure__ or ()) or None,
        )
        rebound.__kwdefaults__ = function.__kwdefaults__
        self._functions[id(function)] = rebound
        for old, new in zip(function.__closure__ or (), rebound.__closure__ or (), strict=True):
            try:
                new.cell_contents = self.value(old.cell_contents)
            except ValueError:  # an empty cell: the name is not bound yet
                continue
        for name in _names(function.__code__):
            if name in function.__globals__:
                namespace[name] = self.value(function.__globals__[name])
            elif name in self._builtins:
                namespace[name] = self._builtins[name]
        return rebound


def _names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


def _is_numpy_function(value: Any) -> bool:
    return callable(value) and (getattr(value, "__module__", None) or "").split(".")[0] == "numpy"


def _twin_module(module: types.ModuleType) -> Any:
    if module is math:
        return _math()
    for package, twin in _PACKAGES:
        if module.__name__ == package or module.__name__.startswith(package + "."):
            try:
                return importlib.import_module(twin + module.__name__[len(package) :])
            except ImportError:
                return module
    return module


def _twin_function(function: Any) -> Any:
    name = getattr(function, "__name__", "")
    home = getattr(function, "__module__", None) or ""
    if home == "math":
        return getattr(_math(), name, function)
    if getattr(np, name, None) is function:
        import jax.numpy as jnp

        return getattr(jnp, name, function)
    return function


def _math() -> types.SimpleNamespace:
    """Return the functions of ``math`` that jax has under the same or another name; the others are missing."""
    import jax.numpy as jnp
    import jax.scipy.special as special

    names = "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees exp exp2 expm1 fabs floor"
    names += " fmod gcd hypot isfinite isinf isnan lcm ldexp log log10 log1p log2 pow radians sin sinh sqrt tan tanh"
    names += " trunc pi e inf nan"
    functions = {name: getattr(jnp, name) for name in names.split() if hasattr(jnp, name)}
    functions.update(erf=special.erf, erfc=special.erfc, lgamma=special.gammaln, tau=math.tau)
    functions.update(prod=lambda values, start=1: jnp.prod(jnp.asarray(list(values))) * start)
    functions.update(fsum=lambda values: jnp.sum(jnp.asarray(list(values))))
    return types.SimpleNamespace(**functions)
