"""Arrays and numbers that note where they branch: the very values of NumPy and Python, computed by them.

Whatever is asked of a recorded value is done on plain ones, so that the bits are those of untouched code, and what
comes back is recorded again.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, SupportsIndex

import numpy as np

from jacfuzz.tracing.array_rules import SEEN_THROUGH, SINGULAR
from jacfuzz.tracing.notes import note_function, note_operation, note_universal
from jacfuzz.tracing.operations import OPERATIONS, SMOOTH
from jacfuzz.tracing.residuals import blind

_CONTAINERS = (list, tuple, dict, str)
_NEEDS = {name: operation.needs for name, operation in OPERATIONS.items() if operation.needs}


def plain(value: Any) -> Any:
    """Return the value without its record, inside lists, tuples and dictionaries too."""
    kind = type(value)
    if kind is Recorded:
        return np.ndarray.view(value, np.ndarray)
    if kind is NumPyNumber:
        return np.float64.__pos__(value)
    if kind is PythonNumber:
        return float.__pos__(value)
    if kind is tuple or kind is list:
        return kind([plain(entry) for entry in value])
    if kind is dict:
        return {key: plain(entry) for key, entry in value.items()}
    return value


def recorded(value: Any) -> Any:
    """Return the value as one that notes where it branches; what holds no floats is returned as it is."""
    kind = type(value)
    if kind is np.ndarray:
        return value.view(Recorded)
    if kind is np.float64:
        return NumPyNumber(value)
    if kind is float:
        return PythonNumber(value)
    if kind is tuple or kind is list:
        return kind([recorded(entry) for entry in value])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind(*map(recorded, value))
    return value


def is_recorded(value: Any) -> bool:
    """Whether a value, or one inside a list or tuple, is recorded."""
    if isinstance(value, (list, tuple)):
        return any(map(is_recorded, value))
    return isinstance(value, (Recorded, NumPyNumber, PythonNumber))


def _may_branch(name: str, operands: Sequence[Any]) -> bool:
    """Whether those operands vary that have to for an operation to branch."""
    needs = _NEEDS.get(name)
    return needs is None or all(is_recorded(operands[number]) for number in needs if number < len(operands))


def _universal(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    bare = tuple([plain(value) for value in inputs])
    options = plain(options) if options else options
    name = ufunc.__name__
    if (method != "__call__" or name not in SMOOTH) and _may_branch(name, inputs):
        note_universal(ufunc, method, bare, options)
    return recorded(getattr(ufunc, method)(*bare, **options))


def applied(function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Do what a function of NumPy does, on plain arrays, and note where it branches."""
    name = function.__name__
    bare, named = plain(arguments), plain(options) if options else options
    if name in SINGULAR:  # it may raise
        note_function(name, bare, named, None)
        return recorded(function(*bare, **named))
    result = function(*bare, **named)
    note_function(name, bare, named, result)
    return recorded(result)


class Recorded(np.ndarray):
    """An array that notes where it branches."""

    __array_ufunc__ = _universal

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        """Do what a function of NumPy does, on plain arrays."""
        if function.__name__ in SEEN_THROUGH:
            return super().__array_function__(function, (Recorded,), arguments, options)
        return applied(function, tuple(arguments), dict(options))

    def __getitem__(self, key: Any) -> Any:
        """Entries, numbers among them recorded too."""
        return recorded(plain(self)[key if type(key) is int or type(key) is slice else plain(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write entries."""
        plain(self)[plain(key)] = plain(value)

    def __iter__(self) -> Any:
        """Entries along the first axis."""
        return (self[index] for index in range(len(self)))

    def __pow__(self, other: Any, modulus: None = None) -> Any:
        """Power, by the short cuts that NumPy takes for small exponents."""
        return _arithmetic("power", operator.pow, self, other)

    def __rpow__(self, other: Any, modulus: None = None) -> Any:
        """Power of another base."""
        return _arithmetic("power", operator.pow, other, self)

    def __ipow__(self, other: Any) -> Any:  # type: ignore[override,misc]
        """Power in place."""
        bare, exponent = plain(self), plain(other)
        note_operation("power", (bare.copy(), exponent))
        bare **= exponent
        return self

    def __bool__(self) -> bool:
        """Whether the only entry is not zero."""
        note_operation("logical_not", (plain(self),))
        return bool(plain(self))

    def __float__(self) -> float:
        """Drop the record: only code of C gets here."""
        blind("float() in compiled code")
        return float(plain(self))

    def __int__(self) -> int:
        """Whole part of the only entry."""
        note_operation("trunc", (plain(self),))
        return int(plain(self))

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        """Pickle and copy as a plain array."""
        return plain(self).__reduce_ex__(protocol)

    def __deepcopy__(self, memo: Any) -> Any:
        """Copy, record included."""
        return self.copy()

    def fill(self, value: Any) -> None:
        """Write one value everywhere."""
        plain(self).fill(plain(value))

    def tolist(self) -> Any:
        """Nested lists of recorded numbers."""
        return recorded(plain(self).tolist())

    def item(self, *where: Any) -> Any:
        """Return one entry as a Python number."""
        return recorded(plain(self).item(*where))

    def view(self, *kinds: Any, **options: Any) -> Any:
        """Return the same memory seen in another way, recorded as well."""
        return recorded(plain(self).view(*kinds, **options))

    @property
    def flat(self) -> Any:
        """Iterate over entries without their record."""
        blind(".flat")
        return plain(self).flat


def _method(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that does its work on plain values and notes what the function of its name notes."""

    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        bare, named = (plain(self), *map(plain, arguments)), plain(options)
        note_function(name, bare, named, None)
        return recorded(work(*bare, **named))

    method.__name__ = name
    return method


_METHODS = "sort argsort partition argpartition argmax argmin searchsorted mean var std round nonzero dot trace prod"
_METHODS += " cumprod max min any all ptp sum cumsum astype"
for _name in _METHODS.split():
    if hasattr(np.ndarray, _name):
        setattr(Recorded, _name, _method(_name, getattr(np.ndarray, _name)))


def _arithmetic(name: str, work: Callable[..., Any], *operands: Any) -> Any:
    """Note and make an elementwise operation of which at least one operand is a recorded number."""
    if any(isinstance(operand, _CONTAINERS) for operand in operands):
        return NotImplemented
    bare = tuple([plain(operand) for operand in operands])
    if name not in SMOOTH and _may_branch(name, operands):
        note_operation(name, bare)
    return recorded(work(*bare))


def _binary(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: _arithmetic(name, work, self, other)


def _reflected(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: _arithmetic(name, work, other, self)


def _unary(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *others: _arithmetic(name, work, self, *others)


class _Number:
    """What recorded numbers have in common."""

    __array_ufunc__ = _universal

    def __bool__(self) -> bool:
        note_operation("logical_not", (plain(self),))
        return bool(plain(self))

    def __float__(self) -> float:
        # Code of C that asks for a float gets here, or reads the number without asking.
        blind("float() in compiled code")
        return float(plain(self))

    def __int__(self) -> int:
        note_operation("trunc", (plain(self),))
        return int(plain(self))

    def __hash__(self) -> int:
        blind("a set or dictionary of numbers")
        return hash(plain(self))

    def __round__(self, digits: int | None = None) -> Any:
        value = plain(self)
        note_operation("rint", (float(value) * 10.0 ** (digits or 0),))
        return recorded(round(value) if digits is None else round(value, digits))

    def __format__(self, spec: str) -> str:
        blind("a number as text")
        return format(plain(self), spec)

    def __str__(self) -> str:
        blind("a number as text")
        return str(plain(self))

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return type(plain(self)), (float.__pos__(self),)  # type: ignore[arg-type]

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self


_BINARY = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide"}
_BINARY |= {"mod": "remainder", "pow": "power", "divmod": "divmod"}
_COMPARED = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal"}
_UNARY: dict[str, tuple[str, Callable[..., Any]]] = {
    "neg": ("negative", operator.neg),
    "pos": ("positive", operator.pos),
    "abs": ("absolute", abs),
    "trunc": ("trunc", lambda x: x.__trunc__()),
    "floor": ("floor", lambda x: x.__floor__()),
    "ceil": ("ceil", lambda x: x.__ceil__()),
}
for _name, _operation in _BINARY.items():
    _work = getattr(operator, _name, divmod)
    setattr(_Number, f"__{_name}__", _binary(_operation, _work))
    setattr(_Number, f"__r{_name}__", _reflected(_operation, _work))
for _name, _operation in _COMPARED.items():
    setattr(_Number, f"__{_name}__", _binary(_operation, getattr(operator, _name)))
for _name, (_operation, _work) in _UNARY.items():
    setattr(_Number, f"__{_name}__", _unary(_operation, _work))


class PythonNumber(float):
    """A Python float that notes where it branches."""


class NumPyNumber(np.float64):
    """A NumPy number that notes where it branches."""

    def __getitem__(self, key: Any) -> Any:
        """Array of the one number, as by ``number[None]``."""
        return recorded(plain(self)[plain(key)])


# Copied, not inherited: NumPy crashes on numbers whose first base is not its own.
for _kind in (PythonNumber, NumPyNumber):
    for _name, _value in vars(_Number).items():
        if _name not in ("__module__", "__dict__", "__weakref__", "__doc__"):
            setattr(_kind, _name, _value)


for _name in dir(np.generic):
    if _name[0] != "_" and callable(getattr(np.float64, _name, None)):
        setattr(NumPyNumber, _name, _method(_name, getattr(np.float64, _name)))


def _property_of_number(name: str) -> property:
    return property(lambda self: recorded(getattr(plain(self), name)))


for _name in ("T", "flat", "real", "imag"):
    setattr(NumPyNumber, _name, _property_of_number(_name))
