"""The power report counts errors, only errors, and the same ones for the same seed."""

import dataclasses
import io
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pairs import pair
from rich.console import Console

from jacfuzz.power import ERRORS, Power, Share, power, power_table
from jacfuzz.registry import Catalogue
from jacfuzz.settings import Settings
from jacfuzz.target import Target

FEW = Settings(max_examples=100)
GROSS = ("1e-1", "1e-3", "sign", "swap", "column x 2", "row x 0", "cell x 0", "stratum")
SQUARES = pair(lambda x: x**2, lambda x: np.diag(2 * x), x="2")


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def squares() -> Power:
    with jax.enable_x64(True):
        return power(SQUARES, FEW)


def two_jax_arguments() -> Target:
    @jax.jit
    def f(x: jax.Array, y: jax.Array) -> jax.Array:
        return x * x + jnp.sum(y * y)

    @jax.jit
    def jac(x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
        return jnp.diag(2 * x), jnp.repeat(2 * y[None], x.shape[0], axis=0)

    return pair(f, jac, "jax", x="2", y="2")


@pytest.mark.parametrize("name", ["product", "two arguments of jax"])
def test_every_gross_error_is_caught(name: str) -> None:
    target = two_jax_arguments() if name.startswith("two") else Catalogue().load(name)[0]
    assert isinstance(target, Target)
    shares = power(target, FEW).shares
    for kind in GROSS:
        assert shares[kind].caught == shares[kind].injected > 0, kind


def test_the_same_seed_injects_the_same_errors(squares: Power) -> None:
    assert power(SQUARES, FEW) == squares


def test_a_bigger_budget_injects_more(squares: Power) -> None:
    more = power(SQUARES, Settings(max_examples=200))
    assert more.shares["sign"].injected > squares.shares["sign"].injected


def test_what_is_wrong_already_has_no_room_for_errors() -> None:
    shares = power(pair(lambda x: x**2, lambda x: np.diag(3 + x**2), x="3"), FEW).shares
    assert set(shares.values()) == {Share(0, 0)}


def test_a_change_at_a_kink_may_be_legal_and_does_not_count() -> None:
    at_zero = pair(np.abs, lambda x: np.diag(np.sign(x)), x="3", domain={"x": (0.0, 0.0)})
    assert set(power(at_zero, FEW).shares.values()) == {Share(0, 0)}


def test_a_change_that_changes_nothing_does_not_count() -> None:
    shares = power(pair(lambda x: 0 * x, lambda x: np.zeros((x.size, x.size)), x="3"), FEW).shares
    assert {kind for kind, share in shares.items() if share.injected} == {"stratum"}


def test_what_stays_unseen_is_reported_as_missed() -> None:
    # Candidate and error cancel below what any reference tells apart from round-off.
    high = pair(lambda x: 1e9 + x, lambda x: np.eye(x.size) * (1 - 1e-9), x="3")
    share = power(high, FEW).shares["1e-9"]
    assert share.caught < share.injected


@given(
    hnp.arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(-2, 2).map(float)),
    st.sampled_from(sorted(ERRORS)),
    st.integers(0, 99),
)
def test_an_error_is_small_and_leaves_its_jacobian_alone(jacobian: np.ndarray, kind: str, seed: int) -> None:
    before = jacobian.copy()
    changed = ERRORS[kind](jacobian, np.random.default_rng(seed)) != before
    assert np.array_equal(jacobian, before)
    if kind == "column x 2":
        assert changed.any(axis=0).sum() == (1 if before.any() else 0)
    elif kind == "row x 0":
        assert changed.any(axis=1).sum() == (1 if before.any() else 0)
    elif kind == "swap":
        assert changed.sum() == (2 if np.ptp(before) else 0)
    else:
        assert changed.sum() == (1 if before.any() else 0)


def test_the_table_has_a_row_per_target_and_the_sum(squares: Power) -> None:
    powers = [squares, dataclasses.replace(squares, title="Squares again")]
    console = Console(file=io.StringIO(), width=140)
    console.print(power_table(powers))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    whole = squares.shares["sign"] + squares.shares["sign"]
    assert all(word in text for word in ("pair", "Squares again", "all", str(squares.shares["sign"]), str(whole)))
