"""A Jacobian on a boundary beside those to both sides of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from jacfuzz.strategies.sides import Beside, beside

POINT, NORMAL = np.array([1.0, -2.0, 0.5]), np.array([0.0, 3.0, 0.0])


def sided(below: float, on: float, above: float) -> Callable[[np.ndarray], np.ndarray]:
    """A Jacobian whose second entry is one of three numbers, and whose others vary smoothly."""
    return lambda x: np.array([np.exp(x[0]), below if x[1] < -2.0 else above if x[1] > -2.0 else on, x @ x])


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ((0.0, 0.0, 1.0), Beside.LIKE_ONE),
        ((0.0, 1.0, 1.0), Beside.LIKE_ONE),
        ((-1.0, 0.0, 1.0), Beside.A_MEAN),
        ((0.0, 0.5, 1.0), Beside.A_MEAN),
        ((0.0, 2.0, 1.0), Beside.LIKE_NONE),
        ((0.0, -0.5, 1.0), Beside.LIKE_NONE),
        ((1.0, 0.0, 1.0), Beside.LIKE_NONE),
        ((0.0, np.nan, 1.0), Beside.LIKE_NONE),
        ((1.0, 1.0, 1.0), Beside.LIKE_ALL),
        ((np.nan, 1.0, 1.0), Beside.LIKE_ALL),
    ],
)
def test_the_number_on_a_boundary_is_told_from_those_beside_it(
    numbers: tuple[float, float, float], kind: Beside
) -> None:
    assert beside(sided(*numbers), POINT, NORMAL) is kind


def test_a_mean_of_each_entry_that_is_none_of_the_whole_is_no_mean() -> None:
    def jac(x: np.ndarray) -> np.ndarray:
        return np.array([0.0, 0.0] if x[1] < -2.0 else [1.0, 1.0] if x[1] > -2.0 else [1.0, 0.0])

    assert beside(jac, POINT, NORMAL) is Beside.LIKE_NONE


def test_where_jac_gives_nothing_on_the_boundary_alone_it_is_no_mean() -> None:
    there = sided(0.0, 0.0, 1.0)
    assert beside(lambda x: np.empty(0) if x[1] == -2.0 else there(x), POINT, NORMAL) is Beside.LIKE_NONE
    assert beside(lambda x: np.empty(0), POINT, NORMAL) is Beside.LIKE_ALL
