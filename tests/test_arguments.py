"""``@given(**arguments(f))`` in people's own tests."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from jaxtyping import Float

from jacfuzz.errors import LoadError
from jacfuzz.strategies import arguments

Vector = Float[np.ndarray, "n"]

QUICK = settings(
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def one_vector(x: Vector) -> Vector:
    return x


def found(f: Callable[..., Any], condition: Callable[[Any], bool]) -> Any:
    """Return the smallest argument x within 200 examples for which the condition holds."""
    return find(arguments(f)["x"], condition, settings=QUICK)


@pytest.mark.parametrize("number", range(5))
def test_edge_cases_turn_up_within_200_examples(number: int) -> None:
    seen: set[str] = set()

    @seed(number)
    @settings(QUICK, phases=[Phase.generate], derandomize=False)
    @given(**arguments(one_vector))
    def collect(x: np.ndarray) -> None:
        zeros = int((x == 0).sum())
        if len(x) > 1:
            seen.update({1: ["one zero"], 2: ["two zeros"]}.get(zeros, []))
            if len(np.unique(x)) < len(x):
                seen.add("tie")
        if x.size and (x == 0).any() and (x > 0).any():
            seen.add("relu at 0 beside a positive entry")

    collect()
    assert seen == {"one zero", "two zeros", "tie", "relu at 0 beside a positive entry"}


def test_a_zero_in_a_product_shrinks_to_one_zero() -> None:
    x = found(
        one_vector,
        lambda x: bool(
            x.size and not np.isfinite(np.divide(np.prod(x), x, where=x != 0, out=np.full_like(x, np.nan))).all()
        ),
    )
    assert x.tolist() == [0.0]


def test_a_tie_shrinks_to_two_plain_entries() -> None:
    assert found(one_vector, lambda x: len(np.unique(x)) < len(x)).tolist() == [0.0, 0.0]


def test_large_values_shrink_to_small_integers() -> None:
    (entry,) = found(one_vector, lambda x: x.size == 1 and bool(x[0] > 2.5))
    assert entry == 3.0


def test_axes_are_shared_across_the_call() -> None:
    def f(x: Float[np.ndarray, "n m"], y: Float[np.ndarray, "m"], s: float) -> Float[np.ndarray, "n"]:
        return x @ y * s

    shapes: set[tuple[int, ...]] = set()

    @settings(QUICK, max_examples=60, derandomize=True)
    @given(**arguments(f))
    def check(x: np.ndarray, y: np.ndarray, s: float) -> None:
        assert x.shape[1] == y.shape[0]
        assert isinstance(s, float)
        shapes.add(x.shape)

    check()
    assert len(shapes) >= 4
    assert any(n != m for n, m in shapes)


def test_two_calls_do_not_share_their_draws() -> None:
    @settings(QUICK, max_examples=40, derandomize=True)
    @given(first=arguments(one_vector)["x"], second=arguments(one_vector)["x"])
    def check(first: np.ndarray, second: np.ndarray) -> None:
        shapes.add((first.shape, second.shape))

    shapes: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
    check()
    assert any(one != other for one, other in shapes)


def test_the_domain_is_kept() -> None:
    @settings(QUICK, max_examples=80, derandomize=True)
    @given(**arguments(one_vector, domain={"x": (1.0, 2.0)}))
    def check(x: np.ndarray) -> None:
        assert ((x >= 1) & (x <= 2)).all()

    check()


def test_jax_annotations_give_jax_arrays() -> None:
    def f(x: Float[jax.Array, "n"]) -> Float[jax.Array, "n"]:
        return x

    @settings(QUICK, max_examples=10, derandomize=True)
    @given(**arguments(f))
    def check(x: jax.Array) -> None:
        assert isinstance(x, jax.Array)

    check()


def test_partial_arguments_are_left_out() -> None:
    def f(k: int, x: Vector) -> Vector:
        return k * x

    assert set(arguments(functools.partial(f, 2))) == {"x"}


def test_without_annotation_the_message_says_what_to_write() -> None:
    with pytest.raises(LoadError, match=r"argument `x` of f has no annotation.*Float\[Array"):
        arguments(lambda x: x)


def test_a_strategy_per_argument() -> None:
    assert all(isinstance(strategy, st.SearchStrategy) for strategy in arguments(one_vector).values())
