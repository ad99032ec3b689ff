"""Membership in the Clarke generalized Jacobian."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jacfuzz.oracles.clarke import membership
from jacfuzz.oracles.hull import distance_to_hull, is_between_two

RADII = (1e-5, 1e-7)


def relu(rows: np.ndarray) -> np.ndarray:
    return np.stack([np.diag((row > 0).astype(float)) for row in rows])


def sort(rows: np.ndarray) -> np.ndarray:
    return np.stack([np.eye(len(row))[np.argsort(row)] for row in rows])


def maximum(rows: np.ndarray) -> np.ndarray:
    return np.stack([np.eye(len(row))[[np.argmax(row)]] for row in rows])


def minimum(rows: np.ndarray) -> np.ndarray:
    return np.stack([np.eye(len(row))[[np.argmin(row)]] for row in rows])


def norm(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True))[:, None]


def curved(rows: np.ndarray) -> np.ndarray:
    """ReLU and half of the square: the limit is 0 on one side, and the Jacobian changes there."""
    return relu(rows) + np.stack([np.diag(row) for row in rows])


def ramp(rows: np.ndarray) -> np.ndarray:
    """Slope 1 as far as between the radii, and none beyond."""
    return np.stack([np.diag(((row > 0) & (row < 3e-6)).astype(float)) for row in rows])


def twice_absolute(rows: np.ndarray) -> np.ndarray:
    return np.stack([np.sign(rows), np.sign(rows)], axis=1)


def judged(at: Callable[[np.ndarray], np.ndarray], row: list[float], candidate: object) -> str:
    return membership(at, np.array(row), np.array(candidate, dtype=float), RADII, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("slope", "expected"), [(0, "selection"), (1, "selection"), (0.5, "convex"), (2, "outside"), (-0.1, "outside")]
)
def test_relu_at_zero(slope: float, expected: str) -> None:
    assert judged(relu, [0.0, 1.0], np.diag([slope, 1.0])) == expected


@pytest.mark.parametrize(
    ("slope", "expected"), [(0, "selection"), (1, "selection"), (0.5, "convex"), (1.05, "outside"), (-0.05, "outside")]
)
def test_a_limit_of_zero_counts_where_f_is_curved(slope: float, expected: str) -> None:
    assert judged(curved, [0.0], [[slope]]) == expected
    assert judged(curved, [0.0, 0.0], np.diag([slope, slope])) == expected


@pytest.mark.parametrize(
    ("slope", "expected"), [(0, "selection"), (1, "unknown"), (0.5, "unknown"), (1.5, "outside"), (-0.5, "outside")]
)
def test_next_to_another_kink_what_has_not_settled_is_doubted(slope: float, expected: str) -> None:
    assert judged(ramp, [0.0], [[slope]]) == expected


def test_a_cell_that_no_piece_has_is_outside() -> None:
    assert judged(relu, [0.0, 1.0], [[0.0, 0.3], [0.0, 1.0]]) == "outside"


@pytest.mark.parametrize("size", [2, 3, 5, 10, 50])
def test_any_order_of_a_tie_is_legal(size: int) -> None:
    order = np.random.default_rng(size).permutation(size)
    assert judged(sort, [1.0] * size, np.eye(size)[order]) == "selection"


@pytest.mark.parametrize("size", [2, 3, 10, 50])
def test_the_average_over_a_tie_is_legal_and_a_doubled_row_is_not(size: int) -> None:
    assert judged(sort, [1.0] * size, np.full((size, size), 1 / size)) == "convex"
    doubled = np.eye(size)
    doubled[0] = doubled[1]
    assert judged(sort, [1.0] * size, doubled) == "rows"


def test_only_tied_entries_may_change_places() -> None:
    row = [1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 5.0]
    assert judged(sort, row, np.eye(7)[[2, 0, 1, 3, 5, 4, 6]]) == "selection"
    assert judged(sort, row, np.eye(7)[[2, 0, 1, 4, 3, 5, 6]]) == "outside"


@pytest.mark.parametrize("pick", [maximum, minimum])
@pytest.mark.parametrize("size", [2, 5, 50])
def test_extrema_of_tied_entries(pick: Callable[[np.ndarray], np.ndarray], size: int) -> None:
    row = [1.0] * size
    assert judged(pick, row, np.eye(size)[[size // 2]]) == "selection"
    assert judged(pick, row, np.full((1, size), 1 / size)) == "convex"
    assert judged(pick, row, np.zeros((1, size))) == "outside"
    assert judged(pick, row, np.ones((1, size))) == "outside"


def test_many_kinks_at_once() -> None:
    assert judged(relu, [0.0] * 20, np.diag([0.0, 1.0] * 10)) == "selection"
    assert judged(relu, [0.0] * 20, np.diag([0.5] * 20)) == "convex"


@pytest.mark.parametrize("size", [2, 3, 6])
@pytest.mark.parametrize(
    ("length", "expected"), [(0.0, "convex"), (0.999, "convex"), (1.001, "outside"), (2.0, "outside")]
)
def test_a_ball_of_infinitely_many_pieces(size: int, length: float, expected: str) -> None:
    direction = np.random.default_rng(size).standard_normal((1, size))
    assert judged(norm, [0.0] * size, length * direction / np.linalg.norm(direction)) == expected


@pytest.mark.parametrize("size", [5, 6])
def test_every_order_counts_where_sorted_entries_are_mixed(size: int) -> None:
    """No direction that the candidate hints at leads to its piece here."""
    mixing = np.random.default_rng(1).standard_normal((2, size))

    def mixed(rows: np.ndarray) -> np.ndarray:
        return mixing @ sort(rows)

    for seed in range(10):
        rng = np.random.default_rng(seed)
        one, two = (mixing @ np.eye(size)[rng.permutation(size)] for _ in range(2))
        assert judged(mixed, [1.0] * size, one) in ("selection", "convex")
        assert judged(mixed, [1.0] * size, 0.3 * one + 0.7 * two) == "convex"
        assert judged(mixed, [1.0] * size, one + np.eye(2, size)) == "outside"


def test_rows_that_are_legal_apart_are_told_from_rows_that_are_legal_together() -> None:
    assert judged(twice_absolute, [0.0], [[1.0], [1.0]]) == "selection"
    assert judged(twice_absolute, [0.0], [[0.0], [0.0]]) == "convex"
    assert judged(twice_absolute, [0.0], [[1.0], [-1.0]]) == "rows"


def test_without_nearby_jacobians_nothing_is_claimed() -> None:
    assert judged(lambda rows: np.full((len(rows), 1, 1), np.nan), [0.0], [[1.0]]) == "unknown"


@pytest.mark.parametrize("first", [1.0, 0.25])
@pytest.mark.parametrize("second", [0.4, 1.0])
def test_a_piece_that_is_narrow_because_one_entry_outweighs_the_others_is_found(first: float, second: float) -> None:
    sides = np.array([[0.01, -1.0, 0.0], [0.0, 1.0, 0.01]])
    below, above = np.array([1.0, 0.4]), np.array([0.25, 1.0])

    def at(rows: np.ndarray) -> np.ndarray:
        return np.where(rows @ sides.T > 0, above, below)[:, :, None] * sides

    for seed in range(40):
        candidate = np.array([[first], [second]]) * sides
        found = membership(at, np.zeros(3), candidate, (1e-5, 1e-7), np.random.default_rng(seed))
        assert found in ("selection", "convex")


def rounded_hinge(weights: np.ndarray, unit: float, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Slopes of |w.x| as differences give them, whose round-off is a multiple of a unit."""

    def at(rows: np.ndarray) -> np.ndarray:
        sides = np.where(rows @ weights < 0, -1.0, 1.0)[:, None] * weights
        return np.asarray((sides + unit * rng.integers(-1, 2, rows.shape))[:, None])

    return at


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("share", "expected"), [(0.0, "convex"), (0.3, "convex"), (1.5, "outside")])
def test_round_off_of_many_cells_does_not_stop_the_linear_program(seed: int, share: float, expected: str) -> None:
    rng = np.random.default_rng(seed)
    weights, unit = rng.standard_normal(32) * np.where(np.arange(32) < 3, 1e-3, 1.0), 10 ** rng.uniform(-8, -6)
    at, candidate = rounded_hinge(weights, unit, rng), share * weights[None]
    assert membership(at, np.zeros(32), candidate, (1e-4, 1e-5), rng, 4 * unit) == expected


def unsolvable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: scipy.optimize.OptimizeResult(x=None))


def test_a_linear_program_that_nothing_solves_settles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    unsolvable(monkeypatch)
    assert judged(relu, [0.0, 0.0], np.diag([0.5, 0.25])) == "unknown"


@pytest.mark.parametrize(
    ("at", "row", "candidate"),
    [
        (relu, [0.0, 1.0], np.diag([0.5, 1.0])),
        (relu, [0.0, 0.0, 2.0], np.diag([0.25, 0.25, 1.0])),
        (norm, [0.0, 0.0, 0.0], np.zeros((1, 3))),
        (twice_absolute, [0.0], [[0.0], [0.0]]),
    ],
)
def test_what_lies_between_two_limits_needs_no_linear_program(
    at: Callable[[np.ndarray], np.ndarray], row: list[float], candidate: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsolvable(monkeypatch)
    assert judged(at, row, candidate) == "convex"


@given(arrays(float, (5, 3), elements=st.floats(-4, 4)), arrays(float, (3,), elements=st.floats(-4, 4)))
def test_what_lies_between_two_is_in_the_hull(columns: np.ndarray, wanted: np.ndarray) -> None:
    if is_between_two(columns, wanted):
        assert distance_to_hull(columns, wanted)[0] <= 1 + 1e-6


@given(
    arrays(float, (4, 3), elements=st.floats(-1e3, 1e3)),
    st.floats(0, 1),
    arrays(float, (3,), elements=st.floats(-0.9, 0.9)),
)
def test_points_beside_a_segment_lie_between_its_ends(columns: np.ndarray, share: float, off: np.ndarray) -> None:
    on_it = columns[1] + share * (columns[3] - columns[1])
    assert is_between_two(columns, on_it)
    assert is_between_two(np.array([on_it, on_it]), on_it + off)
    assert not is_between_two(columns, columns.max(axis=0) + 1.5)
