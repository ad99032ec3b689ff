"""Shrinking: still failing, inside the domain, plain, and within its budget."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pairs import pair

from jacfuzz.shrink import shrink
from jacfuzz.strategies.batches import Batch, batch_of
from jacfuzz.strategies.layouts import layouts
from jacfuzz.target import Target


def shrunk(target: Target, point: dict[str, Any], fails: Callable[..., bool]) -> tuple[np.ndarray, ...]:
    menu = layouts(target.signature)
    batch = batch_of(target, {name: np.array(value, dtype=float) for name, value in point.items()}, "x", menu)
    assert batch is not None

    def condition(candidate: Batch) -> bool:
        return fails(*(value[0] for value in candidate.values))

    found = shrink(target, batch, menu, condition)
    assert condition(found)
    return tuple(value[0] for value in found.values)


def target(**axes: Any) -> Target:
    return pair(lambda *a: a[0], lambda *a: a[0], **axes)


def test_zeros_are_kept_and_the_rest_becomes_plain() -> None:
    (x,) = shrunk(target(x="5"), {"x": [0.0, -2.7, 3.1, 8.8, 1.2]}, lambda x: (x == 0).sum() == 1)
    assert sorted(x) == [0.0, 1.0, 1.0, 1.0, 1.0]


def test_sizes_shrink_to_the_smallest_of_the_menu_that_fails() -> None:
    (x,) = shrunk(target(x="n"), {"x": [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]}, lambda x: len(x) >= 3)
    assert x.tolist() == [0.0, 0.0, 0.0]


def test_axes_shrink_together() -> None:
    x, y = shrunk(
        target(x="n m", y="m"), {"x": np.full((4, 6), 2.5), "y": np.full(6, 1.5)}, lambda x, y: x.shape[1] >= 2
    )
    assert x.shape[1] == y.shape[0] == 2


def test_order_survives() -> None:
    (x,) = shrunk(target(x="3"), {"x": [-3.3, 10.25, 4.125]}, lambda x: x[0] < x[2] < x[1])
    assert x.tolist() == [0.0, 2.0, 1.0]


def test_the_domain_is_never_left() -> None:
    limited = target(x="2", domain={"x": (0.5, None)})
    (x,) = shrunk(limited, {"x": [3.7, 9.1]}, lambda x: bool((x >= 0.5).all()))
    assert (x >= 0.5).all()


def test_a_point_that_cannot_shrink_is_returned_as_it_is() -> None:
    exact = np.array([0.1, 0.7])
    (x,) = shrunk(target(x="2"), {"x": exact}, lambda x: np.array_equal(x, exact))
    assert x.tolist() == exact.tolist()


@pytest.mark.parametrize("calls", [1, 2500])
def test_slow_targets_are_tried_less_often(calls: int) -> None:
    tried = 0

    def fails(x: np.ndarray) -> bool:
        nonlocal tried
        tried += 1
        return bool(x.sum() > 10)

    shrunk(target(x="6", calls=calls), {"x": np.linspace(3.3, 9.9, 6)}, fails)
    assert tried <= (410 if calls == 1 else 50)


def test_too_many_cells_for_hypothesis_become_plain_all_the_same() -> None:
    (x,) = shrunk(target(x="1200"), {"x": np.linspace(2.5, 3.5, 1200)}, lambda x: bool((x > 0).all()))
    assert (x == 1.0).all()
