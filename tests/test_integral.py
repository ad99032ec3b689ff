"""The integral check: right code is left alone, wrong rows are seen, in either precision."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jacfuzz.oracles.integral import Integrals, integrals
from jacfuzz.oracles.precision import DOUBLE, SINGLE, Precision

Function = Callable[[np.ndarray], Any]
WEIGHTS = np.sin(np.arange(12.0)).reshape(3, 4)


def _cast(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32)


def _softmax(x: np.ndarray) -> np.ndarray:
    shifted = np.exp(x - x.max())
    return np.asarray(shifted / shifted.sum())


def _softmax_slope(x: np.ndarray) -> np.ndarray:
    return np.diag(_softmax(x)) - np.outer(_softmax(x), _softmax(x))


SMOOTH: dict[str, tuple[Function, Function]] = {
    "square": (lambda x: x**2, lambda x: np.diag(2 * x)),
    "sine": (np.sin, lambda x: np.diag(np.cos(x))),
    "softmax": (_softmax, _softmax_slope),
    "linear": (lambda x: WEIGHTS.astype(x.dtype) @ x, lambda x: WEIGHTS),
    "product": (np.prod, lambda x: np.array([[np.prod(np.delete(x, i)) for i in range(4)]])),
}


def along(f: Function, jac: Function, row: np.ndarray, precision: Precision, seed: int = 0) -> Integrals:
    def function(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        return np.stack([np.asarray(f(each), float).reshape(-1) for each in rows])

    def jacobians(rows: np.ndarray) -> np.ndarray:
        return np.stack([np.asarray(jac(each), float).reshape(-1, len(row)) for each in rows])

    return integrals(function, jacobians, row, 0, np.random.default_rng(seed), precision)


def rows(count: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    return np.asarray(rng.standard_normal((count, 4)) * 10.0 ** rng.integers(-3, 4, size=(count, 1)))


@pytest.mark.parametrize("name", SMOOTH)
def test_right_code_is_left_alone_in_either_precision(name: str) -> None:
    f, jac = SMOOTH[name]
    for row in rows(60):
        assert not along(f, jac, row, DOUBLE).wrong.any()
        assert not along(lambda x: f(_cast(x)), lambda x: jac(_cast(x)), row, SINGLE).wrong.any(), row


@pytest.mark.parametrize("name", SMOOTH)
def test_one_part_in_ten_thousand_is_seen_through_a_cast_to_single_precision(name: str) -> None:
    f, jac = SMOOTH[name]
    row = np.array([0.75, -1.25, 0.5, 2.0])
    found = along(lambda x: f(_cast(x)), lambda x: 1.0001 * jac(_cast(x)), row, SINGLE)
    assert found.wrong.all()
    assert not found.blind(1e-4).any()


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("mutate", [lambda j: -j, lambda j: 0 * j, lambda j: np.roll(j, 1, axis=1)])
def test_a_wrong_formula_is_seen(name: str, mutate: Callable[[np.ndarray], np.ndarray]) -> None:
    f, jac = SMOOTH[name]
    assert along(f, lambda x: mutate(jac(x)), np.array([0.75, -1.25, 0.5, 2.0]), DOUBLE).wrong.any()


def test_one_cell_of_a_million_is_seen_in_its_own_row() -> None:
    size = 1000
    weights = np.random.default_rng(0).standard_normal((size, size)) / 30

    def jac(x: np.ndarray) -> np.ndarray:
        found = (1 - np.tanh(weights @ x) ** 2)[:, None] * weights
        found[17, 503] += 1e-3
        return found

    found = along(lambda x: np.tanh(weights @ x), jac, np.random.default_rng(1).standard_normal(size), DOUBLE)
    assert np.flatnonzero(found.wrong).tolist() == [17]


def test_where_f_is_not_finite_nothing_is_said() -> None:
    found = along(lambda x: np.where(x > 0, np.nan, x), lambda x: 5 * np.eye(4), np.zeros(4), DOUBLE)
    assert not found.wrong.any()
