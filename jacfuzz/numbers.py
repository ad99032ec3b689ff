"""Every number of every Jacobian: screened in batches, settled one by one where a screen fails.

Two screens: forward-mode AD for every cell, and a directional difference of the untouched f, so that AD's own mistakes
cannot hide.
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jacfuzz.evaluation.evaluate import Problem, evaluate, evaluate_traced
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.primal import Primal
from jacfuzz.oracles.arbiter import arbitrate
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.oracles.coarse import arbitrate_coarsely
from jacfuzz.oracles.differences import slopes
from jacfuzz.oracles.directional import plain_nodes
from jacfuzz.oracles.exact import Exact, Truth
from jacfuzz.oracles.extent import Extent
from jacfuzz.oracles.narrow import LARGE
from jacfuzz.oracles.patterns import KnownKinks
from jacfuzz.oracles.precision import DOUBLE, Precision, precision_of, stated
from jacfuzz.oracles.rows import RowFunction, step_scale
from jacfuzz.oracles.ruling import AT_KINK, FAILURES, Case, Ruling, close
from jacfuzz.patience import Patience
from jacfuzz.screens import (
    Group,
    by_ad,
    by_complex_steps,
    by_differences,
    by_plain_quotients,
    quotient_directions,
    random_of,
    scaled_errors,
)
from jacfuzz.target import Target


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


class Numbers:
    """Judge of numbers for one target; keeps compiled references between batches.

    Parameters
    ----------
    target
        The pair.
    seed
        Makes the random directions; together with the rows of a batch it determines every ruling.
    patience
        How long to go on after the first failure; it begins with that.
    """

    def __init__(self, target: Target, seed: int, patience: Patience) -> None:
        self._target = target
        self._patience = patience
        self._seed = seed
        self._forward, self._uncompiled = ForwardMode(target), ForwardMode(target, compiled=False)
        self._together = target.array_type == "jax"
        self._exact = Exact(target)
        self._extents: defaultdict[tuple[Frame, tuple[int, ...]], Extent] = defaultdict(Extent)
        self._kinks: defaultdict[tuple[Frame, tuple[int, ...]], dict[bytes, Ruling]] = defaultdict(dict)
        self._limits: dict[Frame, tuple[np.ndarray, np.ndarray]] = {}  # of the domain, (N,) each
        self._quotients = True  # whether plain quotients were of use at the last points

    def beside(self, frame: Frame, values: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        """Return the points, a leading axis per argument, at which f will be asked for first; () where none are known.

        They are those of plain quotients at all points of a batch, if ``settle`` comes to that.
        """
        rows = frame.rows(values)
        if len(rows) == 1 or not self._quotients or not 0 < rows.shape[1] ** 2 <= LARGE:
            return ()
        nodes = plain_nodes(rows, quotient_directions(self._seed, rows)).reshape(-1, rows.shape[1])
        index, inside = np.tile(np.arange(len(rows)), 2), self._domain(frame, nodes)
        return frame.values(nodes[inside], values, index[inside])

    def settle(
        self,
        frame: Frame,
        shape: tuple[int, ...],
        members: np.ndarray,
        primals: np.ndarray,
        candidates: np.ndarray,
        values: tuple[np.ndarray, ...],
    ) -> dict[int, Ruling]:
        """Return the rulings on the points that a screen did not pass, by number in the batch.

        Parameters
        ----------
        frame, values
            Shapes of the arguments, and the batch.
        shape
            Shape of f's result at these points, of m cells.
        members
            Numbers (K,) of the points in the batch.
        primals, candidates
            f's values (K, m) and jac's answers (K, m, N); these are made exact where several points were run at once.
        """
        cells = math.prod(shape)
        rows = frame.rows(values)
        group = Group(frame, values, members, rows[members], primals, candidates)
        primal = Primal(self._target, frame, values, shape)
        function = self._inside(frame, primal)
        rng = random_of(self._seed, group.rows)
        ad = by_ad(group, self._forward, self._extents[frame, shape], rng)
        finite = np.isfinite(candidates if ad.along is None else ad.along.sizes).all(axis=(1, 2))
        sound = finite & (ad.agrees | ~ad.believed)
        passed = by_complex_steps(group, primal, sound & ad.believed, rng)
        seconded = sound & ad.believed & ~passed
        self._quotients = bool(seconded.any())
        passed |= by_plain_quotients(group, function, seconded, ad, self._seed)
        passed |= by_differences(group, function, sound & ~passed, ad, rng)
        kinks = KnownKinks(self._kinks[frame, shape], group.rows, candidates, ad.jacobians, ad.believed)
        rulings: dict[int, Ruling] = {}
        suspicious = np.flatnonzero(~passed).tolist()
        precision = stated(self._target.noise) if self._target.noise else None
        for number in suspicious:
            index = int(members[number])
            if rulings and self._patience.over():
                rulings[index] = Ruling("unsure", np.zeros_like(candidates[number], bool), candidates[number], math.inf)
                continue
            if (known := kinks.find(number)) is not None:
                rulings[index] = known
                continue

            def nearby(
                points: np.ndarray,
                columns: np.ndarray | None = None,
                index: int = index,
                forward: ForwardMode = self._forward,
            ) -> np.ndarray:
                return self._nearby(forward, frame, values, cells, index, points, columns)

            def answers(points: np.ndarray, index: int = index) -> np.ndarray:
                return self._answers(frame, shape, values, points, index)

            if self._together:  # what counts is what jac gives when it is called alone
                candidates[number] = answers(rows[index][None])[0]
            trusted, reference = bool(ad.believed[number]), None
            if trusted:
                reference = nearby(rows[index][None])[0] if ad.jacobians is None else ad.jacobians[number]
            if precision is None:
                precision = precision_of(function, rows[index], index, rng)
            case = Case(
                function,
                nearby if trusted else None,
                rows[index],
                index,
                candidates[number],
                answers,
                reference,
                self._target.kinks,
                _AtPoint(self._exact, frame, values, index, cells),
            )
            rulings[index] = self._arbitrated(case, precision)
            if reference is not None and rulings[index].status in (*AT_KINK, "unsure"):
                uncompiled = functools.partial(nearby, forward=self._uncompiled)
                ad_again = uncompiled(rows[index][None])[0]
                if not (close(ad_again, reference) | np.isnan(ad_again)).all():  # see ``ForwardMode``
                    rulings[index] = self._arbitrated(replace(case, jacobians_at=uncompiled, ad=ad_again), precision)
            kinks.add(number, rulings[index])
            if rulings[index].status in FAILURES:
                self._patience.failed()
        return rulings

    def _arbitrated(self, case: Case, precision: Precision) -> Ruling:
        chance = random_of(self._seed, case.row)
        return arbitrate(case, chance) if precision is DOUBLE else arbitrate_coarsely(case, precision, chance)

    def errors(
        self,
        frame: Frame,
        shape: tuple[int, ...],
        members: np.ndarray,
        primals: np.ndarray,
        candidates: np.ndarray,
        values: tuple[np.ndarray, ...],
    ) -> np.ndarray:
        """Return how far the candidates are off (K,), in units of what the screens let pass; see ``settle``."""
        group = Group(frame, values, members, frame.rows(values)[members], primals, candidates)
        function = self._inside(frame, Primal(self._target, frame, values, shape))
        return scaled_errors(group, function, self._forward, random_of(self._seed, group.rows))

    def _nearby(
        self,
        forward: ForwardMode,
        frame: Frame,
        values: tuple[np.ndarray, ...],
        cells: int,
        index: int,
        points: np.ndarray,
        columns: np.ndarray | None,
    ) -> np.ndarray:
        """Return forward-mode AD at rows near point ``index`` of a batch, or some columns of it; NaN where it fails."""
        where, width = np.full(len(points), index), points.shape[1]
        if columns is None:
            found = forward(frame, points, values, where, cells)
            return np.full((len(points), cells, width), np.nan) if found is None else found.jacobians
        directions = np.broadcast_to(np.eye(width)[columns], (len(points), len(columns), width))
        along = forward.along(frame, points, values, where, directions)
        if along is not None:
            return along.jacobians
        # One by one, since whole Jacobians are large where only some columns are asked for.
        whole = (self._nearby(forward, frame, values, cells, index, point[None], None) for point in points)
        return np.concatenate([jacobian[:, :, columns] for jacobian in whole])

    def jumps(self, frame: Frame, shape: tuple[int, ...], index: int, values: tuple[np.ndarray, ...]) -> bool:
        """Whether f jumps, or has an infinite slope, in every output at one point of a batch."""
        row = frame.rows(values)[index]
        if not math.prod(shape) or not row.size:
            return False
        function = self._inside(frame, Primal(self._target, frame, values, shape))
        directions = np.diag(step_scale(row[None])[0])
        return bool(slopes(function, row, index, directions, random_of(self._seed, row)).broken.any(axis=1).all())

    def _answers(
        self, frame: Frame, shape: tuple[int, ...], values: tuple[np.ndarray, ...], points: np.ndarray, index: int
    ) -> np.ndarray:
        """Return what jac answers at rows near point ``index`` of a batch, NaN where it fails there."""
        cells = math.prod(shape)
        own = evaluate if len(points) == 1 else evaluate_traced
        found = own(self._target, frame.values(points, values, np.full(len(points), index))).jacobians
        result = np.full((len(points), cells, points.shape[1]), np.nan)
        for number, jacobians in enumerate(found):
            if not isinstance(jacobians, Problem) and sum(j.size for j in jacobians) == result[number].size:
                result[number] = matrix(jacobians, cells)
        return result

    def _inside(self, frame: Frame, primal: Primal) -> RowFunction:
        """Return f at rows, NaN outside the target's domain, where f is not called."""

        def function(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
            inside = self._domain(frame, rows)
            if inside.all():
                return primal(rows, index)
            result = np.full((len(rows), primal.size), np.nan)
            if inside.any():
                result[inside] = primal(rows[inside], index[inside])
            return result

        return function

    def _domain(self, frame: Frame, rows: np.ndarray) -> np.ndarray:
        """Mask (B,) of the rows inside the target's domain."""
        if frame not in self._limits:
            low, high = [], []
            for argument, shape in zip(self._target.signature.arguments, frame.shapes, strict=True):
                if argument.differentiable:
                    lowest, highest = self._target.domain.get(argument.name, (None, None))
                    low += [-math.inf if lowest is None else lowest] * math.prod(shape)
                    high += [math.inf if highest is None else highest] * math.prod(shape)
            self._limits[frame] = np.array(low), np.array(high)
        lows, highs = self._limits[frame]
        return np.asarray(((rows >= lows) & (rows <= highs)).all(axis=1))


def matrix(jacobians: tuple[np.ndarray, ...], cells: int) -> np.ndarray:
    """Jacobians of one point side by side, (m, N)."""
    return np.concatenate([np.asarray(j, dtype=float).reshape(cells, -1) for j in jacobians], axis=1)
