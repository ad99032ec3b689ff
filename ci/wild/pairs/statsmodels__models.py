"""statsmodels: scores and Hessians of likelihoods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import statsmodels.api as sm
from entry import Entry, scalar, vector
from statsmodels.discrete import count_model, discrete_model
from statsmodels.genmod import families
from statsmodels.othermod.betareg import BetaModel

RNG = np.random.default_rng(0)
X = np.column_stack([np.ones(8), RNG.normal(size=(8, 1))])
BINARY = np.array([0, 1, 1, 0, 1, 0, 0, 1])
COUNTS = np.array([0, 1, 3, 0, 2, 5, 1, 0])
SHARES = np.array([0.1, 0.3, 0.7, 0.5, 0.2, 0.6, 0.9, 0.4])
REAL = RNG.normal(size=8)
TWO = np.array([0.2, -0.3])
MODELS: tuple[tuple[str, Any, Any], ...] = (
    ("Logit", discrete_model.Logit(BINARY, X), TWO),
    ("Probit", discrete_model.Probit(BINARY, X), TWO),
    ("Poisson", discrete_model.Poisson(COUNTS, X), TWO),
    ("NegativeBinomial(nb2)", discrete_model.NegativeBinomial(COUNTS, X), np.array([0.2, -0.3, 0.7])),
    ("NegativeBinomialP(p=1)", discrete_model.NegativeBinomialP(COUNTS, X, p=1), np.array([0.2, -0.3, 0.7])),
    ("GeneralizedPoisson(p=1)", discrete_model.GeneralizedPoisson(COUNTS, X), np.array([0.2, -0.3, 0.1])),
    ("OLS", sm.OLS(REAL, X), TWO),
    ("GLM(Poisson)", sm.GLM(COUNTS, X, families.Poisson()), TWO),
    ("GLM(Gamma, log)", sm.GLM(SHARES, X, families.Gamma(families.links.Log())), TWO),
    ("GLM(Binomial, cloglog)", sm.GLM(BINARY, X, families.Binomial(families.links.CLogLog())), TWO),
    ("PHReg", sm.PHReg(np.arange(1.0, 9.0), X[:, 1:], status=BINARY), np.array([0.3])),
    ("BetaModel", BetaModel(SHARES, X), np.array([0.2, -0.3, 0.7])),
    ("ZeroInflatedPoisson", count_model.ZeroInflatedPoisson(COUNTS, X), np.array([0.1, 0.2, -0.3])),
    ("ConditionalLogit", sm.ConditionalLogit(BINARY, X[:, 1:], groups=np.repeat([0, 1], 4)), np.array([0.3])),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for name, model, at in MODELS:
        extra = {"scale": 1.0} if name == "OLS" or name.startswith("GLM") else {}
        yield scalar(
            f"{name}.score",
            lambda x, m=model, e=extra: m.loglike(x, **e),
            lambda x, m=model, e=extra: m.score(x, **e),
            at,
        )
        if name not in ("ZeroInflatedPoisson", "ConditionalLogit"):
            yield vector(
                f"{name}.hessian",
                lambda x, m=model, e=extra: m.score(x, **e),
                lambda x, m=model, e=extra: m.hessian(x, **e),
                at,
            )
