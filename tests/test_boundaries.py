"""Boundaries solved from the code itself: hit exactly, on all sides, inside the domain, and the same for one seed."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np
import pytest
from boundary_cases import Case
from boundary_pairs import FIRST as FIRST_PAIRS
from boundary_suite import CASES, FIRST, FOURTH, SECOND, THIRD
from pairs import pair

from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.loading.indexed import dense_f
from jacfuzz.strategies.boundaries import boundaries
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.target import Target
from jacfuzz.tracing.literals import literals

SHARE = {
    "first": (FIRST, 0.95),
    "second": (SECOND[::2], 0.9),
    "third": (THIRD[::2], 0.9),
    "fourth": (FOURTH[::2], 0.9),
}


def solve(target: Target, *shape: int, seed: int = 0, **options: Any) -> Boundaries:
    specs = tuple(argument.specs[0] for argument in target.signature.arguments)
    return boundaries(target, Layout(specs, (shape,) * len(specs), {}), seed, **options)


def zero(x: Any) -> np.ndarray:
    return np.zeros((len(x), len(x)))


def missed(case: Case) -> list[str]:
    """Predicates of a case that no point meets."""
    f = case.f if case.index is None else dense_f(case.f, case.name, case.index)
    found = solve(pair(f, zero, case.kind, x="n"), case.n)
    assert found.calls <= 1000
    return [name for name, holds in case.on.items() if not any(holds(row) for row in found.values[0])]


@pytest.mark.parametrize("half", SHARE)
def test_most_predicates_of_the_suite_are_met(half: str) -> None:
    cases, share = SHARE[half]
    with jax.enable_x64(True):
        left = {case.name: missed(case) for case in cases}
    count = sum(len(case.on) for case in cases)
    assert sum(map(len, left.values())) <= (1 - share) * count, left


def test_the_suite_is_as_large_as_it_says() -> None:
    assert len(CASES) >= 60
    assert sum(len(case.on) for case in CASES) >= 200
    assert len(SECOND + THIRD + FOURTH) >= len(CASES) / 2
    assert max(case.n for case in FIRST) == 32


@pytest.mark.parametrize("seed", range(4))
def test_conditions_on_rounded_numbers_are_climbed_to(seed: int) -> None:
    def f(x: np.ndarray) -> np.ndarray:
        return 2 * x if np.round(x).sum() == 47 else x**2

    rows = solve(pair(f, zero, x="n"), 4, seed=seed).values[0]
    assert any(np.round(row).sum() == 47 for row in rows)


def test_boundaries_that_only_jac_has_are_met() -> None:
    def jac(x: np.ndarray) -> np.ndarray:
        return np.diag(np.where(x > 1.7, 2.0 * x, 2.0 * x + 0.0))

    rows = solve(pair(lambda x: x**2 + x, jac, x="n"), 3).values[0]
    assert all(np.any(rows[:, cell] == 1.7) for cell in range(3))


def test_both_sides_of_a_boundary_are_an_ulp_away() -> None:
    rows = solve(pair(lambda x: np.maximum(x - 3.0, 0.0), zero, x="n"), 1).values[0]
    assert {3.0, np.nextafter(3.0, 4.0), np.nextafter(3.0, 2.0)} <= set(rows[:, 0])
    assert any(row > 3.01 for row in rows[:, 0])
    assert any(row < 2.99 for row in rows[:, 0])


def test_points_stay_inside_the_domain() -> None:
    target = pair(lambda x: np.maximum(x - 0.5, 0.0) + np.sqrt(x + 1.0), zero, x="n", domain={"x": (0.25, 2.0)})
    found = solve(target, 3)
    assert np.any(found.values[0] == 0.5)
    assert np.all((found.values[0] >= 0.25) & (found.values[0] <= 2.0))


def test_a_boundary_outside_the_domain_is_missed_and_said() -> None:
    target = pair(lambda x: np.maximum(x - 5.0, 0.0), zero, x="n", domain={"x": (-1.0, 2.0)})
    found = solve(target, 1)
    assert any("maximum" in label for label in found.missed)
    assert not any(label.startswith("on") for label in found.labels)


def test_what_is_kept_from_zero_is_no_boundary_that_was_missed() -> None:
    def f(x: Any) -> Any:
        return np.log(np.sum(np.exp(x - np.max(x)))) / np.sqrt(np.mean(x * x) + 0.5)

    assert solve(pair(f, zero, x="n"), 3).missed == ()


def test_a_tie_that_several_operations_share_is_missed_by_none() -> None:
    found = solve(pair(lambda x: np.max(x) + np.max(x * 1.0), zero, x="n"), 3)
    assert found.missed == ()


def test_several_arguments_share_a_boundary() -> None:
    target = pair(lambda x, y: np.maximum(x, y), lambda x, y: (zero(x), zero(y)), x="n", y="n")
    found = solve(target, 2)
    x, y = found.values
    assert np.any(x[:, 1] == y[:, 1])
    assert len(found.labels) == len(x) == len(y)


def test_the_same_seed_gives_the_same_points() -> None:
    target = pair(lambda x: np.sort(np.abs(x - 1.0)), zero, x="n")
    first, second, other = solve(target, 4), solve(target, 4), solve(target, 4, seed=1)
    assert first.labels == second.labels
    assert np.array_equal(first.values[0], second.values[0])
    assert not np.array_equal(first.values[0], other.values[0][: len(first.values[0])])


def test_code_without_branches_is_run_once() -> None:
    calls: list[None] = []

    def jac(x: Any) -> Any:
        calls.append(None)
        return 2.0 * np.diag(x)

    found = solve(pair(np.abs, jac, x="n"), 2)
    assert found.calls > 20
    assert len(calls) == 2  # the first result is compared with that of jac as it is


def test_the_search_ends_when_there_are_as_many_points_as_wanted() -> None:
    whole, part = (solve(pair(np.abs, zero, x="n"), 4, points=points) for points in (200, 6))
    assert len(part.labels) == 7  # the fourth entry is met with the runs that are kept for it
    assert part.calls < whole.calls / 2
    assert part.labels[:3] == whole.labels[:3]
    assert [label.partition(" ")[0] for label in part.labels] == ["on"] * 4 + ["beside", "inside", "beside"]


def test_a_site_of_many_cells_leaves_points_to_the_others() -> None:
    f = lambda x: np.sum(np.abs(x - 0.3)) + np.maximum(np.sum(x) - 1.75, 0.0)  # noqa: E731  # one line, two sites
    for seed in range(3):
        found = solve(pair(f, zero, x="24"), 24, seed=seed, points=30)
        assert any(label.startswith("on ") and "maximum" in label for label in found.labels)


@pytest.mark.parametrize("seed", range(4))
def test_a_distance_is_met_where_both_of_its_sides_vanish(seed: int) -> None:
    def steps(x: np.ndarray) -> tuple[Any, Any]:
        return x[1:] - x[:-1] - 0.55, x[:-1] + 2 * x[1:] - 1.25

    found = solve(pair(lambda x: np.hypot(*steps(x)).sum(), zero, x="8"), 8, seed=seed, points=30)
    apexes = [
        row for row in found.values[0] if any(first == second == 0 for first, second in zip(*steps(row), strict=True))
    ]
    assert len(apexes) >= 3
    assert found.missed == ()


@pytest.mark.parametrize("seed", range(4))
def test_the_centre_of_a_distance_is_met_to_the_last_place(seed: int) -> None:
    centre = np.random.default_rng(seed).standard_normal((2, 2))
    f = lambda x: np.sqrt(np.sum((x - centre) ** 2, axis=1))  # noqa: E731
    found = solve(pair(f, zero, x="2 2"), 2, 2, seed=seed, points=30)
    assert any(np.array_equal(row[0], centre[0]) for row in found.values[0])


SHEAR = np.array([[0.5, 2.0, 0.0], [0.0, 1.0, 3.0], [4.0, 0.0, 1.0]])


@pytest.mark.parametrize("seed", range(4))
def test_a_distance_is_met_from_afar_though_it_is_lopsided(seed: int) -> None:
    def length(x: np.ndarray) -> Any:
        apart = SHEAR @ (x - np.array([3.25, -1.5, 2.0]))
        return np.sqrt(apart @ apart)

    found = solve(pair(length, zero, x="3"), 3, seed=seed, calls=350, points=30)
    assert any(length(row) == 0.0 for row in found.values[0])
    assert found.missed == ()


COARSE, FINE, WEIGHTS = 0.6, np.array([1.1, -0.4, 0.7]), np.array([0.31, -0.77, 1.3])


def a_square(x: np.ndarray) -> float:
    return float((WEIGHTS @ x - 0.45) ** 2)


def lead_of_a_path(x: np.ndarray) -> float:
    first, second = abs(3.0 * x[0] - 1.0) + abs(x[1]) + 0.2 * x[0], 2.0 * abs(x[2] - 0.3) + abs(x[0] + x[1])
    return float(first - second)


def lead_of_a_sum(x: np.ndarray) -> float:
    return float(x[0] + x[1] + x[2] - COARSE)  # no sum of entries above 1 is this number


def lead_of_a_way(x: np.ndarray) -> float:
    way, speed = np.sqrt(0.2 + (x - FINE) @ (x - FINE)), np.sqrt(0.3 + x[:2] @ x[:2])
    return float(1.6 * way - speed * speed)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("residual", [a_square, lead_of_a_path, lead_of_a_sum, lead_of_a_way])
def test_zeros_that_are_double_kinked_or_between_coarse_floats_are_met(residual: Any, seed: int) -> None:
    target = pair(lambda x: 2.0 * x if residual(x) > 0.0 else 1.0 * x, zero, x="n")
    found = solve(target, 3, seed=seed, calls=120, points=20)
    assert any(residual(row) == 0.0 for row in found.values[0])


def test_points_that_are_left_are_spent_on_other_places_of_the_same_boundary() -> None:
    rows = solve(pair(lambda x: np.where(x @ WEIGHTS > 0.45, 2.0, 1.0) * x, zero, x="n"), 3, points=10).values[0]
    assert sum(row @ WEIGHTS == 0.45 for row in rows) >= 3


def test_boundaries_are_met_where_another_operation_makes_them_count() -> None:
    """Each two of three replies tie at the lowest, of either move, where that move is the best one."""
    rng = np.random.default_rng(1)
    ties = set()
    for game in range(4):
        moves, stakes = rng.standard_normal((2, 3, 3)), rng.standard_normal((2, 3))
        found = solve(pair(lambda x: np.max(np.min(moves @ x + stakes, axis=1)), zero, x="3"), 3, calls=350, points=30)  # noqa: B023  # called before the next game
        assert found.calls <= 350
        for row in found.values[0]:
            outcomes = moves @ row + stakes
            best = np.argmax(outcomes.min(axis=1))
            lowest = np.flatnonzero(outcomes[best] == outcomes[best].min())
            ties.update([(game, best, *lowest)] if len(lowest) == 2 else [])
    assert len(ties) >= 18  # of 24; 14 without steps along boundaries


def height(t: float) -> float:
    return t if 10.1 + 1.5 * t < 11.0 else 0.6


def test_a_helper_that_jac_does_not_call_at_the_boundary_is_seen_through() -> None:
    def jac(x: np.ndarray) -> np.ndarray:
        return np.diag([height(t) if 10.1 + 1.5 * t != 11.0 else 0.0 for t in x])

    found = solve(pair(lambda x: np.array([height(t) for t in x]), jac, x="n"), 3)
    assert np.any(10.1 + 1.5 * found.values[0] == 11.0)
    assert found.missed == ()


@pytest.mark.parametrize("sides", [2, 3])
def test_a_distance_of_plain_python_is_met(sides: int) -> None:
    f = lambda x: math.hypot(*(entry - 1.5 for entry in x[:sides]))  # noqa: E731
    found = solve(pair(f, zero, x="3"), 3)
    assert any(np.all(row[:sides] == 1.5) for row in found.values[0])


def test_the_budget_of_calls_is_kept() -> None:
    calls, plain = [], []

    def f(x: np.ndarray) -> np.ndarray:
        calls.append(0)
        return np.sort(x * x) + np.max(x)

    def jac(x: np.ndarray) -> np.ndarray:
        if type(x) is np.ndarray:
            plain.append(0)
        return zero(x)

    assert solve(pair(f, jac, x="n"), 5, calls=50).calls == 50
    beside, rest = divmod(len(plain) - 1, 3)  # jac alone on a boundary and to both sides; once to compare
    assert rest == 0
    assert len(calls) + beside == 51  # the first result is compared with that of f as it is


def test_a_jacobian_of_very_many_calls_is_not_asked_for() -> None:
    calls = []

    def jac(x: np.ndarray) -> np.ndarray:
        calls.append(0)
        return zero(x)

    found = solve(pair(lambda x: np.maximum(np.sort(x), 0.5), jac, x="n", calls=101), 3)
    assert found.labels
    assert not calls


@pytest.mark.parametrize(("f", "axes"), [(lambda x: np.sin(x), "n"), (lambda x: x @ x, "n")])
def test_smooth_code_has_no_boundaries(f: Any, axes: str) -> None:
    found = solve(pair(f, zero, x=axes), 3)
    assert found.labels == found.missed == found.unseen == ()


def test_empty_arrays_have_no_boundaries() -> None:
    found = solve(pair(lambda x: np.abs(x), zero, x="n"), 0)
    assert found.labels == ()
    assert found.values[0].shape == (0, 0)


def test_what_raises_everywhere_has_no_boundaries() -> None:
    def f(x: np.ndarray) -> np.ndarray:
        raise ValueError("never")

    assert solve(pair(f, zero, x="n"), 2).labels == ()


SCALE = 7.25


def _helper(x: float) -> bool:
    return x > 41.5


def test_literals_are_those_of_code_closure_defaults_globals_and_helpers() -> None:
    offset = 3.125

    def f(x: Any, power: float = 0.1875) -> Any:
        inner = lambda t: t > 12.5  # noqa: E731
        return _helper(x * SCALE - offset) and inner(x) and power

    found = literals(f)
    for number in (7.25, 3.125, 0.1875, 41.5, 12.5):
        assert {number, -number, np.nextafter(number, 99.0), np.nextafter(number, -99.0)} <= set(found)
    assert 7.25 + 3.125 in found
    assert len(set(found)) == len(found)


def test_beside_0_stand_numbers_whose_square_is_none() -> None:
    found = literals(lambda x: x > 0.0)
    assert found == (0.0, -1e-30, 1e-30)


def test_code_without_numbers_and_compiled_code_have_no_literals() -> None:
    assert literals(lambda x: x) == ()
    assert literals(np.sin) == ()


@pytest.mark.parametrize("seed", [15, 27])
def test_no_step_leads_to_where_floats_are_far_apart(seed: int) -> None:
    twins = next(twins for twins in FIRST_PAIRS if twins.name == "sawtooth")
    target = twins.target(twins.right)
    layout = next(layout for layout in layouts(target.signature) if layout.shapes == ((4,),))
    assert np.abs(boundaries(target, layout, seed, 500, 30).values[0]).max() < 1e9
