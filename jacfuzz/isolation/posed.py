"""A question about a batch that was put before its answer is needed: the process works while others do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jacfuzz.evaluation.frame import are_same
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import Item
from jacfuzz.isolation.conversation import Question, Worker


@dataclass(frozen=True)
class Posed:
    """A question, whom it was put to, the points it is about, and those ``beside`` them where f is asked for, too."""

    worker: Worker
    question: Question
    values: tuple[np.ndarray, ...]
    beside: tuple[np.ndarray, ...] = ()

    def is_about(self, values: tuple[np.ndarray, ...]) -> bool:
        """Whether it is about these points."""
        return are_same(self.values, values)

    def items(self) -> Iterator[Item]:
        """Yield the items of the answer, as far as they came if the process ended.

        Raises
        ------
        DiedError
            If it ends now.
        """
        return self.worker.collect(self.question)

    def drop(self) -> None:
        """Wait for the answer, and forget it."""
        with contextlib.suppress(DiedError):  # told when it is asked again
            for _ in self.items():
                pass
