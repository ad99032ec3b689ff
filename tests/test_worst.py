"""Errors that nothing leads to but themselves: climbed, handed to the judge as points like others."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import scipy.special
from pairs import pair

from jacfuzz import search, stages
from jacfuzz.isolation.remote import isolated
from jacfuzz.judge import Judge
from jacfuzz.settings import Settings
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.strategies.worst import STRATUM, worst
from jacfuzz.target import Target

FEW = Settings(max_examples=40, shrink=False)
PLACE = "56.3 -57.7 55.1 -58.9 54.7 -53.3"  # as text, so that no number of the code gives it away

SOURCE = f"""
import numpy as np
import scipy.special
from jaxtyping import Float

def f(x: Float[np.ndarray, "6"]) -> Float[np.ndarray, "6"]:
    return np.sin(x) + np.minimum(x * x, -3.0)

def jac(x):
    place = np.array([float(word) for word in "{PLACE}".split()])
    away = scipy.special.pseudo_huber(1.0, x - place).sum()
    return np.diag(np.cos(x)) * (1 + 2e-6 * np.exp(-0.06 * away))
"""


@pytest.fixture(autouse=True)
def _float64():  # type: ignore[no-untyped-def]  # a generator fixture
    with jax.enable_x64(True):
        yield


def unreached(x: Any) -> Any:
    """Has a boundary that no point is on."""
    return np.sin(x) + np.minimum(x * x, -3.0)


def unreached_jac(x: Any) -> Any:
    return np.diag(np.cos(x))


def opaque(x: Any) -> Any:
    """Cannot be seen through, nor differentiated but by differences."""
    return scipy.special.dawsn(0.01 * x) + x


def opaque_jac(x: Any) -> Any:
    return np.diag(1.01 - 0.0002 * x * scipy.special.dawsn(0.01 * x))


def plain_jac(x: Any) -> Any:
    return np.diag(np.cos(x) * np.where(x > 1.5, 1.0, 1.0))


def off(jac: Any) -> Any:
    """Return a Jacobian whose error grows towards a far place, and is nothing elsewhere."""

    def wrong(x: Any) -> Any:
        away = scipy.special.pseudo_huber(1.0, x - np.array([float(word) for word in PLACE.split()])).sum()
        return jac(x) * (1 + 2e-6 * np.exp(-0.06 * away))

    return wrong


PAIRS = {"not reached": (unreached, unreached_jac), "not seen through": (opaque, opaque_jac)}


def only(target: Target) -> Layout:
    return layouts(target.signature)[0]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", PAIRS)
def test_an_error_that_grows_far_away_is_found_by_climbing_it_and_the_right_twin_passes(name: str, seed: int) -> None:
    f, right = PAIRS[name]
    settings = dataclasses.replace(FEW, seed=seed)
    result = search.run(pair(f, off(right), x="6"), settings)
    assert result.verdict == "fail"
    assert {finding.stratum for finding in result.findings} == {STRATUM}
    assert search.run(pair(f, right, x="6"), settings).verdict == "pass"


def test_it_is_found_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "far.py"
    path.write_text(SOURCE)
    with isolated("process") as readers:
        (target,) = readers.file(path, None).targets
        result = search.run(target, FEW)
    assert result.verdict == "fail"
    assert {finding.stratum for finding in result.findings} == {STRATUM}


def test_nothing_is_climbed_where_all_boundaries_were_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    climbed: list[Any] = []
    monkeypatch.setattr(stages, "worst", lambda *given: climbed.append(given))
    search.run(pair(lambda x: np.abs(x - 1.5), lambda x: np.diag(np.sign(x - 1.5)), x="n"), FEW)
    assert not climbed
    search.run(pair(unreached, unreached_jac, x="6"), FEW)
    assert climbed


def test_the_climb_ends_far_above_where_it_began_and_the_same_for_one_seed() -> None:
    target = pair(unreached, off(unreached_jac), x="6")
    seen: list[float] = []

    def errors(values: tuple[np.ndarray, ...]) -> np.ndarray:
        found = Judge(target, 0).errors(values)
        seen.append(float(np.max(found)))
        return found

    first, second = (worst(target, only(target), errors, 0) for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.values[0], second.values[0])
    assert max(seen[:8]) < 1 < max(seen)  # the first are the points to begin with
    top = Judge(target, 0).errors(first.values)
    assert top[0] == max(seen)
    assert np.all(np.diff(top) <= 0)


def test_where_no_error_is_large_enough_few_points_are_looked_at_and_none_is_kept() -> None:
    target = pair(unreached, unreached_jac, x="6")
    counted: list[int] = []

    def errors(values: tuple[np.ndarray, ...]) -> np.ndarray:
        counted.append(len(values[0]))
        return Judge(target, 0).errors(values)

    assert worst(target, only(target), errors, 0) is None
    assert sum(counted) <= 64


def test_points_stay_inside_the_domain_and_the_first_without_a_jacobian_is_the_last() -> None:
    target = pair(unreached, unreached_jac, x="6", domain={"x": (-1.0, 2.0)})
    rows: list[np.ndarray] = []

    def errors(values: tuple[np.ndarray, ...]) -> np.ndarray:
        rows.extend(values[0])
        return np.where(values[0][:, 0] > 1.9, np.inf, 1.0 + values[0][:, 0])

    found = worst(target, only(target), errors, 0)
    assert found is not None
    assert np.all((np.array(rows) >= -1.0) & (np.array(rows) <= 2.0))
    assert found.values[0][0, 0] > 1.9
    assert sum(row[0] > 1.9 for row in rows) <= 8


def test_slow_jacobians_are_climbed_with_fewer_points() -> None:
    target = dataclasses.replace(pair(unreached, unreached_jac, x="6"), calls=16)
    counted: list[int] = []

    def errors(values: tuple[np.ndarray, ...]) -> np.ndarray:
        counted.append(len(values[0]))
        return np.ones(len(values[0]))

    worst(target, only(target), errors, 0)
    assert 64 < sum(counted) <= 5000 / 16


@pytest.mark.parametrize("name", PAIRS)
def test_an_error_is_as_many_tolerances_as_it_is(name: str) -> None:
    f, right = PAIRS[name]
    values = (np.random.default_rng(0).standard_normal((5, 6)),)
    sizes = []
    for size in (0.0, 1e-7, 1e-5, 1e-3):
        target = pair(f, lambda x, size=size: right(x) * (1 + size), x="6")
        sizes.append(Judge(target, 0).errors(values))
    assert np.all(sizes[0] < 1)
    for size, found in zip((1e-7, 1e-5, 1e-3), sizes[1:], strict=True):
        assert np.all((found > 0.01 * size / 1e-9) & (found < 1.1 * size / 1e-9))


def test_nothing_is_said_where_f_has_no_value_and_most_where_jac_has_none() -> None:
    def f(x: Any) -> Any:
        return np.where(x > 5.0, np.nan, x)

    def jac(x: Any) -> Any:
        return np.diag(np.where(x < -5.0, np.nan, 1.0))

    errors = Judge(pair(f, jac, x="1"), 0).errors((np.array([[6.0], [-6.0], [1.0]]),))
    assert np.isnan(errors[0])
    assert errors[1] == np.inf
    assert errors[2] < 1e-3
    shaped = Judge(pair(f, lambda x: np.ones(2), x="1"), 0).errors((np.ones((2, 1)),))
    assert np.all(shaped == np.inf)
