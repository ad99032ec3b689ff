"""A point of a function that computes in a coarser precision than it is given, judged with bounds of that precision."""

from __future__ import annotations

import numpy as np

from jacfuzz.oracles.differences import nonlinear, slopes
from jacfuzz.oracles.integral import integrals
from jacfuzz.oracles.nearby import distance_to_next_kink
from jacfuzz.oracles.precision import Precision
from jacfuzz.oracles.ruling import Case, Ruling, Status
from jacfuzz.oracles.sizes import sizes_at

_BESIDE = 6
_MIXED = 3
_LENGTH = 0.25
_ULPS = 16.0
_AROUND = 32
_PROBES = 8
_NEARBY = 1e-2
_CLEARLY = 0.25
_SHARPLY = 0.5


@np.errstate(all="ignore")
def arbitrate_coarsely(case: Case, precision: Precision, rng: np.random.Generator) -> Ruling:
    """Settle a point of such an f: difference tables that know how coarse it is, then the integral check.

    A cell is wrong if it is out of its bounds by more than the candidate's own round-off, measured by moving the input
    to its neighbours in that precision. What passes is right to one part in ten thousand of its row, or to 64 steps of
    a precision coarser than that.
    """
    return _Point(case, precision, rng).ruling()


class _Point:
    """What is measured of the point; arrays of shape (m, N) unless said otherwise."""

    def __init__(self, case: Case, precision: Precision, rng: np.random.Generator) -> None:
        self._case, self._precision, self._rng = case, precision, rng
        scale, cells = case.scale, len(case.row)
        mixed = rng.standard_normal((_MIXED, cells))
        directions = np.concatenate([np.diag(scale), mixed * scale])
        self._tables = tables = slopes(case.function, case.row, case.index, directions, rng, self._coarseness())
        self._value, bound = tables.central.value[:, :cells] / scale, tables.central.bound[:, :cells] / scale
        self._reference = self._value if case.ad is None else case.ad
        self._kinked = (tables.kink.any(axis=1) | nonlinear(tables.central, mixed, cells))[:, None]
        self._broken = tables.broken.any(axis=1, keepdims=True)
        self._known = np.isfinite(bound) & ~self._broken
        size = np.maximum(np.abs(case.candidate), np.abs(self._value))
        self._size = size.max(axis=1, keepdims=True, initial=0.0)
        self._slack = 10 * bound + _ULPS * (self._round_off() + precision.eps * size)
        self._in_sight = precision.in_sight
        self._bound = bound
        self._largest = float(np.max(bound, initial=0.0, where=self._known))

    def ruling(self) -> Ruling:
        candidate = self._case.candidate
        if self._broken.all():
            return self._rule("undefined")
        infinite = self._known & ~np.isfinite(candidate)
        if infinite.any():
            return self._rule("nonfinite_at_kink" if (infinite & self._kinked).any() else "nonfinite", infinite)
        smooth = self._known & ~self._kinked
        wrong = smooth & ~(np.abs(candidate - self._value) <= self._slack)
        if wrong.any():
            return self._rule("value", wrong)
        if self._kinked.any():
            outside = self._kinked & self._outside()[:, None]
            if outside.any():
                return self._rule("outside", outside & ~self._like_ad())
        seen = (
            smooth & (self._slack <= _SHARPLY * self._in_sight * self._size)
            | self._like_ad()
            | (candidate == self._value)
        )
        seen |= self._kinked & self._between()
        # A cell may be small beside what f's digits can show: agreement within what they allow is all there is to have.
        seen |= smooth & (self._bound <= self._in_sight * sizes_at(self._case, self._rng).natural)
        blurred = ~(seen | self._broken).all(axis=1)
        return self._by_integrals(blurred) if blurred.any() else self._rule("kink" if self._kinked.any() else "pass")

    def _by_integrals(self, blurred: np.ndarray) -> Ruling:
        """Judge rows (m,): the integral speaks of the rows around the point, the tables of the point itself."""
        case = self._case
        found = integrals(case.function, case.candidates_at, case.row, case.index, self._rng, self._precision)
        off = blurred & ~self._kinked[:, 0] & found.wrong
        if off.any():
            gap = np.abs(case.candidate - self._reference) * self._case.scale
            return self._rule("value", off[:, None] & (gap >= 0.5 * gap.max(axis=1, keepdims=True, initial=0.0)))
        unsettled = blurred & (self._kinked[:, 0] | found.blind(self._in_sight) | ~self._known.all(axis=1))
        return self._rule("unsure" if unsettled.any() else "pass")

    def _rule(self, status: Status, wrong: np.ndarray | None = None) -> Ruling:
        cells = np.zeros(self._case.candidate.shape, bool) if wrong is None else wrong
        return Ruling(status, cells, self._reference, self._largest, coarse=True)

    def _beside(self, row: np.ndarray) -> np.ndarray:
        """Rows next to a row, every cell moved to one of its neighbours in the precision or left alone."""
        signs = self._rng.choice([-1.0, 0.0, 1.0], size=(_BESIDE, len(row)))
        return np.asarray(row * (1 + self._precision.spacing * signs))

    def _coarseness(self) -> np.ndarray:
        """How far (m,) f is off, at the point and where the tables look: its last place and that of its input."""
        case, signs = self._case, self._rng.choice([-1.0, 1.0], size=(_BESIDE, len(self._case.scale)))
        nodes = np.concatenate([case.row[None], case.row + _LENGTH * self._case.scale * signs])
        moved = np.concatenate([nodes, *(self._beside(node) for node in nodes)])
        values = case.function(moved, np.full(len(moved), case.index))
        here, there = values[: len(nodes)], values[len(nodes) :].reshape(len(nodes), _BESIDE, -1)
        spread = np.nan_to_num(np.abs(there - here[:, None]), posinf=0.0).max(axis=(0, 1))
        level = np.nan_to_num(np.abs(here), posinf=0.0).max(axis=0)
        return np.asarray(spread + self._precision.eps * level + self._precision.underflown)

    def _round_off(self) -> np.ndarray:
        """How far the candidate moves with the last place of its input."""
        moved = self._case.candidates_at(self._beside(self._case.row))
        return np.asarray(np.nan_to_num(np.abs(moved - self._case.candidate), posinf=0.0).max(axis=0))

    def _like_ad(self) -> np.ndarray:
        """Mask of the cells that AD gives, too."""
        if self._case.ad is None:
            return np.zeros(self._case.candidate.shape, bool)
        return np.asarray(np.abs(self._case.candidate - self._case.ad) <= _SHARPLY * self._in_sight * self._size)

    def _between(self) -> np.ndarray:
        """Mask of the cells between the two one-sided derivatives."""
        cells = len(self._case.scale)
        left, right = (side.value[:, :cells] / self._case.scale for side in (self._tables.left, self._tables.right))
        low, high = np.minimum(left, right), np.maximum(left, right)
        extra = np.where(np.isfinite(self._slack), self._slack, 0.0)
        extra += _SHARPLY * self._in_sight * np.maximum(np.abs(low), np.abs(high))
        return np.asarray((self._case.candidate >= low - extra) & (self._case.candidate <= high + extra))

    def _outside(self) -> np.ndarray:
        """Mask (m,) of the rows that no mixture of jac's own answers around the point can give.

        Along a direction a mixture changes by no more and no less than what is mixed. Answers that are wrong around
        the point are found there.
        """
        cells = len(self._case.row)
        radius = _NEARBY * distance_to_next_kink(self._case.row)
        around = self._case.candidates_at(self._case.row + radius * self._rng.uniform(-1.0, 1.0, size=(_AROUND, cells)))
        around = around[np.isfinite(around).all(axis=(1, 2))]
        if not len(around):
            return np.zeros(len(self._kinked), bool)
        probes = np.concatenate([np.eye(cells), np.ones((1, cells)), self._rng.standard_normal((_PROBES, cells))])
        limits, stated = around @ probes.T, self._case.candidate @ probes.T
        low, high = limits.min(axis=0), limits.max(axis=0)
        # Sampled limits are not all there are.
        slack = _CLEARLY * (np.abs(around).max(axis=(0, 2))[:, None] + (high - low).max(axis=1, keepdims=True))
        return np.asarray(((stated < low - slack) | (stated > high + slack)).any(axis=1))
