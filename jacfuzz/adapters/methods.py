"""Models with one method for the value and one for the derivative."""

from __future__ import annotations

from typing import Any

from jacfuzz.adapters.base import remade
from jacfuzz.errors import UsageError
from jacfuzz.forms import Form, Full
from jacfuzz.functions import make_target
from jacfuzz.target import Target


def pair(obj: Any, value: str, derivative: str, *, form: type[Form] = Full, **options: Any) -> Target:
    """Make a target of two methods of an object, as in ``pair(model, "predict", "jacobian")``.

    Parameters
    ----------
    obj
        A model; nothing of it but the two methods is touched.
    value, derivative
        Names of the methods that are f and its derivative.
    form
        How the derivative is stated, such as ``forms.Gradient`` or ``forms.VJP``.
    **options
        As of ``check``: ``at``, ``args``, ``domain``, ``edges``, ``kinks``.

    Raises
    ------
    UsageError
        If the object has no such method.
    """
    for name in (value, derivative):
        if not callable(getattr(obj, name, None)):
            methods = [known for known in dir(obj) if not known.startswith("_") and callable(getattr(obj, known, None))]
            raise UsageError(f"{type(obj).__name__} has no method {name!r}; it has {', '.join(methods) or 'none'}")
    target = make_target(getattr(obj, value), form(getattr(obj, derivative)), **options)
    shown = f"forms.{form.__name__}" if form is not Full else ""
    return remade(target, getattr(obj, value), "pair", "model", repr(value), repr(derivative), form=shown, at="at")
