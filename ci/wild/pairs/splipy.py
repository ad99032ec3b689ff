"""splipy: derivatives of curves and surfaces."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from entry import Entry, number, vector
from splipy import BSplineBasis, curve_factory, surface_factory

CIRCLE = curve_factory.circle(1.5)
SPLINE = curve_factory.cubic_curve(np.array([[0.0, 0.0], [1.0, 0.5], [2.0, -1.0], [3.0, 0.3]]))
DISC, TORUS = surface_factory.disc(1.5, type="square"), surface_factory.torus(1.0, 3.0)
BASIS = BSplineBasis(3, [0, 0, 0, 1, 2, 3, 3, 3])


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for name, curve in (("circle, rational", CIRCLE), ("cubic_curve", SPLINE)):
        bounds = (float(curve.start(0)), float(curve.end(0)))
        said = "the parametric domain of the curve"
        middle = sum(bounds) / 2 + 0.1
        for order in (1, 2):
            yield number(
                f"Curve.derivative(t, {order}), {name}",
                lambda x, c=curve, k=order: c.derivative(x, k - 1) if k > 1 else c(x),
                lambda x, c=curve, k=order: c.derivative(x, k),
                bounds,
                said,
                middle,
            )
        tangent = curve.get_derivative_spline(0) if not curve.rational else None
        if tangent is not None:
            yield number(f"Curve.get_derivative_spline(), {name}", curve, tangent, bounds, said, middle)
    for name, surface in (("disc, rational", DISC), ("torus, rational", TORUS)):
        ends = [(float(a), float(b)) for a, b in zip(surface.start(), surface.end(), strict=True)]
        bounds = (max(a for a, _ in ends), min(b for _, b in ends))
        yield vector(
            f"Surface.derivative(u, v, d), {name}",
            lambda x, s=surface: np.asarray(s(x[0], x[1])),
            lambda x, s=surface: np.stack([s.derivative(x[0], x[1], d=d) for d in ((1, 0), (0, 1))], axis=-1),
            [sum(bounds) / 2 - 0.1, sum(bounds) / 2 + 0.1],
            bounds,
            "the parametric domain of the surface",
        )
    yield number(
        "BSplineBasis.evaluate(t, d=1)",
        lambda x: np.asarray(BASIS.evaluate(x)).ravel(),
        lambda x: np.asarray(BASIS.evaluate(x, 1)).ravel(),
        (0.0, 3.0),
        "the parametric domain of the basis",
    )
