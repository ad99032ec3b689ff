"""``scipy.integrate.solve_ivp``: the Jacobian of the right-hand side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jacfuzz.adapters.base import array_of, function, remade, vector
from jacfuzz.errors import UsageError
from jacfuzz.evaluation.arrays import NotAnArrayError, take
from jacfuzz.evaluation.evaluate import quiet
from jacfuzz.forms import Form, Full, Stated
from jacfuzz.functions import make_target
from jacfuzz.target import Target

_MOMENTS = 3  # an integer argument is drawn from 0 to 3


def solve_ivp(
    fun: Callable[..., Any],
    t_span: tuple[float, float],
    y0: Any,
    *,
    jac: Any,
    args: tuple[Any, ...] | None = None,
) -> Target:
    """Make a target of the Jacobian of ``fun(t, y)`` by y that ``scipy.integrate.solve_ivp`` is given.

    Its arguments are the ``moment``, 0 to 3, and ``y``: t is the start of ``t_span``, one third, two thirds, and its
    end. By t nothing is differentiated.

    Parameters
    ----------
    fun, t_span, y0, jac, args
        As of SciPy: ``jac(t, y)`` returns (n, n) as an array or a sparse matrix; a constant Jacobian may be given as
        such.

    Raises
    ------
    UsageError
        If fun is no function of ``t, y`` in this order, or the span or the start are no numbers.
    """
    function(fun, "fun", "fun(t, y, *args)")
    (start, end), state = _span(t_span), vector(y0, "y0", "fun, t_span, y0, jac=")
    further = args or ()
    if _shape(fun, start, state, *further) is None and _shape(fun, state, start, *further) == state.shape:
        raise UsageError("fun is right as fun(y, t), which is the order of odeint; solve_ivp calls fun(t, y), t first")

    def time(moment: int) -> float:
        return start + moment / _MOMENTS * (end - start)

    def right_hand_side(moment: int, y: Any) -> Any:
        return np.asarray(fun(time(moment), y, *further))

    def jacobian(moment: int, y: Any) -> Any:
        return array_of(jac(time(moment), y, *further) if callable(jac) else jac)

    def swapped(moment: int, y: Any) -> Any:
        return array_of(jac(y, time(moment), *further))

    target = make_target(right_hand_side, jacobian, at=(0, state))
    target = replace(target, jac=Stated(TimeFirst(jacobian, swapped), right_hand_side))
    return remade(
        target,
        fun,
        "solve_ivp",
        fun,
        "t_span",
        "at[1]",
        jac=jac if callable(jac) else "jac",
        args="args" if args else "",
    )


@dataclass(frozen=True)
class TimeFirst(Full):
    """A Jacobian that is called with the time first; ``swapped`` calls it with the state first."""

    swapped: Callable[..., Any]

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """The order of ``odeint``."""
        yield (
            "jac is right as jac(y, t), which is the order of odeint; solve_ivp calls jac(t, y), t first.",
            Full(self.swapped),
        )


def _span(t_span: Any) -> tuple[float, float]:
    try:
        start, end = map(float, t_span)
    except (TypeError, ValueError):
        raise UsageError(
            f"t_span is {t_span!r}; expected two numbers, (start, end); the order is fun, t_span, y0, jac="
        ) from None
    return start, end


def _shape(fun: Callable[..., Any], *arguments: Any) -> tuple[int, ...] | None:
    """Return the shape of a function's result; None where it raises, or returns no array."""
    try:
        with quiet():
            return take(fun(*arguments)).shape
    except (Exception, SystemExit, NotAnArrayError):  # strangers' code, maybe called in the wrong order
        return None
