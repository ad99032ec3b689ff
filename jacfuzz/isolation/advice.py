"""What the process that differentiates f says of a target: it advises, and differences of f's raw values decide."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from jacfuzz.cleaning import one_line
from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.sizes import Sample
from jacfuzz.evaluation.worker import Item, Tag
from jacfuzz.isolation.crew import Crew
from jacfuzz.isolation.description import cleaned
from jacfuzz.isolation.limits import Limits

_NO_AD = "judged without forward-mode AD"


class Advice:
    """AD, exact arithmetic and boundaries of one target's f, and of jac.

    Parameters
    ----------
    crew
        The processes of the target.
    limits
        Of every process.
    absent
        Modules that its code needs and this environment lacks, so that no advice can be given.

    Attributes
    ----------
    given
        Whether there is any.
    notes
        What is worth saying of it, as (kind, text).
    """

    def __init__(self, crew: Crew, limits: Limits, absent: tuple[str, ...]) -> None:
        self._crew = crew
        self._limits = limits
        self._exactly_spent = 0.0  # seconds
        self.given = not absent
        lacking = f"{_NO_AD}: {', '.join(map(one_line, absent[:3]))} is not installed beside jacfuzz"
        self.notes: list[tuple[str, str]] = [("ad", lacking)] if absent else []

    def derivatives(
        self, values: tuple[np.ndarray, ...], cells: int, compiled: bool, early: list[Item]
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return f (K, m) and its Jacobian (K, m, N) by forward-mode AD; None where it cannot.

        Where it was asked ahead, the answer is the items that came ``early``.
        """
        if not self.given:
            return None
        try:
            asked = json.dumps([cells, compiled])
            found = early or list(self._ask(Tag.DERIVATIVES, asked, values, self._limits.first))
        except DiedError as error:
            self._crew.drop("advise")
            self.given = False
            self.notes.append(("ad", f"{_NO_AD}: differentiating f {error.problem.text}"))
            return None
        arrays = [item.array for item in found if item.array is not None and item.array.dtype.kind == "f"]
        if [item.tag for item in found] != [Tag.PRIMAL, Tag.JACOBIAN] or len(arrays) != 2:
            return None
        primals, jacobians = (array.astype(float) for array in arrays)
        fits = primals.shape == (len(values[0]), cells) and jacobians.shape[:-1] == primals.shape
        return (primals, jacobians) if fits else None

    def truth(
        self, point: tuple[np.ndarray, ...], columns: tuple[int, ...]
    ) -> tuple[np.ndarray, np.ndarray, bool] | None:
        """Return f and columns of its Jacobian in exact arithmetic, and whether f met a tie; None where it cannot."""
        found = self._exactly(Tag.TRUTH, list(columns), point)
        if found is None or [array.ndim for array in found] != [1, 2, 0]:
            return None
        primal, matrix, tied = found
        fits = matrix.shape == (len(primal), len(columns)) and tied.dtype.kind == "b"
        fits &= bool(np.isfinite(primal).all() and np.isfinite(matrix).all())
        return (primal.astype(float), matrix.astype(float), bool(tied)) if fits else None

    def formula(self, point: tuple[np.ndarray, ...], cells: int, level: float) -> np.ndarray | None:
        """Return what jac answers when it need not round; None where it cannot be run so."""
        found = self._exactly(Tag.FORMULA, [cells, level], point)
        if found is None or len(found) != 1 or found[0].ndim != 2 or len(found[0]) != cells:
            return None
        return found[0].astype(float)

    def _exactly(self, tag: int, asked: list[Any], point: tuple[np.ndarray, ...]) -> list[np.ndarray] | None:
        """Ask for exact arithmetic at a point, as long as that takes little time in all and ends no process."""
        if not self.given or self._exactly_spent > self._limits.call:
            return None
        start = time.monotonic()
        try:
            found = list(self._ask(tag, json.dumps(asked), tuple(np.asarray(part)[None] for part in point)))
        except DiedError:
            self._crew.drop("advise")
            self._exactly_spent = math.inf
            return None
        self._exactly_spent += time.monotonic() - start
        arrays = [item.array for item in found if item.array is not None and item.array.dtype.kind in "fb"]
        return arrays if arrays and len(arrays) == len(found) else None

    def boundaries(self, shapes: tuple[tuple[int, ...], ...], seed: int, calls: int, points: int) -> Boundaries | None:
        """Return points where the code of f or jac branches; None where the process that looks for them ends."""
        if not self.given:
            return None
        asked = json.dumps({"shapes": shapes, "seed": seed, "calls": calls, "points": points})
        start = time.monotonic()
        try:
            found = list(self._ask(Tag.BOUNDARIES, asked, (), self._limits.first))
            *values, told = (item.array for item in found if item.array is not None)
            content = json.loads(told.tobytes())
            labels, missed, unseen = (tuple(map(cleaned, content[key])) for key in ("labels", "missed", "unseen"))
            return Boundaries(tuple(values), labels, missed, unseen, int(content["calls"]), content["alone"] is True)
        except DiedError as error:
            self._crew.blame("advise", error, time.monotonic() - start)
            return None
        except (ValueError, LookupError, TypeError, RecursionError):
            return None

    def other_sizes(self) -> tuple[Sample, ...]:
        """Return how the pair fares at other sizes than those its block states; nothing where that is not known."""
        if not self.given:
            return ()
        try:
            (found,) = (item.array for item in self._ask(Tag.SIZES, "", (), self._limits.first))
            samples = [] if found is None else json.loads(found.tobytes())
            return tuple(
                Sample({cleaned(name): int(size) for name, size in sizes.items()}, right is True)
                for sizes, right in samples
            )
        except DiedError:
            self._crew.drop("advise")
            return ()
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return ()

    def _ask(self, tag: int, text: str, values: tuple[np.ndarray, ...], seconds: float = 0.0) -> Iterator[Item]:
        return self._crew.ready("advise").ask(tag, text, values, seconds)
