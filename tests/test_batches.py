"""Many points at once give what single calls give, at any number of points and any size."""

import itertools
import types
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz import check, make_target
from jacfuzz.evaluation.compiled import Compiled, operation_by_operation
from jacfuzz.evaluation.evaluate import Problem, evaluate
from jacfuzz.judge import Judge
from jacfuzz.oracles.imaginary import STEP, confirmed
from jacfuzz.oracles.narrow import LARGE
from jacfuzz.oracles.patterns import KnownKinks, in_general_position
from jacfuzz.oracles.products import products
from jacfuzz.oracles.rows import step_scale
from jacfuzz.oracles.ruling import Ruling
from jacfuzz.strategies.batches import Batch, lots
from jacfuzz.strategies.layouts import Layout
from jacfuzz.verdict import PointVerdict

Function = Callable[..., Any]
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _float64() -> Any:
    with jax.enable_x64(True):
        yield


def test_a_result_that_is_written_to_again_is_not_taken_for_the_later_one() -> None:
    kept = np.zeros(3)

    def f(x: np.ndarray) -> np.ndarray:
        kept[:] = x**2
        return kept

    assert check(f, lambda x: np.diag(2 * x), at=(np.ones(3),)).verdict == "pass"


def test_what_happens_at_a_late_point_only_is_seen() -> None:
    def f(x: np.ndarray) -> np.ndarray:
        if x[0] == 5:
            x[1] = 0.0
        if x[0] == 6:
            raise ValueError("six")
        return x * 2

    points = np.arange(16.0).reshape(8, 2) + 10
    points[6:, 0] = (5, 6)
    found = evaluate(make_target(f, lambda x: 2 * np.eye(2), at=(np.ones(2),)), (points,))
    assert found.mutated == [""] * 6 + ["f changes its argument x", ""]
    assert isinstance(found.primals[7], Problem)
    np.testing.assert_array_equal(np.array(found.primals[:6]), 2 * points[:6])


@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_jax_code_gives_the_same_at_many_points_as_at_one(scale: float) -> None:
    def f(x: jax.Array) -> jax.Array:
        return jnp.log(jnp.exp(x))  # a compiler may cancel the two, and infinity with them

    target = make_target(f, lambda x: jnp.diag(jnp.exp(x) / jnp.exp(x)), at=(jnp.ones(2),))
    points = scale * RNG.standard_normal((20, 2))
    together = evaluate(target, (points,))
    for index, point in enumerate(points):
        alone = evaluate(target, (point[None],))
        np.testing.assert_allclose(together.primals[index], alone.primals[0], rtol=1e-9)  # type: ignore[arg-type]
        np.testing.assert_allclose(together.jacobians[index], alone.jacobians[0], rtol=1e-9)  # type: ignore[arg-type]


COMPOSED: dict[str, Function] = {
    "log of exp": lambda x: jnp.log(jnp.exp(x)),
    "swallowed": lambda x: (x + 1e17) - 1e17,
    "overflow and back": lambda x: x * 1e200 * 1e200 / 1e200 / 1e200,
    "inf / inf": lambda x: (x * 1e300 * 1e300) / (x * 1e300 * 1e300),
    "inf - inf": lambda x: x * 1e300 * 1e300 - x * 1e300 * 1e300,
    "0 inf": lambda x: 0 * (x * 1e300 * 1e300),
    "root of exp": lambda x: jnp.exp(x) ** 0.5,
    "exp exp": lambda x: jnp.exp(x) * jnp.exp(-x),
    "product and sum": lambda x: x * x - jnp.square(x) + x * 0.1 - 0.3,
    "inverse root": lambda x: 1 / jnp.sqrt(x),
    "rule of its own": lambda x: jax.nn.relu(x * 1e300 * 1e300),
    "branch": lambda x: jax.lax.cond(x[0] > 0, lambda: x * 1e200 * 1e200, lambda: -x),
    "loop": lambda x: jax.lax.fori_loop(0, 3, lambda i, y: y * 1e150, x),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_operation_by_operation_a_compiler_simplifies_nothing(name: str) -> None:
    function = COMPOSED[name]
    points = np.concatenate(
        [np.random.default_rng(0).standard_normal((20, 3)), [[800.0, 1e-5, 0.0], [1e18, -1e18, 3.0]]]
    )
    alone = np.stack([np.asarray(function(jnp.asarray(point))) for point in points])
    np.testing.assert_array_equal(Compiled(operation_by_operation(function))((points,), 3), alone)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 40)), max_size=12), st.integers(1, 70))
def test_lots_hold_all_points_of_a_layout_in_their_order(sizes: list[tuple[int, int]], most: int) -> None:
    numbers = itertools.count()
    batches = [
        Batch(Layout((), ((n,),), {}), (np.array([[next(numbers)] * n for _ in range(count)], float),), "generic")
        for n, count in sizes
    ]
    gathered = list(lots(batches, most))
    assert all(len(lot) == len(lot.values[0]) <= most for lot in gathered)
    for n in {n for n, _ in sizes}:
        own = [lot for lot in gathered if lot.batches[0].layout.shapes == ((n,),)]
        assert all(len(lot) == most for lot in own[:-1])
        found = np.concatenate([lot.values[0][:, 0] for lot in own])
        np.testing.assert_array_equal(found, np.concatenate([b.values[0][:, 0] for b in batches if b.layout.size == n]))


def test_a_helper_that_has_changed_between_two_checks_is_seen() -> None:
    module = types.ModuleType("notebook")
    exec("import jax.numpy as jnp\nfactor = 2.0\ndef f(x): return factor * jnp.sin(x)", module.__dict__)

    def jac(x: jax.Array) -> jax.Array:
        return jnp.diag(2.0 * jnp.cos(x))

    target = make_target(module.f, jac, at=(jnp.ones(2),))
    assert check(target, max_examples=20, shrink=False).verdict == "pass"
    module.__dict__["factor"] = 3.0
    assert check(target, max_examples=20, shrink=False).verdict == "fail"
    module.__dict__["factor"] = 2.0
    assert check(target, max_examples=20, shrink=False).verdict == "pass"


@pytest.mark.parametrize("count", [1, 31, 32, 33, 96, 97, 300])
def test_compiled_functions_take_any_number_of_points(count: int) -> None:
    points = RNG.standard_normal((count, 3))
    np.testing.assert_allclose(Compiled(lambda x: 2 * x)((points,), 3), 2 * points)


def test_few_sizes_are_compiled() -> None:
    traces = []

    def f(x: jax.Array) -> jax.Array:
        traces.append(x)
        return x

    function = Compiled(f)
    for count in range(1, 400, 7):
        function((np.zeros((count, 3)),), 3)
    assert len(traces) == 1


ANALYTIC: dict[str, tuple[Function, Function]] = {
    "sin": (np.sin, lambda x: np.diag(np.cos(x))),
    "product": (lambda x: np.prod(x, keepdims=True), lambda x: (np.prod(x) / x)[None]),
    "sort": (np.sort, lambda x: np.eye(len(x))[np.argsort(x)]),
    "relu": (lambda x: np.maximum(x, 0), lambda x: np.diag((x > 0).astype(float))),
}


@pytest.mark.parametrize("name", ANALYTIC)
def test_a_complex_step_confirms_what_is_right_and_nothing_else(name: str) -> None:
    f, jac = ANALYTIC[name]
    rng = np.random.default_rng(0)
    rows, directions = rng.standard_normal((2, 10, 3))
    directions *= step_scale(rows)  # as the screen does: beside small numbers the square of a step would show
    values = np.array([f(row + 1j * STEP * d) for row, d in zip(rows, directions, strict=True)])
    primals = np.array([f(row) for row in rows])
    right = np.array([jac(row) for row in rows])
    own = products(right, directions[:, None])
    assert confirmed(values, primals, own.stated[..., 0], own.sizes[..., 0]).all()
    wrong = right.copy()
    wrong[:, 0, rng.integers(3)] += 1e-6
    own = products(wrong, directions[:, None])
    assert not confirmed(values, primals, own.stated[..., 0], own.sizes[..., 0]).any()


@pytest.mark.parametrize("cells", [1, 7, 400])
def test_products_are_the_same_a_block_at_a_time(cells: int) -> None:
    jacobians, directions = RNG.standard_normal((2, cells, 300)), RNG.standard_normal((2, 3, 300))
    jacobians[1, -1, -1] = np.nan
    found = products(jacobians, directions)
    np.testing.assert_allclose(found.stated, np.einsum("kmn,kdn->kmd", jacobians, directions), atol=1e-12)
    np.testing.assert_allclose(found.sizes, np.einsum("kmn,kdn->kmd", abs(jacobians), abs(directions)), rtol=1e-12)
    assert np.isnan(found.sizes[1, -1]).all()


def test_zeros_round_numbers_and_ties_are_no_general_position() -> None:
    rows = np.array([[0.3, -1.7, 4.1], [0.0, 0.3, 0.7], [0.3, 0.3, 0.7], [0.3, -0.3, 0.7], [1.5, 0.3, 0.7]])
    assert in_general_position(rows).tolist() == [True, False, False, False, False]


def test_kinks_are_alike_where_zeros_and_the_quarrel_with_ad_are() -> None:
    rows = np.array([[0.0, 0.3], [0.0, 0.4], [0.3, 0.0], [0.0, 0.5], [0.3, 0.4]])
    ads = np.zeros((5, 1, 2))
    candidates = np.zeros((5, 1, 2))
    candidates[3] = 0.5
    kinks = KnownKinks({}, rows, candidates, ads, np.ones(5, bool))
    ruling = Ruling("kink", np.zeros((1, 2), bool), ads[0], 0.0)
    for number in (0, 4):
        kinks.add(number, ruling)
    kinks.add(2, Ruling("value", np.ones((1, 2), bool), ads[0], 0.0))
    known, chosen, later = kinks.next(range(5), 5)
    assert known == {0: ruling, 1: ruling}
    assert (chosen, later) == ([2, 3, 4], [])


def test_a_kink_of_an_earlier_batch_is_known_if_jac_says_of_it_what_it_said_then() -> None:
    answer, calls = [0.0], [0]

    def jac(x: np.ndarray) -> np.ndarray:
        return np.diag(np.where(x == 0, answer[0], x > 0))

    def f(x: np.ndarray) -> np.ndarray:
        calls[0] += 1
        return np.maximum(x, 0)

    judge, spent, statuses = Judge(make_target(f, jac, at=(np.ones(2),)), 0), [], []
    for answer[0] in (0.0, 0.0, 7.0):
        calls[0] = 0
        (verdict,) = judge.batch((np.array([[0.0, 0.3]]),))
        spent.append(calls[0])
        statuses.append(verdict.status)
    assert statuses == ["kink", "kink", "fail"]
    assert 10 * spent[1] < min(spent[0], spent[2]), spent


@pytest.mark.parametrize(
    ("beyond", "slope", "points"),
    [
        (lambda y: 2.0 - 1.9 * np.sin(2 * np.pi * y) ** 2, 0.5, (0.9, 0.26003936769792424)),
        (lambda y: 3.0 + np.sin(7 * y), 2.5, (0.3, -0.22299997996124493)),
    ],
)
def test_a_mixture_of_limits_is_no_word_on_other_limits(
    beyond: Function, slope: float, points: tuple[float, float]
) -> None:
    """Slopes on one side of the kink are 0, and on the other those of a number that is not round."""

    def f(x: np.ndarray) -> np.ndarray:
        return np.maximum(x[0], 0) * beyond(x[1])

    def jac(x: np.ndarray) -> np.ndarray:
        along = beyond(x[1]) * (x[0] > 0) if x[0] else slope
        step = 1e-6
        return np.array([along, np.maximum(x[0], 0) * (beyond(x[1] + step) - beyond(x[1] - step)) / (2 * step)])

    judge = Judge(make_target(f, jac, at=(np.ones(2),)), 0)
    legal, other = judge.batch((np.array([[0.0, y] for y in points]),))
    assert [legal.status, other.status] == ["kink", "fail"]


def judged(jac: Function, size: int) -> list[PointVerdict]:
    matrix = np.random.default_rng(1).standard_normal((size, size)) / np.sqrt(size)
    target = make_target(lambda x: np.tanh(matrix @ x), lambda x: jac(matrix, x), at=(np.ones(size),))
    return Judge(target, 0).batch((np.random.default_rng(2).standard_normal((3, size)),))


def dense(matrix: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray((1 - np.tanh(matrix @ x) ** 2)[:, None] * matrix)


def test_a_large_jacobian_is_judged_along_directions() -> None:
    size = int(np.sqrt(LARGE)) + 10

    def slightly_wrong(matrix: np.ndarray, x: np.ndarray) -> np.ndarray:
        jacobian = dense(matrix, x)
        jacobian[7, 11] += 1e-3
        return jacobian

    assert [verdict.status for verdict in judged(dense, size)] == ["pass"] * 3
    found = judged(slightly_wrong, size)
    assert [[failure.cells for failure in verdict.failures] for verdict in found] == [[((7, 11),)]] * 3


@pytest.mark.parametrize(("tick", "cut_short"), [(0.0, False), (2.0, True)])
def test_the_answer_to_slow_code_comes_soon_and_says_so(
    tick: float, cut_short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count(0.0, tick)
    monkeypatch.setattr("jacfuzz.patience.time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    report = check(np.sin, lambda x: np.diag(np.sin(x)), at=(np.ones(3),))
    assert report.verdict == "fail"
    assert [finding.kind for finding in report.findings] == ["value"]
    assert ("time" in {note.kind for note in report.notes}) == cut_short


def test_a_right_jacobian_is_given_all_the_time_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0.0, 100.0)
    monkeypatch.setattr("jacfuzz.patience.time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    report = check(np.sin, lambda x: np.diag(np.cos(x)), at=(np.ones(3),))
    assert report.verdict == "pass"
    assert "time" not in {note.kind for note in report.notes}
