"""Functions that live in another process, as the rest of jacfuzz sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.evaluation.sizes import Sample
from jacfuzz.evaluation.worker import Problem
from jacfuzz.target import Target

if TYPE_CHECKING:
    from jacfuzz.evaluation.evaluation import Evaluation


_REMEMBERED = 256


class DiedError(Exception):
    """f ended the process that hosts it, or had to be ended; ``row`` is the number of the point at which it did."""

    def __init__(self, problem: Problem, row: int) -> None:
        super().__init__(problem.text)
        self.problem = problem
        self.row = row


class Host(Protocol):
    """The process, or processes, of one pair; started when first asked, and again after they ended."""

    def begin(self, batches: Sequence[tuple[np.ndarray, ...]], later: Sequence[tuple[np.ndarray, ...]] = ()) -> None:
        """Start the processes, and have them make themselves ready for batches like these; nothing is waited for.

        For those that come ``later`` they do so whenever they have answered.
        """

    def expect(self, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...] = ()) -> None:
        """Hear what will be evaluated after the next batch, so that the processes need not wait."""

    def evaluate(self, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...] = ()) -> Evaluation:
        """Evaluate f and jac at K points; f alone will be asked for at others ``beside`` them, if any are given."""

    def primals(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Return f at K points as rows (K, m); NaN where f raises or gives another shape.

        Raises
        ------
        DiedError
            If f ends the process.
        """

    def derivatives(
        self, values: tuple[np.ndarray, ...], cells: int, *, compiled: bool
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return f (K, m) and its Jacobian (K, m, N) as ``ForwardMode`` gives them; None where it cannot."""

    def truth(
        self, point: tuple[np.ndarray, ...], columns: tuple[int, ...]
    ) -> tuple[np.ndarray, np.ndarray, bool] | None:
        """Return f (m,) and columns of its Jacobian (m, C) in exact arithmetic, and whether f met a tie; or None."""

    def formula(self, point: tuple[np.ndarray, ...], cells: int, level: float) -> np.ndarray | None:
        """Return what jac answers (m, N) when it need not round, as ``Exact.candidate`` does; None where it cannot."""

    def boundaries(self, shapes: tuple[tuple[int, ...], ...], seed: int, calls: int, points: int) -> Boundaries | None:
        """Return points where the code of f or jac branches, for arguments of these shapes; None where it cannot."""

    def other_sizes(self) -> tuple[Sample, ...]:
        """Return how the pair fares at other sizes than those its block states; nothing where that is not known."""

    def take_notes(self) -> list[tuple[str, str]]:
        """Return what is worth saying of the processes since it was last asked, as (kind, text)."""

    @property
    def used(self) -> bool:
        """Whether one of the processes has served another pair before, whose code may have changed it."""

    def renew(self) -> None:
        """End the processes, with all they started; what serves the pair from now on serves no other."""

    def close(self) -> None:
        """Give the processes up; the pair gets others when asked."""


@dataclass(frozen=True)
class Hosted:
    """f or jac of a hosted pair: called at a point, it asks its host, unless it was called there before."""

    host: Host
    name: str
    _answers: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function gives at one point.

        Raises
        ------
        RuntimeError
            If it gives no array, or ends its process.
        """
        (answer,) = self.answers(tuple(np.asarray(argument)[None] for argument in arguments))
        if isinstance(answer, Problem):
            raise RuntimeError(answer.text)
        return answer

    def answers(self, values: tuple[np.ndarray, ...]) -> list[Any]:
        """Return what the function gives at K points: a problem where it gives no array or ends its process."""
        points = [
            tuple((part.shape, part.dtype.str, part.tobytes()) for part in point) for point in zip(*values, strict=True)
        ]
        unknown = [number for number, point in enumerate(points) if point not in self._answers]
        if unknown:
            found = self._asked(tuple(value[unknown] for value in values))
            self._answers.update((points[number], answer) for number, answer in zip(unknown, found, strict=True))
        answers = [self._answers[point] for point in points]
        if len(self._answers) > _REMEMBERED:
            self._answers.clear()
        return answers

    def _asked(self, values: tuple[np.ndarray, ...]) -> list[Any]:
        found = self.host.evaluate(values)
        results: Any = found.primals if self.name == "f" else found.jacobians
        answers = [found.died.get(number, result) for number, result in enumerate(results)]
        return [answer[0] if isinstance(answer, tuple) and len(answer) == 1 else answer for answer in answers]


def host_of(target: Target) -> Host | None:
    """Return the host of a target; None where its functions are called in this process."""
    f, jac = target.f, target.jac
    return f.host if isinstance(f, Hosted) and isinstance(jac, Hosted) and f.host is jac.host else None
