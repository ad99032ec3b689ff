"""What the code under test says of itself in exact arithmetic: it settles what is open, and excuses no failure."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from jacfuzz.oracles.exact import Truth
from jacfuzz.oracles.ruling import Case, Ruling, Status
from jacfuzz.oracles.truth import with_truth


@dataclasses.dataclass(frozen=True)
class Claims:
    """Exact arithmetic that says what it is told to say."""

    primal: float
    slope: float
    foreign: bool
    tied: bool = False

    def derivative(self, row: np.ndarray, columns: object) -> Truth:
        return Truth(np.array([self.primal]), np.array([[self.slope]]), self.tied)

    def candidate(self, level: float = 0.0) -> np.ndarray:
        return np.array([[self.slope]])


def ruled(status: Status, claims: Claims) -> Status:
    """What becomes of a ruling on sin at 1, and a candidate that is what is claimed."""

    def sine(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        return np.sin(rows)

    candidate = np.array([[claims.slope]])

    def answers(points: np.ndarray) -> np.ndarray:
        return np.broadcast_to(candidate, (len(points), 1, 1))

    case = Case(sine, None, np.array([1.0]), 0, candidate, answers, None, "any", claims)
    wrong = np.full((1, 1), status == "value")
    return with_truth(case, Ruling(status, wrong, np.zeros((1, 1)), 1.0), np.random.default_rng(0)).status


SINE, SLOPE = math.sin(1), math.cos(1)


@pytest.mark.parametrize("foreign", [False, True])
def test_what_is_open_is_settled(foreign: bool) -> None:
    assert ruled("unsure", Claims(SINE, SLOPE, foreign)) == "pass"


def test_a_failure_stays_whatever_the_code_says_of_itself() -> None:
    assert ruled("value", Claims(SINE, 2 * SLOPE, foreign=True)) == "value"


def test_what_differences_rule_out_settles_nothing() -> None:
    assert ruled("unsure", Claims(SINE, 1.001 * SLOPE, foreign=True)) == "unsure"


def test_a_tie_that_the_code_claims_settles_nothing() -> None:
    assert ruled("unsure", Claims(SINE, SLOPE, foreign=True, tied=True)) == "unsure"


def test_an_f_of_other_values_than_f_settles_nothing() -> None:
    assert ruled("unsure", Claims(2 * SINE, SLOPE, foreign=True)) == "unsure"
