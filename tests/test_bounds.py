"""Error bounds of differences hold for smooth functions of every kind, and are tight."""

import math
import zlib

import numpy as np
import pytest
from smooth_functions import SMOOTH, directions

from jacfuzz.oracles.differences import slopes

POINTS = 10


def measured(name: str) -> np.ndarray:
    """Error, bound, truth, and whether a kink or a jump is claimed, of every case, (C, 4)."""
    smooth, rng = SMOOTH[name], np.random.default_rng(zlib.crc32(name.encode()))
    rows = smooth.points(POINTS, rng)
    cases = []
    for row, ways in zip(rows, directions(rows, rng), strict=True):
        found = slopes(smooth.function, row, 0, ways, rng)
        flagged = found.kink[0] | found.broken[0]
        for way, value, bound, flag in zip(ways, found.central.value[0], found.central.bound[0], flagged, strict=True):
            truth = smooth.derivative(row, way)
            if truth is not None:
                cases.append((abs(value - truth), bound, abs(truth), flag))
    return np.array(cases)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_bound_covers_the_true_error_and_no_kink_is_claimed(name: str) -> None:
    error, bound, _, flagged = measured(name).T
    assert len(error) > POINTS
    assert (error <= bound).all()
    assert not flagged.any()


def test_the_median_bound_is_within_a_hundred_true_errors() -> None:
    error, bound, truth, _ = np.concatenate([measured(name) for name in SMOOTH]).T
    known = np.isfinite(bound)
    assert np.median(bound[known] / np.maximum(error, np.spacing(truth))[known]) <= 100


@pytest.mark.parametrize(
    ("name", "row", "direction", "truth"),
    [
        ("sine", [1e8], [1.0], math.cos(1e8)),
        ("1 - cos x", [1e-8], [1e-8], 1e-16),
        ("steep logistic", [0.0], [1.0], 250.0),
        ("gaussian", [25.0], [1.0], -50 * math.exp(-625)),
        ("quadratic spline near its knot", [1.0], [-2.0], -2.0),
        ("determinant", [1.0, 2.0, 2.0, 4.0], [0.0, 0.0, 3.0, 1.0], -5.0),
    ],
)
def test_the_exact_derivative_is_the_derivative(
    name: str, row: list[float], direction: list[float], truth: float
) -> None:
    assert SMOOTH[name].derivative(row, direction) == pytest.approx(truth, rel=1e-14)
