"""From two functions to a signature: annotations where there are any, given shapes elsewhere."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jacfuzz.errors import AnnotationError, LoadError
from jacfuzz.signature import Argument, ArraySpec, ArrayType, Signature, fixed_spec, parse_hint

Function = Callable[..., Any]
Shapes = Mapping[str, tuple[int, ...]]


def plain(function: Any) -> Any:
    """Return the Python function behind jit, partial and other wrappers; the object itself where there is none."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, types.MethodType):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return function


def read_globals(functions: tuple[Function, ...], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Names that functions read from their module and closures, through the functions they call, with their values."""
    found: dict[str, Any] = {}
    todo, done = [plain(function) for function in functions], set()
    while todo:
        function = todo.pop()
        if not isinstance(function, types.FunctionType) or id(function) in done:
            continue
        done.add(id(function))
        names = {name: function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__}
        names.update(_closure(function))
        found.update(names)
        own = (function.__globals__, namespace)
        for value in names.values():
            value = plain(value)
            if isinstance(value, types.FunctionType) and any(value.__globals__ is names for names in own):
                todo.append(value)
    return found


def _closure(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not bound yet
            continue


def _names(code: types.CodeType) -> set[str]:
    nested = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*map(_names, nested))


def _hints(function: Function, who: str) -> dict[str, Any]:
    target = plain(function)
    if not getattr(target, "__annotations__", None):
        return {}
    try:
        return typing.get_type_hints(target, include_extras=True)
    except AnnotationError:
        raise
    except Exception as error:  # an annotation is an expression of the user's: anything may go wrong in it
        raise AnnotationError(
            f"the annotations of {who} cannot be read: {type(error).__name__}: {error}; "
            'write jaxtyping annotations such as Float[Array, "n m"]'
        ) from None


def _parameters(function: Function, hints: Mapping[str, Any]) -> list[inspect.Parameter]:
    """Positional parameters that are arrays or scalars to differentiate by."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise LoadError(f"the arguments of f cannot be listed ({error}); wrap it in a plain function") from None
    found = []
    for parameter in parameters:
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            continue
        if parameter.default is not parameter.empty:
            # A parameter with a default keeps it, unless it is annotated as an array.
            try:
                specs = parse_hint(hints[parameter.name])
            except (KeyError, AnnotationError):
                continue
            if any(spec.array_type == "scalar" for spec in specs):
                continue
        found.append(parameter)
    return found


def signature_of(
    f: Function, jac: Function | None = None, shapes: Shapes | None = None, sizes: Mapping[str, int] | None = None
) -> Signature:
    """Build the signature of a pair.

    Parameters
    ----------
    f, jac
        The functions; jac's annotations stand in where f has none.
    shapes
        Shapes of arguments by name, which take the place of annotations.
    sizes
        Axis names whose size is fixed.

    Raises
    ------
    AnnotationError
        If an argument's shape is neither annotated nor given; the message names the argument.
    """
    shapes = shapes or {}
    hints = _hints(f, "f")
    jac_hints = {} if jac is None else _hints_or_nothing(jac)
    arguments = []
    for parameter in _parameters(f, hints):
        name = parameter.name
        hint = hints.get(name, jac_hints.get(name))
        if name in shapes:
            arguments.append(Argument(name, fixed_spec(shapes[name], _array_type_of_hint(hint))))
        elif hint is None:
            raise AnnotationError(f'argument {name} of f has no annotation; write {name}: Float[Array, "n"]')
        else:
            arguments.append(Argument(name, _argument_specs(name, hint)))
    if not arguments:
        raise AnnotationError("f takes no positional arguments; there is nothing to differentiate by")
    signature = Signature(tuple(arguments), _or_nothing(hints.get("return")), (), dict(sizes or {}))
    if not signature.differentiable:
        raise AnnotationError("f has no floating-point argument; there is nothing to differentiate by")
    jacobians = _jacobian_specs(jac_hints.get("return"), len(signature.differentiable))
    return Signature(signature.arguments, signature.result, jacobians, signature.sizes)


def _hints_or_nothing(jac: Function) -> dict[str, Any]:
    try:
        return _hints(jac, "jac")
    except AnnotationError:
        return {}


def _argument_specs(name: str, hint: Any) -> tuple[ArraySpec, ...]:
    try:
        specs = parse_hint(hint)
    except AnnotationError as error:
        raise AnnotationError(f"argument {name} of f: {error}") from None
    if any(spec.dtype == "complex" for spec in specs):
        raise AnnotationError(f"argument {name} of f is complex; state it as a pair of real arrays")
    return specs


def _array_type_of_hint(hint: Any) -> ArrayType | None:
    specs = _or_nothing(hint)
    return specs[0].array_type if specs else None


def _or_nothing(hint: Any) -> tuple[ArraySpec, ...]:
    try:
        return () if hint is None else parse_hint(hint)
    except AnnotationError:
        return ()


def _jacobian_specs(hint: Any, count: int) -> tuple[tuple[ArraySpec, ...], ...]:
    if hint is None:
        return ()
    if typing.get_origin(hint) is tuple:
        members = typing.get_args(hint)
        if len(members) == 2 and members[1] is Ellipsis:
            members = (members[0],) * count
        return tuple(_or_nothing(member) for member in members) if len(members) == count else ()
    return (_or_nothing(hint),) if count == 1 else ()


def array_type_of(signature: Signature, functions: tuple[Function, ...], namespace: Mapping[str, Any]) -> ArrayType:
    """Kind of array to pass: as annotated, else that of the array module which the functions read."""
    for argument in signature.arguments:
        for spec in argument.specs:
            if spec.array_type in ("numpy", "jax", "torch"):
                return spec.array_type
    modules = {_package(value) for value in read_globals(functions, namespace).values()}
    for function in functions:
        modules.add(_package(plain(function)))
        if type(function).__module__.split(".")[0] in ("jax", "jaxlib"):
            modules.add("jax")
    for name in ("torch", "jax"):
        if name in modules:
            return typing.cast(ArrayType, name)
    return "numpy"


def _package(value: Any) -> str:
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return (name or "").split(".")[0] if isinstance(name, str) else ""


def fixed_sizes(functions: tuple[Function, ...], namespace: Mapping[str, Any], names: set[str]) -> dict[str, int]:
    """Axis names that a module integer fixes.

    Only where the functions read module-level numbers or arrays: a pair that reads none is free in its sizes, whatever
    integers an earlier cell left behind.
    """
    read = read_globals(functions, namespace).values()
    if not any(_is_constant(value) for value in read):
        return {}
    return {
        name: int(namespace[name])
        for name in sorted(names)
        if isinstance(namespace.get(name), int) and not isinstance(namespace[name], bool) and namespace[name] >= 0
    }


def _is_constant(value: Any) -> bool:
    if isinstance(value, (int, float, complex, list, tuple)):
        return True
    return hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, type)


def axis_names(signature: Signature) -> set[str]:
    """All axis names of a signature."""
    specs = [spec for argument in signature.arguments for spec in argument.specs]
    specs += [*signature.result, *(spec for member in signature.jacobians for spec in member)]
    return {name for spec in specs for axis in spec.axes for name in axis.names()}
