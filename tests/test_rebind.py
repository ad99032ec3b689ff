"""NumPy and math code under jax: believed only where it gives the same values."""

import math
from collections.abc import Callable
from math import sin

import jax
import numpy as np
import pytest
from numpy import cos as cosine
from pairs import pair

from jacfuzz.evaluation.frame import Frame
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.tracing.rebind import to_jax

SCALE = 3.0


def helper(x: np.ndarray) -> np.ndarray:
    return np.sin(x) * SCALE


def recursive(x: np.ndarray, depth: int) -> np.ndarray:
    return x if depth == 0 else np.tanh(recursive(x, depth - 1))


def in_closure() -> Callable[[np.ndarray], np.ndarray]:
    inner = np.exp

    def f(x: np.ndarray) -> np.ndarray:
        return inner(x)

    return f


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "a NumPy function itself": np.cumsum,
    "attributes of np": lambda x: np.convolve(x, np.ones(2), mode="valid"),
    "a name imported from numpy": lambda x: cosine(x),
    "math": lambda x: math.exp(x[0]) * x,
    "a name imported from math": lambda x: sin(x[1]) * x,
    "a helper": helper,
    "recursion": lambda x: recursive(x, 3),
    "a closure": in_closure(),
    "linear algebra": lambda x: np.linalg.norm(x) * x,
    "a comprehension": lambda x: np.stack([np.sin(v) for v in x]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rebound_functions_have_the_value_and_derivative_of_the_original(name: str) -> None:
    f, x = FUNCTIONS[name], np.array([0.3, -1.2, 2.0])
    with jax.enable_x64(True):
        rebound = to_jax(f)
        np.testing.assert_allclose(np.asarray(rebound(x)), f(x), rtol=1e-12)
        jacobian = np.asarray(jax.jacfwd(rebound)(x))
        step = 1e-6 * np.eye(3)
        differences = np.stack([(f(x + h) - f(x - h)) / 2e-6 for h in step], axis=-1)
        np.testing.assert_allclose(jacobian, differences, rtol=1e-7, atol=1e-8)


def test_the_original_is_left_alone() -> None:
    to_jax(helper)
    assert helper.__globals__["np"] is np
    assert isinstance(helper(np.ones(2)), np.ndarray)


def forward(f: Callable[..., object], rows: np.ndarray) -> object:
    frame = Frame((rows.shape[1:],), (True,))
    with jax.enable_x64(True):
        return ForwardMode(pair(f, f, x="n"))(frame, rows, (rows,), np.arange(len(rows)), rows.shape[1])


def test_what_jax_gives_another_value_for_is_not_believed() -> None:
    def f(x: np.ndarray) -> np.ndarray:
        y = x.copy()
        y.sort()
        return y

    rows = np.array([[3.0, 1.0], [1.0, 2.0]])
    found = forward(f, rows)
    assert found is None or not found.believed(np.sort(rows, axis=1))[0]  # type: ignore[attr-defined]  # Derivatives


def test_what_cannot_be_traced_gives_nothing() -> None:
    assert forward(lambda x: np.array([float(str(v)) for v in x]), np.array([[1.0, 2.0]])) is None


def test_control_flow_on_values_is_traced_point_by_point() -> None:
    found = forward(lambda x: np.stack([v * v if v > 0 else 0 * v for v in x]), np.array([[1.0, -2.0], [3.0, 4.0]]))
    assert found is not None
    assert found.jacobians[0].tolist() == [[2.0, 0.0], [0.0, 0.0]]  # type: ignore[attr-defined]  # Derivatives
