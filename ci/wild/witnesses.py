"""Witnesses of the real defects: what a package returns and what is right, by mpmath: ``python ci/wild/witnesses.py``.

Nothing here uses jacfuzz. Each witness names a call; the right value comes from a closed form or mpmath's derivative
of one, with 50 digits, at the very floats that the call is given.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Witness:
    """A call, and the right value.

    Attributes
    ----------
    call
        As it is written, the package's module first.
    returned
        Makes the call.
    right
        Computes the right value with mpmath.
    """

    call: str
    returned: Callable[[], Any]
    right: Callable[[], Any]


def module(name: str) -> Any:
    """Import a module of a package when its witness is asked for."""
    return importlib.import_module(name)


def mathieu(x: mpf) -> mpf:
    """Return ce_2(x, 1.5) at radians from its Fourier series: cells of an eigenvector, normalised as DLMF 28.4.5."""
    size = 16
    matrix = mpmath.zeros(size)
    for r in range(size):
        matrix[r, r] = (2 * r) ** 2
        if r + 1 < size:
            matrix[r, r + 1] = matrix[r + 1, r] = mpf("1.5") * (mpmath.sqrt(2) if r == 0 else 1)
    _, vectors = mpmath.eigsy(matrix)
    column = [vectors[r, 1] for r in range(size)]
    column[0] /= mpmath.sqrt(2)
    sign = mpmath.sign(sum(column))
    return sign * sum(cell * mpmath.cos(2 * r * x) for r, cell in enumerate(column))


def drude(x: mpf, amplitude: mpf, x_0: mpf, fwhm: mpf) -> mpf:
    """Return astropy's Drude1D as its docstring gives it."""
    return amplitude * (fwhm / x_0) ** 2 / ((x / x_0 - x_0 / x) ** 2 + (fwhm / x_0) ** 2)


def voigt(x: mpf, x_0: mpf, amplitude: mpf, lorentz: mpf, gauss: mpf) -> mpf:
    """Return astropy's Voigt1D by the Faddeeva function."""
    sigma = gauss / (2 * mpmath.sqrt(2 * mpmath.log(2)))
    z = mpmath.mpc(x - x_0, lorentz / 2) / (sigma * mpmath.sqrt(2))
    faddeeva = mpmath.exp(-z * z) * mpmath.erfc(mpmath.mpc(0, -1) * z)
    return amplitude * lorentz / 2 * mpmath.pi * faddeeva.real / (sigma * mpmath.sqrt(2 * mpmath.pi))


def frank(t: mpf) -> mpf:
    """Return the generator of Frank's copula with theta = 1.5."""
    return -mpmath.log(mpmath.expm1(-mpf(1.5) * t) / mpmath.expm1(-mpf(1.5)))


COUNTS = (0, 1, 3, 0, 2, 5, 1, 0)


def counts() -> Any:
    """Return statsmodels' model of counts with a constant only."""
    model = module("statsmodels.discrete.discrete_model").NegativeBinomial
    return model(np.array(COUNTS), np.ones((len(COUNTS), 1)))


def count_likelihood(log_alpha: mpf) -> mpf:
    """Return the likelihood of the counts with mean 1 as the docstring of ``NegativeBinomial`` has it."""
    size = mpmath.exp(-log_alpha)
    terms = (
        mpmath.loggamma(y + size)
        - mpmath.loggamma(size)
        - mpmath.loggamma(y + 1)
        + size * mpmath.log(size / (size + 1))
        + y * mpmath.log(1 / (size + 1))
        for y in COUNTS
    )
    return sum(terms, mpf(0))


def expit(x: mpf) -> mpf:
    """Return the logistic function."""
    return 1 / (1 + mpmath.exp(-x))


def slope(f: Any, *cells: float) -> Any:
    """Return the first cell of autograd's gradient of the sum of f."""
    return module("autograd").elementwise_grad(f)(np.array(cells))[0]


def quadratic() -> Any:
    """Return pyproximal's Quadratic of a matrix that is not symmetric: x0^2 + x0 x1 / 4 + x1^2 / 2."""
    matrix = module("pylops").MatrixMult(np.array([[2.0, 0.5], [0.0, 1.0]]))
    return module("pyproximal").Quadratic(Op=matrix, b=np.zeros(2))


def backward(f: Any, x: float) -> Any:
    """Return torch's derivative of f at a float64."""
    torch = module("torch")
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(leaf).backward()
    return leaf.grad.item()


def traced(name: str, x: float) -> Any:
    """Return jax's derivative of a special function at a float64."""
    jax = module("jax")
    with jax.enable_x64(True):
        return jax.grad(getattr(module("jax.scipy.special"), name))(x)


def point(*cells: float) -> np.ndarray:
    """Return an array of floats."""
    return np.array(cells)


def witnesses() -> tuple[Witness, ...]:
    """Return all witnesses."""
    links = "statsmodels.genmod.families.links"
    special = "autograd.scipy.special"
    copula = "statsmodels.distributions.copula.transforms"
    return (
        Witness(
            "scipy.special.mathieu_cem(2, 1.5, 30.0)[1], x in degrees",
            lambda: module("scipy.special").mathieu_cem(2, 1.5, 30.0)[1],
            lambda: mpmath.diff(lambda x: mathieu(x * mpmath.pi / 180), 30),
        ),
        Witness(
            "links.Logit().inverse_deriv(710.0)",
            lambda: module(links).Logit().inverse_deriv(710.0),
            lambda: mpmath.exp(-710) * expit(mpf(710)) ** 2,
        ),
        Witness(
            "links.Logit().inverse_deriv2(37.0)",
            lambda: module(links).Logit().inverse_deriv2(37.0),
            lambda: mpmath.diff(expit, 37, 2),
        ),
        Witness(
            "links.Logit().inverse_deriv2(30.0)",
            lambda: module(links).Logit().inverse_deriv2(30.0),
            lambda: mpmath.diff(expit, 30, 2),
        ),
        Witness(
            "links.Log().inverse_deriv2(-40.0)",
            lambda: module(links).Log().inverse_deriv2(-40.0),
            lambda: mpmath.exp(-40),
        ),
        Witness(
            "links.Log().inverse_deriv2(249.0)",
            lambda: module(links).Log().inverse_deriv2(249.0),
            lambda: mpmath.exp(249),
        ),
        Witness(
            "links.NegativeBinomial(1.5).inverse_deriv2(-237.0)",
            lambda: module(links).NegativeBinomial(1.5).inverse_deriv2(-237.0),
            lambda: mpmath.diff(lambda z: -1 / (mpf("1.5") * (1 - mpmath.exp(-z))), -237, 2),
        ),
        Witness(
            "links.Cauchy().deriv2(2.2e-16), at eps",
            lambda: module(links).Cauchy().deriv2(np.finfo(float).eps),
            lambda: mpmath.diff(lambda p: mpmath.tan(mpmath.pi * (p - mpf(1) / 2)), mpf(2) ** -52, 2, h=mpf(2) ** -72),
        ),
        Witness(
            "links.CLogLog().inverse_deriv2(3.7)",
            lambda: module(links).CLogLog().inverse_deriv2(3.7),
            lambda: mpmath.diff(lambda z: mpmath.exp(z - mpmath.exp(z)), mpf(3.7)),
        ),
        Witness(
            "NegativeBinomialDistribution(1.5).unit_deviance([2.0], [1.0])",
            lambda: module("glum").NegativeBinomialDistribution(1.5).unit_deviance(np.array([2.0]), np.array([1.0])),
            lambda: 2 * (2 * mpmath.log(2) - mpf(8) / 3 * mpmath.log(mpf(8) / 5)),
        ),
        Witness(
            "jax.scipy.special.log_ndtr at -1e8",
            lambda: traced("log_ndtr", -1e8),
            lambda: mpf(1e8) * (1 + mpf(1e-16)),  # x + 1 / x of the asymptotic series (DLMF 7.12.1)
        ),
        Witness(
            "TransfFrank().deriv(0.5, 1.5)",
            lambda: module(copula).TransfFrank().deriv(0.5, 1.5),
            lambda: mpmath.diff(frank, 0.5),
        ),
        Witness(
            "TransfFrank().deriv2(0.5, 1.5)",
            lambda: module(copula).TransfFrank().deriv2(0.5, 1.5),
            lambda: mpmath.diff(frank, 0.5, 2),
        ),
        Witness(
            "TransfGumbel().deriv2([0.5], 1.5), real part",
            lambda: module(copula).TransfGumbel().deriv2(point(0.5), 1.5).real,
            lambda: mpmath.diff(lambda t: (-mpmath.log(t)) ** mpf(1.5), 0.5, 2),
        ),
        Witness(
            "NegativeBinomial(nb2).hessian([0, 0])[1, 1], by ln(alpha), before fit",
            lambda: counts().hessian(np.zeros(2))[1, 1],
            lambda: mpmath.diff(count_likelihood, 0, 2),
        ),
        Witness(
            "Drude1D.fit_deriv(x=1.1, 2, 1, 0.7)[1], by x_0",
            lambda: module("astropy.modeling.physical_models").Drude1D.fit_deriv(point(1.1), 2.0, 1.0, 0.7)[1],
            lambda: mpmath.diff(lambda x_0: drude(mpf(1.1), mpf(2), x_0, mpf(0.7)), 1),
        ),
        Witness(
            "Hermite2D(1, 2).evaluate(x=0.4, y=0.6, c0_2=1), the others 0",
            lambda: (
                module("astropy.modeling.polynomial")
                .Hermite2D(1, 2)
                .evaluate(point(0.4), point(0.6), 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
            ),
            lambda: mpmath.hermite(2, mpf(0.6)),
        ),
        Witness(
            "Voigt1D().fit_deriv(x=2.3, -1, 1, 1, 0.001)[3], by fwhm_G",
            lambda: (
                module("astropy.modeling.functional_models").Voigt1D().fit_deriv(point(2.3), -1.0, 1.0, 1.0, 0.001)[3]
            ),
            lambda: mpmath.diff(lambda g: voigt(mpf(2.3), mpf(-1), mpf(1), mpf(1), g), mpf(0.001)),
        ),
        Witness(
            "EQ105(508.0, 0.70824, 0.26411, 507.6, 0.27537, order=1).imag",
            lambda: module("chemicals.dippr").EQ105(508.0, 0.70824, 0.26411, 507.6, 0.27537, order=1).imag,
            lambda: mpf(0),
        ),
        Witness(
            "lemmon2000_air_dA0_dtau(8.125, 1.3)",
            lambda: module("chemicals.air").lemmon2000_air_dA0_dtau(8.125, 1.3),
            lambda: module("chemicals.air").lemmon2000_air_dA0_dtau(8.13, 1.3),
        ),
        Witness(
            "iapws95_d2Ar_ddelta2(1.2, 1.0)",
            lambda: module("chemicals.iapws").iapws95_d2Ar_ddelta2(1.2, 1.0),
            lambda: module("chemicals.iapws").iapws95_d2Ar_ddelta2(1.2, 1.0 + 1e-12),
        ),
        Witness(
            "Quadratic(Op=[[2, 0.5], [0, 1]]).grad([0, 1])[0]",
            lambda: quadratic().grad(point(0.0, 1.0))[0],
            lambda: mpmath.diff(lambda x: x**2 + x / 4 + mpf(1) / 2, 0),
        ),
        Witness("jax.scipy.special.spence at 2", lambda: traced("spence", 2.0), lambda: -mpmath.log(2)),
        Witness("jax.scipy.special.spence at 1", lambda: traced("spence", 1.0), lambda: mpf(-1)),
        Witness(
            "torch.nn.functional.hardsigmoid at 1, float64",
            lambda: backward(module("torch.nn.functional").hardsigmoid, 1.0),
            lambda: mpf(1) / 6,
        ),
        Witness(
            "torch.special.log_ndtr at -1e6",
            lambda: backward(module("torch").special.log_ndtr, -1e6),
            lambda: mpmath.npdf(mpf(-1e6)) / mpmath.ncdf(mpf(-1e6)),
        ),
        Witness(
            "torch.special.erfcx at 122991",
            lambda: backward(module("torch").special.erfcx, 122991.0),
            lambda: 2 * mpf(122991) * mpmath.exp(mpf(122991) ** 2) * mpmath.erfc(122991) - 2 / mpmath.sqrt(mpmath.pi),
        ),
        Witness("rgamma at 0", lambda: slope(module(special).rgamma, 0.0), lambda: mpmath.diff(mpmath.rgamma, 0)),
        Witness(
            "ive(2, x) at 0",
            lambda: slope(lambda x: module(special).ive(2, x), 0.0),
            lambda: mpf(0),
        ),
        Witness(
            "numpy.sinc at 0", lambda: slope(module("autograd.numpy").sinc, 0.0), lambda: mpmath.diff(mpmath.sincpi, 0)
        ),
        Witness(
            "numpy.prod at [0, 2, 3]",
            lambda: slope(module("autograd.numpy").prod, 0.0, 2.0, 3.0),
            lambda: mpf(6),
        ),
        Witness(
            "stats.norm.logcdf(x, 0, 1) at -1e6",
            lambda: slope(lambda x: module("autograd.scipy.stats.norm").logcdf(x, 0.0, 1.0), -1e6),
            lambda: mpmath.npdf(mpf(-1e6)) / mpmath.ncdf(mpf(-1e6)),
        ),
        Witness(
            "stats.norm.logsf(x, 0.2, 1.5) at 180384.15234375",
            lambda: slope(lambda x: module("autograd.scipy.stats.norm").logsf(x, 0.2, 1.5), 180384.15234375),
            lambda: -hazard((mpf(180384.15234375) - mpf(0.2)) / mpf(1.5)) / mpf(1.5),
        ),
    )


def hazard(z: mpmath.mpf) -> mpmath.mpf:
    """Density of the normal distribution over what is left of it beyond z."""
    return mpmath.npdf(z) / (mpmath.erfc(z / mpmath.sqrt(2)) / 2)


def main() -> None:
    """Print returned and right values side by side."""
    table = Table("call", "returned", "right", title="Witnesses")
    with mpmath.workdps(50), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for witness in witnesses():
            returned = float(np.squeeze(witness.returned()))
            table.add_row(witness.call, f"{returned:.9g}", mpmath.nstr(witness.right(), 9))
    Console(width=140, highlight=False).print(table)


if __name__ == "__main__":
    main()
