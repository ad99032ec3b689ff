"""ndsplines: derivatives of tensor-product splines."""

from __future__ import annotations

from collections.abc import Iterator

import ndsplines
import numpy as np
from entry import Entry, scalar

GRID = np.linspace(0.0, 3.0, 7)
X, Y = np.meshgrid(GRID, GRID, indexing="ij")


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for degree in (1, 2, 3):
        spline = ndsplines.make_interp_spline((GRID, GRID), np.sin(X) * np.cos(Y), degrees=degree)
        yield scalar(
            f"NDSpline.derivative(dim), degrees={degree}",
            lambda x, s=spline: s(x).reshape(()),
            lambda x, s=spline: np.array([s.derivative(dim)(x).reshape(()) for dim in (0, 1)]),
            [0.3, 0.7],
            (0.0, 3.0),
            "the range of the data",
        )
        yield scalar(
            f"NDSpline(x, nus), degrees={degree}",
            lambda x, s=spline: s(x).reshape(()),
            lambda x, s=spline: np.array([s(x, nus=np.array(nu)).reshape(()) for nu in ((1, 0), (0, 1))]),
            [0.3, 0.7],
            (0.0, 3.0),
            "the range of the data",
        )
