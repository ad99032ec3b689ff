"""glum: derivatives of links, variance functions and unit deviances; row-wise gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from entry import Entry, elementwise
from glum import (
    BinomialDistribution,
    CloglogLink,
    GammaDistribution,
    GeneralizedHyperbolicSecant,
    IdentityLink,
    InverseGaussianDistribution,
    LogitLink,
    LogLink,
    NegativeBinomialDistribution,
    NormalDistribution,
    PoissonDistribution,
    TweedieDistribution,
    TweedieLink,
)

UNIT, POSITIVE = "(0, 1)", "(0, inf)"
LINKS = (
    (IdentityLink(), None, None),
    (LogLink(), POSITIVE, None),
    (LogitLink(), UNIT, None),
    (CloglogLink(), UNIT, None),
    (TweedieLink(1.5), POSITIVE, "(-inf, 0)"),
)
DISTRIBUTIONS = (
    (NormalDistribution(), None, 1.5),
    (PoissonDistribution(), POSITIVE, 2.0),
    (GammaDistribution(), POSITIVE, 1.5),
    (InverseGaussianDistribution(), POSITIVE, 1.5),
    (TweedieDistribution(1.5), POSITIVE, 1.5),
    (BinomialDistribution(), UNIT, 1.0),
    (GeneralizedHyperbolicSecant(), None, 1.5),
    (NegativeBinomialDistribution(1.5), POSITIVE, 2.0),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for link, mean, predictor in LINKS:
        name = type(link).__name__
        said = "the range of mu" if mean else ""
        yield elementwise(f"{name}.derivative", link.link, link.derivative, mean, said)
        at = (-0.3, -0.7) if predictor else (0.3, 0.7)
        said = "the range of the link on its domain" if predictor else ""
        yield elementwise(f"{name}.inverse_derivative", link.inverse, link.inverse_derivative, predictor, said, at)
        yield elementwise(
            f"{name}.inverse_derivative2", link.inverse_derivative, link.inverse_derivative2, predictor, said, at
        )
    for distribution, mean, y in DISTRIBUTIONS:
        name = type(distribution).__name__
        said = "mu lies in the distribution's range" if mean else ""
        yield elementwise(
            f"{name}.unit_variance_derivative",
            distribution.unit_variance,
            distribution.unit_variance_derivative,
            mean,
            said,
        )
        yield elementwise(
            f"{name}.unit_deviance_derivative",
            lambda x, d=distribution, y=y: d.unit_deviance(np.full_like(x, y), x),
            lambda x, d=distribution, y=y: d.unit_deviance_derivative(np.full_like(x, y), x),
            mean,
            said,
        )
