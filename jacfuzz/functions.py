"""Functions at hand, however their derivative is stated, to a target."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from jacfuzz.errors import LoadError, UsageError
from jacfuzz.evaluation.arrays import NotAnArrayError, take
from jacfuzz.forms import Form, Full, Stated
from jacfuzz.forms.base import written
from jacfuzz.interval import closed
from jacfuzz.loading.constants import read_constants
from jacfuzz.loading.direct import describe
from jacfuzz.loading.functions import name_of
from jacfuzz.samples import points, value_at
from jacfuzz.signature import Argument, ArrayType, Signature, fixed_spec
from jacfuzz.target import MOST_NOISE, Interval, Kinks, Place, Target

Args = tuple[Any, ...] | Mapping[str, Any]


def make_target(
    f: Callable[..., Any],
    jac: Callable[..., Any] | Form,
    *,
    at: Any = None,
    args: Args = (),
    domain: Mapping[str, Interval | str] | None = None,
    edges: Mapping[str, Sequence[Any]] | None = None,
    kinks: Kinks = "any",
    noise: float = 0.0,
) -> Target:
    """Make a target of a function and its derivative; ``check`` explains the parameters.

    At module level of a file it is one of the pairs that ``jacfuzz check FILE`` finds.

    Raises
    ------
    UsageError
        If f or jac is no function, an option cannot be meant so, or f has no derivative of the stated form.
    LoadError
        If the shape of an argument is neither annotated nor given.
    """
    if isinstance(jac, type) and issubclass(jac, Form):
        raise UsageError(f"jac is the class forms.{jac.__name__}; give it the rule: forms.{jac.__name__}(rule, ...)")
    form = jac if isinstance(jac, Form) else Full(jac)
    for name, function in (("f", f), ("jac", form.rule)):
        if not callable(function):
            raise UsageError(f"{name} is {type(function).__name__}, expected a function")
    recipe = f"make_target({written(f, 'f')}, {form}, at=at{', args=args' if args else ''})"
    examples = _examples(at)
    f, form = _named(with_arguments(f, args), len(examples)), _with_arguments(form, args)
    signature, array_type = _signature(f, form, at, examples)
    names = [argument.name for argument in signature.arguments]
    if examples and len(examples) != len(names):
        raise UsageError(f"at has {len(examples)} values, but f takes {len(names)} arguments: {', '.join(names)}")
    _check_call(form, names, signature.differentiable)
    constants = {
        "DOMAIN": {name: closed(interval) for name, interval in domain.items()} if domain else {},
        "EDGES": edges or {},
        "KINKS": kinks,
    }
    try:
        said = read_constants(constants, tuple(names), "in this call")
    except LoadError as error:
        option = re.sub(r"\b(DOMAIN|EDGES|KINKS)\b", lambda match: f"{match[0].lower()}=", str(error))
        raise UsageError(option) from None
    title = name_of(f)
    target = Target(
        id=title,
        title=title,
        place=Place("<python>"),
        f=f,
        jac=form.rule,
        signature=signature,
        array_type=array_type,
        domain=said.domain,
        edges=said.edges,
        at=dict(zip(names, examples, strict=False)),
        kinks=said.kinks,
        noise=_noise(noise),
    )
    target = _as_given(target, f, at, examples)
    _accept(form, target)
    if type(form) is Full:
        return target
    return replace(target, f=form.primal(f), jac=Stated(form, f, recipe))


def _accept(form: Form, target: Target) -> None:
    """Raise ``UsageError`` where f has no derivative of a form."""
    known = _known(target, [tuple(target.at.values())] if target.at else []) or _known(target, points(target))
    for point, primal in known:
        given = zip(target.signature.arguments, point, strict=True)
        form.accept(primal, {argument.name: value for argument, value in given if argument.differentiable})
    stated = form.primal(target.f)
    if known and stated is not target.f and all(value_at(target, stated, point) is None for point, _ in known):
        raise UsageError(form.lost())


def _known(target: Target, where: list[tuple[np.ndarray, ...]]) -> list[tuple[tuple[np.ndarray, ...], np.ndarray]]:
    """Return the points at which f has a value, with the value."""
    values = [(point, value_at(target, target.f, point)) for point in where]
    return [(point, value) for point, value in values if value is not None]


def _named(f: Callable[..., Any], count: int) -> Callable[..., Any]:
    """Return f of so many named arguments where it takes any number of them, or does not say how many."""
    try:
        kinds = [parameter.kind for parameter in inspect.signature(f).parameters.values()]
    except (TypeError, ValueError):  # compiled code without a signature
        kinds = [inspect.Parameter.VAR_POSITIONAL]
    if not count or inspect.Parameter.VAR_POSITIONAL not in kinds[:1]:
        return f

    def named(*arguments: Any) -> Any:
        return f(*arguments)

    names = ["x"] if count == 1 else [f"x_{number}" for number in range(count)]
    named.__wrapped__ = f  # type: ignore[attr-defined]
    named.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    )
    return named


def _noise(noise: Any) -> float:
    if not isinstance(noise, (int, float)) or not 0 <= noise <= MOST_NOISE:
        raise UsageError(
            f"noise is {noise!r}; expected the relative error of f's values, a number from 0 to {MOST_NOISE:g}"
        )
    return float(noise)


def with_arguments(function: Callable[..., Any], args: Args) -> Callable[..., Any]:
    """Return the function with further arguments fixed: a tuple after those that it is called with, a dict by name."""
    if not args:
        return function
    named = args if isinstance(args, Mapping) else {}
    further = () if isinstance(args, Mapping) else tuple(args)

    def fixed(*arguments: Any) -> Any:
        return function(*arguments, *further, **named)

    fixed.__wrapped__ = function  # type: ignore[attr-defined]
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # compiled code without a signature
        return fixed
    kept = [parameter for parameter in signature.parameters.values() if parameter.name not in named]
    positional = [parameter for parameter in kept if parameter.kind in _POSITIONAL]
    takes_more = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in kept)
    if further and not takes_more:
        dropped = {parameter.name for parameter in positional[-len(further) :]}
        kept = [parameter for parameter in kept if parameter.name not in dropped]
    fixed.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return fixed


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _with_arguments(form: Form, args: Args) -> Form:
    rules = {field.name: getattr(form, field.name) for field in fields(form)}
    return replace(form, **{name: with_arguments(rule, args) for name, rule in rules.items() if callable(rule)})


def _signature(
    f: Callable[..., Any], form: Form, at: Any, examples: tuple[np.ndarray, ...]
) -> tuple[Signature, ArrayType]:
    try:
        signature, array_type = describe(f, form.rule, tuple(example.shape for example in examples))
    except LoadError as error:
        # The comment that gives shapes in a file has no place beside functions at hand.
        problem = re.split("[,;] or add the line", str(error))[0]
        count = f"; at has {len(examples)} values, expected one per argument"
        raise type(error)(problem + (count if examples else ", or give an example, `at=(x, ...)`")) from None
    if not isinstance(form, Full):
        signature = replace(signature, jacobians=())  # the rule's annotation is not that of a Jacobian
    if form.primal(f) is not f:
        signature = replace(signature, result=())
    values = dict(zip((argument.name for argument in signature.arguments), _values(at), strict=False))
    arguments = tuple(
        Argument(argument.name, fixed_spec((), "scalar"))
        if argument.specs == fixed_spec(()) and type(values.get(argument.name)) in (int, float)
        else argument
        for argument in signature.arguments
    )
    return replace(signature, arguments=arguments), _library_of(at) or array_type


def _check_call(form: Form, names: list[str], differentiable: tuple[str, ...]) -> None:
    """Raise ``UsageError`` where a rule cannot be called with what its form gives it."""
    if type(form) is Full:
        return
    try:
        signature = inspect.signature(form.rule)
    except (TypeError, ValueError):
        return
    vectors = form.vectors(differentiable)
    try:
        signature.bind(*names, *vectors)
    except TypeError as error:
        called = f"rule({', '.join((*names, *vectors))})"
        raise UsageError(
            f"forms.{type(form).__name__} calls {called}, but the rule is {name_of(form.rule)}{signature} ({error})"
            + (f"; give it the parameter {', '.join(vectors)}, or choose another form" if vectors else "")
        ) from None


def _library_of(at: Any) -> ArrayType | None:
    """Kind of array that the examples are, where they are of a library that NumPy code knows nothing of."""
    modules = {type(value).__module__.partition(".")[0] for value in _values(at)}
    if "torch" in modules:
        return "torch"
    return "jax" if modules & {"jax", "jaxlib"} else None


def _as_given(target: Target, f: Callable[..., Any], at: Any, examples: tuple[np.ndarray, ...]) -> Target:
    """Return the target with NumPy arrays where `at` is one and f takes it, but not what its code looks written for."""
    specs = [spec for argument in target.signature.arguments for spec in argument.specs]
    if any(spec.array_type for spec in specs) or {type(value) for value in _values(at)} != {np.ndarray}:
        return target
    given = replace(target, array_type="numpy")
    takes = [value_at(kind, f, examples) is not None for kind in (target, given)]
    return given if takes == [False, True] else target


def _values(at: Any) -> Sequence[Any]:
    return () if at is None else at if isinstance(at, (tuple, list)) else (at,)


def _examples(at: Any) -> tuple[np.ndarray, ...]:
    try:
        arrays = tuple(take(value) for value in _values(at))
    except NotAnArrayError as error:
        raise UsageError(f"at holds {error}; expected one array or number per argument") from None
    if any(array.dtype.kind == "c" for array in arrays):
        raise UsageError(
            "at holds complex numbers; state f and jac in real arrays, such as f(re, im), where the argument is complex"
        )
    return tuple(np.asarray(array, dtype=float) for array in arrays)
