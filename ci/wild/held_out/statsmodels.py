"""statsmodels: derivatives of the generators of Archimedean copulas."""

from __future__ import annotations

from collections.abc import Iterator

from entry import Entry, elementwise
from statsmodels.distributions.copula import transforms

GENERATORS = (
    ("TransfFrank", transforms.TransfFrank(), (1.5,)),
    ("TransfClayton", transforms.TransfClayton(), (1.5,)),
    ("TransfGumbel", transforms.TransfGumbel(), (1.5,)),
    ("TransfIndep", transforms.TransfIndep(), ()),
)


def entries() -> Iterator[Entry]:
    """Yield the entries: by a probability, and by a value of the generator."""
    for name, generator, theta in GENERATORS:
        for value, derivative, domain in (
            ("evaluate", "deriv", "(0, 1)"),
            ("deriv", "deriv2", "(0, 1)"),
            ("inverse", "deriv_inverse", "(0, inf)"),
            ("deriv_inverse", "deriv2_inverse", "(0, inf)"),
            ("deriv2_inverse", "deriv3_inverse", "(0, inf)"),
            ("deriv3_inverse", "deriv4_inverse", "(0, inf)"),
        ):
            if hasattr(generator, value) and hasattr(generator, derivative):
                yield elementwise(
                    f"{name}.{derivative}",
                    lambda x, g=generator, name=value, a=theta: getattr(g, name)(x, *a),
                    lambda x, g=generator, name=derivative, a=theta: getattr(g, name)(x, *a),
                    domain,
                    "a generator maps (0, 1) to (0, inf)",
                )
