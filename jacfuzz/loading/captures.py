"""The notebook's own checker: calls to it are read instead of run, since they say what is to be checked and how.

The puzzle collection calls ``check(f, jac, in_shape, in_shape2)`` in the array format, and in the scalar format
``in_out(fb, out_shape=50, y=gy)`` and ``zip(fb, split=25, out_shape=25, y=gy)``, where ``gy`` has 50 values and ``fb``
may be wrapped by ``make_mat(fb, in_shape, out_shape)`` or ``make_mat2(fb, in_shape, in_shape2, out_shape)``.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jacfuzz.loading.names import Names
from jacfuzz.target import IndexShapes

_PARAMETERS = {
    "check": ("f", "jac", "in_shape", "in_shape2"),
    "in_out": ("fb", "pos", "overlap", "diff", "out_shape", "y"),
    "zip": ("fb", "split", "pos1", "pos2", "out_shape", "diff", "overlap", "gaps", "y"),
}
_POINTS = np.zeros(50)


@dataclass(frozen=True)
class _Matrices:
    """What ``make_mat`` and ``make_mat2`` say of an index function."""

    fb: Callable[..., Any]
    in_shape: tuple[int, ...] | None
    in_shape2: tuple[int, ...] | None
    out_shape: tuple[int, ...] | None


@dataclass(frozen=True)
class Call:
    """A call of the notebook's checker: the functions it names, and their shapes as far as it gives them."""

    line: int
    functions: tuple[Callable[..., Any], ...]
    shapes: tuple[tuple[int, ...] | None, ...] = ()
    out: tuple[int, ...] | None = None

    @property
    def index_shapes(self) -> IndexShapes | None:
        """Shapes for an index function; None where one is missing."""
        given = tuple(shape for shape in self.shapes if shape is not None)
        return None if self.out is None or len(given) < len(self.shapes) else IndexShapes(given, self.out)


def captured(statement: ast.stmt, names: Names) -> Call | None:
    """Read a statement that is a call of the checker; None for any other, which is to be run.

    Arguments that cannot be evaluated are left out, except the functions: what they raise is the statement's failure.
    """
    call = _checker_call(statement)
    if call is None:
        return None
    checker: Literal["check", "in_out", "zip"] = call.func.id  # type: ignore[attr-defined]  # _checker_call saw to it
    given = dict(zip(_PARAMETERS[checker], call.args, strict=False))
    given.update({keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None})
    extras: Names = {"make_mat": _make_mat, "make_mat2": _Matrices}
    if "gy" not in names:
        extras["gy"] = _POINTS
    functions: list[Any] = []
    for parameter in _PARAMETERS[checker][: 2 if checker == "check" else 1]:
        if parameter not in given:
            return None
        functions.append(_value(given.pop(parameter), names, extras))
    if not all(callable(function) or isinstance(function, _Matrices) for function in functions):
        return None
    arguments: Names = {}
    for parameter, node in given.items():
        try:
            arguments[parameter] = _value(node, names, extras)
        except Exception:  # only helps to draw, or needs a library that is not there
            continue
    if checker == "check":
        shapes = (_shape(arguments.get("in_shape")), _shape(arguments.get("in_shape2")))
        return Call(statement.lineno, tuple(functions), shapes)
    return _index_call(statement.lineno, checker, functions[0], arguments)


def _checker_call(statement: ast.stmt) -> ast.Call | None:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name)) as call) if name in _PARAMETERS:
            return call
        case ast.Assign(value=ast.Call(func=ast.Name(id=name)) as call) if name in _PARAMETERS:
            return call
    return None


def _value(node: ast.expr, names: Names, extras: Names) -> Any:
    return eval(compile(ast.Expression(node), "<call>", "eval", dont_inherit=True), names, extras)


def _index_call(line: int, checker: str, function: Any, arguments: Names) -> Call:
    out = _shape(arguments.get("out_shape", 50 if checker == "in_out" else 25))
    points = _length(arguments.get("y", _POINTS))
    shapes: tuple[tuple[int, ...] | None, ...] = ((points,),)
    if checker == "zip":
        split = min(int(arguments.get("split", 25)), points)
        shapes = ((split,), (points - split,))
    if isinstance(function, _Matrices):
        wrapped = (_shape(function.in_shape), _shape(function.in_shape2))
        shapes = tuple(given or shape for given, shape in zip(wrapped, shapes, strict=False))
        return Call(line, (function.fb,), shapes, _shape(function.out_shape) or out)
    return Call(line, (function,), shapes, out)


def _make_mat(fb: Callable[..., Any], in_shape: Any, out_shape: Any) -> _Matrices:
    return _Matrices(fb, in_shape, None, out_shape)


def _length(points: Any) -> int:
    try:
        return len(points)
    except TypeError:
        return len(_POINTS)


def _shape(value: Any) -> tuple[int, ...] | None:
    """Return a shape that is given as a number, as several, or as an array that has it."""
    sizes = getattr(value, "shape", value)
    try:
        shape = tuple(map(operator.index, sizes)) if isinstance(sizes, (tuple, list)) else (operator.index(sizes),)
    except TypeError:
        return None
    return shape if all(size >= 0 for size in shape) else None
