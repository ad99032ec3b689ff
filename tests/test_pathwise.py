"""jax code whose Python branches on values, at many points at once: what it gives at each alone, in few runs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

from jacfuzz.oracles.pathwise import Pathwise
from jacfuzz.tracing.rebind import to_jax

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def by_sign(x: Array) -> Any:
    return jnp.sin(x) if x[0] > 0 else -x


def by_count(x: Array) -> Any:
    chosen = jnp.flatnonzero(x > 0.2)  # as many entries as the values say
    return x * len(chosen) if len(chosen) else x**2


def by_mask(x: Array) -> Any:
    return jnp.concatenate([x[x > 0], x[x <= 0]])


def by_loop(x: Array) -> Any:
    total = jnp.abs(x[0])
    while total < 1:
        total = 1.5 * total + 1
    return total * x


def by_index(x: Array) -> Any:
    return x * (1, 10, 100, 1000)[int(jnp.argmax(x))]


def by_a_number_of_its_own(x: Array) -> Any:
    scale = 2.0
    return x * scale if jnp.sum(x * x) >= scale else jnp.cos(x)


WAYS = (by_sign, by_count, by_mask, by_loop, by_index, by_a_number_of_its_own)


@pytest.mark.parametrize("function", WAYS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("count", [1, 3, 150, 301])
def test_every_point_has_what_it_has_alone(function: Callable[..., Any], count: int) -> None:
    points = np.round(RNG.normal(size=(count, 4)), 1)  # some on the boundaries themselves
    both = lambda x: (function(x), jax.jacfwd(function)(x))  # noqa: E731
    values, jacobians = Pathwise(both)((points,), 16)
    chosen = RNG.permutation(count)[:20]
    for point, value, jacobian in zip(points[chosen], values[chosen], jacobians[chosen], strict=True):
        alone = both(jnp.asarray(point))
        np.testing.assert_allclose(value, alone[0], rtol=1e-14)
        np.testing.assert_allclose(jacobian, alone[1], rtol=1e-14)


@pytest.mark.parametrize("function", WAYS, ids=lambda function: function.__name__)
def test_paths_that_are_met_again_give_the_same_without_being_run(function: Callable[..., Any]) -> None:
    runs = []

    def both(x: Array) -> Any:
        runs.append(0)
        return function(x), jax.jacfwd(function)(x)

    points = np.round(RNG.normal(size=(400, 4)), 1)
    often = Pathwise(both)
    for _ in range(2):
        often((points,), 16)
    runs.clear()
    shuffled = points[RNG.permutation(len(points))[:200]]
    values, jacobians = often((shuffled,), 16)
    singles = len(runs)
    assert singles < 20  # of rare paths
    for point, value, jacobian in zip(shuffled[:20], values, jacobians, strict=False):
        np.testing.assert_allclose(value, function(jnp.asarray(point)), rtol=1e-14)
        np.testing.assert_allclose(jacobian, jax.jacfwd(function)(jnp.asarray(point)), rtol=1e-14)


def test_code_that_gives_something_else_every_time_is_run_every_time() -> None:
    count = itertools.count()

    def f(x: Array) -> Any:
        return x + next(count) if x[0] > -10 else x

    points, often = RNG.normal(size=(5, 2)), Pathwise(f)
    moves = [float((often((points,), 2) - points)[0, 0]) for _ in range(6)]
    assert len(set(np.round(moves))) == 6


def test_points_of_one_path_are_run_together() -> None:
    runs = []

    def counted(x: Array) -> Any:
        runs.append(0)
        return by_sign(x)

    Pathwise(counted)((RNG.normal(size=(100, 4)),), 16)
    assert len(runs) == 2


def test_points_that_all_go_ways_of_their_own_cost_little_more_than_one_run_each() -> None:
    runs = []

    def scattered(x: Array) -> Any:
        runs.append(0)
        return sum((x[i] if x[i] > 0 else -2 * x[i] for i in range(12)), start=x[0])

    points = RNG.normal(size=(60, 12))
    found = Pathwise(scattered)((points,), 12)
    assert len(runs) <= 60 + 12
    np.testing.assert_allclose(found, np.where(points > 0, points, -2 * points).sum(axis=1) + points[:, 0])


def test_several_arguments_and_numbers_that_are_whole() -> None:
    def f(x: Array, k: Array) -> Any:
        return x[: int(k)].sum() if k > 1 else x[0] * k

    points, counts = RNG.normal(size=(40, 3)), RNG.integers(0, 4, 40)
    found = Pathwise(f)((points, counts), 3)
    np.testing.assert_allclose(found, [f(x, k) for x, k in zip(points, counts, strict=True)])


def test_numpy_code_with_loops_and_math_is_run_so_too() -> None:
    def f(x: np.ndarray) -> Any:
        return [math.exp(entry) if entry < 0 else 1 + entry for entry in x]

    bound = to_jax(f)
    points = RNG.normal(size=(50, 2))
    found = Pathwise(lambda x: jnp.asarray(bound(x)))((points,), 2)
    np.testing.assert_allclose(found, [f(point) for point in points], rtol=1e-14)


def test_what_no_number_decides_fails_as_it_does_under_vmap() -> None:
    with pytest.raises(jax.errors.ConcretizationTypeError):
        Pathwise(lambda x: x * float(x[0]))((RNG.normal(size=(5, 2)),), 2)


def test_batches_of_the_code_itself_know_no_values() -> None:
    def f(x: Array) -> Any:
        return jax.vmap(lambda entry: entry if entry > 0 else -entry)(x)

    with pytest.raises(jax.errors.TracerBoolConversionError):
        Pathwise(f)((RNG.normal(size=(5, 2)),), 2)
    with pytest.raises(jax.errors.TracerBoolConversionError):
        jax.vmap(by_sign)(jnp.asarray(RNG.normal(size=(5, 2))))
