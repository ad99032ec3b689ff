"""Which floats around a point are tried: those that fit first, few, and none where there is nothing to move."""

from __future__ import annotations

import numpy as np
import pytest

from jacfuzz.strategies.floats import steps, ulps


def test_nothing_moves_where_no_cell_does() -> None:
    assert list(steps(np.empty(0), 1e-16, np.empty(0))) == []


@pytest.mark.parametrize("seed", range(10))
def test_the_first_steps_cancel_the_residual_by_its_slopes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, slopes = rng.normal(size=4), rng.normal(size=4)
    residual = 3.3 * float(np.abs(slopes * ulps(cells)).max())
    first = next(steps(cells, residual, slopes))
    assert abs(residual + slopes @ first) < 0.1 * residual
    assert np.all(first == ulps(cells) * np.rint(first / ulps(cells)))


def test_a_distance_is_left_in_every_cell_either_way() -> None:
    cells, slopes = np.array([0.7, -1.3]), np.array([1e-3, 1e-3])
    tried = [tuple(np.rint(step / ulps(cells))) for step in steps(cells, 1e-17, slopes)]
    assert {(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)} <= set(tried)


def test_far_from_a_zero_floats_are_not_tried() -> None:
    assert list(steps(np.array([0.7, -1.3]), 1e-3, np.array([1.0, 2.0]))) == []


def test_slopes_may_be_as_small_as_they_like() -> None:
    assert len(list(steps(np.array([0.7, 0.2]), 1e-17, np.array([1.0, 5e-324])))) > 0
