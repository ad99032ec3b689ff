"""What statements bind, read off the syntax tree, and where a block with several pairs is divided."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from jacfuzz.loading.blocks import Block

INDEX_PREFIX = "fb_"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds in the scope it stands in; a star import binds ``*``."""
    return set(_bound(statement))


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name.split(".")[0]
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.ExceptHandler(name=str(name)):
            yield name
    if not isinstance(node, (*_SCOPES, *_COMPREHENSIONS)):
        for child in ast.iter_child_nodes(node):
            yield from _bound(child)


def imported_modules(tree: ast.AST) -> set[str]:
    """Return the top-level modules that a piece of code imports anywhere."""
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.split(".")[0])
    return modules


def pairs_apart(block: Block, tree: ast.Module) -> list[Block]:
    """Divide a block that holds several pairs, so that each runs in the names that its own part left.

    A part ends where its pair is complete and a later statement starts another one; statements after the last pair
    belong to it, since helpers often stand there.
    """
    definitions = [_defined(statement) for statement in tree.body]
    order = [name for names in definitions for name in ("f", "jac") if name in names]
    jac_first = order[:1] == ["jac"] and order[-1:] == ["f"]
    opens, closes = ("jac", "f") if jac_first else ("f", "jac")
    ends: list[int] = []
    complete: int | None = None
    for position, names in enumerate(definitions):
        index_function = _is_index_function(tree.body[position], names)
        another = index_function or (opens in names and any(closes in later for later in definitions[position:]))
        if complete is not None and another:
            ends.append(tree.body[complete].end_lineno or 0)
            complete = None
        if index_function or closes in names or (complete is not None and closes in bound_names(tree.body[position])):
            complete = position
    starts = [block.line, *[end + 1 for end in ends]]
    stops = [*[end + 1 for end in ends], block.line + block.source.count("\n") + 1]
    return [block.part(first, last) for first, last in zip(starts, stops, strict=True)]


def _is_index_function(statement: ast.stmt, names: set[str]) -> bool:
    value = getattr(statement, "value", None)
    written = isinstance(statement, ast.FunctionDef) or isinstance(value, (ast.Lambda, ast.Call))
    return written and any(name.startswith(INDEX_PREFIX) for name in names)


def _defined(statement: ast.stmt) -> set[str]:
    """Names that a statement defines anew; ``jac = jit(jac)`` only wraps what is there."""
    read = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    names = bound_names(statement)
    return names if isinstance(statement, _SCOPES) else names - read
