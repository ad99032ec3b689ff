"""Derived points of jax code are compared with f as it is run; where jax traces another function they are dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from pairs import pair

from jacfuzz import search
from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.settings import Settings
from jacfuzz.strategies.boundaries import boundaries
from jacfuzz.strategies.layouts import Layout
from jacfuzz.strategies.verified import WRITTEN
from jacfuzz.tracing.residuals import OTHERWISE


@pytest.fixture(autouse=True)
def _float64():  # type: ignore[no-untyped-def]  # a generator fixture
    with jax.enable_x64(True):
        yield


def traced(x: Any) -> bool:
    return isinstance(x, jax.core.Tracer)


def zero(x: Any) -> Any:
    return jnp.zeros((len(x), len(x)))


def looped(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that does the same in a loop of jax's own, which hides no tracer."""

    def f(x: Any) -> Any:
        return jax.lax.fori_loop(0, 1, lambda _, state: function(x) + 0.0 * state, x)

    return f


def straight(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return function


def solve(f: Callable[[Any], Any], jac: Callable[[Any], Any] = zero, n: int = 3) -> Boundaries:
    target = pair(f, jac, "jax", x="n")
    return boundaries(target, Layout((target.signature.arguments[0].specs[0],), ((n,),), {"n": n}), 0)


def sides(found: Boundaries) -> set[str]:
    return {label.partition(" ")[0] for label in found.labels if label != WRITTEN}


def elsewhere(x: Any) -> Any:
    """Branches at 3, but where it is not traced it is another function beyond."""
    return jnp.maximum(x - 3.0, 0.0) * (1.0 if traced(x) else 1.5)


def test_points_at_which_f_as_it_is_run_gives_other_values_are_dropped() -> None:
    found = solve(elsewhere)
    assert OTHERWISE in found.unseen
    rows = found.values[0]
    labelled = np.array([label != WRITTEN for label in found.labels])
    assert np.any(rows[labelled] == 3.0)
    assert np.all(rows[labelled] <= 3.0 + 1e-6)  # beyond, only by a hair
    assert np.any(rows[~labelled] > 3.01)  # numbers of the code stay: nothing is said of them
    assert np.any(solve(lambda x: jnp.maximum(x - 3.0, 0.0)).values[0] > 3.01)


@pytest.mark.parametrize("written", [straight, looped])
def test_a_boundary_that_f_as_it_is_run_does_not_have_is_missed_and_said(
    written: Callable[[Callable[[Any], Any]], Callable[[Any], Any]],
) -> None:
    inner = written(lambda x: jnp.maximum(x - 3.0, 0.0))

    def f(x: Any) -> Any:
        return inner(x) if traced(x) else jnp.sin(x)

    found = solve(f)
    assert sides(found) == set()
    assert "max (f as it is run gives other values there)" in " ".join(found.missed).replace("maximum", "max")
    assert OTHERWISE in found.unseen


@pytest.mark.parametrize("written", [straight, looped])
def test_points_of_code_that_is_run_as_it_is_traced_all_stay(
    written: Callable[[Callable[[Any], Any]], Callable[[Any], Any]],
) -> None:
    found = solve(written(lambda x: jnp.maximum(x - 3.0, 0.0) + jnp.sort(x)))
    assert sides(found) - {"near"} == {"on", "beside", "inside"}
    assert (found.missed, found.unseen) == ((), ())


def test_every_point_is_compared_and_loops_are_compiled_once_for_all() -> None:
    def counted(function: Callable[[Any], Any], calls: list[int]) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            calls.append(0)
            return function(x)

        return f

    once: list[int] = []
    looping: list[int] = []
    found = solve(counted(lambda x: jnp.maximum(x - 3.0, 0.0), once))
    assert len(once) >= sum(label != WRITTEN for label in found.labels)
    solve(counted(looped(lambda x: jnp.maximum(x - 3.0, 0.0)), looping))
    assert len(looping) < 10


def test_code_whose_branches_are_hidden_from_tracing_is_said_to_be_unseen() -> None:
    found = solve(lambda x: jnp.sin(x) if traced(x) else jnp.maximum(x - 3.0, 0.0))
    assert OTHERWISE in found.unseen
    assert sides(found) == set()


def test_boundaries_of_a_jacobian_stay_where_f_has_none() -> None:
    def jac(x: Any) -> Any:
        return jnp.diag(jnp.where(x > 1.75, 2.0, 2.0) * x)

    found = solve(lambda x: x * x, jac)
    assert np.any(found.values[0] == 1.75)
    assert found.unseen == ()


def test_the_note_of_a_check_says_it() -> None:
    def jac(x: Any) -> Any:
        return jnp.diag(jnp.where(x > 3.0, 1.0, 0.0))

    result = search.run(pair(elsewhere, jac, "jax", x="n"), Settings(max_examples=40))
    assert any(note.kind == "boundaries" and OTHERWISE in note.text for note in result.notes)
