"""Several tasks under way at once, each as far as its next question; what they ask is one question to a function.

They are coroutines that nobody need write as such: a function that many tasks share is called where it is needed, and
the call returns when all tasks that are still under way have come to one (greenlets, in one thread).
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from greenlet import getcurrent, greenlet

_Result = TypeVar("_Result")


class _Task(greenlet):
    """A task under way."""


class _Question(NamedTuple):
    """A call that waits for those of other tasks."""

    function: Callable[..., np.ndarray]
    arrays: tuple[np.ndarray, ...]


def shared(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Return a function that is called once for all tasks that wait for it.

    Parameters
    ----------
    function
        Of arrays with a leading axis of one length B; it returns an array (B, ...). It is called where it was shared:
        tasks of tasks put what they ask to theirs. Called there, or by no task, it is called as it is.
    """
    home = getcurrent()

    def asked(*arrays: np.ndarray) -> np.ndarray:
        task = getcurrent()
        if task is home or not isinstance(task, _Task) or task.parent is None:
            return function(*arrays)
        answer: np.ndarray = task.parent.switch(_Question(asked, arrays))
        return answer

    return asked


def in_lockstep(tasks: Sequence[Callable[[], _Result]]) -> list[_Result]:
    """Return what tasks return; they begin in their order.

    What one of them raises is raised here, and so is what a function raises that several have called; the others end
    where they are.
    """
    runs = [_Task(task) for task in tasks]
    try:
        said: list[Any] = [_begun(run) for run in runs]
        while waiting := [number for number, run in enumerate(runs) if not run.dead]:
            for number, answer in _answered({number: said[number] for number in waiting}):
                said[number] = runs[number].switch(answer)
        return said
    finally:
        for run in runs:
            if run:  # under way
                run.throw()


def _begun(run: _Task) -> Any:
    """Begin a task, which sees the context variables of its parent."""
    run.gr_context = contextvars.copy_context()
    return run.switch()


def _answered(questions: dict[int, _Question]) -> Iterator[tuple[int, np.ndarray]]:
    """Answer the questions of tasks, by number: those to one function at once."""
    alike: dict[Callable[..., np.ndarray], list[int]] = {}
    for number, question in questions.items():
        alike.setdefault(question.function, []).append(number)
    answers: dict[int, np.ndarray] = {}
    for function, numbers in alike.items():
        asked = [questions[number].arrays for number in numbers]
        ends = np.cumsum([len(arrays[0]) for arrays in asked])[:-1]
        together = function(*map(np.concatenate, zip(*asked, strict=True)))
        answers |= zip(numbers, np.split(together, ends), strict=True)
    yield from sorted(answers.items())
