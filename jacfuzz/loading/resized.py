"""The pair of a block at other sizes: its integer constants replaced, and all that follows from them made anew."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from jacfuzz.loading.functions import plain
from jacfuzz.target import Target


def written_sizes(target: Target) -> dict[str, int]:
    """Return the axis names whose size the target's block states as a literal number, such as ``n = 10``."""
    try:
        tree = ast.parse(target.source)
    except (SyntaxError, ValueError):  # a notebook's magics, for one
        return {}
    written = {name.id: value for statement in tree.body for name, value in _constants(statement)}
    fixed = target.signature.sizes
    return {name: size for name, size in fixed.items() if name in written and written[name].value == size}


def resized(target: Target, sizes: Mapping[str, int]) -> Target | None:
    """Execute the target's block again with other numbers for its sizes.

    Parameters
    ----------
    target
        A pair whose code lives in this process.
    sizes
        New values for names of ``written_sizes``.

    Returns
    -------
    Target | None
        The same pair at other sizes; None where its code cannot be executed again.
    """
    f, jac = target.f, target.jac
    before = getattr(plain(f), "__globals__", {})
    called = [next((name for name, value in before.items() if value is function), "") for function in (f, jac)]
    names = dict(before)
    try:
        tree = ast.parse(target.source)
        for statement in tree.body:
            for name, value in _constants(statement):
                value.value = sizes.get(name.id, value.value)
        # A call on a line of its own binds nothing: it prints, plots or checks.
        body = [statement for statement in tree.body if not isinstance(statement, ast.Expr)]
        exec(compile(ast.Module(body, []), f"<{target.id}, other sizes>", "exec", dont_inherit=True), names)
    except (Exception, SystemExit):  # strangers' code; it need not work at every size
        return None
    twins: list[Any] = [names.get(name) for name in called]
    if any(twin is None or twin is function for twin, function in zip(twins, (f, jac), strict=True)):
        return None
    signature = dataclasses.replace(target.signature, sizes={**target.signature.sizes, **sizes})
    return dataclasses.replace(target, f=twins[0], jac=twins[1], signature=signature, claim=None)


def _constants(statement: ast.stmt) -> Iterator[tuple[ast.Name, ast.Constant]]:
    """Names that a statement binds to literal integers, with the literals."""
    match statement:
        case ast.Assign(targets=[ast.Name() as name], value=value):
            yield from _integers([name], [value])
        case ast.AnnAssign(target=ast.Name() as name, value=ast.expr() as value):
            yield from _integers([name], [value])
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(values):
            yield from _integers(names, values)


def _integers(names: list[Any], values: list[Any]) -> Iterator[tuple[ast.Name, ast.Constant]]:
    for name, value in zip(names, values, strict=True):
        if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and type(value.value) is int:
            yield name, value
