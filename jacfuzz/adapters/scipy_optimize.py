"""``scipy.optimize``: the derivatives that its solvers are given.

Every function takes the solver's own arguments under the solver's own names, so that a call can be copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.optimize import Bounds

from jacfuzz.adapters.base import array_of, function, remade, vector
from jacfuzz.errors import UsageError
from jacfuzz.forms import JVP, Gradient
from jacfuzz.functions import make_target
from jacfuzz.target import Interval, Target


def minimize(
    fun: Callable[..., Any],
    x0: Any,
    args: Any = (),
    *,
    jac: Callable[..., Any] | bool,
    bounds: Any = None,
) -> Target:
    """Make a target of the gradient that ``scipy.optimize.minimize`` is given.

    Parameters
    ----------
    fun, x0, args, jac, bounds
        As of SciPy; with ``jac=True`` fun returns value and gradient. Where bounds differ from cell to cell, x is
        drawn from what they have in common.

    Raises
    ------
    UsageError
        If fun is no function, jac neither a function nor True, or the bounds have nothing in common.
    """
    function(fun, "fun", "fun(x, *args)")
    further = args if isinstance(args, tuple) else (args,)
    if jac is True:
        value, gradient = _part(fun, 0), _part(fun, 1)
    else:
        value, gradient = fun, function(jac, "jac", "jac(x, *args); or True")

    # SciPy takes bounds here as a pair per cell, for least squares as a pair of arrays.
    domain = _domain(bounds if bounds is None or isinstance(bounds, Bounds) else tuple(zip(*bounds, strict=True)))

    def scalar(x: Any) -> Any:
        return np.reshape(value(x, *further), ())  # SciPy takes an array of one cell for a scalar

    def grad(x: Any) -> Any:
        return gradient(x, *further)

    target = make_target(scalar, Gradient(grad), at=(vector(x0, "x0", "fun, x0, args, jac="),), domain=domain)
    return remade(target, fun, "minimize", fun, "*at", args and "args", jac="True" if jac is True else gradient)


def minimize_hess(jac: Callable[..., Any], x0: Any, args: Any = (), *, hess: Callable[..., Any]) -> Target:
    """Make a target of the Hessian that ``scipy.optimize.minimize`` is given, judged against the gradient.

    Parameters
    ----------
    jac, x0, args, hess
        As of SciPy: jac returns the gradient, hess an array, a sparse matrix or a ``LinearOperator``.
    """
    function(jac, "jac", "jac(x, *args)")
    function(hess, "hess", "hess(x, *args)")
    further = args if isinstance(args, tuple) else (args,)

    def gradient(x: Any) -> Any:
        return jac(x, *further)

    def hessian(x: Any) -> Any:
        return array_of(hess(x, *further))

    target = make_target(gradient, hessian, at=(vector(x0, "x0", "jac, x0, args, hess="),))
    return remade(target, jac, "minimize_hess", jac, "*at", args and "args", hess=hess)


def minimize_hessp(jac: Callable[..., Any], x0: Any, args: Any = (), *, hessp: Callable[..., Any]) -> Target:
    """Make a target of the product ``hessp(x, p)`` with the Hessian, judged against the gradient.

    Parameters
    ----------
    jac, x0, args, hessp
        As of ``scipy.optimize.minimize``: jac returns the gradient.
    """
    function(jac, "jac", "jac(x, *args)")
    function(hessp, "hessp", "hessp(x, p, *args)")
    further = args if isinstance(args, tuple) else (args,)
    target = make_target(jac, JVP(hessp), at=(vector(x0, "x0", "jac, x0, args, hessp="),), args=further)
    return remade(target, jac, "minimize_hessp", jac, "*at", args and "args", hessp=hessp)


def least_squares(
    fun: Callable[..., Any],
    x0: Any,
    jac: Callable[..., Any],
    bounds: Any = None,
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Target:
    """Make a target of the Jacobian that ``scipy.optimize.least_squares`` or ``root`` is given.

    Parameters
    ----------
    fun, x0, jac, bounds, args, kwargs
        As of SciPy: fun returns (m,), jac (m, n) as an array, a sparse matrix or a ``LinearOperator``. Where bounds
        differ from cell to cell, x is drawn from what they have in common.

    Raises
    ------
    UsageError
        If fun or jac is no function, or the bounds have nothing in common.
    """
    start = vector(x0, "x0", "fun, x0, jac")
    function(fun, "fun", "fun(x, *args, **kwargs)")
    function(jac, "jac", "jac(x, *args, **kwargs)")
    named, domain = kwargs or {}, _domain(bounds)

    def residuals(x: Any) -> Any:
        return np.atleast_1d(fun(x, *args, **named))

    def jacobian(x: Any) -> Any:
        return np.atleast_2d(array_of(jac(x, *args, **named)))

    target = make_target(residuals, jacobian, at=(start,), domain=domain)
    return remade(
        target, fun, "least_squares", fun, "*at", jac, args="args" if args else "", kwargs="kwargs" if named else ""
    )


def curve_fit(f: Callable[..., Any], xdata: Any, p0: Any, *, jac: Callable[..., Any]) -> Target:
    """Make a target of the Jacobian by the parameters that ``scipy.optimize.curve_fit`` is given.

    Parameters
    ----------
    f, xdata, p0, jac
        As of SciPy: ``f(xdata, *p)`` returns (M,), ``jac(xdata, *p)`` (M, n).

    Raises
    ------
    UsageError
        If f or jac is no function.
    """
    function(f, "f", "f(xdata, *p)")
    function(jac, "jac", "jac(xdata, *p)")

    def model(p: Any) -> Any:
        return f(xdata, *p)

    def jacobian(p: Any) -> Any:
        return jac(xdata, *p)

    target = make_target(model, jacobian, at=(vector(p0, "p0", "f, xdata, p0, jac="),))
    return remade(target, f, "curve_fit", f, "xdata", "*at", jac=jac)


def _part(function: Callable[..., Any], number: int) -> Callable[..., Any]:
    return lambda *arguments: function(*arguments)[number]


def _domain(bounds: Any) -> dict[str, Interval]:
    """Return the interval that the bounds of all cells of ``x`` have in common.

    Parameters
    ----------
    bounds
        None, ``Bounds``, or low and high ends, each a number or one per cell; None has no end.

    Raises
    ------
    UsageError
        If they have nothing in common.
    """
    if bounds is None:
        return {}
    ends = (bounds.lb, bounds.ub) if isinstance(bounds, Bounds) else bounds
    low = max(-np.inf if end is None else float(end) for end in np.ravel(ends[0]))
    high = min(np.inf if end is None else float(end) for end in np.ravel(ends[1]))
    if low >= high:
        raise UsageError("the bounds of x's cells have nothing in common; check parts of x, or leave bounds out")
    return {"x": (low if np.isfinite(low) else None, high if np.isfinite(high) else None)}
