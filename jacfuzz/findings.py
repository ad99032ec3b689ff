"""From a failing point to a finding: shrunk, explained, reproducible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.diagnosis.explain import Explanation, explain
from jacfuzz.diagnosis.reproduce import reproduction
from jacfuzz.judge import Failure, Judge
from jacfuzz.result import Finding
from jacfuzz.shrink import shrink
from jacfuzz.strategies.batches import Batch
from jacfuzz.strategies.layouts import Layout
from jacfuzz.target import Point, Target

MOST_CELLS = 40
"""How many wrong cells a finding lists."""


@dataclass(frozen=True)
class Suspect:
    """The smallest failing point of one kind so far, what failed there, and how many points failed so."""

    batch: Batch
    failure: Failure
    points: int = 1

    def or_smaller(self, batch: Batch, failure: Failure) -> Suspect:
        """Return this suspect or a smaller one, counted one up; empty arrays count as the largest."""
        if _size(batch.layout) < _size(self.batch.layout):
            return Suspect(batch, failure, self.points + 1)
        return Suspect(self.batch, self.failure, self.points + 1)


def _size(layout: Layout) -> float:
    return layout.size or float("inf")


def finding_of(target: Target, suspect: Suspect, menu: tuple[Layout, ...], judge: Judge, shrinking: bool) -> Finding:
    """Shrink a suspect and say what is wrong there.

    Parameters
    ----------
    target
        The pair.
    suspect
        The failing point.
    menu
        Layouts to shrink to.
    judge
        The target's judge.
    shrinking
        Whether to look for a smaller point.
    """
    kind = suspect.failure.kind

    def failure_at(batch: Batch) -> Failure | None:
        failures = judge.batch(batch.values)[0].failures
        return next((failure for failure in failures if failure.kind == kind), None)

    # A failure that shows only now and then cannot be shrunk; its first point stands for it.
    repeats = kind != "nondeterministic" and shrinking and failure_at(suspect.batch) is not None
    smallest = (
        shrink(target, suspect.batch, menu, lambda batch: failure_at(batch) is not None) if repeats else suspect.batch
    )
    failure = failure_at(smallest) or suspect.failure
    arguments = target.signature.arguments
    point = smallest.point(arguments, 0)

    explanation = explain(target, failure, menu, judge)
    return Finding(
        kind=kind,
        message=" ".join(part for part in _sentences(failure, point, explanation) if part),
        argument=failure.argument,
        cells=[list(cell) for cell in failure.cells[:MOST_CELLS]],
        candidate=_plain(failure.candidate),
        reference=_plain(failure.reference),
        bound=failure.bound,
        point={name: _plain(value) for name, value in point.items()},
        dims={name: list(size) if isinstance(size, tuple) else size for name, size in smallest.layout.dims.items()},
        condition=explanation.condition,
        diagnosis=explanation.diagnosis,
        reproduce=reproduction(target, point),
        stratum=suspect.batch.stratum,
        points=suspect.points,
    )


def _plain(value: np.ndarray | None) -> Any:
    return None if value is None else np.asarray(value).tolist()


def _sentences(failure: Failure, point: Point, explanation: Explanation) -> tuple[str, str, str]:
    """Return what failed, when and why."""
    when = explanation.condition
    return _sentence(failure, point), f"{when[0].upper()}{when[1:]}." if when else "", explanation.diagnosis


def _sentence(failure: Failure, point: Point) -> str:
    """State the failure with its first wrong cell and the point."""
    where = ", ".join(f"{name} = {_short(value)}" for name, value in point.items())
    cell = ""
    if failure.cells and failure.candidate is not None:
        index = failure.cells[0]
        name = "J" if len(point) == 1 else f"J_{failure.argument}"
        got = f"{failure.candidate[index]:.6g}"
        cell = f": {name}[{', '.join(map(str, index))}] is {got}"
        if failure.reference is not None and np.isfinite(failure.reference[index]):
            expected = f"{failure.reference[index]:.6g}"
            if expected == got:  # they differ in later digits only
                cell = cell.replace(got, f"{failure.candidate[index]:.17g}")
                expected = f"{failure.reference[index]:.17g}"
            cell += f", expected {expected}"
    # A sentence that opens with the name f or jac keeps it as it is written in code.
    text = failure.text if failure.text.startswith(("f ", "jac ")) else failure.text[0].upper() + failure.text[1:]
    return f"{text}{cell}, at {where}."


def _short(value: np.ndarray) -> str:
    if value.size > 12:
        return f"{np.array2string(value.reshape(-1)[:6], separator=', ')[:-1]}, ...] of shape {value.shape}"
    return np.array2string(value, separator=", ").replace("\n", "")
