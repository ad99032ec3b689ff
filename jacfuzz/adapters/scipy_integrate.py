"""``scipy.integrate.solve_ivp``: the Jacobian of the right-hand side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jacfuzz.adapters.base import array_of, remade
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
    """
    start, end = map(float, t_span)
    further = args or ()

    def right_hand_side(moment: int, y: Any) -> Any:
        return np.asarray(fun(start + moment / _MOMENTS * (end - start), y, *further))

    def jacobian(moment: int, y: Any) -> Any:
        return array_of(jac(start + moment / _MOMENTS * (end - start), y, *further) if callable(jac) else jac)

    target = make_target(right_hand_side, jacobian, at=(0, np.atleast_1d(np.asarray(y0, dtype=float))))
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
