"""torch: the backward formulas of its functions, called on tensors of float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from entry import Entry
from torch.nn import functional

from jacfuzz import forms


def _against(loss: Any, target: float) -> Any:
    """A loss of each cell beside one number."""
    return lambda x: loss(x, torch.full_like(x, target), reduction="none")


POSITIVE, UNIT = "(0, inf)", "(0, 1)"
FUNCTIONS: tuple[tuple[str, Any, Any, str], ...] = (
    ("special.digamma", torch.special.digamma, POSITIVE, "poles at the non-positive integers"),
    ("special.gammaln", torch.special.gammaln, None, ""),
    (
        "special.polygamma(1, x)",
        lambda x: torch.special.polygamma(1, x),
        POSITIVE,
        "poles at the non-positive integers",
    ),
    ("special.multigammaln(x, 2)", lambda x: torch.special.multigammaln(x, 2), "(0.5, inf)", "x > (p - 1) / 2"),
    ("special.erf", torch.special.erf, None, ""),
    ("special.erfc", torch.special.erfc, None, ""),
    ("special.erfcx", torch.special.erfcx, None, ""),
    ("special.erfinv", torch.special.erfinv, (-1, 1), "erfinv: (-1, 1)"),
    ("special.ndtr", torch.special.ndtr, None, ""),
    ("special.ndtri", torch.special.ndtri, (0, 1), "a probability"),
    ("special.log_ndtr", torch.special.log_ndtr, None, ""),
    ("special.entr", torch.special.entr, None, ""),
    ("special.expit", torch.special.expit, None, ""),
    ("special.logit", torch.special.logit, UNIT, "logit: nan outside [0, 1]"),
    ("special.expm1", torch.special.expm1, None, ""),
    ("special.log1p", torch.special.log1p, "(-1, inf)", "the logarithm of 1 + x"),
    ("special.i0", torch.special.i0, None, ""),
    ("special.i0e", torch.special.i0e, None, ""),
    ("special.i1", torch.special.i1, None, ""),
    ("special.i1e", torch.special.i1e, None, ""),
    ("special.sinc", torch.special.sinc, None, ""),
    ("special.xlogy(x, 1.5)", lambda x: torch.special.xlogy(x, torch.tensor(1.5)), None, ""),
    ("special.xlog1py(1.5, x)", lambda x: torch.special.xlog1py(1.5, x), "(-1, inf)", "the logarithm of 1 + x"),
    ("logaddexp(x, 0.5)", lambda x: torch.logaddexp(x, torch.full_like(x, 0.5)), None, ""),
    ("acosh", torch.acosh, "(1, inf)", "acosh: [1, inf)"),
    ("asinh", torch.asinh, None, ""),
    ("atanh", torch.atanh, "(-1, 1)", "atanh: (-1, 1)"),
    ("nn.functional.gelu", functional.gelu, None, ""),
    ("nn.functional.gelu(approximate='tanh')", lambda x: functional.gelu(x, approximate="tanh"), None, ""),
    ("nn.functional.silu", functional.silu, None, ""),
    ("nn.functional.mish", functional.mish, None, ""),
    ("nn.functional.softplus", functional.softplus, None, ""),
    ("nn.functional.softplus(beta=3)", lambda x: functional.softplus(x, beta=3), None, ""),
    ("nn.functional.logsigmoid", functional.logsigmoid, None, ""),
    ("nn.functional.elu", functional.elu, None, ""),
    ("nn.functional.celu(alpha=1.5)", lambda x: functional.celu(x, alpha=1.5), None, ""),
    ("nn.functional.selu", functional.selu, None, ""),
    ("nn.functional.hardswish", functional.hardswish, None, ""),
    ("nn.functional.hardsigmoid", functional.hardsigmoid, None, ""),
    ("nn.functional.softshrink", functional.softshrink, None, ""),
    ("nn.functional.huber_loss", _against(functional.huber_loss, 0.5), None, ""),
    ("nn.functional.smooth_l1_loss", _against(functional.smooth_l1_loss, 0.5), None, ""),
    (
        "nn.functional.binary_cross_entropy",
        _against(functional.binary_cross_entropy, 0.3),
        UNIT,
        "input: probabilities between 0 and 1",
    ),
    (
        "nn.functional.binary_cross_entropy_with_logits",
        _against(functional.binary_cross_entropy_with_logits, 0.3),
        None,
        "",
    ),
)


def slope(f: Any, x: torch.Tensor) -> torch.Tensor:
    """Return the derivative, cell by cell, that torch's backward formula gives."""
    leaf = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(f(leaf).sum(), leaf)
    return gradient


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for name, f, domain, said in FUNCTIONS:
        at = torch.tensor((1.3, 1.7) if name == "acosh" else (0.6, 0.7), dtype=torch.float64)
        options = {"at": at} if domain is None else {"at": at, "domain": {"x": domain}}
        yield Entry(name, lambda x, f=f: f(x), forms.Diagonal(lambda x, f=f: slope(f, x)), options, said)
