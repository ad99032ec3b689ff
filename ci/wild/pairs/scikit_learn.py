"""scikit-learn: kernel gradients, losses, likelihoods, activations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from entry import Entry, scalar, vector
from sklearn._loss import loss as losses
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor, kernels

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 2))
Y = np.sin(X[:, 0]) + X[:, 1]
KERNELS = (
    kernels.RBF([1.0, 1.5]),
    kernels.RBF(1.0),
    kernels.Matern([1.0, 1.5], nu=0.5),
    kernels.Matern([1.0, 1.5], nu=1.5),
    kernels.Matern([1.0, 1.5], nu=2.5),
    kernels.Matern(1.0, nu=np.inf),
    kernels.RationalQuadratic(1.0, 0.7),
    kernels.ExpSineSquared(1.0, 1.5),
    kernels.DotProduct(1.0),
    kernels.ConstantKernel(2.0) * kernels.RBF(1.0) + kernels.WhiteKernel(0.5),
    kernels.PairwiseKernel(gamma=0.5, metric="rbf"),
    kernels.Exponentiation(kernels.RationalQuadratic(), 2.0),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    yield from kernel_entries()
    yield from likelihood_entries()
    yield from loss_entries()


def kernel_entries() -> Iterator[Entry]:
    """Yield kernels by their hyperparameters: theta is the logarithm, within the default bounds (1e-5, 1e5)."""
    for kernel in KERNELS:
        bounds = (float(np.log(1e-5)), float(np.log(1e5)))
        yield vector(
            f"{kernel}(X, eval_gradient=True)",
            lambda x, k=kernel: k.clone_with_theta(x)(X),
            lambda x, k=kernel: k.clone_with_theta(x)(X, eval_gradient=True)[1],
            kernel.theta,
            bounds,
            "the kernels' default length_scale_bounds, alpha_bounds, ... are (1e-5, 1e5)",
        )


def likelihood_entries() -> Iterator[Entry]:
    """Yield log marginal likelihoods of Gaussian processes."""
    kernel = kernels.ConstantKernel(1.0) * kernels.RBF([1.0, 1.0]) + kernels.WhiteKernel(0.1)
    regressor = GaussianProcessRegressor(kernel, optimizer=None).fit(X, Y)
    classifier = GaussianProcessClassifier(kernels.RBF([1.0, 1.0]), optimizer=None).fit(X, Y > 0)
    bounds = (float(np.log(1e-5)), float(np.log(1e5)))
    for model, size in ((regressor, 4), (classifier, 2)):
        yield scalar(
            f"{type(model).__name__}.log_marginal_likelihood(theta, eval_gradient=True)",
            lambda x, m=model: m.log_marginal_likelihood(x),
            lambda x, m=model: m.log_marginal_likelihood(x, eval_gradient=True)[1],
            np.zeros(size),
            bounds,
            "the kernels' default bounds are (1e-5, 1e5)",
        )


def loss_entries() -> Iterator[Entry]:
    """Yield losses by the raw prediction: the gradient of the sum, and the Hessian as the gradient's derivative."""
    half = np.array([0.0, 1.0, 1.0])
    counts = np.array([0.0, 1.0, 3.0])
    positive = np.array([0.5, 1.0, 3.0])
    cases: tuple[tuple[str, Any, np.ndarray], ...] = (
        ("HalfSquaredError", losses.HalfSquaredError(), counts),
        ("AbsoluteError", losses.AbsoluteError(), counts),
        ("PinballLoss(0.3)", losses.PinballLoss(quantile=0.3), counts),
        ("HuberLoss(0.9, 1.5)", losses.HuberLoss(quantile=0.9, delta=1.5), counts),
        ("HalfPoissonLoss", losses.HalfPoissonLoss(), counts),
        ("HalfGammaLoss", losses.HalfGammaLoss(), positive),
        ("HalfTweedieLoss(1.5)", losses.HalfTweedieLoss(power=1.5), positive),
        ("HalfTweedieLossIdentity(1.5)", losses.HalfTweedieLossIdentity(power=1.5), positive),
        ("HalfBinomialLoss", losses.HalfBinomialLoss(), half),
        ("ExponentialLoss", losses.ExponentialLoss(), half),
    )
    for name, loss, y in cases:
        domain = "(0, inf)" if "Identity" in name else None
        said = "identity link: raw_prediction = y_pred > 0" if domain else ""
        yield scalar(
            f"{name}.gradient",
            lambda x, k=loss, y=y: k.loss(y, x).sum(),
            lambda x, k=loss, y=y: k.gradient(y, x),
            [0.3, 0.5, 0.7],
            domain,
            said,
        )
        if name not in ("AbsoluteError", "PinballLoss(0.3)", "HuberLoss(0.9, 1.5)"):
            yield vector(
                f"{name}.gradient_hessian[1]",
                lambda x, k=loss, y=y: k.gradient(y, x),
                lambda x, k=loss, y=y: np.diag(k.gradient_hessian(y, x)[1]),
                [0.3, 0.5, 0.7],
                domain,
                said,
            )
    multinomial = losses.HalfMultinomialLoss(n_classes=3)
    labels = np.array([0.0, 2.0])
    yield scalar(
        "HalfMultinomialLoss.gradient",
        lambda x: multinomial.loss(labels, x).sum(),
        lambda x: multinomial.gradient(labels, x),
        [[0.3, 0.5, 0.7], [0.1, -0.2, 0.4]],
    )
