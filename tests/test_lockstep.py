"""Tasks under way at once ask one question, and each goes on as it would alone."""

from __future__ import annotations

import contextvars
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz.oracles.lockstep import in_lockstep, shared


class _Counted:
    """A function of rows and their numbers that notes how many it was asked about."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        assert len(rows) == len(index)
        self.asked.append(len(rows))
        return rows * index[:, None]


def _task(function: Callable[..., np.ndarray], number: int, sizes: list[int]) -> Callable[[], list[float]]:
    def run() -> list[float]:
        heard = []
        for round_, size in enumerate(sizes):
            rows = np.full((size, 2), 10.0 * number + round_)
            heard.append(float(function(rows, np.full(size, number)).sum()))
        return heard

    return run


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=6))
def test_each_task_hears_what_it_would_hear_alone(asked: list[list[int]]) -> None:
    function = _Counted()
    alike = shared(function)
    together = in_lockstep([_task(alike, number, sizes) for number, sizes in enumerate(asked)])
    assert together == [_task(_Counted(), number, sizes)() for number, sizes in enumerate(asked)]
    assert len(function.asked) == max(map(len, asked), default=0)
    assert sum(function.asked) == sum(map(sum, asked))


def test_what_no_task_calls_is_called_as_it_is() -> None:
    function = _Counted()
    assert _task(shared(function), 3, [2, 4])() == _task(_Counted(), 3, [2, 4])()
    assert function.asked == [2, 4]


def test_functions_are_told_apart() -> None:
    first, second = _Counted(), _Counted()
    one, other = shared(first), shared(second)
    found = in_lockstep([_task(asked, 1, [2]) for asked in (one, other, one)])
    assert (first.asked, second.asked) == ([4], [2])
    assert found[0] == found[1] == found[2]


def test_a_task_of_tasks_asks_with_the_others() -> None:
    function = _Counted()
    asked = shared(function)

    def several() -> list[float]:
        return [sum(heard) for heard in in_lockstep([_task(asked, number, [2, 3]) for number in (1, 2)])]

    found = in_lockstep([several, _task(asked, 3, [4, 2])])
    assert found == [[sum(_task(_Counted(), number, [2, 3])()) for number in (1, 2)], _task(_Counted(), 3, [4, 2])()]
    assert function.asked == [8, 8]


def test_what_tasks_share_of_what_they_share_is_one_question() -> None:
    function = _Counted()
    outer = shared(function)

    def several(number: int) -> Callable[[], list[list[float]]]:
        def run() -> list[list[float]]:
            inner = shared(lambda rows, index: outer(rows, index))
            return in_lockstep([_task(inner, 2 * number + part, [2, 3]) for part in range(2)])

        return run

    found = in_lockstep([several(number) for number in range(5)])
    assert [heard for some in found for heard in some] == [_task(_Counted(), number, [2, 3])() for number in range(10)]
    assert function.asked == [20, 30]


@pytest.mark.parametrize("culprit", ["task", "function"])
def test_an_error_ends_the_others_where_they_are(culprit: str) -> None:
    ended: list[int] = []

    def function(rows: np.ndarray) -> np.ndarray:
        if culprit == "function":
            raise ValueError("no")
        return rows

    asked = shared(function)

    def task(number: int) -> Callable[[], None]:
        def run() -> None:
            try:
                asked(np.zeros((2, 1)))
                if number == 1:
                    raise ValueError("no")
                asked(np.zeros((2, 1)))
            finally:
                ended.append(number)

        return run

    with pytest.raises(ValueError, match="no"):
        in_lockstep([task(number) for number in range(3)])
    assert sorted(ended) == [0, 1, 2]


def test_a_task_sees_the_context_and_leaves_it_alone() -> None:
    place: contextvars.ContextVar[str] = contextvars.ContextVar("place", default="nowhere")
    place.set("outside")
    negative = shared(np.negative)

    def task() -> str:
        before = place.get()
        place.set("inside")
        with np.errstate(divide="ignore"):
            negative(np.zeros((2, 1)))
            np.ones(1) / np.zeros(1)
        return before

    assert in_lockstep([task, task]) == ["outside", "outside"]
    assert place.get() == "outside"
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        in_lockstep([lambda: np.ones(1) / np.zeros(1)])
