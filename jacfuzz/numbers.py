"""Every number of every Jacobian: screened in batches, settled one by one where a screen fails.

Two screens: forward-mode AD for every cell, and a directional difference of the untouched f, so that AD's own mistakes
cannot hide.
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.primal import Primal
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.oracles.differences import slopes
from jacfuzz.oracles.directional import plain_nodes
from jacfuzz.oracles.extent import Extent
from jacfuzz.oracles.narrow import LARGE
from jacfuzz.oracles.rows import RowFunction, step_scale
from jacfuzz.oracles.ruling import Ruling
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
from jacfuzz.suspects import Suspects
from jacfuzz.target import Target


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
        self._seed = seed
        self._forward = ForwardMode(target)
        self._suspects = Suspects(target, self._forward, seed, patience)
        self._extents: defaultdict[tuple[Frame, tuple[int, ...]], Extent] = defaultdict(Extent)
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
        return self._suspects.settle(group, shape, function, ad, np.flatnonzero(~passed), rng)

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

    def jumps(self, frame: Frame, shape: tuple[int, ...], index: int, values: tuple[np.ndarray, ...]) -> bool:
        """Whether f jumps, or has an infinite slope, in every output at one point of a batch."""
        row = frame.rows(values)[index]
        if not math.prod(shape) or not row.size:
            return False
        function = self._inside(frame, Primal(self._target, frame, values, shape))
        directions = np.diag(step_scale(row[None])[0])
        return bool(slopes(function, row, index, directions, random_of(self._seed, row)).broken.any(axis=1).all())

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
