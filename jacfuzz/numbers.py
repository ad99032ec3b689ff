"""Every number of every Jacobian: screened in batches, settled one by one where a screen fails.

Two screens: forward-mode AD for every cell, and a directional difference of the untouched f, so that AD's own mistakes
cannot hide.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jacfuzz.evaluation.evaluate import Problem, evaluate
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.primal import Primal
from jacfuzz.oracles.arbiter import arbitrate
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.oracles.differences import directional, slopes
from jacfuzz.oracles.exact import Exact, Truth
from jacfuzz.oracles.rows import RowFunction, step_scale
from jacfuzz.oracles.ruling import Case, Ruling, close
from jacfuzz.target import Target


@dataclass(frozen=True)
class _AtPoint:
    """Exact arithmetic at rows near one point of a batch, as the arbiter asks for it."""

    arithmetic: Exact
    frame: Frame
    values: tuple[np.ndarray, ...]
    index: int
    cells: int

    def derivative(self, row: np.ndarray, columns: Sequence[int]) -> Truth | None:
        """Return f and some columns of its Jacobian."""
        batch = self.frame.values(row[None], self.values, np.array([self.index]))
        return self.arithmetic.derivative(self.frame, tuple(value[0] for value in batch), columns)

    def candidate(self) -> np.ndarray | None:
        """Return what jac answers when it need not round, (m, N)."""
        return self.arithmetic.candidate(self.frame, tuple(value[self.index] for value in self.values), self.cells)


class Numbers:
    """Judge of numbers for one target; keeps compiled references between batches.

    Parameters
    ----------
    target
        The pair.
    seed
        Makes the random directions; together with the rows of a batch it determines every ruling.
    """

    def __init__(self, target: Target, seed: int) -> None:
        self._target = target
        self._seed = seed
        self._forward = ForwardMode(target)
        self._exact = Exact(target)

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
            f's values (K, m) and jac's answers (K, m, N).
        """
        cells = math.prod(shape)
        rows = frame.rows(values)
        function = self._inside(frame, Primal(self._target, frame, values, shape))
        found = self._forward(frame, rows[members], values, members, cells)
        ads = None if found is None else found.jacobians
        believed = np.zeros(len(members), bool) if found is None else found.believed(primals)
        screened = self._screen(function, rows, members, primals, candidates, believed)
        if ads is not None:
            screened &= ~believed | close(candidates, ads).all(axis=(1, 2))
        rulings: dict[int, Ruling] = {}
        for number in np.flatnonzero(~screened):
            index = int(members[number])

            def nearby(points: np.ndarray, index: int = index) -> np.ndarray:
                result = self._forward(frame, points, values, np.full(len(points), index), cells)
                return np.full((len(points), cells, rows.shape[1]), np.nan) if result is None else result.jacobians

            def answers(points: np.ndarray, index: int = index) -> np.ndarray:
                return self._answers(frame, shape, values, points, index)

            trusted = ads is not None and bool(believed[number])
            case = Case(
                function,
                nearby if trusted else None,
                rows[index],
                index,
                candidates[number],
                answers,
                ads[number] if ads is not None and trusted else None,
                self._target.kinks,
                _AtPoint(self._exact, frame, values, index, cells),
            )
            rulings[index] = arbitrate(case, self._rng(rows[index]))
        return rulings

    def jumps(self, frame: Frame, shape: tuple[int, ...], index: int, values: tuple[np.ndarray, ...]) -> bool:
        """Whether f jumps, or has an infinite slope, in every output at one point of a batch."""
        row = frame.rows(values)[index]
        if not math.prod(shape) or not row.size:
            return False
        function = self._inside(frame, Primal(self._target, frame, values, shape))
        directions = np.diag(step_scale(row[None])[0])
        return bool(slopes(function, row, index, directions, self._rng(row)).broken.any(axis=1).all())

    def _answers(
        self, frame: Frame, shape: tuple[int, ...], values: tuple[np.ndarray, ...], points: np.ndarray, index: int
    ) -> np.ndarray:
        """Return what jac answers at rows near point ``index`` of a batch, NaN where it fails there."""
        cells = math.prod(shape)
        found = evaluate(self._target, frame.values(points, values, np.full(len(points), index))).jacobians
        result = np.full((len(points), cells, points.shape[1]), np.nan)
        for number, jacobians in enumerate(found):
            if not isinstance(jacobians, Problem) and sum(j.size for j in jacobians) == result[number].size:
                result[number] = matrix(jacobians, cells)
        return result

    def _screen(
        self,
        function: RowFunction,
        rows: np.ndarray,
        members: np.ndarray,
        primals: np.ndarray,
        candidates: np.ndarray,
        believed: np.ndarray,
    ) -> np.ndarray:
        """Mask of the points at which J d agrees with differences of f along signed Gaussian directions d.

        One direction where AD judges every cell too, three where the differences are alone: an error of t tolerances
        in a row goes unseen along one direction with probability 0.8 / t.
        """
        rng = self._rng(rows[members])
        scale = step_scale(rows)
        passed = np.asarray(np.isfinite(candidates).all(axis=(1, 2)))

        for trial in range(1 if believed.all() else 3):
            chosen = np.flatnonzero(passed & ~believed) if trial else np.flatnonzero(passed)
            if not len(chosen):
                break
            directions = rng.standard_normal((len(members), rows.shape[1])) * scale[members]

            def at_chosen(points: np.ndarray, index: np.ndarray, chosen: np.ndarray = chosen) -> np.ndarray:
                return function(points, members[chosen[index]])

            estimate = directional(at_chosen, rows[members[chosen]], directions[chosen], primals[chosen])
            stated = np.einsum("kmn,kn->km", candidates[chosen], directions[chosen])
            size = np.einsum("kmn,kn->km", np.abs(candidates[chosen]), np.abs(directions[chosen]))
            agree = np.abs(stated - estimate.value) <= 5 * estimate.bound + 1e-9 * size
            power = estimate.bound <= 1e-5 * np.maximum(size, np.abs(estimate.value))
            blind = ~power & ~believed[chosen, None] & ((size > 0) | ~np.isfinite(estimate.bound))
            passed[chosen] &= (agree & ~blind).all(axis=1)
        return passed

    def _inside(self, frame: Frame, primal: Primal) -> RowFunction:
        """Return f at rows, NaN outside the target's domain, where f is not called."""
        low, high = [], []
        for argument, shape in zip(self._target.signature.arguments, frame.shapes, strict=True):
            if argument.differentiable:
                lowest, highest = self._target.domain.get(argument.name, (None, None))
                low += [-math.inf if lowest is None else lowest] * math.prod(shape)
                high += [math.inf if highest is None else highest] * math.prod(shape)
        lows, highs = np.array(low), np.array(high)

        def function(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
            inside = ((rows >= lows) & (rows <= highs)).all(axis=1)
            if inside.all():
                return primal(rows, index)
            result = np.full((len(rows), primal.size), np.nan)
            if inside.any():
                result[inside] = primal(rows[inside], index[inside])
            return result

        return function

    def _rng(self, rows: np.ndarray) -> np.random.Generator:
        return np.random.default_rng((self._seed, zlib.crc32(np.ascontiguousarray(rows).tobytes())))


def matrix(jacobians: tuple[np.ndarray, ...], cells: int) -> np.ndarray:
    """Jacobians of one point side by side, (m, N)."""
    return np.concatenate([np.asarray(j, dtype=float).reshape(cells, -1) for j in jacobians], axis=1)
