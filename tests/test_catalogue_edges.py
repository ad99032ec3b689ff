"""The shipped pairs at the points where Jacobians go wrong: zeros, ties, kinks, singular matrices, large numbers."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from jacfuzz.targets import (
    convolution_1d,
    convolution_2d,
    determinant,
    euclidean_norm,
    huber,
    index,
    layer_norm,
    log_sum_exp,
    product,
    relu,
    repeat,
    repeat_and_scale,
    rosenbrock,
    rosenbrock_gradient,
    running_mean,
    softmax,
    solve,
    sort,
)


@pytest.mark.parametrize("zeros", [0, 1, 2, 3, 4])
def test_product_is_exact_at_any_number_of_zeros(zeros: int) -> None:
    for places in itertools.combinations(range(4), zeros):
        x = np.array([2.0, -3.0, 5.0, 7.0])
        x[list(places)] = 0.0
        expected = [[math.prod(np.delete(x, i)) for i in range(4)]]
        np.testing.assert_array_equal(product.jac(x), expected)


@pytest.mark.parametrize("x", [(1e-200, 1e-200, 1e200), (1e200, 1e200, 1e-300), (1e-160, 0.0, 1e-150)])
def test_product_survives_overflow_and_underflow_of_the_whole(x: tuple[float, ...]) -> None:
    with np.errstate(over="ignore", under="ignore"):
        found = product.jac(np.array(x))
    exact = [math.prod(map(Fraction, x[:i] + x[i + 1 :])) for i in range(3)]
    expected = [float(cell) if cell < Fraction(10) ** 308 else math.inf for cell in exact]
    np.testing.assert_allclose(found, [expected], rtol=1e-14)


def test_product_of_nothing_and_of_one() -> None:
    assert product.jac(np.zeros(0)).shape == (1, 0)
    np.testing.assert_array_equal(product.jac(np.zeros(1)), [[1.0]])


@pytest.mark.parametrize("ties", list(itertools.product([0.0, 1.0, 2.0], repeat=4)))
def test_sort_gives_one_whole_order_at_ties(ties: tuple[float, ...]) -> None:
    x = np.array(ties)
    found = sort.jac(x)
    np.testing.assert_array_equal(found.sum(axis=0), 1)
    np.testing.assert_array_equal(found.sum(axis=1), 1)
    np.testing.assert_array_equal(found @ x, np.sort(x))
    near = x + 1e-9 * np.arange(4)  # the limit from where earlier entries are smaller
    np.testing.assert_array_equal(found, sort.jac(near))


def test_kinks_get_a_legal_slope() -> None:
    np.testing.assert_array_equal(relu.jac(np.array([-0.0, 0.0, 1e-300, -1e-300])), np.diag([0.0, 0.0, 1.0, 0.0]))
    for n in range(4):
        np.testing.assert_array_equal(euclidean_norm.jac(np.zeros(n)), np.zeros((1, n)))
    threshold = huber.THRESHOLD
    np.testing.assert_array_equal(huber.jac(np.array([-threshold, 0.0, threshold])), np.diag([-1.0, 0.0, 1.0]))


def test_huber_is_the_textbook_function() -> None:
    x = np.linspace(-3, 3, 61)
    expected = np.where(np.abs(x) <= 1, x**2 / 2, np.abs(x) - 0.5)
    np.testing.assert_allclose(huber.f(x), expected, rtol=1e-14, atol=1e-15)


def test_euclidean_norm_is_the_unit_vector() -> None:
    np.testing.assert_allclose(euclidean_norm.jac(np.array([3.0, -4.0])), [[0.6, -0.8]], rtol=1e-15)
    np.testing.assert_allclose(euclidean_norm.jac(np.array([-1e100])), [[-1.0]], rtol=1e-15)


@pytest.mark.parametrize("x", [(1000.0, 0.0), (1000.0, 1000.0), (-1000.0, -1040.0, 0.0), (40.0, 0.0), (5.0,)])
def test_softmax_keeps_its_digits(x: tuple[float, ...]) -> None:
    """p_i (1 - p_i) is p_i times the sum of the others, which needs no difference of near-equal numbers."""
    weights = [math.exp(entry - max(x)) for entry in x]
    p = [weight / math.fsum(weights) for weight in weights]
    expected = [
        [p[i] * math.fsum(p[:i] + p[i + 1 :]) if i == j else -p[i] * p[j] for j in range(len(x))] for i in range(len(x))
    ]
    np.testing.assert_allclose(softmax.jac(np.array(x)), expected, rtol=1e-14)
    np.testing.assert_allclose(log_sum_exp.jac(np.array(x)), [p], rtol=1e-14)
    np.testing.assert_allclose(log_sum_exp.f(np.array(x)), max(x) + math.log(math.fsum(weights)), rtol=1e-14)


@pytest.mark.parametrize(
    "x", [(3.0,), (1.0, 1.0), (1.0, -2.0), (1e3, -1e3), (1e4, 1.0, 1.0, 1.0), (1e4, 1.5, -2.0), (0.5, -0.25, 3.0, 8.0)]
)
def test_layer_norm_keeps_its_digits(x: tuple[float, ...]) -> None:
    exact = [Fraction(entry) for entry in x]
    n = len(x)
    centred = [entry - sum(exact) / n for entry in exact]
    variance = sum(entry**2 for entry in centred) / n + Fraction(layer_norm.EPSILON)
    expected = np.array(
        [
            [float(Fraction(i == j) - Fraction(1, n) - centred[i] * centred[j] / (n * variance)) for j in range(n)]
            for i in range(n)
        ]
    ) / math.sqrt(variance)
    found = layer_norm.jac(np.array(x))
    largest = np.abs(expected).max(axis=1, keepdims=True)
    assert (np.abs(found - expected) <= 1e-12 * largest).all()


SINGULAR = [
    np.zeros((0, 0)),
    np.zeros((1, 1)),
    np.zeros((2, 2)),
    np.ones((2, 2)),
    np.array([[1.0, 2.0], [2.0, 4.0]]),
    np.ones((3, 3)),
    np.arange(9.0).reshape(3, 3),
    np.diag([1.0, 2.0, 0.0]),
    np.diag([1.0, 2.0, 0.0, 0.0]),
    np.outer([1.0, -2.0, 3.0, 4.0], [2.0, 0.0, 1.0, -1.0]),
]


@pytest.mark.parametrize("x", SINGULAR)
def test_determinant_has_the_cofactors_at_singular_matrices(x: np.ndarray) -> None:
    """Against the sum over permutations, in exact arithmetic."""
    n = len(x)
    expected = np.zeros((1, n, n))
    for order in itertools.permutations(range(n)):
        sign = (-1) ** sum(order[a] > order[b] for a in range(n) for b in range(a + 1, n))
        for row in range(n):
            others = (Fraction(float(x[i, order[i]])) for i in range(n) if i != row)
            expected[0, row, order[row]] += sign * float(math.prod(others, start=Fraction(1)))
    scale = max(np.abs(x).max(initial=0.0), 1.0) ** max(n - 1, 0)
    np.testing.assert_allclose(determinant.jac(x), expected, rtol=1e-13, atol=1e-14 * scale)


@pytest.mark.parametrize("n", range(6))
def test_determinant_is_that_of_the_library(n: int) -> None:
    x = np.random.default_rng(n).standard_normal((n, n))
    np.testing.assert_allclose(determinant.f(x), [np.linalg.det(x)], rtol=1e-12)


def test_solve_is_undefined_where_no_digits_are_left() -> None:
    nearly = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-12]])
    assert np.isnan(solve.f(nearly, np.ones(2))).all()
    with pytest.raises(np.linalg.LinAlgError):
        solve.f(np.zeros((2, 2)), np.ones(2))


def test_solve_at_a_matrix_that_is_not_symmetric() -> None:
    a, b = np.array([[2.0, 1.0], [0.0, 4.0]]), np.array([6.0, 4.0])
    inverse = np.array([[0.5, -0.125], [0.0, 0.25]])
    da, db = solve.jac(a, b)
    np.testing.assert_allclose(db, inverse, rtol=1e-15)
    np.testing.assert_allclose(da, -np.einsum("oi,j->oij", inverse, inverse @ b), rtol=1e-15)


def test_the_kernel_of_a_convolution_fits_or_f_is_undefined() -> None:
    with pytest.raises(ValueError, match="longer"):
        convolution_1d.f(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="larger"):
        convolution_2d.f(np.ones((2, 5)), np.ones((3, 1)))


def test_convolution_along_two_axes_is_one_along_each() -> None:
    rng = np.random.default_rng(0)
    x, rows, columns = rng.standard_normal((5, 6)), rng.standard_normal(2), rng.standard_normal(3)
    one_way = np.stack([np.convolve(row, columns, "valid") for row in x])
    both = np.stack([np.convolve(column, rows, "valid") for column in one_way.T], axis=1)
    np.testing.assert_allclose(convolution_2d.f(x, np.outer(rows, columns)), both, rtol=1e-12)


def test_small_jacobians_are_those_of_the_textbook() -> None:
    np.testing.assert_array_equal(index.jac(np.zeros(3)), [[0, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(repeat.jac(np.zeros(2)), np.array([[1, 0]] * 3 + [[0, 1]] * 3))
    np.testing.assert_allclose(repeat_and_scale.jac(np.zeros(1)), [[0.0], [1 / 3], [2 / 3]], rtol=1e-15)
    running = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1]]
    np.testing.assert_allclose(running_mean.jac(np.zeros(4)), np.array(running) / 3, rtol=1e-15)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_the_hessian_belongs_to_the_gradient_of_the_rosenbrock_function(n: int) -> None:
    x = np.random.default_rng(n).standard_normal(n)
    np.testing.assert_allclose(rosenbrock_gradient.f(x)[None], rosenbrock.jac(x), rtol=1e-12)
    np.testing.assert_array_equal(rosenbrock_gradient.jac(x), rosenbrock_gradient.jac(x).T)
    assert not rosenbrock.jac(np.ones(n)).any()
