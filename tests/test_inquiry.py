"""What several measures ask of f near a point is one question, and each hears what it would hear alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz.oracles.differences import slopes
from jacfuzz.oracles.inquiry import Values, ask, on_both_sides
from jacfuzz.oracles.lockstep import in_lockstep
from jacfuzz.oracles.noise import grain, noise, noise_beside, size_away


class _Counted:
    """A function of rows that counts its calls, and takes them for points of one batch."""

    def __init__(self, index: int) -> None:
        self.calls = 0
        self._index = index

    def __call__(self, rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        self.calls += 1
        assert (index == self._index).all()
        assert len(index) == len(rows)
        return np.stack([np.sin(rows).sum(axis=1), np.exp(rows[:, 0])], axis=1)


def _stepwise(sizes: list[int]) -> Callable[[Values], np.ndarray]:
    """Ask as often as there are sizes, about so many rows each time; return all that was heard."""

    def measure(f: Values) -> np.ndarray:
        heard = [f(np.full((size, 3), number + 0.5 * size)) for number, size in enumerate(sizes)]
        return np.concatenate([np.zeros((0, 2)), *heard])

    return measure


@given(st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=5))
def test_each_inquiry_hears_what_it_would_hear_alone(asked: list[list[int]]) -> None:
    function = _Counted(2)
    found = ask(function, 2, *map(_stepwise, asked))
    assert function.calls == max(map(len, asked), default=0)
    alone = [ask(_Counted(2), 2, _stepwise(sizes))[0] for sizes in asked]
    assert all(np.array_equal(one, other) for one, other in zip(found, alone, strict=True))


def test_measures_of_measures_share_their_questions() -> None:
    def both(f: Values) -> np.ndarray:
        near, far = in_lockstep([lambda: f(np.zeros((1, 3))), lambda: f(np.ones((1, 3)))])
        return np.asarray(far - near)

    function = _Counted(0)
    change, again = ask(function, 0, both, lambda f: f(np.ones((2, 3))))
    assert function.calls == 1
    np.testing.assert_allclose(change[0], [3 * np.sin(1), np.e - 1])
    assert again.shape == (2, 2)


def test_measures_with_a_common_source_of_chance_draw_what_they_would_one_after_the_other() -> None:
    row = np.array([0.3, -2.0, 0.0])
    measures = (noise, grain, size_away, noise_beside)
    rng = np.random.default_rng(3)
    apart = [ask(_Counted(0), 0, partial(measure, row=row, rng=rng))[0] for measure in measures]
    rng, function = np.random.default_rng(3), _Counted(0)
    at_once = ask(function, 0, *(partial(measure, row=row, rng=rng) for measure in measures))
    assert function.calls == 1
    np.testing.assert_array_equal(at_once, apart)


def test_the_tables_of_a_point_are_one_question() -> None:
    row, function = np.array([0.3, -2.0, 0.5]), _Counted(4)
    found = slopes(function, row, 4, np.eye(3), np.random.default_rng(0))
    assert function.calls == 1
    np.testing.assert_allclose(found.central.value[0], np.cos(row), rtol=1e-8)


def test_what_is_infinite_beside_a_point_is_not_a_number() -> None:
    (table,) = ask(
        lambda rows, index: 1 / rows, 0, lambda f: on_both_sides(f, np.zeros(1), np.ones((1, 1)), np.array([0.0, 0.5]))
    )
    assert np.isnan(table[:, 0]).all()
    assert table[:, 1].ravel().tolist() == [2.0, -2.0]
