"""Functions at hand, however their derivative is stated, to a target."""

from __future__ import annotations

import inspect
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
from jacfuzz.samples import samples, value_at
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
        If f or jac is no function, or an option cannot be meant so.
    LoadError
        If the shape of an argument is neither annotated nor given.
    """
    form = jac if isinstance(jac, Form) else Full(jac)
    for name, function in (("f", f), ("jac", form.rule)):
        if not callable(function):
            raise UsageError(f"{name} is {type(function).__name__}, expected a function")
    recipe = f"make_target({written(f, 'f')}, {form}, at=at{', args=args' if args else ''})"
    f, form = with_arguments(f, args), _with_arguments(form, args)
    examples = _examples(at)
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
        raise UsageError(str(error)) from None
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
    for primal in samples(target, f):
        form.accept(primal, signature.differentiable)
    if type(form) is Full:
        return target
    return replace(target, f=form.primal(f), jac=Stated(form, f, recipe))


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
        problem = str(error).partition(", or add the line")[0]
        raise type(error)(f"{problem}, or give an example, `at=(x, ...)`") from None
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
