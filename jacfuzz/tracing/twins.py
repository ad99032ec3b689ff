"""Twins of NumPy, ``math`` and builtins that keep the record where theirs would drop it, or say that it is dropped."""

from __future__ import annotations

import functools
import math
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from jacfuzz.tracing.array_rules import SEEN_THROUGH
from jacfuzz.tracing.notes import note_operation
from jacfuzz.tracing.operations import OPERATIONS, canonical
from jacfuzz.tracing.recorded import Recorded, applied, is_recorded, plain, recorded
from jacfuzz.tracing.residuals import blind, note

_CREATORS = "array asarray asanyarray ascontiguousarray asfortranarray asarray_chkfinite copy require fromiter zeros"
_CREATORS += " empty ones full eye identity zeros_like empty_like ones_like full_like arange linspace tri diag"
_CREATORS += " atleast_1d"
_UNSEEN_STANDARD = ("math", "cmath", "random", "decimal", "fractions", "statistics", "array", "struct", "ctypes")
_STRIPPING = ("asmatrix", "bmat", "nditer", "nested_iters", "frombuffer", "from_dlpack")


class _Twins:
    """A module of NumPy some of whose names have twins; the functions of arrays take lists of recorded numbers too."""

    def __init__(self, library: types.ModuleType, twins: Mapping[str, Any]) -> None:
        self._library = library
        self._twins = twins

    def __getattr__(self, name: str) -> Any:
        if name in self._twins:
            return self._twins[name]
        value = getattr(self._library, name)
        twin = twin_module(value) if isinstance(value, types.ModuleType) else _of_lists(value)
        self.__dict__[name] = twin
        return twin


def _of_lists(function: Any) -> Any:
    """Twin of a function of NumPy, which would make plain arrays of lists of recorded numbers without asking."""
    if isinstance(function, np.ufunc):
        return _Universal(function)
    if not hasattr(function, "_implementation") or function.__name__ in SEEN_THROUGH:
        return function

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        if any(_lists_recorded(argument) for argument in (*arguments, *options.values())):
            return applied(function, arguments, options)
        return function(*arguments, **options)

    return call


def _lists_recorded(value: Any) -> bool:
    return type(value) in (list, tuple) and is_recorded(value)


class _Universal:
    """Twin of a universal function and its methods."""

    def __init__(self, work: Any) -> None:
        self._work = work

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if any(map(_lists_recorded, arguments)):
            arguments = tuple(_array(value) if _lists_recorded(value) else value for value in arguments)
        return self._work(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._work, name)
        return _Universal(value) if callable(value) else value


def _array(values: Any) -> Any:
    return recorded(np.asarray(plain(values)))


class _Foreign:
    """A library that cannot be looked into: called with plain values, and named where it is."""

    def __init__(self, library: types.ModuleType) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._library, name)
        return twin_module(value) if isinstance(value, types.ModuleType) else _foreign(value)


def _foreign(value: Any) -> Any:
    if not callable(value) or isinstance(value, (type, np.ufunc)):
        return value

    def call(*arguments: Any, **options: Any) -> Any:
        if not is_recorded([*arguments, *options.values()]):
            return value(*arguments, **options)
        blind(f"{getattr(value, '__module__', None) or 'compiled'}.{getattr(value, '__name__', 'code')}")
        return recorded(value(*plain(arguments), **plain(options)))

    return call


def twin_module(module: types.ModuleType) -> Any:
    """Twin of a module."""
    if module is np:
        return _NUMPY
    if module is math:
        return _MATH_TWIN
    if module.__name__.split(".")[0] == "numpy":
        return _part_of_numpy(module)
    return module if transparent(module.__name__) else _Foreign(module)


@functools.cache
def _part_of_numpy(module: types.ModuleType) -> _Twins:
    return _Twins(module, {})


def transparent(name: str) -> bool:
    """Whether a module does with recorded numbers what it does with others: Python's own, without arithmetic of C."""
    return name.split(".")[0] in sys.stdlib_module_names and name not in _UNSEEN_STANDARD


def twin_function(function: Any) -> Any:
    """Twin of a library's function."""
    name, home = getattr(function, "__name__", ""), (getattr(function, "__module__", None) or "").split(".")[0]
    if home == "math":
        return getattr(_MATH_TWIN, name, function)
    if getattr(np, name, None) is function:
        return getattr(_NUMPY, name)
    if isinstance(function, (np.ufunc, type)) or home in ("numpy", "jaxtyping", "beartype"):
        return _of_lists(function)
    return function if transparent(home) else _foreign(function)


def _creator(create: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that makes arrays and keeps, or starts, a record."""

    def created(*arguments: Any, **options: Any) -> Any:
        if len(arguments) == 1 and not options and type(arguments[0]) is Recorded and create is np.asarray:
            return arguments[0]
        return recorded(create(*plain(arguments), **plain(options)))

    return created


def _stripping(name: str) -> Callable[..., Any]:
    """Twin of a function that hands out entries without their record."""
    work = getattr(np, name)

    def stripped(*arguments: Any, **options: Any) -> Any:
        if is_recorded([*arguments, *options.values()]):
            blind(f"numpy.{name}")
        return work(*plain(arguments), **plain(options))

    return stripped


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


def total(values: Any, start: Any = 0) -> Any:
    """Twin of ``sum``, whose rounding depends on the type of the numbers."""
    entries = list(values)
    if is_recorded(entries) or is_recorded(start):
        return recorded(sum(map(plain, entries), plain(start)))
    return sum(entries, start)


class _StandIn(type):
    """Makes the twin of a class stand in for it in ``isinstance``."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__base__)  # type: ignore[arg-type]


class _FloatType(_StandIn):
    """Type of the twins of ``float`` and ``np.float64``."""

    def __call__(cls, value: Any = 0.0) -> Any:
        kind: Any = cls.__base__
        return recorded(kind(plain(value))) if is_recorded(value) else kind(value)


class RecordedFloat(float, metaclass=_FloatType):
    """Twin of ``float`` that keeps the record."""

    dtype = np.dtype(float)


class _Float64(np.float64, metaclass=_FloatType):
    """Twin of ``np.float64`` that keeps the record."""


class _MatrixType(_StandIn):
    """Type of the twin of ``np.matrix``, which drops the record."""

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        if is_recorded([*arguments]):
            blind("numpy.matrix")
        return np.matrix(*plain(arguments), **options)


class _Matrix(np.matrix, metaclass=_MatrixType):
    """Twin of ``np.matrix``."""


def _of_math(name: str) -> Callable[..., Any]:
    """Twin of a function of ``math``."""
    work = getattr(math, name)
    operation = {"remainder": "remainder from the nearest"}.get(name, name)

    def function(*arguments: Any, **options: Any) -> Any:
        entries = tuple(list(entry) if isinstance(entry, Iterator) else entry for entry in arguments)
        if not is_recorded(entries):
            return work(*entries, **options)
        bare = plain(entries)
        if name == "dist" or (name == "hypot" and len(bare) != 2):
            note("norm", work(*bare))
        elif canonical(operation) in OPERATIONS:
            numbers = tuple(float(number) for number in bare)
            note_operation(canonical(operation), numbers[:1] if name == "log" else numbers)
        elif name in ("prod", "fsum", "sumprod"):
            note(name, *([np.asarray(bare[0], dtype=float)] if name == "prod" else []))
        else:
            blind(f"math.{name}")
        return recorded(work(*bare, **options))

    return function


_NUMPY = _Twins(
    np,
    {name: _creator(getattr(np, name)) for name in _CREATORS.split()}
    | {name: _stripping(name) for name in _STRIPPING}
    | {
        "vectorize": _vectorize,
        "frompyfunc": _frompyfunc,
        "ndenumerate": _ndenumerate,
        "float64": _Float64,
        "matrix": _Matrix,
    },
)
_MATH_TWIN = types.SimpleNamespace(
    **{name: _of_math(name) if callable(value) else value for name, value in vars(math).items() if name[0] != "_"}
)
