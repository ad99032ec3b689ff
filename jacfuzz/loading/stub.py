"""Templates that nobody has filled in yet; what is a stub by its looks may still be right."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

from jacfuzz.loading.functions import source_of, syntax_of

_REMARK = re.compile(r"#.*\bfill\s+(this\s+)?in\b", re.IGNORECASE)


def is_array_stub(jac: Callable[..., Any]) -> bool:
    """Whether jac returns nothing, or only the template's ``0 * (...)``."""
    node = syntax_of(jac)
    if node is None:
        return False
    return all(_is_placeholder(value) for value in _results(node))


def is_index_stub(fb: Callable[..., Any]) -> bool:
    """Whether every derivative is a constant beside the template's remark, or returns nothing."""
    node = syntax_of(fb)
    if node is None:
        return False
    lines = source_of(fb).split("\n")
    derivatives = inner_functions(node)[1:]
    if not derivatives:
        return all(_is_nothing(value) for value in _results(node))
    return all(_is_unfilled(function, lines) for function in derivatives)


def inner_functions(node: ast.FunctionDef | ast.Lambda) -> list[ast.FunctionDef | ast.Lambda | None]:
    """Return what an index function returns, f and the derivatives; None for one that is not written in its body."""
    defined: dict[str, ast.FunctionDef | ast.Lambda] = {}
    for statement in _own_nodes(node):
        match statement:
            case ast.FunctionDef(name=name):
                defined[name] = statement
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
                defined[name] = function
    results = [value for value in _results(node) if isinstance(value, ast.Tuple)]
    if not results:
        return []
    elements = results[-1].elts
    return [
        element
        if isinstance(element, ast.Lambda)
        else defined.get(element.id)
        if isinstance(element, ast.Name)
        else None
        for element in elements
    ]


def _is_unfilled(function: ast.FunctionDef | ast.Lambda | None, lines: list[str]) -> bool:
    if function is None:
        return False
    if all(_is_nothing(value) for value in _results(function)):
        return True
    remarked = any(_REMARK.search(line) for line in lines[function.lineno - 1 : function.end_lineno])
    return remarked and isinstance(function, ast.Lambda) and isinstance(function.body, ast.Constant)


def _results(node: ast.FunctionDef | ast.Lambda) -> list[ast.expr | None]:
    """Return what a function returns, one for each ``return``."""
    if isinstance(node, ast.Lambda):
        return [node.body]
    raised = [inner for inner in _own_nodes(node) if isinstance(inner, ast.Raise) and not _says_unfilled(inner)]
    if raised:
        return [raised[0].exc]  # an answer that refuses some inputs is no template
    return [inner.value for inner in _own_nodes(node) if isinstance(inner, ast.Return)]


def _says_unfilled(node: ast.Raise) -> bool:
    error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes inside a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            yield from _own_nodes(child)


def _is_placeholder(value: ast.expr | None) -> bool:
    match value:
        case ast.BinOp(left=ast.Constant(value=0), op=ast.Mult()):
            return True
        case ast.Tuple(elts=elements):
            return bool(elements) and all(_is_placeholder(element) for element in elements)
    return _is_nothing(value)


def _is_nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value in (None, ...))
