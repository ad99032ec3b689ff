"""From functions to a signature: annotations, read in the names that the block left."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from jacfuzz.errors import AnnotationError, LoadError
from jacfuzz.loading.directives import Shape, directive_line
from jacfuzz.loading.functions import plain
from jacfuzz.loading.names import Names
from jacfuzz.signature import Argument, ArraySpec, fixed_spec, parse_hint

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Annotations:
    """The annotations of one function, evaluated one at a time, so that each can fail on its own.

    Parameters
    ----------
    function
        Plain, jitted, decorated or partial.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        inner = plain(function)
        self._hints: Mapping[str, Any] = getattr(inner, "__annotations__", {})
        self._names: Names = getattr(inner, "__globals__", {})
        self.parameters = _parameters(function)

    def __contains__(self, name: str) -> bool:
        return name in self._hints

    def hint(self, name: str) -> Any:
        """Return one evaluated annotation.

        Raises
        ------
        AnnotationError
            If it cannot be evaluated.
        """
        holder = types.SimpleNamespace(__annotations__={name: self._hints[name]})
        try:
            return typing.get_type_hints(holder, globalns=self._names, include_extras=True)[name]
        except Exception as error:  # evaluates strangers' text
            raise AnnotationError(f"`{self._hints[name]}` cannot be read ({type(error).__name__}: {error})") from None

    def specs(self, name: str) -> tuple[ArraySpec, ...] | None:
        """Return the specs of a parameter; None where it has no annotation.

        Raises
        ------
        AnnotationError
            If the annotation cannot be read.
        """
        return parse_hint(self.hint(name)) if name in self else None


def _parameters(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return ()


def arguments_of(
    f: Callable[..., Any], jac: Callable[..., Any], given: tuple[Shape | None, ...], directive: Mapping[str, Shape]
) -> tuple[Argument, ...]:
    """Return the arguments of f.

    Parameters
    ----------
    f, jac
        The pair; jac's annotations stand in where f has none.
    given
        Shapes that the notebook's checker was called with, in order.
    directive
        Shapes by name, which go before everything else.

    Raises
    ------
    LoadError
        If an argument's shape cannot be known; the message ends with the remedy.
    """
    annotations, others = Annotations(f), Annotations(jac)
    parameters = [parameter for parameter in annotations.parameters if parameter.kind in _POSITIONAL]
    required = [parameter for parameter in annotations.parameters if parameter.kind is parameter.KEYWORD_ONLY]
    if missing := [parameter.name for parameter in required if parameter.default is parameter.empty]:
        raise LoadError(f"f requires the keyword `{missing[0]}`; give it a default, or make it a constant")
    arguments: list[Argument] = []
    unknown: dict[str, int | None] = {}
    for position, parameter in enumerate(parameters):
        name = parameter.name
        try:
            specs = annotations.specs(name)
        except AnnotationError as error:
            if parameter.default is not parameter.empty:
                break
            if name not in directive and _at(given, position) is None:
                raise AnnotationError(
                    f"argument `{name}` of f: {error}; or add the line `{directive_line({name: 1})}`"
                ) from None
            specs = None
        if parameter.default is not parameter.empty and not (name in directive or _is_array(specs)):
            break  # it keeps its default, and so does all that follows
        if name in directive:
            specs = fixed_spec(directive[name])
        elif specs is None:
            shape = _at(given, position)
            specs = _specs_in(others, name, position) if shape is None else fixed_spec(shape)
        if specs is None:
            unknown[name] = None
        else:
            arguments.append(Argument(name, specs))
    if unknown:
        raise LoadError(
            f"argument `{'`, `'.join(unknown)}` of f has no annotation, so that its shape is not known; annotate it, "
            f'as in `{next(iter(unknown))}: Float[Array, "n"]`, or add the line `{directive_line(unknown)}`'
        )
    if not arguments:
        raise LoadError("f takes no array; expected at least one argument")
    return tuple(arguments)


def _at(given: tuple[Shape | None, ...], position: int) -> Shape | None:
    return given[position] if position < len(given) else None


def _is_array(specs: tuple[ArraySpec, ...] | None) -> bool:
    return specs is not None and any(spec.array_type != "scalar" for spec in specs)


def _specs_in(annotations: Annotations, name: str, position: int) -> tuple[ArraySpec, ...] | None:
    """Specs of jac's parameter of that name, else at that position; None where they cannot be read."""
    names = [parameter.name for parameter in annotations.parameters if parameter.kind in _POSITIONAL]
    if name not in names:
        name = names[position] if position < len(names) else name
    try:
        return annotations.specs(name)
    except AnnotationError:
        return None


def result_of(f: Callable[..., Any]) -> tuple[ArraySpec, ...]:
    """Return the specs of f's result; empty where it has no annotation that says anything about shape."""
    try:
        return Annotations(f).specs("return") or ()
    except AnnotationError:
        return ()


def jacobians_of(f: Callable[..., Any], jac: Callable[..., Any], count: int) -> tuple[tuple[ArraySpec, ...], ...]:
    """Return the specs of ``count`` Jacobians; empty where they are not annotated, or not as many.

    Nor where jac wraps f, as ``jax.jacfwd(f)`` does: then its annotations are those of f.
    """
    if plain(jac) is plain(f):
        return ()
    annotations = Annotations(jac)
    try:
        hint = annotations.hint("return") if "return" in annotations else None
        if typing.get_origin(hint) is not tuple:
            members: tuple[Any, ...] = (hint,)
        else:
            members = typing.get_args(hint)
            if members[1:] == (...,):
                members = members[:1] * count
        return tuple(map(parse_hint, members)) if len(members) == count else ()
    except AnnotationError:
        return ()
