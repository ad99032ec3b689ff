"""Finite differences: the bound holds, and what is not smooth is seen."""

from collections.abc import Callable

import numpy as np
import pytest

from jacfuzz.oracles.differences import slopes
from jacfuzz.oracles.directional import directional, plain, plain_nodes
from jacfuzz.oracles.inquiry import ask
from jacfuzz.oracles.noise import noise
from jacfuzz.oracles.rows import step_scale

SMOOTH: dict[str, tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]] = {
    "exp": (lambda X, i: np.exp(X), lambda x: np.diag(np.exp(x))),
    "cos": (lambda X, i: np.cos(X), lambda x: np.diag(-np.sin(x))),
    "sin of 30 x": (lambda X, i: np.sin(30 * X), lambda x: np.diag(30 * np.cos(30 * x))),
    "product": (
        lambda X, i: X.prod(axis=1, keepdims=True),
        lambda x: np.array([[np.prod(np.delete(x, j)) for j in range(len(x))]]),
    ),
    "log-sum-exp": (
        lambda X, i: np.log(np.exp(X).sum(axis=1, keepdims=True)),
        lambda x: (np.exp(x) / np.exp(x).sum())[None],
    ),
    "square root": (
        lambda X, i: np.sqrt(np.where(X < 0, np.nan, X)) * np.ones_like(X),
        lambda x: np.diag(0.5 / np.sqrt(x)),
    ),
}


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("size", [0.01, 1.0, 10.0])
def test_the_bound_holds_and_is_tight(name: str, size: float) -> None:
    function, jacobian = SMOOTH[name]
    rng = np.random.default_rng(0)
    for _ in range(20):
        row = np.abs(rng.standard_normal(3)) * size + 1e-3 * size
        scale = step_scale(row[None])[0]
        found = slopes(function, row, 0, np.diag(scale), rng)
        truth = jacobian(row)
        assert (np.abs(found.central.value / scale - truth) <= found.central.bound / scale).all()
        assert (found.central.bound / scale <= 1e-8 * max(np.abs(truth).max(), 1.0)).all()
        assert not found.kink.any()
        assert not found.broken.any()


def test_a_kink_is_seen_only_where_it_is() -> None:
    row = np.array([0.0, 1.0, -2.0])
    found = slopes(lambda X, i: np.maximum(X, 0), row, 0, np.diag(step_scale(row[None])[0]), np.random.default_rng(0))
    assert found.kink.tolist() == [[True, False, False], [False, False, False], [False, False, False]]


@pytest.mark.parametrize(
    "function",
    [
        lambda X, i: np.floor(X),
        lambda X, i: np.sqrt(np.abs(X)),
        lambda X, i: np.cbrt(X),
        lambda X, i: np.where(X > 0, 1.0, 0.0),
        lambda X, i: np.where(X == 0, 0.0, np.nan),
        lambda X, i: X * np.log(np.where(X == 0, 1.0, np.abs(X))),
        lambda X, i: np.where(X > 0, X * np.log(np.where(X > 0, X, 1.0)), 0.0),
        lambda X, i: np.where(X >= 0, X * np.log(np.where(X > 0, X, 1.0)) ** 2 + 30.0, np.nan),
    ],
    ids=["jump", "cusp", "vertical tangent", "step", "isolated point", "x log x", "half an x log x", "at the end"],
)
def test_where_there_is_no_derivative_none_is_claimed(function: Callable[..., np.ndarray]) -> None:
    row = np.array([0.0, 1.5])
    found = slopes(function, row, 0, np.eye(2), np.random.default_rng(0))
    assert found.broken[0, 0]


@pytest.mark.parametrize(
    "function",
    [
        lambda X, i: X * np.log(np.abs(X) + 1e-9),
        lambda X, i: np.abs(X) ** 1.25,
        lambda X, i: X**2 * np.log(np.where(X == 0, 1.0, np.abs(X))),
        lambda X, i: np.abs(X) + 1e-9 * np.sin(1e3 * X),
    ],
    ids=["rounded", "slow power", "x^2 log x", "ripple"],
)
def test_a_slope_that_is_finite_is_not_taken_for_an_infinite_one(function: Callable[..., np.ndarray]) -> None:
    found = slopes(function, np.array([0.0, 1.5]), 0, np.eye(2), np.random.default_rng(0))
    assert not found.broken.any()


@pytest.mark.parametrize("power", [1.5, 2.5, 2.0])
def test_slow_convergence_beside_a_singularity_stays_within_the_bound(power: float) -> None:
    function = lambda X, i: np.sign(X) * np.abs(X) ** power  # noqa: E731  # a table of one
    found = slopes(function, np.zeros(1), 0, np.eye(1), np.random.default_rng(0))
    assert abs(found.central.value[0, 0]) <= found.central.bound[0, 0]


def test_at_the_end_of_the_domain_the_inner_side_decides() -> None:
    function = lambda X, i: np.where(X < 0, np.nan, np.exp(X))  # noqa: E731
    found = slopes(function, np.zeros(1), 0, np.eye(1), np.random.default_rng(0))
    assert abs(found.central.value[0, 0] - 1) <= found.central.bound[0, 0] <= 1e-6


def test_noise_is_measured_and_widens_the_bound() -> None:
    rng = np.random.default_rng(0)

    def rough(X: np.ndarray, index: np.ndarray) -> np.ndarray:
        return np.round(np.sin(X) * 1e8) / 1e8

    row = np.array([0.3])
    (level,) = ask(rough, 0, lambda f: noise(f, row, rng))
    assert 1e-10 < level < 1e-7
    found = slopes(rough, row, 0, np.eye(1), rng)
    assert abs(found.central.value[0, 0] - np.cos(0.3)) <= found.central.bound[0, 0]


def rows_and_directions(seed: int, count: int, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Positive rows, and a direction of the natural length at each."""
    rng = np.random.default_rng(seed)
    rows = np.abs(rng.standard_normal((count, 3))) + least
    return rows, rng.standard_normal(rows.shape) * step_scale(rows)


@pytest.mark.parametrize("name", SMOOTH)
def test_directional_derivatives_stay_within_their_bound(name: str) -> None:
    function, jacobian = SMOOTH[name]
    rows, directions = rows_and_directions(seed=2, count=40, least=0.01)
    found = directional(function, rows, directions, function(rows, None))
    truth = np.stack([jacobian(row) @ direction for row, direction in zip(rows, directions, strict=True)])
    assert (np.abs(found.value - truth) <= 3 * found.bound).mean() > 0.99
    assert np.median(found.bound) <= 1e-7 * np.median(np.abs(truth))


@pytest.mark.parametrize("name", SMOOTH)
def test_a_plain_quotient_is_the_derivative_but_for_round_off_and_its_small_truncation(name: str) -> None:
    function, jacobian = SMOOTH[name]
    rows, directions = rows_and_directions(seed=1, count=50, least=0.1)
    table = np.stack([function(nodes, None) for nodes in plain_nodes(rows, directions)])
    found = plain(table, rows, directions, function(rows, None))
    for number, row in enumerate(rows):
        stated, size = jacobian(row) @ directions[number], np.abs(jacobian(row)) @ np.abs(directions[number])
        assert (np.abs(found.value[number] - stated) <= found.bound[number] + 1e-7 * size).all()
        assert (found.bound[number] <= 1e-7 * np.maximum(size, 1.0)).all()


def test_rounding_of_the_nodes_is_within_the_bound() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        row = 10 ** rng.uniform(7, 8.5, size=1)
        directions = rng.standard_normal((3, 1)) * step_scale(row[None])[0]
        found = slopes(lambda X, i: np.cos(X), row, 0, directions, rng)
        assert (np.abs(found.central.value[0] + np.sin(row) * directions[:, 0]) <= found.central.bound[0]).all()
        assert not found.kink.any()


def test_the_step_of_a_zero_is_that_of_its_neighbours() -> None:
    assert step_scale(np.array([[0.0, 1e-8, 1e-8]]))[0, 0] < 1e-7
    assert step_scale(np.array([[0.0, 0.0]])).tolist() == [[1.0, 1.0]]
    assert step_scale(np.array([[1e9, 3.0]])).max() <= 1.0
    assert step_scale(np.empty((2, 0))).shape == (2, 0)
