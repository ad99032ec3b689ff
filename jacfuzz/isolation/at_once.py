"""jax code at all points of a batch at once, in the process that evaluates it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from jacfuzz.evaluation.evaluate import together
from jacfuzz.evaluation.worker import Handler, Item, Pair, Tag, items_of, items_together, most_of
from jacfuzz.target import Target


def evaluating_at_once(target: Target, pair: Pair, one_by_one: Handler) -> Handler:
    """Return what evaluates a jax target: compiled for batches, where that gives what f and jac give alone.

    Parameters
    ----------
    target, pair
        The functions, and how they are called.
    one_by_one
        Evaluates them otherwise: where the parent wants to know the point that ends this process, too.
    """

    def evaluate(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        if json.loads(text) == 1 or len(values[0]) == 1:
            yield from one_by_one(text, values)
            return
        first, columns = together(target, pair, tuple(values))
        yield from map(items_of, first)
        if columns is None:
            yield from one_by_one(text, [value[len(first) :] for value in values])
            return
        most = most_of([Item(Tag.JACOBIAN, array=column[:1]) for column in columns])
        for start in range(0, len(columns[0]), most):
            yield items_together([column[start : start + most] for column in columns])

    return evaluate
