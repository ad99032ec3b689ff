"""autograd: the rules of its wrapped SciPy functions and densities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import autograd.numpy as anp
import autograd.scipy.linalg as linalg
import autograd.scipy.special as special
import autograd.scipy.stats as stats
import numpy as np
from autograd import elementwise_grad, jacobian
from entry import Entry, elementwise, vector

POSITIVE, UNIT = "(0, inf)", "(0, 1)"
FUNCTIONS: tuple[tuple[str, Any, Any, str], ...] = (
    ("beta(x, 1.5)", lambda x: special.beta(x, 1.5), POSITIVE, "beta: a, b > 0"),
    ("betaln(1.5, x)", lambda x: special.betaln(1.5, x), POSITIVE, "beta: a, b > 0"),
    ("betainc(1.5, 2.5, x)", lambda x: special.betainc(1.5, 2.5, x), (0, 1), "betainc: x in [0, 1]"),
    ("polygamma(1, x)", lambda x: special.polygamma(1, x), POSITIVE, "polygamma: real x > 0"),
    ("psi", special.psi, None, ""),
    ("gamma", special.gamma, None, ""),
    ("gammaln", special.gammaln, None, ""),
    ("rgamma", special.rgamma, None, ""),
    ("multigammaln(x, 2)", lambda x: special.multigammaln(x, 2), "(0.5, inf)", "multigammaln: a > 0.5 (d - 1)"),
    ("gammainc(1.5, x)", lambda x: special.gammainc(1.5, x), (0, None), "gammainc: x >= 0"),
    ("gammaincc(1.5, x)", lambda x: special.gammaincc(1.5, x), (0, None), "gammaincc: x >= 0"),
    ("j0", special.j0, None, ""),
    ("j1", special.j1, None, ""),
    ("jn(3, x)", lambda x: special.jn(3, x), None, ""),
    ("y0", special.y0, POSITIVE, "y0: x > 0"),
    ("y1", special.y1, POSITIVE, "y1: x > 0"),
    ("yn(3, x)", lambda x: special.yn(3, x), POSITIVE, "yn: x > 0"),
    ("i0", special.i0, None, ""),
    ("i1", special.i1, None, ""),
    ("iv(2, x)", lambda x: special.iv(2, x), None, ""),
    ("ive(2, x)", lambda x: special.ive(2, x), None, ""),
    ("ive(1.5, x)", lambda x: special.ive(1.5, x), POSITIVE, "iv: real argument of a fractional order positive"),
    ("erf", special.erf, None, ""),
    ("erfc", special.erfc, None, ""),
    ("erfinv", special.erfinv, (-1, 1), "erfinv: [-1, 1]"),
    ("erfcinv", special.erfcinv, (0, 2), "erfcinv: [0, 2]"),
    ("logit", special.logit, UNIT, "logit: p in (0, 1)"),
    ("expit", special.expit, None, ""),
    ("stats.norm.pdf(x, 0.2, 1.5)", lambda x: stats.norm.pdf(x, 0.2, 1.5), None, ""),
    ("stats.norm.cdf(x, 0.2, 1.5)", lambda x: stats.norm.cdf(x, 0.2, 1.5), None, ""),
    ("stats.norm.sf(x, 0.2, 1.5)", lambda x: stats.norm.sf(x, 0.2, 1.5), None, ""),
    ("stats.norm.logpdf(x, 0.2, 1.5)", lambda x: stats.norm.logpdf(x, 0.2, 1.5), None, ""),
    ("stats.norm.logcdf(x, 0.2, 1.5)", lambda x: stats.norm.logcdf(x, 0.2, 1.5), None, ""),
    ("stats.norm.logsf(x, 0.2, 1.5)", lambda x: stats.norm.logsf(x, 0.2, 1.5), None, ""),
    ("stats.norm.logpdf(0.5, 0.2, scale)", lambda x: stats.norm.logpdf(0.5, 0.2, x), POSITIVE, "scale > 0"),
    ("stats.t.logpdf(x, 3)", lambda x: stats.t.logpdf(x, 3.0), None, ""),
    ("stats.t.logpdf(1.5, df)", lambda x: stats.t.logpdf(1.5, x), POSITIVE, "df > 0"),
    ("stats.t.cdf(x, 3)", lambda x: stats.t.cdf(x, 3.0), None, ""),
    ("stats.t.logcdf(x, 3)", lambda x: stats.t.logcdf(x, 3.0), None, ""),
    ("stats.beta.logpdf(x, 1.5, 2.5)", lambda x: stats.beta.logpdf(x, 1.5, 2.5), UNIT, "the support"),
    ("stats.beta.pdf(x, 1.5, 2.5)", lambda x: stats.beta.pdf(x, 1.5, 2.5), UNIT, "the support"),
    ("stats.beta.cdf(x, 1.5, 2.5)", lambda x: stats.beta.cdf(x, 1.5, 2.5), UNIT, "the support"),
    ("stats.gamma.logpdf(x, 2.5)", lambda x: stats.gamma.logpdf(x, 2.5), POSITIVE, "the support"),
    ("stats.gamma.cdf(x, 2.5)", lambda x: stats.gamma.cdf(x, 2.5), POSITIVE, "the support"),
    ("stats.chi2.logpdf(x, 3)", lambda x: stats.chi2.logpdf(x, 3.0), POSITIVE, "the support"),
    ("stats.chi2.cdf(x, 3)", lambda x: stats.chi2.cdf(x, 3.0), POSITIVE, "the support"),
    ("stats.poisson.logpmf(2, mu)", lambda x: stats.poisson.logpmf(2, x), POSITIVE, "mu >= 0"),
)
COV = np.array([[2.0, 0.3], [0.3, 1.0]])
A = np.array([[2.0, 0.3], [0.1, 1.0]])
ARRAYS: tuple[tuple[str, Any, Any, Any], ...] = (
    ("special.logsumexp", special.logsumexp, [0.3, 0.5, 0.7], None),
    (
        "stats.multivariate_normal.logpdf(x, m, C)",
        lambda x: stats.multivariate_normal.logpdf(x, np.zeros(2), COV),
        [0.3, 0.5],
        None,
    ),
    (
        "stats.dirichlet.logpdf(p, alpha), by alpha",
        lambda x: stats.dirichlet.logpdf(np.array([0.2, 0.3, 0.5]), x),
        [1.5, 2.0, 0.7],
        POSITIVE,
    ),
    ("linalg.solve_triangular(a, b), by a", lambda x: linalg.solve_triangular(x, np.array([1.0, 2.0])), A, None),
    ("linalg.solve_sylvester(a, b, q), by a", lambda x: linalg.solve_sylvester(x, A, COV), A, None),
    ("numpy.linalg.inv", anp.linalg.inv, A, None),
    ("numpy.linalg.det", anp.linalg.det, A, None),
    ("numpy.linalg.slogdet[1]", lambda x: anp.linalg.slogdet(x)[1], A, None),
    ("numpy.linalg.pinv", anp.linalg.pinv, np.array([[2.0, 0.3], [0.1, 1.0], [0.5, 0.5]]), None),
    ("numpy.linalg.solve(a, b), by a", lambda x: anp.linalg.solve(x, np.array([1.0, 2.0])), A, None),
    ("numpy.linalg.norm, Frobenius", anp.linalg.norm, A, None),
    ("numpy.linalg.norm(x, 'nuc')", lambda x: anp.linalg.norm(x, "nuc"), A, None),
    ("numpy.linalg.norm(x, 3)", lambda x: anp.linalg.norm(x, 3), [0.3, 0.5, 0.7], None),
    ("numpy.linalg.svd[1]", lambda x: anp.linalg.svd(x, full_matrices=False)[1], A, None),
    ("numpy.sinc", anp.sinc, [0.3, 0.7], None),
    ("numpy.prod", anp.prod, [0.3, 0.5, 0.7], None),
    ("numpy.cumsum", anp.cumsum, [0.3, 0.5, 0.7], None),
    ("numpy.std", anp.std, [0.3, 0.5, 0.7], None),
    ("numpy.var(ddof=1)", lambda x: anp.var(x, ddof=1), [0.3, 0.5, 0.7], None),
    ("numpy.max", anp.max, [0.3, 0.5, 0.7], None),
    ("numpy.sort", anp.sort, [0.3, 0.5, 0.7], None),
    ("numpy.logaddexp(x, x[::-1])", lambda x: anp.logaddexp(x, x[::-1]), [0.3, 0.5, 0.7], None),
    ("numpy.arctan2(x, x[::-1])", lambda x: anp.arctan2(x, x[::-1]), [0.3, 0.5], None),
    ("numpy.x ** x[::-1]", lambda x: x ** x[::-1], [0.3, 0.5], POSITIVE),
)


def entries() -> Iterator[Entry]:
    """Yield the entries; f is the same code that autograd differentiates."""
    for name, f, domain, said in FUNCTIONS:
        yield elementwise(name, f, elementwise_grad(f), domain, said, at=(0.6, 0.7))
    for name, f, at, domain in ARRAYS:
        said = "positive parameters" if domain else ""
        yield vector(name, f, jacobian(f), at, domain, said)
