"""pyproximal: gradients of smooth terms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyproximal
from entry import Entry, scalar
from pylops import MatrixMult

A = np.array([[2.0, 0.3, 0.1], [0.1, 1.0, 0.4], [0.5, -0.2, 1.5]])
B = np.array([1.0, 2.0, -0.5])
OPERATOR = MatrixMult(A)
TERMS = (
    ("L2(sigma=1.5)", pyproximal.L2(sigma=1.5)),
    ("L2(b)", pyproximal.L2(b=B, sigma=1.5)),
    ("L2(Op, b)", pyproximal.L2(Op=OPERATOR, b=B, sigma=1.5)),
    ("L2(q)", pyproximal.L2(q=B, sigma=1.5, alpha=0.7)),
    ("L2(Op, b, q)", pyproximal.L2(Op=OPERATOR, b=B, q=B, sigma=1.5, alpha=0.7)),
    ("Quadratic(Op, b, c)", pyproximal.Quadratic(Op=MatrixMult(A + A.T), b=B, c=0.7)),
    ("Quadratic(b, c)", pyproximal.Quadratic(b=B, c=0.7)),
    ("Quadratic(Op, b, c), Op not symmetric", pyproximal.Quadratic(Op=OPERATOR, b=B, c=0.7)),
    ("Euclidean(sigma=1.5)", pyproximal.Euclidean(sigma=1.5)),
    ("L2(b) with an affine term", pyproximal.L2(b=B) + B),
    ("1.5 * L2(b)", 1.5 * pyproximal.L2(b=B)),
    ("L2(b).postcomposition(1.5)", pyproximal.L2(b=B).postcomposition(1.5)),
    ("L2(b).precomposition(1.5, 0.7)", pyproximal.L2(b=B).precomposition(1.5, 0.7)),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for name, term in TERMS:
        yield scalar(f"{name}.grad", term, term.grad, [0.3, 0.5, 0.7])
