"""Mutants of a Jacobian's source: every copy of ``jac`` with one place changed the way people get it wrong."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Operator: TypeAlias = Callable[[ast.AST], Iterator[ast.AST]]
"""Takes a node and yields what may stand in its place."""


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes
    ----------
    operator
        What kind of slip it is.
    before, after
        The changed statement.
    source
        The whole function with the change.
    """

    operator: str
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"

    def function(self, jac: Callable[..., Any]) -> Callable[..., Any]:
        """Compile it anew, among the globals of the function that it is a mutant of."""
        namespace = dict(getattr(jac, "__globals__", {}))
        exec(compile(self.source, "<mutant>", "exec"), namespace)
        function: Callable[..., Any] = namespace["jac"]
        return function


def mutants(source: str) -> list[Mutant]:
    """Return the mutants of the function ``jac`` in the source of a module, each text once."""
    (jac,) = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "jac")
    seen = {ast.unparse(jac)}
    found: list[Mutant] = []
    for number, (_, _, _, node) in enumerate(_places(jac)):
        for name, operator in OPERATORS.items():
            for new in operator(copy.deepcopy(node)):
                tree = copy.deepcopy(jac)
                _put(list(_places(tree))[number], new)
                text = ast.unparse(tree)
                if text not in seen:
                    seen.add(text)
                    found.append(Mutant(name, *_difference(jac, tree), text))
    return found


Place: TypeAlias = tuple[ast.AST, str, int | None, ast.AST]


def _places(function: ast.FunctionDef) -> Iterator[Place]:
    """Every node of the body as parent, field, index in the field, node; annotations are no places."""
    pending: list[Place] = [(function, "body", index, node) for index, node in enumerate(function.body)]
    while pending:
        place = pending.pop(0)
        yield place
        for field, value in ast.iter_fields(place[3]):
            if isinstance(value, ast.AST):
                pending.append((place[3], field, None, value))
            elif isinstance(value, list):
                pending += [(place[3], field, index, node) for index, node in enumerate(value)]


def _put(place: Place, new: ast.AST) -> None:
    parent, field, index, _ = place
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def _difference(one: ast.FunctionDef, other: ast.FunctionDef) -> tuple[str, str]:
    lines = zip(map(ast.unparse, one.body), map(ast.unparse, other.body), strict=True)
    return next((before, after) for before, after in lines if before != after)


def index_off_by_one(node: ast.AST) -> Iterator[ast.AST]:
    """Indices and ends of slices, lengths of ranges, and diagonals."""
    match node:
        case ast.Subscript(slice=ast.Tuple(elts=items)):
            for position, item in enumerate(items):
                for shifted in _shifted(item):
                    elements = [*items[:position], shifted, *items[position + 1 :]]
                    yield ast.Subscript(node.value, ast.Tuple(elements, ast.Load()), node.ctx)
        case ast.Subscript(slice=item):
            for shifted in _shifted(item):
                yield ast.Subscript(node.value, shifted, node.ctx)
        case ast.Call(func=ast.Attribute(attr="arange"), args=[*most, last]):
            for by in (1, -1):
                yield ast.Call(node.func, [*most, _sum(last, by)], node.keywords)
        case ast.Call(func=ast.Attribute(attr="eye" | "tri")) if not node.keywords:
            for by in (1, -1):
                yield ast.Call(node.func, node.args, [ast.keyword("k", ast.Constant(by))])


def _shifted(item: ast.expr) -> Iterator[ast.expr]:
    match item:
        case ast.Slice(lower, upper, step):
            if step is None:
                for by in (1, -1):
                    if lower is not None:
                        yield ast.Slice(_sum(lower, by), upper)
                    if upper is not None:
                        yield ast.Slice(lower, _sum(upper, by))
                if lower is None:
                    yield ast.Slice(ast.Constant(1), upper)
                if upper is None:
                    yield ast.Slice(lower, ast.Constant(-1))
        case ast.Constant(value=None):
            pass
        case _:
            yield from (_sum(item, by) for by in (1, -1))


def _sum(expression: ast.expr, by: int) -> ast.expr:
    if isinstance(expression, ast.Constant) and isinstance(expression.value, int):
        return ast.Constant(expression.value + by)
    return ast.BinOp(expression, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))


_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}


def comparison_flipped(node: ast.AST) -> Iterator[ast.AST]:
    """The other side, and with or without equality."""
    if isinstance(node, ast.Compare):
        for other in _COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)


def term_dropped(node: ast.AST) -> Iterator[ast.AST]:
    """A summand, a factor, a divisor, an exponent, or a whole statement that adds."""
    match node:
        case ast.BinOp(left, ast.Add() | ast.Mult(), right):
            yield from (left, right)
        case ast.BinOp(left, ast.Sub(), right):
            yield from (left, ast.UnaryOp(ast.USub(), right))
        case ast.BinOp(left, ast.Div() | ast.Pow(), _):
            yield left
        case ast.AugAssign():
            yield ast.Pass()


def sign_flipped(node: ast.AST) -> Iterator[ast.AST]:
    """A sum made a difference, a minus lost, a minus too many."""
    match node:
        case ast.BinOp(left, ast.Add(), right):
            yield ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left, ast.Sub(), right):
            yield ast.BinOp(left, ast.Add(), right)
        case ast.BinOp(_, ast.Mult() | ast.Div() | ast.MatMult(), _):
            yield ast.UnaryOp(ast.USub(), node)
        case ast.UnaryOp(ast.USub(), operand):
            yield operand
        case ast.AugAssign(target, ast.Add(), value):
            yield ast.AugAssign(target, ast.Sub(), value)
        case ast.AugAssign(target, ast.Sub(), value):
            yield ast.AugAssign(target, ast.Add(), value)
    yield from _in_results(node, lambda result: ast.UnaryOp(ast.USub(), result))


def axis_order(node: ast.AST) -> Iterator[ast.AST]:
    """Transposed results, other axis numbers, exchanged factors and subscripts."""
    match node:
        case ast.keyword(arg="axis", value=ast.Constant(value=int(axis))):
            yield from (ast.keyword("axis", ast.Constant(other)) for other in (0, 1, -1) if other != axis)
        case ast.Attribute(value, "T") | ast.Call(func=ast.Attribute(value, "swapaxes")):
            yield value
        case ast.Call(func=ast.Attribute(attr="einsum"), args=[ast.Constant(value=str(subscripts)), *operands]):
            for other in _neighbours_exchanged(subscripts):
                yield ast.Call(node.func, [ast.Constant(other), *operands], node.keywords)
        case ast.Call(args=[*most, left, right]):
            yield ast.Call(node.func, [*most, right, left], node.keywords)
        case ast.BinOp(left, ast.MatMult(), right):
            yield ast.BinOp(right, ast.MatMult(), left)
        case ast.Subscript(value, ast.Tuple(elts=items)):
            for i in range(len(items) - 1):
                elements = [*items[:i], items[i + 1], items[i], *items[i + 2 :]]
                yield ast.Subscript(value, ast.Tuple(elements, ast.Load()), node.ctx)
        case ast.Subscript(value, ast.Slice(None, None, ast.expr())):
            yield value
        case ast.Return(ast.Tuple(elts=results)):
            yield ast.Return(ast.Tuple(results[::-1], ast.Load()))
    for axes in ((0, 1), (-1, -2), (0, -1)):
        yield from _in_results(node, lambda result, axes=axes: _swapped(result, axes))  # type: ignore[misc]


def _neighbours_exchanged(subscripts: str) -> Iterator[str]:
    for i in range(len(subscripts) - 1):
        if subscripts[i : i + 2].isalpha():
            yield subscripts[:i] + subscripts[i + 1] + subscripts[i] + subscripts[i + 2 :]


def _swapped(result: ast.expr, axes: tuple[int, int]) -> ast.expr:
    return ast.Call(ast.Attribute(result, "swapaxes", ast.Load()), [ast.Constant(axis) for axis in axes], [])


def _in_results(node: ast.AST, change: Callable[[ast.expr], ast.expr]) -> Iterator[ast.AST]:
    """A return statement with one of its results changed."""
    match node:
        case ast.Return(ast.Tuple(elts=results)):
            for i, result in enumerate(results):
                yield ast.Return(ast.Tuple([*results[:i], change(result), *results[i + 1 :]], ast.Load()))
        case ast.Return(ast.expr() as result):
            yield ast.Return(change(result))


def constant_changed(node: ast.AST) -> Iterator[ast.AST]:
    """Numbers, and module constants by their capitals, one more, one less and twice as large."""
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as value):
            yield from (ast.Constant(other) for other in (value + 1, value - 1, 2 * value))
        case ast.Name(id=name) if name.isupper():
            yield from (
                ast.BinOp(node, operator, ast.Constant(by))
                for operator, by in ((ast.Add(), 1), (ast.Sub(), 1), (ast.Mult(), 2))
            )


def guard_removed(node: ast.AST) -> Iterator[ast.AST]:
    """What keeps zeros, ties and large numbers harmless: one branch for both, no bounds, any order of ties."""
    match node:
        case ast.Call(func=ast.Attribute(attr="where"), args=[_, one, other]):
            yield from (one, other)
        case ast.Call(func=ast.Attribute(attr="clip" | "maximum" | "minimum"), args=[value, *_]):
            yield value
        case ast.Call(keywords=[*_, ast.keyword(arg="kind")]):
            yield ast.Call(node.func, node.args, node.keywords[:-1])


OPERATORS: dict[str, Operator] = {
    "index off by one": index_off_by_one,
    "comparison flipped": comparison_flipped,
    "term dropped": term_dropped,
    "sign flipped": sign_flipped,
    "axis order": axis_order,
    "constant changed": constant_changed,
    "guard removed": guard_removed,
}
