"""What a function is made of: the function under its wrappers, its source, the names it reads."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import inspect
import textwrap
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from jacfuzz.loading.blocks import UNPARSABLE

_READS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_WRITES = {"STORE_GLOBAL"}


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function under ``functools.partial``, decorators that name what they wrap, and callable objects."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif callable(inner := getattr(function, "__wrapped__", None)):
            function = inner
        else:
            method = inspect.getattr_static(type(function), "__call__", None)
            return method if isinstance(method, types.FunctionType) else function


def name_of(function: Callable[..., Any]) -> str:
    """Return the name that a function goes by."""
    name = getattr(plain(function), "__name__", "")
    return type(function).__name__ if name in ("", "__call__") else name


def syntax_of(function: Callable[..., Any]) -> ast.FunctionDef | ast.Lambda | None:
    """Return a function's syntax tree; None where its source is not to be had."""
    return _first_function(source_of(function))


def source_of(function: Callable[..., Any]) -> str:
    """Return a function's source text; "" where it is not to be had."""
    try:
        with warnings.catch_warnings():  # inspect asks all modules for their file, and some warn when asked
            warnings.simplefilter("ignore")
            return textwrap.dedent(inspect.getsource(plain(function)))
    except (OSError, TypeError, SyntaxError):
        return ""


def _first_function(source: str) -> ast.FunctionDef | ast.Lambda | None:
    try:
        tree = ast.parse(source)
    except UNPARSABLE:
        return None
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda))]
    first = functions[0] if functions else None
    # Two lambdas on one line have the same source, and nothing says which of them is meant.
    beside = isinstance(first, ast.Lambda) and set(functions) - set(ast.walk(first))
    return None if beside else first


class Reads:
    """What functions read from the names around them, and what the functions they call read in turn.

    Attributes
    ----------
    values
        Names that are there, with their values.
    missing
        Names that are neither there nor built in.
    """

    def __init__(self, *candidates: Callable[..., Any]) -> None:
        self.values: dict[str, Any] = {}
        self.missing: set[str] = set()
        self._seen: set[int] = set()
        self._written: set[str] = set()
        self._own = {getattr(plain(candidate), "__globals__", {}).get("__name__") for candidate in candidates}
        for candidate in candidates:
            self._visit(candidate)
        self.missing -= self._written

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.missing

    def _visit(self, value: Any) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        if isinstance(value, functools.partial):
            for part in (value.func, *value.args, *value.keywords.values()):
                self._visit(part)
        elif isinstance(value, types.FunctionType):
            self._function(value)
            self._visit(plain(value))
        elif isinstance(value, types.MethodType):
            self._visit(value.__func__)
        elif callable(value) and not isinstance(value, type):
            self._visit(plain(value))

    def _function(self, function: types.FunctionType) -> None:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            try:
                value = cell.cell_contents
            except ValueError:  # not bound yet
                continue
            if isinstance(value, types.ModuleType):
                self.values[name] = value
            self._visit(value)
        if function.__globals__.get("__name__") not in self._own:  # a library's wrapper, such as jax.jacfwd gives
            return
        for operation, name in _name_operations(function.__code__):
            if operation in _WRITES:
                self._written.add(name)
            elif name in function.__globals__:
                value = self.values[name] = function.__globals__[name]
                if _belongs_to(value, function.__globals__):
                    self._visit(value)
            elif not hasattr(builtins, name):
                self.missing.add(name)


def _belongs_to(value: Any, names: dict[str, Any]) -> bool:
    """Whether a value is code of the same file; what a library reads does not matter."""
    inner = plain(value) if callable(value) and not isinstance(value, type) else value
    return isinstance(inner, types.FunctionType) and inner.__globals__.get("__name__") == names.get("__name__")


def _name_operations(code: types.CodeType) -> Iterator[tuple[str, str]]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in _READS or instruction.opname in _WRITES:
            yield instruction.opname, instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _name_operations(constant)
