"""Last places that nobody can see are no disagreement with AD; whatever f shows, or shows elsewhere, is."""

import numpy as np
import pytest

from jacfuzz import check
from jacfuzz.oracles.extent import Extent

WEIGHTS = np.random.default_rng(0).standard_normal((32, 32)) / 6


def seen(*points: tuple[float, float]) -> Extent:
    """Take in points of an f of one cell: its value and its slope."""
    extent = Extent()
    for primal, slope in points:
        extent.see(np.array([[primal]]), np.array([[[slope]]]))
    return extent


def unseen(extent: Extent, primal: float, scale: float = 1.0) -> float:
    return float(extent.out_of_sight(np.array([[primal]]), np.array([[scale]]))[0, 0, 0])


def test_a_saturated_cell_may_be_off_by_last_places_of_f() -> None:
    assert 2e-16 < unseen(seen((0.0, 1.0), (1.0, 1e-9)), 1.0) < 2e-15


@pytest.mark.parametrize(
    ("extent", "primal", "most"),
    [
        (seen((1e10, 1.0), (1e10 + 1, 0.5)), 1e10, 2e-15),  # a large constant hides nothing of what varies
        (seen((0.0, 1e-12), (1.0, 2e-12)), 1.0, 4e-27),  # no larger slope was ever seen
        (seen((0.0, 1.0), (1.0, 1e-20)), 1e-20, 2e-35),  # f itself is small where its slope is
        (seen((1.0, 1.0)), 1.0, 0.0),  # one point shows no range
        (seen((np.nan, 1.0), (np.inf, 1.0)), 1.0, 0.0),
        (Extent(), 1.0, 0.0),
    ],
)
def test_what_f_shows_stays_in_sight(extent: Extent, primal: float, most: float) -> None:
    assert unseen(extent, primal) <= most


def test_a_dense_layer_passes_and_its_saturated_points_are_not_unsure() -> None:
    report = check(
        lambda x: np.tanh(WEIGHTS @ x), lambda x: (1 - np.tanh(WEIGHTS @ x) ** 2)[:, None] * WEIGHTS, at=np.ones(32)
    )
    assert report.verdict == "pass"
    assert report.result.unsure_points == 0


def test_a_wrong_tail_is_found_where_f_is_small() -> None:
    report = check(lambda x: np.exp(-x), lambda x: np.diag(np.where(x > 40, 1.0, -1.0) * np.exp(-x)), at=np.ones(3))
    assert report.verdict == "fail"


def test_a_wrong_slope_beside_a_large_constant_is_found() -> None:
    report = check(lambda x: 1e10 + np.sin(x), lambda x: np.diag(1.0000005 * np.cos(x)), at=np.ones(3))
    assert report.verdict == "fail"
