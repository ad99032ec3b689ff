"""The points that a screen did not pass: put to the arbiter one by one, and what they ask is asked at once."""

from __future__ import annotations

import functools
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jacfuzz.evaluation.evaluate import Problem, evaluate, evaluate_traced
from jacfuzz.evaluation.frame import Frame
from jacfuzz.oracles.arbiter import arbitrate
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.oracles.coarse import arbitrate_coarsely
from jacfuzz.oracles.exact import Exact, Truth
from jacfuzz.oracles.lockstep import in_lockstep, shared
from jacfuzz.oracles.patterns import KnownKinks
from jacfuzz.oracles.precision import DOUBLE, Precision, precision_of, stated
from jacfuzz.oracles.rows import RowFunction
from jacfuzz.oracles.ruling import AT_KINK, FAILURES, Case, Ruling, close
from jacfuzz.patience import Patience
from jacfuzz.screens import Group, Seconded, random_of
from jacfuzz.target import Target

_MOST, _GROWTH = 32, 4  # points at once, and by how much these become more
_SOON = 0.25  # seconds that they take when they do: nobody waits for a first failure among many slow ones
_MOST_CELLS = 1 << 14  # of their Jacobians, each of which is asked for at some hundred places


@dataclass(frozen=True)
class _AtPoint:
    """Exact arithmetic at rows near one point of a batch, as the arbiter asks for it."""

    arithmetic: Exact
    frame: Frame
    values: tuple[np.ndarray, ...]
    index: int
    cells: int

    @property
    def foreign(self) -> bool:
        """Whether it is done where the code under test lives."""
        return self.arithmetic.foreign

    def derivative(self, row: np.ndarray, columns: Sequence[int]) -> Truth | None:
        """Return f and some columns of its Jacobian."""
        batch = self.frame.values(row[None], self.values, np.array([self.index]))
        found = self.arithmetic.derivative(self.frame, tuple(value[0] for value in batch), columns)
        return found if found is not None and found.primal.shape == (self.cells,) else None

    def candidate(self, level: float = 0.0) -> np.ndarray | None:
        """Return what jac answers when it need not round, (m, N); numbers within a level are equal."""
        values = tuple(value[self.index] for value in self.values)
        return self.arithmetic.candidate(self.frame, values, self.cells, level)


class Suspects:
    """Judge of suspicious points of one target; keeps what was ruled of kinks between batches.

    Parameters
    ----------
    target
        The pair.
    forward
        Forward-mode AD of f.
    seed
        Makes the random numbers of a point, together with the point alone.
    patience
        How long to go on after the first failure; it begins with that.
    """

    def __init__(self, target: Target, forward: ForwardMode, seed: int, patience: Patience) -> None:
        self._target = target
        self._forward, self._uncompiled = forward, ForwardMode(target, compiled=False)
        self._seed = seed
        self._patience = patience
        self._exact = Exact(target)
        self._kinks: defaultdict[tuple[Frame, tuple[int, ...]], dict[bytes, Ruling]] = defaultdict(dict)
        self._at_once = 1  # points

    def settle(
        self,
        group: Group,
        shape: tuple[int, ...],
        function: RowFunction,
        ad: Seconded,
        numbers: np.ndarray,
        rng: np.random.Generator,
    ) -> dict[int, Ruling]:
        """Return rulings by number in the batch.

        Of points that soon pass more and more are judged at once, from batch to batch; after a failure one alone, for
        there may be no time left.

        Parameters
        ----------
        group, shape
            The points, and the shape of f's result.
        function
            f at rows.
        ad
            What AD says of the points.
        numbers
            Which of them are suspicious; their candidates are made exact where several points were run at once.
        rng
            Draws where the precision of f is looked at.
        """
        kinks = KnownKinks(self._kinks[group.frame, shape], group.rows, group.candidates, ad.jacobians, ad.believed)
        batch = _Batch(self._target, group, math.prod(shape), (self._forward, self._uncompiled))
        asked = _together(function)
        precision = stated(self._target.noise) if self._target.noise else None
        rulings: dict[int, Ruling] = {}
        left = numbers.tolist()
        while left:
            if rulings and self._patience.over():
                rulings |= {number: _unsure(group.candidates[number]) for number in left}
                break
            known, chosen, left = kinks.next(left, min(self._at_once, _most(group.candidates)))
            rulings |= known
            if not chosen:
                continue
            if precision is None:
                precision = precision_of(function, group.rows[chosen[0]], int(group.members[chosen[0]]), rng)
            start = time.monotonic()
            cases = [self._case(batch, asked, ad, number) for number in chosen]
            found = in_lockstep([functools.partial(self._ruling, batch, case, precision) for case in cases])
            for number, ruling in zip(chosen, found, strict=True):
                rulings[number] = ruling
                kinks.add(number, ruling)
            if any(ruling.status in FAILURES for ruling in found):
                self._patience.failed()
                self._at_once = 1
            elif time.monotonic() - start < _SOON:
                self._at_once = min(_GROWTH * self._at_once, _MOST)
        return {int(group.members[number]): ruling for number, ruling in rulings.items()}

    def _case(self, batch: _Batch, function: RowFunction, ad: Seconded, number: int) -> Case:
        """Return a point as the arbiter takes it."""
        group = batch.group
        row, index = group.rows[number], int(group.members[number])
        answers = functools.partial(batch.answers, index)
        if self._target.array_type == "jax":  # what counts is what jac gives when it is called alone
            group.candidates[number] = answers(row[None])[0]
        nearby, reference = functools.partial(batch.jacobians, self._forward, index), None
        if ad.believed[number]:
            reference = nearby(row[None])[0] if ad.jacobians is None else ad.jacobians[number]
        return Case(
            function,
            None if reference is None else nearby,
            row,
            index,
            group.candidates[number],
            answers,
            reference,
            self._target.kinks,
            _AtPoint(self._exact, group.frame, group.values, index, batch.cells),
        )

    def _ruling(self, batch: _Batch, case: Case, precision: Precision) -> Ruling:
        ruling = self._arbitrated(case, precision)
        if case.ad is not None and ruling.status in (*AT_KINK, "unsure"):
            uncompiled = functools.partial(batch.jacobians, self._uncompiled, case.index)
            ad_again = uncompiled(case.row[None])[0]
            if not (close(ad_again, case.ad) | np.isnan(ad_again)).all():  # see ``ForwardMode``
                return self._arbitrated(replace(case, jacobians_at=uncompiled, ad=ad_again), precision)
        return ruling

    def _arbitrated(self, case: Case, precision: Precision) -> Ruling:
        chance = random_of(self._seed, case.row)
        return arbitrate(case, chance) if precision is DOUBLE else arbitrate_coarsely(case, precision, chance)


class _Batch:
    """Derivatives next to the points of a batch, (B, m, N) at rows (B, N); NaN where there are none.

    Parameters
    ----------
    target, group
        The pair, and the points.
    cells
        Number m of cells of f's result.
    ways
        Forward-mode AD that may be asked for.
    """

    def __init__(self, target: Target, group: Group, cells: int, ways: Sequence[ForwardMode]) -> None:
        self._target = target
        self.group = group
        self.cells = cells
        self._answers = _together(self._answers_at)
        self._jacobians = {way: _together(functools.partial(self._jacobians_at, way)) for way in ways}

    def answers(self, index: int, rows: np.ndarray) -> np.ndarray:
        """Return what jac answers at rows near point ``index`` of the batch."""
        return self._answers(rows, np.full(len(rows), index))

    def jacobians(
        self, forward: ForwardMode, index: int, rows: np.ndarray, columns: np.ndarray | None = None
    ) -> np.ndarray:
        """Return forward-mode AD at rows near point ``index``, or some columns of it."""
        where = np.full(len(rows), index)
        if columns is None:
            return self._jacobians[forward](rows, where)
        frame, values = self.group.frame, self.group.values
        directions = np.broadcast_to(np.eye(rows.shape[1])[columns], (len(rows), len(columns), rows.shape[1]))
        along = forward.along(frame, rows, values, where, directions)
        if along is not None:
            return along.jacobians
        # One by one, since whole Jacobians are large where only some columns are asked for.
        whole = (self._jacobians_at(forward, row[None], where[:1]) for row in rows)
        return np.concatenate([jacobian[:, :, columns] for jacobian in whole])

    def _answers_at(self, rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        own = evaluate if len(rows) == 1 else evaluate_traced
        found = own(self._target, self.group.frame.values(rows, self.group.values, index)).jacobians
        result = np.full((len(rows), self.cells, rows.shape[1]), np.nan)
        for number, jacobians in enumerate(found):
            if not isinstance(jacobians, Problem) and sum(j.size for j in jacobians) == result[number].size:
                result[number] = matrix(jacobians, self.cells)
        return result

    def _jacobians_at(self, forward: ForwardMode, rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        found = forward(self.group.frame, rows, self.group.values, index, self.cells)
        return np.full((len(rows), self.cells, rows.shape[1]), np.nan) if found is None else found.jacobians


def _together(function: RowFunction) -> RowFunction:
    """Return a function that is asked for rows near several points at once; for a single row as its author calls it."""
    joint = shared(function)

    def asked(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        return function(rows, index) if len(rows) == 1 else joint(rows, index)

    return asked


def _most(candidates: np.ndarray) -> int:
    """How many points are judged at once at most, whose Jacobians are as large as these (K, m, N)."""
    return int(max(1, _MOST_CELLS // max(candidates[0].size, 1)))


def _unsure(candidate: np.ndarray) -> Ruling:
    return Ruling("unsure", np.zeros_like(candidate, bool), candidate, math.inf)


def matrix(jacobians: tuple[np.ndarray, ...], cells: int) -> np.ndarray:
    """Jacobians of one point side by side, (m, N)."""
    return np.concatenate([np.asarray(j, dtype=float).reshape(cells, -1) for j in jacobians], axis=1)
