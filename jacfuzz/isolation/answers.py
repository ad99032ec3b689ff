"""What a process answers, put together from the items that it sends; what does not fit is refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jacfuzz.evaluation.evaluate import Evaluation
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import Answer, Item, Problem, Tag


def fill(evaluation: Evaluation, items: Iterator[Item], owed: int) -> Iterator[None]:
    """Put items together and append them to an evaluation; yields whenever points are added.

    Parameters
    ----------
    evaluation
        Of a batch, as far as it is known.
    items
        What was sent.
    owed
        Jacobians at every point.

    Raises
    ------
    DiedError
        If they are out of order, or other than so many Jacobians.
    """
    primal: np.ndarray | Problem | None = None
    jacobians: list[np.ndarray] = []
    problem: Problem | None = None
    mutated = unstable = ""
    together = False
    for item in items:
        match item:
            case Item(tag=Tag.TOGETHER) if primal is None:
                together = True
            case Item(tag=Tag.MUTATED, text=text):
                mutated = text
            case Item(tag=Tag.UNSTABLE, text=text):
                unstable = text
            case Item(tag=Tag.PRIMAL, array=np.ndarray() as array):
                primal = array
            case Item(tag=Tag.JACOBIAN, array=np.ndarray() as array):
                jacobians.append(array)
            case Item(tag=Tag.PRIMAL_RAISES | Tag.PRIMAL_PROTOCOL, text=text):
                primal = Problem("raises" if item.tag == Tag.PRIMAL_RAISES else "protocol", text)
            case Item(tag=Tag.JAC_RAISES | Tag.JAC_PROTOCOL, text=text):
                problem = Problem("raises" if item.tag == Tag.JAC_RAISES else "protocol", text)
            case Item(tag=Tag.POINT_END) if together and isinstance(primal, np.ndarray) and len(jacobians) == owed:
                lengths = {column.shape[:1] for column in (primal, *jacobians)}
                if len(lengths) > 1 or () in lengths:
                    raise _interfered()
                evaluation.extend([primal, *jacobians])
                yield
                primal, jacobians, together = None, [], False
            case Item(tag=Tag.POINT_END) if not together and primal is not None and (problem or len(jacobians) == owed):
                evaluation.add(Answer(primal, problem or tuple(jacobians), mutated, unstable))
                yield
                primal, jacobians, problem, mutated, unstable = None, [], None, "", ""
            case _:
                raise _interfered()


def rows_of(item: Item, size: int, most: int) -> np.ndarray:
    """Return f at K points, at most so many, as rows (K, m) of so many numbers.

    Raises
    ------
    DiedError
        If the item is something else.
    """
    array = item.array
    if item.tag != Tag.ARRAY or array is None or array.ndim != 2 or array.shape[1] != size or len(array) > most:
        raise _interfered()
    return array.astype(float)


def _interfered() -> DiedError:
    return DiedError(Problem("protocol", "interfered with the process that evaluates it"), 0)
