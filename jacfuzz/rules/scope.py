"""What names stand for in a text that is not executed: modules, data, or anything else."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jacfuzz.loading.statements import bound_names


@dataclass(frozen=True)
class Imported:
    """A module, or what is imported from one: its full dotted name."""

    path: str


@dataclass(frozen=True)
class Data:
    """The value of a plain assignment."""

    value: ast.expr


@dataclass(frozen=True)
class Other:
    """A name bound in a way that its text does not show: a function, a class, a loop."""

    kind: str


Binding: TypeAlias = Imported | Data | Other
Scope: TypeAlias = dict[str, list[Binding]]
"""All bindings of each name; which of them holds is decided by running, so each counts."""


def scope_of(statements: Iterable[ast.stmt]) -> Scope:
    """Collect what statements bind in the scope that they stand in."""
    scope: Scope = {}
    for statement in statements:
        for name, binding in _bindings(statement):
            scope.setdefault(name, []).append(binding)
    return scope


def _bindings(statement: ast.stmt) -> Iterator[tuple[str, Binding]]:
    match statement:
        case ast.Import(names=aliases):
            for alias in aliases:
                root = alias.name.partition(".")[0]
                yield (alias.asname, Imported(alias.name)) if alias.asname else (root, Imported(root))
        case ast.ImportFrom(module=str(module), names=aliases, level=0):
            for alias in aliases:
                yield alias.asname or alias.name, Imported(f"{module}.{alias.name}")
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if not isinstance(value, ast.Lambda):
            for name in bound_names(statement):
                yield name, Data(value)
        case _:
            for name in bound_names(statement):
                yield name, Other(_KINDS.get(type(statement), "a statement that is no plain assignment"))


_KINDS: dict[type[ast.stmt], str] = {
    ast.Assign: "a function",
    ast.AnnAssign: "a function",
    ast.FunctionDef: "a function",
    ast.AsyncFunctionDef: "a function",
    ast.ClassDef: "a class",
}


def dotted(node: ast.expr, scope: Scope) -> str | None:
    """Return the full name that ``np.linalg.norm`` stands for; None where its root is no import.

    ``jax.numpy`` counts as ``numpy``, as the puzzles import either under one name.
    """
    match node:
        case ast.Name(id=name):
            paths = {binding.path for binding in scope.get(name, []) if isinstance(binding, Imported)}
            plain = {_as_numpy(path) for path in paths}
            return plain.pop() if len(plain) == 1 else None
        case ast.Attribute(value=value, attr=attribute):
            root = dotted(value, scope)
            return None if root is None else _as_numpy(f"{root}.{attribute}")
    return None


def _as_numpy(path: str) -> str:
    return path.removeprefix("jax.") if path == "jax.numpy" or path.startswith("jax.numpy.") else path
