"""Models with one method for the value and one for the derivative."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from jacfuzz.adapters.base import remade
from jacfuzz.errors import UsageError
from jacfuzz.forms import Form, Full, Stated
from jacfuzz.forms.readings import readings
from jacfuzz.functions import make_target
from jacfuzz.target import Target


def pair(
    obj: Any, value: str, derivative: str, *, form: Callable[[Callable[..., Any]], Form] = Full, **options: Any
) -> Target:
    """Make a target of two methods of an object, as in ``pair(model, "predict", "jacobian")``.

    Parameters
    ----------
    obj
        A model; nothing of it but the two methods is touched.
    value, derivative
        Names of the methods that are f and its derivative.
    form
        How the derivative is stated: ``forms.Gradient``, ``forms.VJP``, or what makes a form of the method, such as
        ``lambda rule: forms.Banded(rule, lower=0, upper=1)``.
    **options
        As of ``check``: ``at``, ``args``, ``domain``, ``edges``, ``kinks``.

    Raises
    ------
    UsageError
        If the object has no such method, or is a class, or form makes no form.
    """
    f, rule = _method(obj, value, "value"), _method(obj, derivative, "derivative")
    target = make_target(f, _stated(form, rule), **options)
    if form is Full:
        target = replace(target, jac=Stated(Method(target.jac), target.f))
    return remade(target, f, "pair", "model", repr(value), repr(derivative), form=_shown(form), at="at")


@dataclass(frozen=True)
class Method(Full):
    """A method that was said to return the full Jacobian."""

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """Every form that it may be right in."""
        for reading in readings(self.rule):
            name = type(reading).__name__
            yield f"The method is right as forms.{name}: give form=forms.{name}.", reading


def _method(obj: Any, name: Any, parameter: str) -> Callable[..., Any]:
    if not isinstance(name, str):
        raise UsageError(f"{parameter} is {type(name).__name__}, expected the name of a method, such as 'jacobian'")
    method: Callable[..., Any] | None = getattr(obj, name, None)
    if not callable(method):
        owner = obj.__name__ if inspect.isclass(obj) or inspect.ismodule(obj) else type(obj).__name__
        methods = [known for known in dir(obj) if not known.startswith("_") and callable(getattr(obj, known, None))]
        raise UsageError(f"{owner} has no method {name!r}; it has {', '.join(methods) or 'none'}")
    if inspect.isclass(obj) and inspect.isfunction(inspect.getattr_static(obj, name)):
        raise UsageError(f"obj is the class {obj.__name__}; expected an instance of it, such as {obj.__name__}(...)")
    return method


def _stated(form: Any, rule: Callable[..., Any]) -> Form:
    if isinstance(form, Form):
        raise UsageError(f"form is {form}, which has a rule already; give the class alone, forms.{type(form).__name__}")
    try:
        stated = form(rule)
    except TypeError as error:
        raise UsageError(
            f"form cannot be called with the method alone ({error}); expected a class of jacfuzz.forms, or a function "
            "such as `lambda rule: forms.Banded(rule, lower=0, upper=1)`"
        ) from None
    if not isinstance(stated, Form):
        raise UsageError(f"form makes {type(stated).__name__} of the method; expected a class of jacfuzz.forms")
    return stated


def _shown(form: Any) -> str:
    """Return the form in code; empty for the full Jacobian."""
    if form is Full:
        return ""
    return f"forms.{form.__name__}" if isinstance(form, type) else "form"
