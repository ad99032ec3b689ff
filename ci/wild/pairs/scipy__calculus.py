"""SciPy: derivatives of interpolating splines, optimiser test functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from entry import Entry, elementwise, scalar, vector
from scipy import interpolate, optimize

KNOTS = np.array([0.0, 0.7, 1.5, 2.0, 3.0, 3.5, 4.0])
VALUES = np.sin(KNOTS) + 0.1 * KNOTS**2
WITHIN = (0.0, 4.0)
SAID = "the range of the data"


def splines() -> Iterator[tuple[str, Any, Any]]:
    """Yield a spline of each class with its derivative."""
    cubic = interpolate.CubicSpline(KNOTS, VALUES)
    yield "CubicSpline.derivative()", cubic, cubic.derivative()
    yield "CubicSpline(x, 2)", lambda x: cubic(x, 1), lambda x: cubic(x, 2)
    periodic = interpolate.CubicSpline(KNOTS, np.append(VALUES[:-1], VALUES[0]), bc_type="periodic")
    yield "CubicSpline(bc_type='periodic').derivative()", periodic, periodic.derivative()
    pchip = interpolate.PchipInterpolator(KNOTS, VALUES)
    yield "PchipInterpolator.derivative()", pchip, pchip.derivative()
    akima = interpolate.Akima1DInterpolator(KNOTS, VALUES)
    yield "Akima1DInterpolator.derivative()", akima, akima.derivative()
    hermite = interpolate.CubicHermiteSpline(KNOTS, VALUES, np.cos(KNOTS))
    yield "CubicHermiteSpline.derivative()", hermite, hermite.derivative()
    for degree in (1, 3, 4):
        spline = interpolate.make_interp_spline(KNOTS, VALUES, k=degree)
        yield f"BSpline.derivative(), k={degree}", spline, spline.derivative()
    bernstein = interpolate.BPoly.from_derivatives([0, 4], [[0.5, 1.0, -0.3], [1.5, 0.2, 0.7]])
    yield "BPoly.derivative()", bernstein, bernstein.derivative()
    smooth = interpolate.UnivariateSpline(KNOTS, VALUES, s=0.1)
    yield "UnivariateSpline.derivative()", smooth, smooth.derivative()
    tck = interpolate.splrep(KNOTS, VALUES)
    yield "splev(der=1)", lambda x: interpolate.splev(x, tck), lambda x: interpolate.splev(x, tck, der=1)
    lagrange = interpolate.BarycentricInterpolator(KNOTS, VALUES)
    yield "BarycentricInterpolator.derivative(x)", lagrange, lagrange.derivative
    krogh = interpolate.KroghInterpolator(KNOTS, VALUES)
    yield "KroghInterpolator.derivative(x)", krogh, krogh.derivative


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for name, f, derivative in splines():
        yield elementwise(name, f, derivative, WITHIN, SAID)
    yield scalar("optimize.rosen_der", optimize.rosen, optimize.rosen_der, [0.3, 0.5, 0.7])
    yield vector("optimize.rosen_hess", optimize.rosen_der, optimize.rosen_hess, [0.3, 0.5, 0.7])
    grid = np.linspace(0.0, 3.0, 6)
    surface = interpolate.RectBivariateSpline(grid, grid, np.sin(grid)[:, None] * np.cos(grid))
    yield scalar(
        "RectBivariateSpline.ev(dx, dy)",
        lambda x: surface.ev(*x),
        lambda x: np.array([surface.ev(*x, dx=1), surface.ev(*x, dy=1)]),
        [0.3, 0.5],
        (0.0, 3.0),
        SAID,
    )
    tensor = interpolate.RegularGridInterpolator((grid, grid), np.sin(grid)[:, None] * np.cos(grid), method="cubic")
    yield scalar(
        "RegularGridInterpolator(nu=...)",
        lambda x: tensor(x)[0],
        lambda x: np.array([tensor(x, nu=(1, 0))[0], tensor(x, nu=(0, 1))[0]]),
        [0.3, 0.5],
        (0.0, 3.0),
        SAID,
    )
