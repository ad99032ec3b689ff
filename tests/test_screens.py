"""What is confirmed by plain quotients: quickly where AD agrees, and only what f itself shows."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from pairs import pair

from jacfuzz.judge import Judge

_POINTS = 100


@pytest.fixture(autouse=True)
def _float64():  # type: ignore[no-untyped-def]  # a generator fixture
    with jax.enable_x64(True):
        yield


def test_where_ad_agrees_two_more_calls_of_f_confirm_a_point() -> None:
    called = 0

    def f(x: np.ndarray) -> np.ndarray:
        nonlocal called
        called += 1
        return np.abs(x) * x  # of complex numbers another function

    judge = Judge(pair(f, lambda x: np.diag(2 * np.abs(x)), x="3"), 0)
    values = np.random.default_rng(0).standard_normal((_POINTS, 3)) + 3.0
    judge.batch((values,))  # traced
    called = 0
    verdicts = judge.batch((values,))
    assert {verdict.status for verdict in verdicts} == {"pass"}
    assert called <= 3 * _POINTS + 5


@pytest.mark.parametrize("error", [1e-7, 1e-5, 1e-3])
def test_what_ad_and_jac_say_together_is_held_against_f(error: float) -> None:
    @jax.custom_jvp
    def f(x: jax.Array) -> jax.Array:
        return jnp.sin(x)

    @f.defjvp
    def _(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
        return f(primals[0]), (1 + error) * jnp.cos(primals[0]) * tangents[0]

    def jac(x: jax.Array) -> jax.Array:
        return jnp.diag((1 + error) * jnp.cos(x))

    judge = Judge(pair(f, jac, "jax", x="2"), 0)
    verdicts = judge.batch((np.random.default_rng(0).standard_normal((5, 2)),))
    assert "pass" not in {verdict.status for verdict in verdicts}


def test_autograd_that_sees_no_way_back_has_no_say() -> None:
    torch = pytest.importorskip("torch")
    called = 0

    def f(x):  # type: ignore[no-untyped-def]  # of tensors, where torch may not be installed
        nonlocal called
        called += 1
        return torch.stack([torch.tensor(math.cos(cell), dtype=torch.float64) for cell in x])

    def right(x):  # type: ignore[no-untyped-def]
        return torch.diag(-torch.sin(x))

    def judged(jac: Callable[..., Any]) -> set[str]:
        values = np.random.default_rng(0).standard_normal((_POINTS, 2))
        return {verdict.status for verdict in Judge(pair(f, jac, "torch", x="2"), 0).batch((values,))}

    assert judged(right) == {"pass"}
    assert called <= 20 * _POINTS  # no difference tables
    wrong = judged(lambda x: torch.zeros(2, 2, dtype=torch.float64))
    assert "fail" in wrong
    assert "pass" not in wrong
