"""What f takes and returns: jaxtyping annotations as plain data.

Axis strings are parsed here and never evaluated: a listing of strangers' files runs nothing. The grammar is that of
jaxtyping's documentation ("Array annotations"): fixed ``3`` or ``rows=3``, named ``n``, anonymous ``_``, variadic
``...`` and ``*b``, broadcastable ``#n``, and arithmetic on names such as ``n+1`` or ``min(n,m)``.
"""

from __future__ import annotations

import ast
import operator
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from jacfuzz.errors import AnnotationError

ArrayType: TypeAlias = Literal["numpy", "jax", "torch", "scalar"]
DType: TypeAlias = Literal["float", "int", "bool", "complex", "any"]
Dims: TypeAlias = dict[str, int | tuple[int, ...]]

_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[..., int]] = {"min": min, "max": max}


@dataclass(frozen=True)
class Axis:
    """One axis of an annotation.

    Attributes
    ----------
    kind
        ``fixed`` (size known), ``named`` (one size per name and call), ``anonymous`` or ``symbolic``.
    text
        The name, the expression, or "" for an anonymous axis.
    size
        The size of a fixed axis.
    variadic
        Stands for any number of axes (``...``, ``*b``).
    broadcastable
        May also be 1 (``#n``).
    """

    kind: Literal["fixed", "named", "anonymous", "symbolic"]
    text: str = ""
    size: int = 0
    variadic: bool = False
    broadcastable: bool = False

    def names(self) -> set[str]:
        """Names that must be bound before the axis has a size."""
        if self.kind == "named":
            return {self.text}
        if self.kind == "symbolic":
            tree = ast.parse(self.text, mode="eval")
            return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(_FUNCTIONS)
        return set()

    def symbolic_size(self, dims: Mapping[str, int | tuple[int, ...]]) -> int:
        """Size of a symbolic axis under bound names; may come out negative, which no array can have."""
        return _evaluate(ast.parse(self.text, mode="eval").body, dims)


def _evaluate(node: ast.expr, dims: Mapping[str, int | tuple[int, ...]]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            size = dims[name]
            if isinstance(size, tuple):
                raise AnnotationError(f"`{name}` stands for several axes and cannot be computed with")
            return size
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, dims)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_evaluate(left, dims), _evaluate(right, dims))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS and args:
            return _FUNCTIONS[name](*[_evaluate(argument, dims) for argument in args])
    raise AnnotationError(f"`{ast.unparse(node)}` is no arithmetic on axis names; use + - * // % min max and integers")


@dataclass(frozen=True)
class ArraySpec:
    """One array as annotated: its axes and the family of its dtype (widths are ignored: float64 decides)."""

    axes: tuple[Axis, ...]
    dtype: DType = "any"
    array_type: ArrayType | None = None

    @property
    def differentiable(self) -> bool:
        """Whether the argument can vary continuously."""
        return self.dtype in ("float", "any")

    @property
    def dim_str(self) -> str:
        """The axes in jaxtyping's spelling, one blank apart."""
        return " ".join(_spell(axis) for axis in self.axes)


@dataclass(frozen=True)
class Argument:
    """A positional argument of f; several specs where the annotation is a union."""

    name: str
    specs: tuple[ArraySpec, ...]

    @property
    def differentiable(self) -> bool:
        """Whether jac owes a Jacobian for it."""
        return all(spec.differentiable for spec in self.specs)


@dataclass(frozen=True)
class Signature:
    """Signature of a pair.

    Attributes
    ----------
    arguments
        What f and jac take, in order.
    result
        Alternatives for f's result; empty where it is not annotated.
    jacobians
        Alternatives for the Jacobian of each differentiable argument, in order; empty where not annotated.
    sizes
        Axis names whose size is fixed for this pair, by a module constant or by given shapes.
    """

    arguments: tuple[Argument, ...]
    result: tuple[ArraySpec, ...] = ()
    jacobians: tuple[tuple[ArraySpec, ...], ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def differentiable(self) -> tuple[str, ...]:
        """Names of the arguments that jac owes a Jacobian for."""
        return tuple(argument.name for argument in self.arguments if argument.differentiable)

    @property
    def varying(self) -> tuple[bool, ...]:
        """Per argument, whether jac owes a Jacobian for it."""
        return tuple(argument.differentiable for argument in self.arguments)


def fixed_spec(
    shape: Iterable[int], array_type: ArrayType | None = None, dtype: DType = "float"
) -> tuple[ArraySpec, ...]:
    """Specs of an argument whose shape is given instead of annotated."""
    return (ArraySpec(tuple(Axis("fixed", size=size) for size in shape), dtype, array_type),)


def parse_axes(text: str) -> tuple[Axis, ...]:
    """Parse a jaxtyping axis string such as ``"*batch n n+1"``.

    Raises
    ------
    AnnotationError
        For text outside the grammar; the message says which part and what is allowed.
    """
    if "," in text and "(" not in text:
        raise AnnotationError(f"axes in {text!r} are separated by commas; separate them with blanks")
    axes = tuple(_parse_axis(token) for token in text.split())
    if sum(axis.variadic for axis in axes) > 1:
        raise AnnotationError(f"{text!r} has two variadic axes; at most one of `...` and `*name` is allowed")
    return axes


def _parse_axis(token: str) -> Axis:
    if token == "...":
        return Axis("anonymous", variadic=True)
    body, modifiers = token, set()
    while body and body[0] in "#*_?":
        if body[0] in modifiers:
            raise AnnotationError(f"axis `{token}` repeats `{body[0]}`; write it once")
        modifiers.add(body[0])
        body = body[1:]
    if "?" in modifiers:
        raise AnnotationError(f"axis `{token}`: `?` belongs inside a PyTree, which arguments of f cannot be yet")
    if "{" in body:
        raise AnnotationError(f"axis `{token}` refers to an argument's value; write a name or a number")
    variadic, broadcastable = "*" in modifiers, "#" in modifiers
    label, equals, rest = body.partition("=")
    if equals:
        if not label.isidentifier():
            raise AnnotationError(f"axis `{token}`: write a label as `rows=3`")
        body = rest
    if "_" in modifiers:
        if broadcastable or not (body == "" or body.isidentifier()):
            raise AnnotationError(f"axis `{token}`: `_` marks an unchecked axis and takes a name or nothing after it")
        return Axis("anonymous", variadic=variadic)
    if body.isdecimal():
        if variadic:
            raise AnnotationError(f"axis `{token}`: `*` goes before a name, not before a number")
        return Axis("fixed", size=int(body), broadcastable=broadcastable)
    if body.isidentifier():
        return Axis("named", text=body, variadic=variadic, broadcastable=broadcastable)
    return _parse_symbolic(token, body, variadic, broadcastable)


def _parse_symbolic(token: str, body: str, variadic: bool, broadcastable: bool) -> Axis:
    try:
        tree = ast.parse(body, mode="eval")
    except SyntaxError:
        raise AnnotationError(
            f"axis `{token}` cannot be read; write a number, a name, `_`, `...`, or arithmetic such as `n+1`"
        ) from None
    if variadic:
        raise AnnotationError(f"axis `{token}`: `*` goes before a name, not before arithmetic")
    axis = Axis("symbolic", text=body, broadcastable=broadcastable)
    _evaluate_probe(tree.body, axis.names())
    return axis


def _evaluate_probe(node: ast.expr, names: set[str]) -> None:
    # Any sizes show a form that is not allowed; 3 keeps divisors away from zero for the usual `n-1`, `n//2`.
    try:
        _evaluate(node, dict.fromkeys(names, 3))
    except ZeroDivisionError:
        return


def _spell(axis: Axis) -> str:
    mark = ("#" if axis.broadcastable else "") + ("*" if axis.variadic else "")
    if axis.kind == "anonymous":
        return "..." if axis.variadic else "_"
    return f"{mark}{axis.size if axis.kind == 'fixed' else axis.text}"


def parse_hint(hint: Any) -> tuple[ArraySpec, ...]:
    """Specs that an annotation allows; one per member of a union.

    Parameters
    ----------
    hint
        A jaxtyping annotation, a union of them, or ``float``, ``int``, ``bool`` for a Python scalar.

    Raises
    ------
    AnnotationError
        If nothing in the hint is an array or a number.
    """
    import jaxtyping

    scalars: dict[Any, DType] = {float: "float", int: "int", bool: "bool", complex: "complex"}
    if hint in scalars:
        return (ArraySpec((), scalars[hint], "scalar"),)
    if typing.get_origin(hint) is typing.Annotated:
        return parse_hint(typing.get_args(hint)[0])
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return _parse_union(typing.get_args(hint))
    if isinstance(hint, type) and issubclass(hint, jaxtyping.AbstractArray):
        return (ArraySpec(parse_axes(hint.dim_str), _dtype_family(hint.dtypes), _array_type(hint.array_type)),)
    raise AnnotationError(
        f'{_show(hint)} says nothing about shape; write a jaxtyping annotation such as Float[Array, "n"] '
        "with a blank between axes, or give the shapes"
    )


def _parse_union(members: tuple[Any, ...]) -> tuple[ArraySpec, ...]:
    """Array members of a union; members that only differ in the array's type or dtype count once."""
    specs: dict[tuple[Axis, ...], ArraySpec] = {}
    for member in members:
        if member is not type(None):
            for spec in parse_hint(member):
                known = specs.get(spec.axes)
                if known is None or known.array_type == "scalar":
                    specs[spec.axes] = spec
    return tuple(specs.values())


def _dtype_family(dtypes: Any) -> DType:
    if not isinstance(dtypes, (list, tuple)):
        return "any"
    names = [str(name) for name in dtypes]
    if any(name.startswith(("float", "bfloat")) for name in names):
        return "float"
    if any(name.startswith(("int", "uint")) for name in names):
        return "int"
    if any(name.startswith("bool") for name in names):
        return "bool"
    return "complex"


def _array_type(array_type: Any) -> ArrayType | None:
    module = getattr(array_type, "__module__", "") or ""
    for prefix, name in (("numpy", "numpy"), ("jax", "jax"), ("torch", "torch")):
        if module.split(".")[0].startswith(prefix):
            return typing.cast(ArrayType, name)
    return None


def _show(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
