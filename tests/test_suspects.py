"""Suspicious points are judged several at a time, as they are one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz import make_target, suspects
from jacfuzz.evaluation.primal import Primal
from jacfuzz.judge import Judge
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.oracles.lockstep import in_lockstep
from jacfuzz.oracles.patterns import KnownKinks
from jacfuzz.oracles.ruling import Ruling
from jacfuzz.target import Target

STATUSES = {
    "selection": {"pass", "kink"},
    "convex": {"pass", "kink"},
    "outside": {"pass", "fail"},
    "value": {"pass", "kink", "fail"},
}


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def answers(kind: str) -> Target:
    """ReLU with Jacobians that are legal at 0, illegal there, or wrong elsewhere."""
    at_zero = {"selection": 1.0, "convex": 0.25, "outside": 7.0, "value": 0.0}[kind]

    def jac(x: np.ndarray) -> np.ndarray:
        slope = np.where(x == 0, at_zero, (x > 0).astype(float))
        return np.diag(np.where(x == 0.25, 3.0, slope) if kind == "value" else slope)

    return make_target(relu, jac, at=(np.ones(4),))


def points() -> np.ndarray:
    """ReLU's kinks in all patterns of four cells, and points where it has none."""
    rng = np.random.default_rng(5)
    kinks = [np.where([k >> i & 1 for i in range(4)], 0.0, rng.standard_normal(4)) for k in range(16)]
    return np.concatenate([kinks, kinks, rng.standard_normal((8, 4)), np.full((2, 4), 0.25)])


@pytest.mark.parametrize("kind", STATUSES)
def test_points_are_judged_together_as_they_are_one_by_one(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for most in (32, 1):
        monkeypatch.setattr("jacfuzz.suspects._MOST", most)
        found.append(Judge(answers(kind), 0).batch((points(),)))
    for together, alone in zip(*found, strict=True):
        assert together.status == alone.status
        assert [failure.kind for failure in together.failures] == [failure.kind for failure in alone.failures]
    assert {verdict.status for verdict in found[0]} == STATUSES[kind]


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many points are judged at once, turn by turn."""
    noted: list[int] = []

    def noting(tasks: Sequence[Callable[[], Ruling]]) -> list[Ruling]:
        noted.append(len(tasks))
        return in_lockstep(tasks)

    monkeypatch.setattr(suspects, "in_lockstep", noting)
    monkeypatch.setattr(suspects, "_SOON", math.inf)
    return noted


@pytest.mark.parametrize("kind", STATUSES)
def test_more_and_more_are_judged_at_once_until_one_fails(kind: str, sizes: list[int]) -> None:
    Judge(answers(kind), 0).batch((points(),))
    if kind == "outside":
        assert set(sizes) == {1}
    else:
        assert sizes[:3] == [1, 4, 16]


def test_a_batch_goes_on_with_as_many_as_the_one_before(sizes: list[int]) -> None:
    judge = Judge(answers("selection"), 0)
    for kinks in np.split(points()[:16], 4):  # in patterns that differ
        judge.batch((kinks,))
    assert sizes == [1, 2, 4, 4, 4]


def test_slow_points_are_judged_one_by_one(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspects, "_SOON", 0.0)
    Judge(answers("selection"), 0).batch((points(),))
    assert set(sizes) == {1}


def test_what_points_ask_of_f_and_ad_is_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for place, name in ((ForwardMode, "ad"), (Primal, "f")):
        monkeypatch.setattr(place, "__call__", _noting(place.__call__, name, asked))
    counts = []
    for most in (32, 1):
        monkeypatch.setattr("jacfuzz.suspects._MOST", most)
        asked.clear()
        Judge(answers("selection"), 0).batch((points(),))
        counts.append([asked.count(name) for name in ("ad", "f")])
    (ad, f), (ad_alone, f_alone) = counts
    assert 2 * ad < ad_alone
    assert 4 * f < f_alone


def _noting(method: Callable[..., object], name: str, asked: list[str]) -> Callable[..., object]:
    def noting(*given: object) -> object:
        asked.append(name)
        return method(*given)

    return noting


def _kinks(rows: np.ndarray) -> KnownKinks:
    ads = np.zeros((len(rows), 1, rows.shape[1]))
    return KnownKinks({}, rows, ads, ads, np.ones(len(rows), bool))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=20),
    st.lists(st.integers(1, 5), min_size=1, max_size=5),
)
def test_however_many_are_judged_at_once_a_kink_is_judged_until_it_is_legal(
    drawn: list[tuple[int, bool]], most: list[int]
) -> None:
    """The points lie at four kinks; which of them are legal is drawn."""
    rows = np.array([[float(kink), 0.3] for kink, _ in drawn])
    rulings = [Ruling("kink" if legal else "value", np.zeros((1, 2), bool), rows[:1], 0.0) for _, legal in drawn]
    expected: dict[int, Ruling] = {}
    legal: dict[int, Ruling] = {}
    for number, (kink, _) in enumerate(drawn):
        expected[number] = legal.get(kink, rulings[number])
        if expected[number].status == "kink":
            legal.setdefault(kink, expected[number])
    found: dict[int, Ruling] = {}
    kinks, left = _kinks(rows), list(range(len(drawn)))
    for turn in range(100):
        if not left:
            break
        known, chosen, left = kinks.next(left, most[turn % len(most)])
        assert len(chosen) <= most[turn % len(most)]
        found |= known | {number: rulings[number] for number in chosen}
        for number in chosen:
            kinks.add(number, rulings[number])
    assert not left
    assert all(found[number] is expected[number] for number in range(len(drawn)))
