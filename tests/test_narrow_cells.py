"""Between two kinks that all but meet, a compiled maximum may equal none of its arguments: AD is asked once more."""

from typing import Any

import jax
import numpy as np
import pytest
from pairs import pair

from jacfuzz.evaluation.frame import Frame
from jacfuzz.judge import Judge
from jacfuzz.oracles.autodiff import ForwardMode

WIDTHS = 10.0 ** np.arange(-9, -5)


def larger(x: np.ndarray) -> Any:
    return np.maximum(np.abs(x[0] - 1.3), np.abs(x[1] * x[2] + 2.2))


def slope(x: np.ndarray) -> Any:
    first, second = x[0] - 1.3, x[1] * x[2] + 2.2
    if abs(first) > abs(second):
        return np.array([np.sign(first), 0.0, 0.0])
    return np.sign(second) * np.array([0.0, x[2], x[1]])


def cells() -> np.ndarray:
    """Points (K, 3) at which the second distance is the larger one by next to nothing."""
    rng = np.random.default_rng(0)
    second = rng.uniform(0.5, 1.5, size=(len(WIDTHS), 3))
    third = (WIDTHS[:, None] * rng.choice([-1, 1], size=second.shape) - 2.2) / second
    return np.stack([np.full(second.size, 1.3), second.ravel(), third.ravel()], axis=1)


def statuses(jac: Any) -> list[str]:
    with jax.enable_x64(True):
        return [verdict.status for verdict in Judge(pair(larger, jac, x="3"), 0).batch((cells(),))]


def test_a_right_jacobian_is_never_flagged() -> None:
    assert set(statuses(slope)) <= {"pass", "kink"}


@pytest.mark.parametrize("factor", [-1.5, 2.0])
def test_a_wrong_one_is(factor: float) -> None:
    assert "pass" not in statuses(lambda x: factor * slope(x))
    assert "fail" in statuses(lambda x: factor * slope(x))


def test_uncompiled_ad_is_what_jax_gives_at_each_point() -> None:
    target = pair(larger, slope, x="3")
    points = cells()
    frame = Frame(((3,),), (True,))
    with jax.enable_x64(True):
        found = ForwardMode(target, compiled=False)(frame, points, (points,), np.arange(len(points)), 1)
        wanted = [jax.jacfwd(lambda x: jax.numpy.maximum(abs(x[0] - 1.3), abs(x[1] * x[2] + 2.2)))(x) for x in points]
    assert found is not None
    np.testing.assert_array_equal(found.jacobians[:, 0], np.stack(wanted))
