"""No false alarm where others give one, and hardly a point unsettled."""

from collections.abc import Iterator

import jax
import numpy as np
import pytest
from pairs import pair
from right_pairs import PAIRS

from jacfuzz import search
from jacfuzz.judge import Judge
from jacfuzz.settings import Settings


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def test_the_suite_is_large() -> None:
    assert len(PAIRS) >= 60


@pytest.mark.parametrize("name", PAIRS)
def test_right_at_the_points_that_trap_others(name: str) -> None:
    f, jac, points = PAIRS[name]
    for point in points:
        verdict = Judge(pair(f, jac, x=str(len(point))), 0).batch((np.array([point]),))[0]
        assert verdict.status in ("pass", "kink"), (point, verdict)


@pytest.mark.parametrize("name", PAIRS)
def test_right_wherever_the_search_looks(name: str) -> None:
    f, jac, points = PAIRS[name]
    result = search.run(pair(f, jac, x=str(len(points[0]))), Settings(max_examples=50, seed=3))
    assert result.verdict == "pass", (result.findings, result.notes)
    assert result.unsure_points <= 0.02 * max(result.points - result.undefined_points, 1)
