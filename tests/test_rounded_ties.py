"""Ties that hold in floating point only, and slopes next to a kink that are measured with round-off."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import jax
import numpy as np
import pytest
from pairs import pair

from jacfuzz import check
from jacfuzz.evaluation.frame import Frame
from jacfuzz.judge import Judge
from jacfuzz.oracles.exact import Exact
from jacfuzz.oracles.inquiry import ask
from jacfuzz.oracles.noise import noise_beside
from jacfuzz.verdict import PointVerdict

WEIGHTS = np.array([0.7, -1.3, 0.9, 2.1])
Jacobian = Callable[[np.ndarray], Any]


def hinge(x: np.ndarray) -> Any:
    return np.maximum(0.0, 1.0 - WEIGHTS @ x)


def tied_after_rounding() -> np.ndarray:
    """A point whose weighted sum is 1 in floating point and is not in exact arithmetic."""
    rng = np.random.default_rng(0)
    while True:
        x = rng.standard_normal(4)
        x[3] = (1.0 - WEIGHTS[:3] @ x[:3]) / WEIGHTS[3]
        exact = sum(
            Fraction(weight) * Fraction(entry) for weight, entry in zip(WEIGHTS.tolist(), x.tolist(), strict=True)
        )
        if WEIGHTS @ x == 1.0 and exact != 1:
            return np.asarray(x)


def judged(f: Callable[[np.ndarray], Any], jac: Jacobian, x: np.ndarray) -> PointVerdict:
    return Judge(pair(f, jac, x=str(len(x))), 0).batch((x[None],))[0]


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_legal_at_a_tie_after_rounding(share: float) -> None:
    verdict = judged(
        hinge, lambda x: -WEIGHTS * np.where(WEIGHTS @ x == 1.0, share, WEIGHTS @ x < 1.0), tied_after_rounding()
    )
    assert verdict.status in ("pass", "kink"), verdict


@pytest.mark.parametrize("share", [-0.5, 1.5, 3.0])
def test_illegal_at_a_tie_after_rounding(share: float) -> None:
    verdict = judged(
        hinge, lambda x: -WEIGHTS * np.where(WEIGHTS @ x == 1.0, share, WEIGHTS @ x < 1.0), tied_after_rounding()
    )
    assert verdict.status == "fail", verdict


def scaled_gap(x: np.ndarray) -> Any:
    return np.abs(1.4 * x[0] + 0.3 - x[1])


def sided(first: float, second: float) -> Jacobian:
    """Return the slopes of the gap, with a side of its own for each cell at a tie."""

    def jac(x: np.ndarray) -> Any:
        left, right = 1.4 * x[0] + 0.3, x[1]
        sides = [np.sign(left - right) if left != right else side for side in (first, second)]
        return np.array([1.4, -1.0]) * sides

    return jac


def gap_tied_after_rounding() -> np.ndarray:
    rng = np.random.default_rng(1)
    while True:
        x = rng.standard_normal(2)
        x[1] = 1.4 * x[0] + 0.3
        if Fraction(1.4) * Fraction(x[0]) + Fraction(0.3) != Fraction(x[1]):
            return np.asarray(x)


@pytest.mark.parametrize(
    ("first", "second"),
    [(1.0, 1.0), (-1.0, -1.0), (0.0, 0.0), (0.4, 0.4)],
)
def test_cells_that_fit_together_are_legal_at_a_tie_after_rounding(first: float, second: float) -> None:
    assert judged(scaled_gap, sided(first, second), gap_tied_after_rounding()).status in ("pass", "kink")


@pytest.mark.parametrize(("first", "second"), [(1.0, -1.0), (-1.0, 1.0), (0.0, 1.0)])
def test_cells_that_are_legal_one_by_one_and_not_together_are_no_lost_digits(first: float, second: float) -> None:
    assert judged(scaled_gap, sided(first, second), gap_tied_after_rounding()).status == "fail"


def test_two_formulas_of_one_side_that_round_differently_are_lost_digits() -> None:
    def jac(x: np.ndarray) -> Any:
        left = 1.4 * x[0] + 0.3 - x[1]
        right = (1.4 * x[0] - x[1]) + 0.3  # the same number, rounded elsewhere
        return np.array([1.4 if left > 0 else -1.4, -1.0 if right > 0 else 1.0])

    rng = np.random.default_rng(2)
    apart = 0
    for _ in range(400):
        x = rng.standard_normal(2)
        x[1] = 1.4 * x[0] + 0.3
        if (1.4 * x[0] + 0.3 - x[1] > 0) != ((1.4 * x[0] - x[1]) + 0.3 > 0):
            apart += 1
            if apart <= 3:
                assert judged(scaled_gap, jac, x).status != "fail"
    assert apart >= 3


def test_round_off_of_differences_beside_a_kink_blames_nobody() -> None:
    rng = np.random.default_rng(3)
    weights = rng.standard_normal(32)
    x = rng.standard_normal(32) * 5
    x[0] += (2.25 - weights @ x) / weights[0]
    f, jac = (lambda x: np.abs(weights @ x - 2.25)), (lambda x: weights * (np.sign(weights @ x - 2.25) or 1.0))
    for step in range(-8, 9):
        near = x.copy()
        near[0] += step * np.spacing(x[0])
        assert judged(f, jac, near).status in ("pass", "kink"), step


def test_not_a_number_at_a_kink_is_said_to_be_at_a_kink() -> None:
    (finding,) = check(lambda x: np.sqrt(x @ x), lambda x: x / np.sqrt(x @ x), at=np.ones(2)).findings
    assert finding.kind == "nonfinite"
    assert "f has a kink here, and the Jacobian is not finite" in finding.message
    assert np.isfinite(np.array(finding.reference)).all()


def test_what_cancels_is_neither_said_to_lose_digits_nor_a_mistake_of_ad() -> None:
    def f(x: np.ndarray) -> Any:
        shifted = np.exp(x - x.max())
        return shifted / shifted.sum() @ np.array([1e6, 2e6, -3e6])

    def jac(x: np.ndarray) -> Any:
        p = np.exp(x - x.max()) / np.exp(x - x.max()).sum()
        return p * (np.array([1e6, 2e6, -3e6]) - p @ np.array([1e6, 2e6, -3e6]))

    report = check(f, jac, at=np.ones(3))
    assert report.verdict == "pass"
    assert not [note for note in report.notes if note.kind in ("digits", "ad artefact")]


EPS = 2.0**-52


def link(p: np.ndarray) -> Any:
    return np.log(-np.log(1 - np.clip(p, EPS, 1 - EPS)))


@pytest.mark.parametrize("other", [0.5, 2e-3, 2.3e-6])
@pytest.mark.parametrize(("share", "status"), [(0.0, "legal"), (0.4, "legal"), (1.0, "legal"), (1.5, "fail")])
def test_a_clip_at_the_last_place_beside_ordinary_entries(other: float, share: float, status: str) -> None:
    x = np.array([other, EPS])
    slope = -1 / ((1 - x) * np.log(1 - x))  # to the right; to the left f is constant
    found = judged(link, lambda p: np.diag(slope * np.array([1.0, share])), x).status
    assert ("fail" if found == "fail" else "legal") == status


def test_noise_beside_a_point_is_seen_whichever_the_direction() -> None:
    def power(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        shape = np.exp(rows[:, :1])
        return np.asarray((1 + 1 / (shape * np.exp(2 * rows[:, 1:]))) ** -shape)

    row = np.array([11.0, 9.0])
    levels = ask(power, 0, *(partial(noise_beside, row=row, rng=np.random.default_rng(seed)) for seed in range(200)))
    assert np.mean(np.array(levels) > 1e-13) > 0.99


def test_steps_are_seen_where_a_domain_leaves_little_room() -> None:
    def function(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        inside = ((rows >= 0) & (rows <= 1e-9)).all(axis=1, keepdims=True)
        return np.where(inside, np.log(1 + rows), np.nan)

    row = np.array([1.3e-14, 6e-15, 1e-15, 9e-15])
    levels = ask(function, 0, *(partial(noise_beside, row=row, rng=np.random.default_rng(seed)) for seed in range(100)))
    assert (np.array(levels) > 0).mean() > 0.99


def spread(x: np.ndarray) -> Any:
    return x.std()


def spread_slope(x: np.ndarray) -> np.ndarray:
    return (x - x.mean()) / (len(x) * x.std()) if x.std() else np.zeros(len(x))


def test_points_without_a_slope_do_not_use_up_the_attempts_at_exact_arithmetic() -> None:
    frame, exact = Frame(((4,),), (True,)), Exact(pair(spread, spread_slope, x="4"))
    assert all(exact.derivative(frame, (np.full(4, size),), range(4)) is None for size in range(1, 9))
    assert exact.derivative(frame, (np.array([1.0, 2.0, 4.0, 8.0]),), range(4)) is not None


@pytest.mark.parametrize("seed", range(3))
def test_an_answer_within_what_the_last_places_of_the_input_change_is_not_wrong(seed: int) -> None:
    nearly = np.array([[-0.25, -0.25, -0.25, np.nextafter(-0.25, -1)]])
    (verdict,) = Judge(pair(spread, spread_slope, x="4"), seed).batch((nearly,))
    assert verdict.status != "fail"


PARTS = np.array([0.6, 3.0, 2.4])
SHARES = np.array([[0.7, -1.1], [0.9, 0.2], [-0.4, 0.9]])


def limited(x: np.ndarray) -> Any:
    amounts = SHARES @ x + 2.0
    return amounts - PARTS * np.min(amounts / PARTS)  # of what is scarce nothing is left


def limited_jac(x: np.ndarray) -> Any:
    scarce = np.argmin((SHARES @ x + 2.0) / PARTS)
    return SHARES - np.outer(PARTS, SHARES[scarce] / PARTS[scarce])


@pytest.mark.parametrize("seed", range(5))
def test_constants_that_cancel_leave_last_places_where_an_output_is_nothing(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(20, 2)) * 3
    statuses = [verdict.status for verdict in Judge(pair(limited, limited_jac, x="2"), seed).batch((points,))]
    assert statuses.count("pass") >= len(points) - 1
    assert set(statuses) <= {"pass", "kink"}  # by chance nothing but last places looks like a kink, which is legal
    residues = np.abs([limited_jac(point) for point in points]).max(axis=2)
    assert np.any((residues > 0.0) & (residues < 1e-15))


def test_an_output_that_is_nothing_has_no_slope_that_is_not_last_places() -> None:
    wrong = lambda x: limited_jac(x) + 1e-12 * (limited(x) == 0.0)[:, None]  # noqa: E731
    points = np.random.default_rng(0).normal(size=(20, 2)) * 3
    assert any(verdict.failures for verdict in Judge(pair(limited, wrong, x="2"), 0).batch((points,)))


def flow(x: np.ndarray) -> Any:
    sent, taken = np.minimum(x, 0.75), 0.25 * (3.75 - np.maximum(x, 0.75))
    between = np.minimum(sent[:-1], taken[1:])
    return np.concatenate([between, sent[-1:]]) + np.maximum(x[0], 4.0)


def flow_jac(x: np.ndarray) -> Any:
    sent, taken = np.minimum(x, 0.75), 0.25 * (3.75 - np.maximum(x, 0.75))
    sends, takes = np.diag((x <= 0.75) * 1.0), np.diag((x > 0.75) * -0.25)
    free = (sent[:-1] <= taken[1:])[:, None]
    between = np.where(free, sends[:-1], takes[1:])
    return np.concatenate([between, sends[-1:]]) + np.outer(np.ones(len(x)), np.eye(len(x))[0] * (x[0] > 4.0))


def test_a_tie_elsewhere_does_not_make_an_illegal_kink_of_what_rounding_ties() -> None:
    above = np.nextafter(0.75, 1.0)
    for point in ([4.0, above], [4.0, np.nextafter(above, 1.0)], [4.0, 0.75], [2.0, above]):
        assert not judged(flow, flow_jac, np.array(point)).failures
