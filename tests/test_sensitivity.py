"""The smallest error of one cell that is caught, whole way through: as stated in docs/comparison.md."""

from collections.abc import Callable

import numpy as np
import pytest

from jacfuzz import check

Function = Callable[[np.ndarray], np.ndarray]
RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.standard_normal((32, 32)) / 6
LARGE = RANDOM.standard_normal((1000, 1000)) / 30


def _softmax(x: np.ndarray) -> np.ndarray:
    shifted = np.exp(x - x.max())
    return np.asarray(shifted / shifted.sum())


PAIRS: dict[str, tuple[Function, Function]] = {
    "linear": (lambda x: WEIGHTS @ x, lambda x: WEIGHTS),
    "tanh of linear": (lambda x: np.tanh(WEIGHTS @ x), lambda x: (1 - np.tanh(WEIGHTS @ x) ** 2)[:, None] * WEIGHTS),
    "sin": (np.sin, lambda x: np.diag(np.cos(x))),
    "cumulative sum of squares": (lambda x: np.cumsum(x**2), lambda x: np.tril(np.ones((32, 32))) * 2 * x),
    "softmax": (_softmax, lambda x: np.diag(_softmax(x)) - np.outer(_softmax(x), _softmax(x))),
}


def off_in_one_cell(jac: Function, relative: float, seed: int) -> Function:
    """Make one cell wrong, of those that matter in their row."""

    def wrong(x: np.ndarray) -> np.ndarray:
        found = np.array(jac(x), float)
        row = seed % len(found)
        found[row, np.abs(found[row]).argmax()] *= 1 + relative
        return found

    return wrong


@pytest.mark.parametrize("seed", [0, 13])
@pytest.mark.parametrize("name", PAIRS)
def test_one_part_in_ten_million_in_one_cell_of_a_thousand(name: str, seed: int) -> None:
    f, jac = PAIRS[name]
    wrong = off_in_one_cell(jac, 1e-7, seed)
    assert check(f, wrong, at=np.ones(32), max_examples=40, seed=seed, shrink=False).verdict == "fail"


@pytest.mark.parametrize("name", PAIRS)
def test_right_code_of_that_size_passes(name: str) -> None:
    f, jac = PAIRS[name]
    assert check(f, jac, at=np.ones(32), max_examples=40).verdict == "pass"


def test_one_part_in_a_thousand_in_one_cell_of_a_million() -> None:
    def jac(x: np.ndarray) -> np.ndarray:
        return np.asarray((1 - np.tanh(LARGE @ x) ** 2)[:, None] * LARGE)

    def f(x: np.ndarray) -> np.ndarray:
        return np.tanh(LARGE @ x)

    at = 0.1 * np.ones(1000)
    wrong = check(f, off_in_one_cell(jac, 1e-3, 17), at=at, max_examples=20, shrink=False)
    assert wrong.verdict == "fail"
    assert check(f, jac, at=at, max_examples=20, max_time=600).verdict == "pass"
