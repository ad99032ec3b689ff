"""jax: the rules that its special functions and activations carry, called on arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from entry import Entry, elementwise
from jax.scipy import special

POSITIVE, UNIT = "(0, inf)", "(0, 1)"
FUNCTIONS: tuple[tuple[str, Any, Any, str], ...] = (
    ("scipy.special.digamma", special.digamma, POSITIVE, "poles at the non-positive integers"),
    ("scipy.special.gammaln", special.gammaln, POSITIVE, "poles at the non-positive integers"),
    ("scipy.special.polygamma(1, x)", lambda x: special.polygamma(1, x), POSITIVE, "poles"),
    ("scipy.special.erfinv", special.erfinv, (-1, 1), "erfinv: (-1, 1)"),
    ("scipy.special.i0e", special.i0e, None, ""),
    ("scipy.special.i1e", special.i1e, None, ""),
    ("scipy.special.i1", special.i1, None, ""),
    ("scipy.special.ndtri", special.ndtri, UNIT, "a probability"),
    ("scipy.special.log_ndtr", special.log_ndtr, None, ""),
    ("scipy.special.expi", special.expi, POSITIVE, "a real x > 0"),
    ("scipy.special.betainc(1.5, 2.5, x)", lambda x: special.betainc(1.5, 2.5, x), (0, 1), "x in [0, 1]"),
    ("scipy.special.gammainc(1.5, x)", lambda x: special.gammainc(1.5, x), (0, None), "x >= 0"),
    ("scipy.special.spence", special.spence, (0, None), "a real x >= 0"),
    ("scipy.special.xlogy(x, 1.5)", lambda x: special.xlogy(x, 1.5), None, ""),
    ("scipy.special.entr", special.entr, None, ""),
    ("nn.gelu(approximate=False)", lambda x: jax.nn.gelu(x, approximate=False), None, ""),
    ("nn.relu", jax.nn.relu, None, ""),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for name, f, domain, said in FUNCTIONS:
        yield elementwise(
            name,
            lambda x, f=f: np.asarray(f(x)),
            lambda x, f=f: np.asarray(jax.vjp(f, x)[1](jax.numpy.ones_like(x))[0]),
            domain,
            said,
            (0.6, 0.7),
        )
