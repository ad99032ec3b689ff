"""Code that casts to single or half precision: right code passes, wrong code is found, the cast is noticed and said."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jacfuzz import check
from jacfuzz.oracles.precision import DOUBLE, HALF, SINGLE, Precision, precision_of

Function = Callable[[np.ndarray], Any]
WEIGHTS = np.sin(np.arange(9.0)).reshape(3, 3)


def single(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32)


def softmax(x: np.ndarray) -> np.ndarray:
    shifted = np.exp(single(x) - single(x).max())
    return np.asarray(shifted / shifted.sum())


def softmax_jac(x: np.ndarray) -> np.ndarray:
    return np.diag(softmax(x)) - np.outer(softmax(x), softmax(x))


PAIRS: dict[str, tuple[Function, Function]] = {
    "square": (lambda x: single(x) ** 2, lambda x: np.diag(2 * x)),
    "softmax": (softmax, softmax_jac),
    "linear": (lambda x: WEIGHTS.astype(np.float32) @ single(x), lambda x: WEIGHTS),
    "result only": (lambda x: np.sin(x).astype(np.float32), lambda x: np.diag(np.cos(x))),
    "input only": (lambda x: 0.3 * single(x).astype(float) ** 3, lambda x: np.diag(0.9 * x**2)),
    "relu": (lambda x: np.maximum(single(x), 0), lambda x: np.diag((x > 0) * 1.0)),
    "sort": (lambda x: np.sort(single(x)), lambda x: np.eye(len(x))[np.argsort(x, kind="stable")]),
    "maximum": (lambda x: single(x).max(), lambda x: np.eye(len(x))[np.argmax(x)]),
}


@pytest.mark.parametrize("name", PAIRS)
def test_right_code_in_single_precision_passes(name: str) -> None:
    f, jac = PAIRS[name]
    report = check(f, jac, at=np.ones(3), max_examples=60)
    assert report.verdict == "pass", report
    assert any("coarser precision" in note.text for note in report.notes)


@pytest.mark.parametrize("name", PAIRS)
def test_one_cell_that_is_off_by_one_part_in_ten_thousand_is_found(name: str) -> None:
    f, jac = PAIRS[name]

    def wrong(x: np.ndarray) -> np.ndarray:
        found = np.array(jac(x), float)
        found.reshape(-1)[np.abs(found).argmax()] *= 1.0001
        return found

    assert check(f, wrong, at=np.ones(3), max_examples=60).verdict == "fail"


def test_what_is_wrong_at_a_kink_alone_is_found() -> None:
    f, jac = PAIRS["relu"]
    assert check(f, lambda x: jac(x) + 2 * np.diag((x == 0) * 1.0), at=np.ones(3)).verdict == "fail"


def test_a_division_by_a_zero_entry_is_found() -> None:
    def f(x: np.ndarray) -> Any:
        return np.prod(single(x))

    found = check(f, lambda x: np.prod(x) / x, at=np.ones(3)).findings
    assert [finding.kind for finding in found] == ["nonfinite"]


@pytest.mark.parametrize(
    ("f", "precision"),
    [
        (lambda x: np.sin(x), DOUBLE),
        (lambda x: 3 * x, DOUBLE),
        (lambda x: np.round(x), DOUBLE),
        (lambda x: (x > 0) * 1.0, DOUBLE),
        (lambda x: np.floor(1e5 * x) / 1e5, DOUBLE),
        (lambda x: np.argsort(x) + 5001, DOUBLE),
        (lambda x: (1e12 + x) - 1e12, DOUBLE),
        (lambda x: x.astype(np.float32) @ np.ones(3), SINGLE),
        (lambda x: np.sin(x).astype(np.float32), SINGLE),
        (lambda x: np.maximum(x.astype(np.float32), 0), SINGLE),
        (lambda x: x.astype(np.float16) ** 2, HALF),
    ],
)
@pytest.mark.parametrize("row", [np.ones(3), np.zeros(3), np.array([1e-5, -300.0, 2.5])])
def test_the_precision_of_f_is_noticed(f: Function, precision: Precision, row: np.ndarray) -> None:
    def function(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        return np.stack([np.asarray(f(each), float).reshape(-1) for each in rows])

    assert precision_of(function, row, 0, np.random.default_rng(0)) is precision


def shares(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max())
    return np.asarray(powers / powers.sum())


@pytest.mark.parametrize(
    ("f", "precision"),
    [
        (lambda x: shares(x).astype(np.float32), SINGLE),
        (lambda x: shares(x.astype(np.float32)), SINGLE),
        (lambda x: np.tanh(x).astype(np.float32), SINGLE),
        (lambda x: (1 / (1 + np.exp(-x))).astype(np.float16), HALF),
        (shares, DOUBLE),
        (np.tanh, DOUBLE),
    ],
)
def test_the_precision_of_what_saturates_is_noticed(f: Function, precision: Precision) -> None:
    def function(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        return np.stack([np.asarray(f(each), float) for each in rows])

    rng = np.random.default_rng(0)
    rows = (10 ** rng.uniform(-1, 3, size=(60, 1))) * rng.standard_normal((60, 4))
    assert all(precision_of(function, row, 0, rng) is precision for row in rows)


@pytest.mark.parametrize(("f", "high"), [(lambda x: np.log(1 + x), 1e-9), (lambda x: np.sqrt(1 + x) - 1, 1e-8)])
def test_last_places_of_1_are_no_cast(f: Function, high: float) -> None:
    def function(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        return np.where((rows >= 0) & (rows <= high), f(rows), np.nan)

    rng = np.random.default_rng(0)
    found = [precision_of(function, rng.uniform(0, high, 3), 0, rng) for _ in range(200)]
    assert sum(precision is not DOUBLE for precision in found) <= 4
