"""statsmodels: derivatives of link functions, variance functions and robust norms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from entry import Entry, elementwise
from statsmodels.genmod.families import links, varfuncs
from statsmodels.robust import norms

EPS = np.finfo(float).eps
UNIT, POSITIVE, CLIPPED = (EPS, 1 - EPS), "(0, inf)", (EPS, None)
"""Links clip their argument to [eps, 1 - eps] or [eps, inf), as the docstrings of their ``_clean`` say."""
LINKS = (
    (links.Logit(), UNIT),
    (links.Power(power=0.7), POSITIVE),
    (links.InverseSquared(), POSITIVE),
    (links.Log(), CLIPPED),
    (links.LogC(), UNIT),
    (links.CDFLink(), UNIT),
    (links.Cauchy(), UNIT),
    (links.CLogLog(), UNIT),
    (links.LogLog(), UNIT),
    (links.NegativeBinomial(alpha=1.5), CLIPPED),
)
VARIANCES = (
    ("Power(1.5)", varfuncs.Power(1.5), POSITIVE),
    ("Binomial(n=3)", varfuncs.Binomial(3), "(0, 3)"),
    ("NegativeBinomial(0.7)", varfuncs.NegativeBinomial(0.7), POSITIVE),
)
NORMS = (
    norms.LeastSquares(),
    norms.HuberT(),
    norms.RamsayE(),
    norms.AndrewWave(),
    norms.TrimmedMean(),
    norms.Hampel(),
    norms.TukeyBiweight(),
    norms.TukeyQuartic(),
    norms.StudentT(),
    norms.MQuantileNorm(0.3, norms.HuberT()),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for link, domain in LINKS:
        name = type(link).__name__
        said = "the class docstrings: p in (0, 1) for probabilities, positive means for power and log links"
        yield elementwise(f"{name}.deriv", link, link.deriv, domain, said)
        yield elementwise(f"{name}.deriv2", link.deriv, link.deriv2, domain, said)
    for link, _ in LINKS:
        if not isinstance(link, links.Power) or isinstance(link, links.InverseSquared):
            name = type(link).__name__
            bounds = {
                "InverseSquared": POSITIVE,
                "Power": POSITIVE,
                "NegativeBinomial": "(-inf, 0)",
                "LogC": "(-inf, 0)",
            }
            domain = bounds.get(name)
            said = "the range of the link on its domain" if domain else ""
            yield elementwise(
                f"{name}.inverse_deriv",
                link.inverse,
                link.inverse_deriv,
                domain,
                said,
                at=(-0.3, -0.7) if name in ("NegativeBinomial", "LogC") else (0.3, 0.7),
            )
            yield elementwise(
                f"{name}.inverse_deriv2",
                link.inverse_deriv,
                link.inverse_deriv2,
                domain,
                said,
                at=(-0.3, -0.7) if name in ("NegativeBinomial", "LogC") else (0.3, 0.7),
            )
    for name, variance, domain in VARIANCES:
        yield elementwise(
            f"varfuncs.{name}.deriv", variance, variance.deriv, domain, "mu is a mean: positive, at most n"
        )
    for norm in NORMS:
        name = type(norm).__name__
        yield elementwise(f"norms.{name}.psi", norm.rho, norm.psi)
        yield elementwise(f"norms.{name}.psi_deriv", norm.psi, norm.psi_deriv)
