"""Who is right at a suspicious point: difference tables of the untouched f, cell by cell, kinks judged.

Only what is settled here is called wrong.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from jacfuzz.oracles.clarke import JacobiansAt, Membership, membership, variation
from jacfuzz.oracles.differences import Estimate, fine_quotients, nonlinear, slopes
from jacfuzz.oracles.inquiry import ask
from jacfuzz.oracles.narrow import arbitrate_narrowly, is_large
from jacfuzz.oracles.nearby import nearby_jacobians
from jacfuzz.oracles.noise import noise, noise_beside, size_away
from jacfuzz.oracles.rows import EPS, UNDERFLOWN
from jacfuzz.oracles.ruling import FAILURES, HALF_OF_THE_DIGITS, SAME, Case, Ruling, Status, close, digits_lost
from jacfuzz.oracles.sizes import beyond_round_off, last_places, noise_of, sizes_at
from jacfuzz.oracles.truth import with_truth

_RANDOM_DIRECTIONS = 3
_ON_ITS_SIDE, _CLEARLY = 0.05, 0.1
_TOGETHER = 1e-3
_RANDOM = 1e-3
_NEAR, _PLACES = 2.0**-8, 8
_ALL_OF_IT = 1e-2


@np.errstate(all="ignore")
def arbitrate(case: Case, rng: np.random.Generator) -> Ruling:
    """Settle a suspicious point."""
    scale = case.scale
    mixed = rng.standard_normal((_RANDOM_DIRECTIONS, len(case.row)))
    if case.ad is not None and close(case.candidate, case.ad).all():
        ruling = _at_kink_like_ad(case, mixed * scale, case.ad, rng)
        if ruling is not None:
            return ruling
    if is_large(case):
        return arbitrate_narrowly(case, arbitrate, rng)
    return with_truth(case, _by_differences(case, mixed, rng), rng)


def _by_differences(case: Case, mixed: np.ndarray, rng: np.random.Generator) -> Ruling:
    ruling = _settle(case, mixed, 0.0, rng)
    if ruling.status in FAILURES and not _seconded_by_ad(case, ruling):
        # The differences stand alone: reckon with round-off of the size that f has a natural length away, of which
        # nothing may be left to measure at the point itself (1 - cos x next to 0), and with steps and waves of f that
        # the tables do not see.
        away, beside = ask(
            case.function, case.index, lambda f: size_away(f, case.row, rng), lambda f: noise_beside(f, case.row, rng)
        )
        ruling = _settle(case, mixed, np.maximum(EPS * away, beside), rng)
        if ruling.status in FAILURES and (_sided_with(case, ruling) or _too_fine(case, ruling, rng)):
            ruling = dataclasses.replace(ruling, status="unsure", wrong=np.zeros_like(ruling.wrong))
    return ruling


def _sided_with(case: Case, ruling: Ruling) -> bool:
    """Whether for each wrong cell some quotient of a fine step is on the candidate's side, not on the reference's."""
    scale = case.scale
    columns = np.flatnonzero(ruling.wrong.any(axis=0))
    directions = np.diag(scale)[columns]
    quotients = fine_quotients(case.function, case.row, case.index, directions) / scale[columns]
    candidate, reference = case.candidate[:, columns], ruling.reference[:, columns]
    gap = np.abs(candidate - reference)
    # Of small gaps such quotients say nothing: their round-off is larger.
    near = (np.abs(quotients - candidate) <= _ON_ITS_SIDE * gap) & (gap > _CLEARLY * np.abs(reference))
    return bool(near.any(axis=0)[ruling.wrong[:, columns]].all())


def _too_fine(case: Case, ruling: Ruling, rng: np.random.Generator) -> bool:
    """Whether f looks random here, as it must if the candidate is right: the last place of x changes all of it."""
    near = case.row + _NEAR * case.scale * rng.standard_normal((_PLACES, len(case.row)))
    values, level = ask(case.function, case.index, lambda f: f(near), lambda f: noise(f, case.row, rng))
    own = np.nan_to_num(np.abs(values)).max(axis=0)
    random = level > _RANDOM * own
    steep = np.abs(case.candidate) * EPS * np.abs(case.row) > _ALL_OF_IT * own[:, None]
    return bool((random[:, None] & steep)[ruling.wrong].all())


def _seconded_by_ad(case: Case, ruling: Ruling) -> bool:
    """Whether AD agrees with the differences that the candidate is wrong."""
    if case.ad is None or ruling.artefact:
        return False
    return not close(case.candidate, case.ad)[ruling.wrong].any()


def _settle(case: Case, mixed: np.ndarray, floor: np.ndarray | float, rng: np.random.Generator) -> Ruling:
    """Judge by difference tables along every axis and along mixed directions (3, N)."""
    cells = len(case.row)
    scale = case.scale
    directions = np.concatenate([np.diag(scale), mixed * scale])
    tables = slopes(case.function, case.row, case.index, directions, rng, floor)
    estimate = Estimate(tables.central.value[:, :cells] / scale, tables.central.bound[:, :cells] / scale)
    broken = np.asarray(tables.broken.any(axis=1))
    kinked = (tables.kink.any(axis=1) | nonlinear(tables.central, mixed, cells)) & ~broken
    everything = np.ones(case.candidate.shape, bool)
    bound = float(np.where(np.isfinite(estimate.bound), estimate.bound, 0.0).max(initial=0.0))
    if broken.all():
        return Ruling("undefined", ~everything, estimate.value, bound)
    judged = ~broken[:, None] & everything
    if kinked.any():
        smooth = _at_smooth_point(case, judged & ~kinked[:, None], estimate, bound, rng)
        if smooth.status in ("value", "nonfinite"):
            return smooth
        return _at_kink(case, judged, judged & kinked[:, None], estimate, bound, rng)
    return _at_smooth_point(case, judged, estimate, bound, rng)


def _at_kink_like_ad(case: Case, directions: np.ndarray, ad: np.ndarray, rng: np.random.Generator) -> Ruling | None:
    """Pass a candidate that equals AD where a few directions show that only kinks and jumps keep f from agreeing.

    None where f is smooth along them and disagrees all the same: then AD may be wrong, and every cell is looked at.
    """
    tables = slopes(case.function, case.row, case.index, directions, rng)
    gap = np.abs(case.candidate @ directions.T - tables.central.value)
    size = np.abs(case.candidate) @ np.abs(directions).T
    agrees = (gap <= 10 * tables.central.bound + SAME * size) & np.isfinite(tables.central.bound)
    broken = np.asarray(tables.broken.any(axis=1))
    excused = broken | tables.kink.any(axis=1)
    if not (agrees.all(axis=1) | excused).all():
        return None
    status: Status = "undefined" if broken.all() else "kink" if excused.any() else "pass"
    return Ruling(status, np.zeros(ad.shape, bool), ad, 0.0)


def _at_smooth_point(
    case: Case,
    judged: np.ndarray,
    estimate: Estimate,
    bound: float,
    rng: np.random.Generator,
) -> Ruling:
    candidate, value = case.candidate, estimate.value
    wrong = judged & _differs(candidate, estimate, 10.0, HALF_OF_THE_DIGITS)
    reference, artefact = value, False
    if case.ad is not None:
        # What changes f by less than the last place of 1 over a natural length cannot be held against AD: a
        # cross-entropy that has rounded to 0 looks constant.
        silent = np.abs(case.ad - value) * case.scale <= EPS
        off = judged & _differs(case.ad, estimate, 10.0, HALF_OF_THE_DIGITS) & ~silent
        artefact = bool((off & ~_cancelled(case, case.ad, case.jacobians_at, off, value, rng)).any())
        if not artefact:
            reference = np.where(off, value, case.ad)
        # Against candidate and AD together the differences need to be far out of their bounds.
        together = np.abs(candidate - case.ad) <= _TOGETHER * np.abs(candidate - value)
        wrong &= ~(close(candidate, case.ad) | together) | (_differs(candidate, estimate, 100.0, 1e-6) & ~silent)
    cancelled = wrong & _cancelled(case, candidate, case.candidates_at, wrong, value, rng)
    wrong &= ~cancelled
    if wrong.any():
        if np.isfinite(candidate[judged]).all():
            # AD that does not fit f here may scatter around it, which looks like limits of a kink.
            seen = dataclasses.replace(case, jacobians_at=None) if artefact else case
            member = _at_hidden_kink(seen, wrong, judged, value, rng)
            if member in ("selection", "convex"):
                return Ruling("kink", ~judged & judged, reference, bound, artefact, mixed=member != "selection")
            if member in ("rows", "outside"):
                return Ruling(member, wrong, reference, bound, artefact)
        status: Status = "value" if np.isfinite(candidate[wrong]).all() else "nonfinite"
        return Ruling(status, wrong, reference, bound, artefact)
    known = np.isfinite(estimate.bound)
    agrees = known & (np.abs(candidate - value) <= 10 * estimate.bound + HALF_OF_THE_DIGITS * np.abs(value))
    sizes = np.where(np.isfinite(candidate), np.abs(candidate), 0.0).max(axis=1, keepdims=True, initial=0.0)
    largest = np.maximum(sizes, np.abs(value).max(axis=1, keepdims=True, initial=0.0))
    confirmed = agrees & (estimate.bound <= 1e-4 * largest) | known & (candidate == value) | cancelled
    if case.ad is not None and not artefact:
        confirmed |= close(candidate, case.ad) | (np.abs(candidate - case.ad) <= HALF_OF_THE_DIGITS * sizes)
    unsettled = judged & ~confirmed
    if not unsettled.any():
        return Ruling("pass", unsettled, reference, bound, artefact, _lost(case, cancelled, value, rng))
    natural = sizes_at(case, rng).natural
    # A cell may be small beside what f's digits can show: agreement within what they allow is all there is to have.
    unsettled &= ~(agrees & (estimate.bound <= 1e-6 * natural))
    if unsettled.any() and case.ad is not None and case.jacobians_at is not None and not artefact:
        # Neither is exact: they agree as far as the round-off of the two formulas lets them.
        gap, own = np.abs(candidate - case.ad), noise_of(case.candidates_at, case, rng)
        noise_level = own + noise_of(case.jacobians_at, case, rng)
        noisy = (gap <= 16 * noise_level + EPS * natural) & (gap <= HALF_OF_THE_DIGITS * natural)
        if noisy[unsettled].all():
            explained = (gap <= 16 * own)[unsettled].all()
            lost = _lost(case, unsettled, case.ad, rng) if explained else 0
            return Ruling("pass", ~judged & judged, reference, bound, digits=lost)
    return Ruling("unsure" if unsettled.any() else "pass", unsettled, reference, bound, artefact)


def _lost(case: Case, cells: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> int:
    """How many digits the candidate loses in some cells, without those that merely cancel."""
    if not cells.any():
        return 0
    lossy = cells & beyond_round_off(np.abs(case.candidate - truth), sizes_at(case, rng).natural)
    return digits_lost(case.candidate[lossy], truth[lossy]) if lossy.any() else 0


def _cancelled(
    case: Case,
    found: np.ndarray,
    found_at: JacobiansAt | None,
    cells: np.ndarray,
    value: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Mask (m, N): ``found`` is off in all of the cells by no more than the round-off of its own formula, or of f's.

    A cofactor of a singular matrix comes out as 1e-16 instead of 0. At most half of the digits of what cancels may go.
    """
    if not cells.any() or not np.isfinite(found[cells]).all():
        return np.zeros_like(cells)
    gap, sizes = np.abs(found - value), sizes_at(case, rng)
    own = 0.0 if found_at is None else noise_of(found_at, case, rng)
    # The last term is for f: what it computes may have a slope of its own in the last places.
    level = 16 * own + last_places(sizes.natural)
    return np.asarray((gap <= level) & (gap <= HALF_OF_THE_DIGITS * sizes.slope))


def _differs(matrix: np.ndarray, estimate: Estimate, bounds: float, relative: float) -> np.ndarray:
    """Cells that are off by more than so many bounds and so much of their size, or not finite where f' is known."""
    gap = np.abs(matrix - estimate.value)
    size = np.maximum(np.abs(matrix), np.abs(estimate.value))
    known = np.isfinite(estimate.bound)
    off = (gap > bounds * estimate.bound) & (gap > relative * size) & (gap > UNDERFLOWN)
    return np.asarray(known & (~np.isfinite(matrix) | off))


def _at_kink(
    case: Case, judged: np.ndarray, kinked: np.ndarray, estimate: Estimate, bound: float, rng: np.random.Generator
) -> Ruling:
    """Judge the outputs together; ``kinked`` masks the cells of those that have the kink."""
    candidate = case.candidate
    nothing = ~judged & judged
    reference = estimate.value if case.ad is None else case.ad
    if case.ad is not None:
        same = close(candidate, case.ad) | (np.isnan(candidate) & np.isnan(case.ad))
        if same[judged].all() and (case.kinks == "jax" or np.isfinite(candidate[judged]).all()):
            return Ruling("kink", nothing, reference, bound)
        if case.kinks == "jax":
            return Ruling("outside", kinked & ~same, reference, bound)
    finite = np.isfinite(candidate) | ~judged
    if not finite.all():
        shown = np.where(np.isfinite(reference), reference, estimate.value)
        return Ruling("nonfinite_at_kink", ~finite, shown, bound)
    rows = np.asarray(judged.all(axis=1))
    nearby = nearby_jacobians(case, rows, rng)
    verdict = membership(nearby.at, case.row, candidate[rows], nearby.radii, rng, nearby.error)
    if verdict in ("selection", "convex") or (verdict == "rows" and case.kinks == "rows"):
        return Ruling("kink", nothing, reference, bound, mixed=verdict != "selection")
    if verdict == "unknown":
        return Ruling("unsure", judged, reference, bound)
    wrong = kinked & ~close(candidate, reference)
    return Ruling("rows" if verdict == "rows" else "outside", wrong, reference, bound)


def _at_hidden_kink(
    case: Case, wrong: np.ndarray, judged: np.ndarray, value: np.ndarray, rng: np.random.Generator
) -> Membership | None:
    """Say what the candidate is to a kink that the difference tables stepped over; None where there is no such kink.

    Limits that vary by less than the candidate is off are no kink that could explain it, however near they are.
    """
    rows = np.asarray(judged.all(axis=1))
    nearby = nearby_jacobians(case, rows, rng)
    varied = variation(nearby.at, case.row, case.candidate[rows], nearby.radii, rng)
    if (varied[wrong[rows]] < 0.5 * np.abs(case.candidate - value)[rows][wrong[rows]]).any():
        return None
    return membership(nearby.at, case.row, case.candidate[rows], nearby.radii, rng, nearby.error)
