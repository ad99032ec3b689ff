"""astropy: fit_deriv of models, the derivative by the parameters; a list of arrays, or an array in rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from astropy.modeling import functional_models, physical_models, polynomial, powerlaws
from entry import Entry, vector

X = np.array([0.4, 1.1, 2.3])
X2, Y2 = np.array([0.4, 1.1, 2.3]), np.array([-0.6, 0.2, 1.9])
POSITIVE = "(0, inf)"
LINES = (
    (functional_models.Gaussian1D, (2.0, 1.0, 0.7)),
    (functional_models.Sine1D, (2.0, 0.3, 0.1)),
    (functional_models.Cosine1D, (2.0, 0.3, 0.1)),
    (functional_models.Tangent1D, (2.0, 0.03, 0.1)),
    (functional_models.ArcSine1D, (9.0, 0.3, 0.1)),
    (functional_models.ArcCosine1D, (9.0, 0.3, 0.1)),
    (functional_models.ArcTangent1D, (2.0, 0.3, 0.1)),
    (functional_models.Linear1D, (2.0, 0.3)),
    (functional_models.Lorentz1D, (2.0, 1.0, 0.7)),
    (functional_models.Voigt1D, (1.0, 2.0, 0.7, 0.9)),
    (functional_models.Const1D, (2.0,)),
    (functional_models.Trapezoid1D, (2.0, 1.0, 0.7, 0.3)),
    (functional_models.RickerWavelet1D, (2.0, 1.0, 0.7)),
    (functional_models.Moffat1D, (2.0, 1.0, 0.7, 1.5)),
    (functional_models.KingProjectedAnalytic1D, (2.0, 1.0, 3.0)),
    (functional_models.Logarithmic1D, (2.0, 1.0)),
    (functional_models.Exponential1D, (2.0, 1.0)),
    (powerlaws.PowerLaw1D, (2.0, 1.0, 0.7)),
    (powerlaws.BrokenPowerLaw1D, (2.0, 1.0, 0.7, 1.3)),
    (powerlaws.SmoothlyBrokenPowerLaw1D, (2.0, 1.0, 0.7, 1.3, 0.5)),
    (powerlaws.ExponentialCutoffPowerLaw1D, (2.0, 1.0, 0.7, 1.5)),
    (powerlaws.LogParabola1D, (2.0, 1.0, 0.7, 0.2)),
    (powerlaws.Schechter1D, (2.0, 1.0, -0.7)),
    (physical_models.Drude1D, (2.0, 1.0, 0.7)),
    (physical_models.Plummer1D, (2.0, 0.7)),
)
PLANES = (
    (functional_models.Gaussian2D, (2.0, 1.0, 0.5, 0.7, 0.9, 0.3)),
    (functional_models.Planar2D, (2.0, 0.5, 0.3)),
    (functional_models.Moffat2D, (2.0, 1.0, 0.5, 0.7, 1.5)),
    (functional_models.Lorentz2D, (2.0, 1.0, 0.5, 0.7)),
)
POLYNOMIALS = (
    polynomial.Polynomial1D(3),
    polynomial.Chebyshev1D(3),
    polynomial.Legendre1D(3),
    polynomial.Hermite1D(3),
)
SURFACES = (
    polynomial.Polynomial2D(2),
    polynomial.Chebyshev2D(1, 2),
    polynomial.Legendre2D(1, 2),
    polynomial.Hermite2D(1, 2),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for model, parameters in LINES:
        if getattr(model, "fit_deriv", None) is not None:
            yield fitted(model(), (X,), parameters)
    for model, parameters in PLANES:
        if getattr(model, "fit_deriv", None) is not None:
            yield fitted(model(), (X2, Y2), parameters)
    for model in POLYNOMIALS + SURFACES:
        inputs = (X,) if model.n_inputs == 1 else (X2, Y2)
        degree = "(3)" if model.n_inputs == 1 else ""
        yield vector(
            f"{type(model).__name__}{degree}.fit_deriv",
            lambda x, m=model, i=inputs: m.evaluate(*i, *x),
            lambda x, m=model, i=inputs: m.fit_deriv(*i, *x),
            np.linspace(0.5, 1.5, len(model.parameters)),
        )


def fitted(model: Any, inputs: tuple[np.ndarray, ...], parameters: tuple[float, ...]) -> Entry:
    """Return a model by its parameters: those without bounds in x, those that the model bounds from below in w."""
    names = model.param_names
    bounded = [number for number, name in enumerate(names) if getattr(model, name).bounds[0] is not None]
    free = [number for number in range(len(names)) if number not in bounded]
    order = np.argsort(free + bounded)

    def f(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        return model.evaluate(*inputs, *np.concatenate([x, w])[order])

    def jacobians(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        columns = model.fit_deriv(*inputs, *np.concatenate([x, w])[order])
        table = np.stack([np.broadcast_to(column, inputs[0].shape) for column in columns], axis=1)
        return table[:, free], table[:, bounded]

    name = f"{type(model).__name__}.fit_deriv"
    if not bounded:
        none = np.empty(0)
        return vector(name, lambda x: f(x, none), lambda x: jacobians(x, none)[0], parameters)
    values = np.array(parameters)
    low = max(getattr(model, names[number]).bounds[0] for number in bounded)
    options = {"at": (values[free], values[bounded]), "domain": {"w": (low, None)}}
    return Entry(name, f, jacobians, options, "Parameter.bounds of the model")
