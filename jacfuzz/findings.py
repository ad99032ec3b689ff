"""From a failing point to a finding: shrunk, explained, reproducible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.axes import axis_names
from jacfuzz.diagnosis.explain import Explanation, explain
from jacfuzz.diagnosis.reproduce import reproduction
from jacfuzz.judge import Judge
from jacfuzz.quotients import quotients
from jacfuzz.result import Finding
from jacfuzz.shrink import shrink
from jacfuzz.strategies.batches import Batch
from jacfuzz.strategies.layouts import Layout
from jacfuzz.target import Point, Target
from jacfuzz.verdict import Failure

MOST_CELLS = 40
"""How many wrong cells a finding lists."""
MOST_OTHERS = 4
MOST_OTHER_CELLS = 64
"""How many further failing points a finding keeps, and how large a Jacobian there may be."""


Seen: TypeAlias = tuple[Batch, Failure]
"""A batch of one failing point, and what failed there."""


@dataclass(frozen=True)
class Suspect:
    """The smallest failing point of one kind so far, what failed there, and how many points failed so.

    ``others`` holds failing points to show beside it, of different strata and larger where they can be.
    """

    batch: Batch
    failure: Failure
    points: int = 1
    others: tuple[Seen, ...] = ()

    def or_smaller(self, batch: Batch, failure: Failure) -> Suspect:
        """Return this suspect or a smaller one, counted one up; empty arrays count as the largest."""
        counted = replace(self, points=self.points + 1, others=_with(self.others, batch, failure))
        if _size(batch.layout) < _size(self.batch.layout):
            return replace(counted, batch=batch, failure=failure)
        return counted


def _size(layout: Layout) -> float:
    return layout.size or float("inf")


def _with(others: tuple[Seen, ...], batch: Batch, failure: Failure) -> tuple[Seen, ...]:
    """Take in a point that is the first or the largest of its stratum, and not too large to be shown."""
    if failure.candidate is None or not 0 < failure.candidate.size <= MOST_OTHER_CELLS:
        return others
    known = {seen.stratum: (seen, shown) for seen, shown in others}
    rival = known.get(batch.stratum)
    if (rival is None and len(known) < MOST_OTHERS) or (rival and rival[0].layout.size < batch.layout.size):
        known[batch.stratum] = (batch, failure)
    return tuple(known.values())


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

    judge.patience.begin()
    # A failure that shows only now and then cannot be shrunk; its first point stands for it.
    repeats = kind != "nondeterministic" and shrinking and failure_at(suspect.batch) is not None
    smallest = (
        shrink(target, suspect.batch, menu, lambda batch: not judge.patience.over() and failure_at(batch) is not None)
        if repeats
        else suspect.batch
    )
    failure = failure_at(smallest) or suspect.failure
    arguments = target.signature.arguments
    point = smallest.point(arguments, 0)

    judge.patience.begin()
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
        axes=_axes(target, failure, point),
        others=[_other(target, batch, shown) for batch, shown in suspect.others if shown.argument == failure.argument],
        quotients=quotients(target, failure, smallest),
    )


def _axes(target: Target, failure: Failure, point: Point) -> list[str]:
    if failure.candidate is None or failure.argument not in point:
        return []
    inputs = np.ndim(point[failure.argument])
    return axis_names(target.signature, failure.argument, max(failure.candidate.ndim - inputs, 0), inputs)


def _other(target: Target, batch: Batch, failure: Failure) -> dict[str, Any]:
    """Return what is different of a finding at another failing point."""
    return {
        "point": {name: _plain(value) for name, value in batch.point(target.signature.arguments, 0).items()},
        "cells": [list(cell) for cell in failure.cells[:MOST_CELLS]],
        "candidate": _plain(failure.candidate),
        "reference": _plain(failure.reference),
        "stratum": batch.stratum,
    }


def _plain(value: np.ndarray | None) -> Any:
    """Plain JSON data; complex numbers have no place there."""
    return None if value is None or np.iscomplexobj(value) else np.asarray(value).tolist()


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
            reference = failure.reference[index] + 0.0  # -0.0 is 0 to a reader
            expected = f"{reference:.6g}"
            if expected == got:  # they differ in later digits only
                cell = cell.replace(got, f"{failure.candidate[index]:.17g}")
                expected = f"{reference:.17g}"
            cell += f", expected {expected}"
    # A sentence that opens with the name f or jac keeps it as it is written in code.
    text = failure.text if failure.text.startswith(("f ", "jac ")) else failure.text[0].upper() + failure.text[1:]
    return f"{text}{cell}, at {where}."


def _short(value: np.ndarray) -> str:
    if value.size > 12:
        return f"{np.array2string(value.reshape(-1)[:6], separator=', ')[:-1]}, ...] of shape {value.shape}"
    return np.array2string(value, separator=", ").replace("\n", "")
