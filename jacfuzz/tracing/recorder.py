"""Run untouched NumPy and plain Python code, and note every residual: a number that is zero on a boundary of the code.

The arguments are recorded values (``recorded.py``); what would strip the record (``np.zeros``, ``math``, ``float``) has
twins in the function's globals. What cannot be looked into is named in ``Recording.unseen``.
"""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from jacfuzz.tracing.notes import note_operation
from jacfuzz.tracing.reach import imports
from jacfuzz.tracing.rebind import rebind
from jacfuzz.tracing.recorded import (
    Recorded,
    is_recorded,
    plain,
    recorded,
)
from jacfuzz.tracing.residuals import Recording, blind, logging, note

_CREATORS = "array asarray asanyarray ascontiguousarray asfortranarray asarray_chkfinite copy require fromiter zeros"
_CREATORS += " empty ones full eye identity zeros_like empty_like ones_like full_like arange linspace tri diag"
_CREATORS += " atleast_1d"
_UNSEEN_STANDARD = ("math", "cmath", "random", "decimal", "fractions", "statistics", "array", "struct", "ctypes")
_SAME_NAME = "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh degrees radians fabs copysign"
_SAME_NAME += " fmod floor ceil trunc erf erfc isfinite isnan isinf remainder modf"
_MATH = {name: name for name in _SAME_NAME.split()}
_MATH |= {"acos": "arccos", "asin": "arcsin", "atan": "arctan", "atan2": "arctan2", "acosh": "arccosh"}
_MATH |= {"asinh": "arcsinh", "atanh": "arctanh", "pow": "power", "isclose": "equal"}


class Recorder:
    """A function, ready to be recorded at many inputs.

    Parameters
    ----------
    function
        Plain Python code over NumPy, or plain Python numbers. Anything else is run and said to be unseen.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._strips: bool | None = None
        self._differs: bool | None = None
        self._twin = rebind(function, _module, _function, {"float": _Float, "sum": _sum})
        self._hidden = [f"import {name} within the code" for name in imports(function) if not _transparent(name)]
        of_numpy = getattr(np, getattr(function, "__name__", ""), None) is function
        if not isinstance(function, types.FunctionType) and not of_numpy:
            self._hidden.append(f"a function of type {type(function).__name__}")

    def __call__(self, arguments: Sequence[Any]) -> Recording:
        """Run the function on copies of the arguments (arrays or Python numbers) and note its residuals."""
        given = [recorded(argument.copy() if isinstance(argument, np.ndarray) else argument) for argument in arguments]
        with logging() as log, np.errstate(all="ignore"):
            for what in self._hidden:
                blind(what)
            try:
                result = self._twin(*given)
            except Exception as error:
                return log.recording(None, error)
            if not is_recorded(result) and self._varies(arguments, result):
                blind("a result without its record")
            if self._changes(arguments, plain(result)):
                blind("code that gives other values when it is recorded")
            return log.recording(plain(result), None)

    def _changes(self, arguments: Sequence[Any], result: Any) -> bool:
        """Whether the function itself gives another result, tried once: code may ask for the very type of an array."""
        if self._differs is None:
            given = [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in arguments]
            self._differs = not self._gives(given, result)
        return self._differs

    def _varies(self, arguments: Sequence[Any], result: Any) -> bool:
        """Whether a result without record depends on the arguments after all, so that something dropped the record."""
        if self._strips is None:
            self._strips = not self._gives([argument + 1.0 for argument in arguments], result)
        return self._strips

    def _gives(self, arguments: Sequence[Any], result: Any) -> bool:
        try:
            return _same(self._function(*arguments), result)
        except Exception:  # strangers' code; what raises gives something else
            return False


def record(function: Callable[..., Any], arguments: Sequence[Any]) -> Recording:
    """Run a function once and return its value, the residuals on its way, and what could not be looked into.

    Parameters
    ----------
    function
        Plain Python code over NumPy or Python numbers; it is not changed.
    arguments
        One array or number per argument; they are copied.

    Examples
    --------
    >>> recording = record(lambda x: np.maximum(x - 3, 0), [np.array([1.0, 5.0])])
    >>> recording.residuals
    array([-2.,  2.])
    """
    return Recorder(function)(arguments)


def _same(first: Any, second: Any) -> bool:
    """Whether two results are equal to the bit, in every array of a tuple or list."""
    if isinstance(first, (tuple, list)) and isinstance(second, (tuple, list)):
        return len(first) == len(second) and all(map(_same, first, second))
    one, other = np.asarray(first), np.asarray(second)
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()


class _Twins:
    """A library some of whose names have twins."""

    def __init__(self, library: types.ModuleType, twins: Mapping[str, Any]) -> None:
        self._library = library
        self._twins = twins

    def __getattr__(self, name: str) -> Any:
        return self._twins[name] if name in self._twins else getattr(self._library, name)


class _Foreign:
    """A library that cannot be looked into: called with plain values, and named where it is."""

    def __init__(self, library: types.ModuleType) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._library, name)
        return _module(value) if isinstance(value, types.ModuleType) else _foreign(value)


def _foreign(value: Any) -> Any:
    if not callable(value) or isinstance(value, (type, np.ufunc)):
        return value

    def call(*arguments: Any, **options: Any) -> Any:
        if not is_recorded([*arguments, *options.values()]):
            return value(*arguments, **options)
        blind(f"{getattr(value, '__module__', None) or 'compiled'}.{getattr(value, '__name__', 'code')}")
        return recorded(value(*plain(arguments), **plain(options)))

    return call


def _module(module: types.ModuleType) -> Any:
    """Twin of a module."""
    if module is np:
        return _NUMPY
    if module is math:
        return _MATH_TWIN
    known = module.__name__.split(".")[0] == "numpy" or _transparent(module.__name__)
    return module if known else _Foreign(module)


def _transparent(name: str) -> bool:
    """Whether a module does with recorded numbers what it does with others: Python's own, without arithmetic of C."""
    return name.split(".")[0] in sys.stdlib_module_names and name not in _UNSEEN_STANDARD


def _function(function: Any) -> Any:
    """Twin of a library's function."""
    name, home = getattr(function, "__name__", ""), (getattr(function, "__module__", None) or "").split(".")[0]
    if home == "math":
        return getattr(_MATH_TWIN, name, function)
    if getattr(np, name, None) is function:
        return getattr(_NUMPY, name)
    if isinstance(function, (np.ufunc, type)) or home in ("numpy", "jaxtyping", "beartype"):
        return function
    return function if _transparent(home) else _foreign(function)


def _creator(create: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that makes arrays and keeps, or starts, a record."""

    def created(*arguments: Any, **options: Any) -> Any:
        if len(arguments) == 1 and not options and type(arguments[0]) is Recorded and create is np.asarray:
            return arguments[0]
        return recorded(create(*plain(arguments), **plain(options)))

    return created


def _vectorize(function: Callable[..., Any], *settings: Any, **options: Any) -> Callable[..., Any]:
    """Twin of ``np.vectorize``: the function of numbers gets recorded ones."""
    work = np.vectorize(lambda *numbers: plain(function(*map(recorded, numbers))), *settings, **options)
    return lambda *arguments, **named: recorded(work(*plain(arguments), **plain(named)))


def _frompyfunc(function: Callable[..., Any], *counts: int, **options: Any) -> Callable[..., Any]:
    """Twin of ``np.frompyfunc``."""
    work = np.frompyfunc(lambda *numbers: plain(function(*map(recorded, numbers))), *counts, **options)
    return lambda *arguments: recorded(work(*plain(arguments)))


def _ndenumerate(array: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Twin of ``np.ndenumerate``."""
    return ((index, array[index]) for index in np.ndindex(np.shape(array)))


def _sum(values: Any, start: Any = 0) -> Any:
    """Twin of ``sum``, whose rounding depends on the type of the numbers."""
    entries = list(values)
    if is_recorded(entries) or is_recorded(start):
        return recorded(sum(map(plain, entries), plain(start)))
    return sum(entries, start)


class _FloatType(type):
    """Makes the twins of ``float`` and ``np.float64`` stand in for them in ``isinstance``."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__base__)  # type: ignore[arg-type]

    def __call__(cls, value: Any = 0.0) -> Any:
        kind: Any = cls.__base__
        return recorded(kind(plain(value))) if is_recorded(value) else kind(value)


class _Float(float, metaclass=_FloatType):
    """Twin of ``float`` that keeps the record."""

    dtype = np.dtype(float)


class _Float64(np.float64, metaclass=_FloatType):
    """Twin of ``np.float64`` that keeps the record."""


def _of_math(name: str) -> Callable[..., Any]:
    """Twin of a function of ``math``."""
    work = getattr(math, name)

    def function(*arguments: Any, **options: Any) -> Any:
        entries = tuple(list(entry) if isinstance(entry, Iterator) else entry for entry in arguments)
        if not is_recorded(entries):
            return work(*entries, **options)
        bare = plain(entries)
        if name in _MATH:
            numbers = tuple(float(number) for number in bare)
            note_operation(_MATH[name], numbers[:1] if name == "log" else numbers)
        elif name == "hypot":
            note(name, work(*bare), *bare)
        elif name == "dist":
            note(name, work(*bare))
        elif name in ("prod", "fsum", "sumprod"):
            note(name, *([np.asarray(bare[0], dtype=float)] if name == "prod" else []))
        else:
            blind(f"math.{name}")
        return recorded(work(*bare, **options))

    return function


_NUMPY = _Twins(
    np,
    {name: _creator(getattr(np, name)) for name in _CREATORS.split()}
    | {"vectorize": _vectorize, "frompyfunc": _frompyfunc, "ndenumerate": _ndenumerate, "float64": _Float64},
)
_MATH_TWIN = types.SimpleNamespace(
    **{name: _of_math(name) if callable(value) else value for name, value in vars(math).items() if name[0] != "_"}
)
