"""What the code under test says of itself in exact arithmetic: it settles what is open, and excuses no failure."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from pairs import pair

from jacfuzz.evaluation.evaluate import Evaluation
from jacfuzz.evaluation.hosted import Hosted
from jacfuzz.judge import Judge
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


class Liar:
    """A host whose f is sin and whose Jacobian is unsure to differences; of the rest it says what it was made with."""

    def __init__(self, primal: object, columns: object, formula: object) -> None:
        self._truth = np.array(primal), np.array(columns), False
        self._formula = np.array(formula)

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None

    def take_notes(self) -> list[tuple[str, str]]:
        return []

    def evaluate(self, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...] = ()) -> Evaluation:
        (rows,) = values
        jacobians = [(np.diag(np.cos(row) + 3e-9),) for row in rows]
        return Evaluation(list(np.sin(rows)), list(jacobians), [""] * len(rows), {})

    def primals(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
        return np.sin(values[0]) + 1e-7 * np.sin(1e12 * values[0])

    def truth(self, point: object, columns: object) -> Any:
        return self._truth

    def formula(self, point: object, cells: int, level: float) -> Any:
        return self._formula


@pytest.mark.parametrize(
    ("primal", "columns", "formula"),
    [
        ([0.0], [[0.0]], [[0.0]]),
        ([0.0] * 5, [[0.0]] * 5, np.zeros((5, 5))),
        (np.sin([1.0, 2.0]), np.diag(np.cos([1.0, 2.0])), np.zeros((7, 1))),
        (np.sin([1.0, 2.0]), np.full((2, 2), np.nan), np.full((2, 2), np.nan)),
        ([], np.zeros((0, 2)), []),
    ],
)
def test_numbers_that_do_not_fit_are_no_truth(primal: object, columns: object, formula: object) -> None:
    liar: Any = Liar(primal, columns, formula)
    target = pair(Hosted(liar, "f"), Hosted(liar, "jac"), x="2")
    (verdict,) = Judge(target, 0).batch((np.array([[1.0, 2.0]]),))
    assert verdict.status in ("unsure", "fail")
