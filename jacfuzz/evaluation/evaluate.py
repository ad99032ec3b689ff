"""f and jac at a batch of points, in this process or in the one that hosts them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from jacfuzz.evaluation.hosted import host_of
from jacfuzz.evaluation.worker import TWICE, Answer, Pair, evaluate_point
from jacfuzz.evaluation.worker import Problem as Problem
from jacfuzz.evaluation.worker import quiet as quiet
from jacfuzz.signature import ArrayType
from jacfuzz.target import Target


@dataclass(frozen=True)
class Evaluation:
    """What f and jac gave at the K points of a batch.

    Attributes
    ----------
    primals
        f's result per point, or why there is none.
    jacobians
        One array per differentiable argument and point, or why there are none.
    mutated
        Per point the name of the argument that f or jac wrote to, and which of the two did; "" for none.
    unstable
        Points at which a second call gave another answer, with the name of the function.
    died
        Points at which f or jac ended the process that hosts them, and how.
    """

    primals: list[np.ndarray | Problem]
    jacobians: list[tuple[np.ndarray, ...] | Problem]
    mutated: list[str]
    unstable: dict[int, str]
    died: dict[int, Problem] = field(default_factory=dict)

    @classmethod
    def of(cls, answers: Iterable[Answer], died: dict[int, Problem]) -> Evaluation:
        """Put the answers of a batch's points side by side."""
        points = list(answers)
        unstable = {number: point.unstable for number, point in enumerate(points) if point.unstable}
        return cls(
            [point.primal for point in points],
            [point.jacobians for point in points],
            [point.mutated for point in points],
            unstable,
            died,
        )


def array_types(target: Target) -> tuple[ArrayType, ...]:
    """Kind of array per argument: Python numbers where annotated so, else the target's."""
    return tuple(
        "scalar" if argument.specs[0].array_type == "scalar" else target.array_type
        for argument in target.signature.arguments
    )


def pair_of(target: Target, caught: tuple[type[BaseException], ...] = (Exception, SystemExit)) -> Pair:
    """Return the functions of a target as they are called; ``caught`` is what a call may raise."""
    names = tuple(argument.name for argument in target.signature.arguments)
    differentiable = target.signature.differentiable
    return Pair(target.f, target.jac, names, array_types(target), differentiable, target.place.file, caught)


def evaluate(target: Target, values: tuple[np.ndarray, ...]) -> Evaluation:
    """Evaluate f and jac at K points, one by one; ``values`` holds an array (K, *shape) per argument."""
    host = host_of(target)
    if host is not None:
        return host.evaluate(values)
    pair = pair_of(target)
    with quiet():
        points = [
            evaluate_point(pair, tuple(value[index] for value in values), index < TWICE)
            for index in range(len(values[0]))
        ]
    return Evaluation.of(points, {})
