"""What exact arithmetic adds to a ruling by differences: the truth, and whether a wrong cell is a wrong formula.

Differences leave a bound, and below it they are blind; forward-mode AD has mistakes of its own. Where f can be run in
exact arithmetic and meets no tie, its derivative is known to the last digit. The candidate, run the same way, tells a
wrong formula from digits lost to round-off.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter

import numpy as np

from jacfuzz.oracles.differences import slopes
from jacfuzz.oracles.exact import Truth
from jacfuzz.oracles.inquiry import ask
from jacfuzz.oracles.limits import exact_membership
from jacfuzz.oracles.losses import too_much, without_a_digit
from jacfuzz.oracles.noise import size_away
from jacfuzz.oracles.rows import EPS, UNDERFLOWN
from jacfuzz.oracles.ruling import FAILURES, HALF_OF_THE_DIGITS, Case, Ruling, Status, close, digits_lost
from jacfuzz.oracles.sizes import Sizes, beyond_round_off, noise_of, sizes_at

_MOST_COLUMNS, _MOST_AT_A_KINK = 8, 32
_IN_SIGHT = 1e-12
_TIED = 2.0**-44
_PLACES_TO_COMPARE = 4


@np.errstate(all="ignore")
def with_truth(case: Case, ruling: Ruling, rng: np.random.Generator) -> Ruling:
    """Return the ruling, corrected by the exact derivative where there is one.

    A failure at a kink is only ever taken back; legal answers at kinks, and points where f is undefined, stay. What the
    code under test says of itself counts where differences have left a smooth point open, and do not rule it out.
    """
    if ruling.status in ("kink", "undefined") or (case.exact.foreign and ruling.status != "unsure"):
        return ruling
    columns = _doubtful(case, ruling)
    truth = case.exact.derivative(case.row, columns.tolist())
    if truth is None:
        return ruling
    if not _believed(case, truth, rng):
        return _where_f_lost_its_digits(case, ruling, truth, columns, rng)
    foreign = case.exact.foreign
    if truth.tied:
        return ruling if foreign else _at_tie(case, ruling, rng)
    doubted = foreign or not _alike(case.candidate[:, columns], truth.columns).all()
    if doubted and _contradicted(case, truth, columns, rng):
        return ruling
    return _ruled(case, ruling, truth, columns, rng)


def _where_f_lost_its_digits(
    case: Case, ruling: Ruling, truth: Truth, columns: np.ndarray, rng: np.random.Generator
) -> Ruling:
    """Blame nobody for the derivative of f's formula where f itself does not give what its formula says.

    Nor for being off by no more, over a natural length, than f is there and may be beside; nor for what AD of f gives,
    too, which is all that is known where the formula has a tie.
    """
    rest = np.delete(ruling.wrong, columns, axis=1)
    if ruling.status not in FAILURES or rest.any():
        return ruling
    candidate = case.candidate[:, columns]
    excused = _alike(candidate, truth.columns) & (not truth.tied)
    if not excused.all() and _is_the_formula(case, columns, rng):
        own = case.function(case.row[None], np.array([case.index]))[0]
        if not truth.tied:
            off = np.abs(candidate - truth.columns) * case.scale[columns]
            excused |= off <= 4 * np.abs(own - truth.primal)[:, None]
        if case.ad is not None:
            excused |= close(candidate, case.ad[:, columns])
    if not excused.all():
        return ruling
    return dataclasses.replace(ruling, status="unsure", wrong=np.zeros_like(ruling.wrong))


def _is_the_formula(case: Case, columns: np.ndarray, rng: np.random.Generator) -> bool:
    """Whether the exact f is f at numbers of ordinary size, wherever f loses its digits."""
    rows = rng.standard_normal((_PLACES_TO_COMPARE, len(case.row)))
    found = [case.exact.derivative(row, columns[:1].tolist()) for row in rows]
    own = case.function(rows, np.full(len(rows), case.index))
    return any(
        truth is not None and bool((np.abs(value - truth.primal) <= 1e-9 * np.abs(value)).all())
        for truth, value in zip(found, own, strict=True)
    )


def _doubtful(case: Case, ruling: Ruling) -> np.ndarray:
    """Numbers of the columns to look at, those that are furthest off for their size if there are many.

    All of them where a candidate is illegal at a kink: AD may be on one side of it, and the truth on the other.
    """
    if ruling.status in ("outside", "rows") and len(case.row) <= _MOST_AT_A_KINK:
        return np.arange(len(case.row))
    expected = ruling.reference if case.ad is None else case.ad
    doubtful = ruling.wrong | ~close(case.candidate, expected)
    gap, size = np.abs(case.candidate - expected), np.maximum(np.abs(case.candidate), np.abs(expected))
    relative = np.where(doubtful, np.nan_to_num(gap / size, nan=np.inf, posinf=np.inf), -1.0).max(axis=0, initial=-1.0)
    worst = np.argsort(-relative, kind="stable")[:_MOST_COLUMNS]
    return np.sort(worst[relative[worst] >= 0])


def _alike(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mask of the cells that share half of their digits: for two independent derivations that is no accident."""
    return np.asarray(close(first, second) | (np.abs(first - second) <= HALF_OF_THE_DIGITS * np.abs(second)))


def _at_tie(case: Case, ruling: Ruling, rng: np.random.Generator) -> Ruling:
    """Take a failure back where the exact limits of nearby Jacobians make the candidate legal.

    Or what its formula gives, of which rounding makes something else at another tie than this one.
    """
    if ruling.status == "pass":
        return ruling
    legal = ("selection", "convex")
    if exact_membership(case, ruling, rng) not in legal:
        formula = case.exact.candidate() if ruling.status in ("outside", "rows") else None
        if formula is None or close(formula, case.candidate).all() or _is_so_at_the_tie(case, ruling, rng):
            return ruling
        of_formula = dataclasses.replace(case, candidate=formula), dataclasses.replace(ruling, status="value")
        if exact_membership(*of_formula, rng) not in legal:
            return ruling
    return dataclasses.replace(ruling, status="kink", wrong=np.zeros_like(ruling.wrong), mixed=True)


def _ruled(case: Case, ruling: Ruling, truth: Truth, columns: np.ndarray, rng: np.random.Generator) -> Ruling:
    candidate = case.candidate[:, columns]
    apart = case.ad is not None and _apart(case, case.ad[:, columns], truth, columns, rng).any()
    artefact = ruling.artefact or bool(apart)
    reference = ruling.reference.copy()
    reference[:, columns] = truth.columns
    nothing = np.zeros(case.candidate.shape, bool)
    off = ~close(candidate, truth.columns)
    rest = ruling.wrong.copy()
    rest[:, columns] = False
    if not off.any():
        return dataclasses.replace(ruling, status=ruling.status if rest.any() else "pass", wrong=rest)
    right = _formula_is_right(case, truth, columns, rng)
    shown = off & _in_f(case, candidate, truth, columns, rng)
    lost = shown & right
    if lost.any():
        nothing_left = without_a_digit(case, candidate, truth, columns, rng)
        lost &= ruling.wrong[:, columns] | ~np.isfinite(candidate) | nothing_left
    if lost.any():
        lost &= ~np.isfinite(candidate) | nothing_left | too_much(case, candidate, truth, columns, rng)
    wrong = nothing.copy()
    wrong[:, columns] = lost | (shown & ~right & _in_sight(case, candidate, truth, columns))
    lossy = off & right & (lost | _apart(case, candidate, truth, columns, rng))
    digits = digits_lost(candidate[lossy], truth.columns[lossy]) if lossy.any() else 0
    if wrong.any() and ruling.status in ("outside", "rows"):
        return ruling
    if wrong.any():
        status: Status = "value" if np.isfinite(case.candidate[wrong]).all() else "nonfinite"
        formula = bool((off & ~right).any())
        return Ruling(status, wrong, reference, 0.0, artefact, 0 if formula else digits)
    if (shown & ~right).any() or rest.any():
        return ruling
    if ruling.status in ("outside", "rows") and _is_so_at_the_tie(case, ruling, rng):
        return ruling
    return Ruling("pass", nothing, reference, 0.0, artefact, digits)


def _apart(
    case: Case,
    found: np.ndarray,
    truth: Truth,
    columns: np.ndarray,
    rng: np.random.Generator,
    size: Callable[[Sizes], np.ndarray] = attrgetter("natural"),
) -> np.ndarray:
    """Mask (m, C) of the cells that are further from the truth than the last places of what cancels in them."""
    off = ~close(found, truth.columns)
    if not off.any():
        return np.asarray(off)
    return np.asarray(off & beyond_round_off(np.abs(found - truth.columns), size(sizes_at(case, rng))[:, columns]))


def _believed(case: Case, truth: Truth, rng: np.random.Generator) -> bool:
    """Whether the exact f gives f's own value, up to round-off of the size that f has at the point or nearby."""
    own = case.function(case.row[None], np.array([case.index]))[0]
    gap = np.abs(own - truth.primal)
    if (gap <= 1e-9 * np.abs(own)).all():
        return True
    (away,) = ask(case.function, case.index, lambda f: size_away(f, case.row, rng))
    return bool((gap <= 1e-9 * np.abs(own) + 64 * EPS * away).all())


def _contradicted(case: Case, truth: Truth, columns: np.ndarray, rng: np.random.Generator) -> bool:
    """Whether differences of the untouched f rule the exact derivative out: then neither is believed.

    They reckon with round-off of the size that f has a natural length away: -log(p) next to p = 1 is a staircase whose
    steps, seen through the logarithm, have no common grid.
    """
    scale = case.scale[columns]
    directions = np.diag(case.scale)[columns]
    (away,) = ask(case.function, case.index, lambda f: size_away(f, case.row, rng))
    tables = slopes(case.function, case.row, case.index, directions, rng, EPS * away)
    gap = np.abs(truth.columns * scale - tables.central.value)
    size = np.maximum(np.abs(truth.columns * scale), np.abs(tables.central.value))
    silent = gap <= EPS
    return bool(((gap > 100 * tables.central.bound) & (gap > 1e-6 * size) & ~tables.kink & ~silent).any())


def _formula_is_right(case: Case, truth: Truth, columns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mask (m, C): the candidate's formula gives the truth when it need not round.

    A constant of the code is rounded before all arithmetic, and is off by its last places where it cancels: where a
    last place of the input makes as much of a difference, that is no wrong formula. Code that cannot be run in exact
    arithmetic is compared with its own spread.
    """
    formula = case.exact.candidate()
    if formula is None:
        gap = np.abs(case.candidate[:, columns] - truth.columns)
        own = noise_of(case.candidates_at, case, rng)[:, columns]
        return np.asarray((gap <= 16 * own) | ~beyond_round_off(gap, sizes_at(case, rng).natural[:, columns]))
    right = ~_apart(case, formula[:, columns], truth, columns, rng, attrgetter("cell"))
    gap = np.abs(formula[:, columns] - truth.columns)
    if not right.all() and (gap <= HALF_OF_THE_DIGITS * np.abs(truth.columns))[~right].all():
        right |= gap <= 16 * noise_of(case.candidates_at, case, rng)[:, columns]
    return np.asarray(right)


def _is_so_at_the_tie(case: Case, ruling: Ruling, rng: np.random.Generator) -> bool:
    """Whether an illegal candidate is what its formula gives at a tie that holds after rounding only.

    Such a formula is right wherever it need not round, and wrong at the tie itself.
    """
    formula = case.exact.candidate(_TIED * float(np.abs(case.row).max(initial=0.0)))
    if formula is None or not close(formula, case.candidate).all():
        return False
    return exact_membership(case, ruling, rng) not in ("selection", "convex")


def _in_f(case: Case, candidate: np.ndarray, truth: Truth, columns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mask (m, C) of the errors that are more than a last place of what cancels in f, where all of f cancels.

    Constants of the code leave as much. An output that is 0, and does not change, has the size of the others.
    """
    (own,), away = ask(case.function, case.index, lambda f: f(case.row[None]), lambda f: size_away(f, case.row, rng))
    none = (truth.primal == 0) & ~truth.columns.any(axis=1)
    cancelled = none | ~(np.abs(own - truth.primal) <= 0.5 * np.abs(truth.primal))
    size = np.where(cancelled, np.where(none, away.max(initial=0.0), away), 0.0)[:, None]
    return np.asarray(~(np.abs(candidate - truth.columns) * case.scale[columns] <= EPS * size))


def _in_sight(case: Case, candidate: np.ndarray, truth: Truth, columns: np.ndarray) -> np.ndarray:
    """Mask (m, C) of the cells whose error matters beside the rest of their row."""
    scale = case.scale
    gap = np.abs(candidate - truth.columns)
    steepest = np.where(np.isfinite(case.candidate), np.abs(case.candidate), 0.0) * scale
    row = np.maximum(steepest.max(axis=1, initial=0.0), (np.abs(truth.columns) * scale[columns]).max(axis=1))
    seen = (gap * scale[columns] > _IN_SIGHT * row[:, None]) & (gap > UNDERFLOWN)
    return np.asarray(seen | ~np.isfinite(candidate))
