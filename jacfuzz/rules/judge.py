"""A file's text under the rules: its derivatives one by one, and what the rest of it may not do."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from jacfuzz.loading.blocks import UNPARSABLE, Block
from jacfuzz.loading.markdown import has_fences, read_markdown
from jacfuzz.loading.notebook import read_notebook
from jacfuzz.loading.python import read_python
from jacfuzz.loading.statements import INDEX_PREFIX, bound_names
from jacfuzz.loading.stub import inner_functions
from jacfuzz.rules.derivative import Derivative, Function, code_of
from jacfuzz.rules.scope import Other, Scope, scope_of
from jacfuzz.rules.vocabulary import REACHING, Breach, Rules

_JAC = "jac"


def breaches_of(text: str, path: str, rules: Rules) -> tuple[Breach, ...]:
    """Judge a Python file, a notebook or a page; nothing is executed.

    Blocks that are no Python are passed over: they cannot run either, and loading says why.

    Parameters
    ----------
    text
        The file's text.
    path
        Its name, which says what kind of file it is.
    rules
        Of the collection.

    Raises
    ------
    LoadError
        If a notebook is none.
    """
    found: set[Breach] = set()
    before: list[ast.stmt] = []
    for block in _blocks(text, path):
        try:
            tree = block.parse()
        except UNPARSABLE:
            continue
        # Names of earlier blocks reach later ones.
        before += tree.body
        for breach in _of_block(tree, block, scope_of(before), rules):
            found.add(dataclasses.replace(breach, cell=block.cell))
    return tuple(sorted(found, key=lambda breach: (breach.cell or 0, breach.line, breach.column, breach.rule)))


def _blocks(text: str, path: str) -> list[Block]:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".ipynb":
        return read_notebook(text, path)
    if suffix in (".md", ".markdown") or (suffix == ".txt" and has_fences(text)):
        return read_markdown(text, path)
    return read_python(text, path)


def _of_block(tree: ast.Module, block: Block, scope: Scope, rules: Rules) -> Iterator[Breach]:
    yield from _reaching(tree)
    for statement in tree.body:
        names = bound_names(statement)
        yield from _handed_over(statement, scope)
        if _JAC in names:
            function = _defined(statement)
            if function is None:
                yield _at(statement, "syntax", "jac is bound by more than def or lambda; write `def jac` and no more")
            else:
                yield from _of_function(function, "f", scope, block, rules, anywhere=False)
        elif any(name.startswith(INDEX_PREFIX) for name in names):
            yield from _of_index_function(statement, scope, block, rules)


def _of_index_function(statement: ast.stmt, scope: Scope, block: Block, rules: Rules) -> Iterator[Breach]:
    outer = _defined(statement)
    functions = inner_functions(outer) if outer is not None else []
    if outer is None or len(functions) < 2:
        yield _at(statement, "syntax", "an index function returns f and its derivatives, all written in its body")
        return
    body = outer.body if isinstance(outer, ast.FunctionDef) else []
    for inner in body:
        if not isinstance(inner, (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.Return, ast.Expr)):
            yield _at(inner, "syntax", "an index function defines and returns; decide inside the derivative")
    inside = scope_of(body)
    inside.update((argument.arg, []) for argument in outer.args.args)  # an argument is data that needs no judgement
    primal = _name_of(functions[0], body)
    for function in functions[1:]:
        if function is None:
            yield _at(statement, "syntax", "a derivative is not written in the index function's body")
        else:
            yield from _of_function(function, primal, {**scope, **inside}, block, rules, anywhere=True)


def _name_of(function: Function | None, body: Iterable[ast.stmt]) -> str:
    for statement in body:
        if function is not None and _defined(statement) is function:
            return next(iter(bound_names(statement)))
    return ""


def _defined(statement: ast.stmt) -> Function | None:
    """Return the function that a statement defines and nothing else."""
    match statement:
        case ast.FunctionDef():
            return statement
        case ast.Assign(targets=[ast.Name()], value=ast.Lambda() as function):
            return function
        case ast.AnnAssign(value=ast.Lambda() as function):
            return function
    return None


def _of_function(
    function: Function, primal: str, scope: Scope, block: Block, rules: Rules, *, anywhere: bool
) -> Iterator[Breach]:
    yield from Derivative(rules, scope, function, primal, anywhere).breaches()
    code = code_of(function)
    first, last = code[0].lineno, code[-1].end_lineno or code[-1].lineno
    statements = sum(isinstance(node, ast.stmt) for part in code for node in ast.walk(part))
    count = max(last - first + 1, statements)
    if count > rules.lines:
        text = f"the derivative takes {count} lines or statements, of at most {rules.lines}; write it shorter"
        yield Breach(first, code[0].col_offset + 1, "lines", text)
    lines = block.source.split("\n")
    for number in range(first, last + 1):
        width = len(lines[number - block.line].rstrip())
        if width > rules.columns:
            text = f"the line has {width} columns, of at most {rules.columns}; write it shorter"
            yield Breach(number, rules.columns + 1, "columns", text)


def _handed_over(statement: ast.stmt, scope: Scope) -> Iterator[Breach]:
    """Yield functions that a notebook's checker is called with, and that are judged under no name."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        for argument in (*statement.value.args, *(keyword.value for keyword in statement.value.keywords)):
            name = argument.id if isinstance(argument, ast.Name) else ""
            known = name in ("f", _JAC) or name.startswith(INDEX_PREFIX)
            function = any(isinstance(binding, Other) for binding in scope.get(name, []))
            if isinstance(argument, ast.Lambda) or (function and not known):
                yield _at(argument, "syntax", "a function is handed over under another name; call the derivative jac")


def _reaching(tree: ast.Module) -> Iterator[Breach]:
    """Yield what could change the meaning of a derivative's names from elsewhere in the text."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                yield _at(node, "name", "a star import binds names that the text does not show; name them")
            case ast.Import(names=[*aliases]) if any(alias.name.split(".")[0] == "jacfuzz" for alias in aliases):
                yield _at(node, "name", "a pair is written as f and jac here; no other form is judged by the rules")
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] == "jacfuzz":
                yield _at(node, "name", "a pair is written as f and jac here; no other form is judged by the rules")
            case ast.Global() | ast.Nonlocal():
                yield _at(node, "name", "global and nonlocal change names from elsewhere; return values instead")
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                yield _at(node, "name", f"the attribute {name} is set, which may change a library; write it without")
            case ast.Attribute(attr=name) if name.startswith("__"):
                yield _at(node, "name", f"{name} reaches behind the text; write it without")
            case ast.Name(id=name) if name in REACHING:
                yield _at(node, "name", f"{name} reaches behind the text; write it without")


def _at(node: ast.stmt | ast.expr, rule: str, text: str) -> Breach:
    return Breach(node.lineno, node.col_offset + 1, rule, text)
