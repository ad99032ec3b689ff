"""pygam: gradients of link functions."""

from __future__ import annotations

from collections.abc import Iterator

from entry import Entry, elementwise
from pygam import distributions, links

BINOMIAL, GAMMA = distributions.BinomialDist(levels=3), distributions.GammaDist()
CASES = (
    (links.IdentityLink(), GAMMA, None),
    (links.LogitLink(), BINOMIAL, "(0, 3)"),
    (links.LogLink(), GAMMA, "(0, inf)"),
    (links.InverseLink(), GAMMA, "(0, inf)"),
    (links.InvSquaredLink(), GAMMA, "(0, inf)"),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for link, distribution, domain in CASES:
        yield elementwise(
            f"{type(link).__name__}.gradient",
            lambda x, k=link, d=distribution: k.link(x, d),
            lambda x, k=link, d=distribution: k.gradient(x, d),
            domain,
            "mu is the mean of the distribution: positive, at most levels" if domain else "",
        )
