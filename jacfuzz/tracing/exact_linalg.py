"""Linear algebra over dual numbers: LAPACK takes floats only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from jacfuzz.tracing.duals import Dual
from jacfuzz.tracing.exact_numbers import InexactError, precise

_EXPANDED = 4


class Linalg:
    """What ``np.linalg`` offers, for object arrays.

    Parameters
    ----------
    lift
        Puts dual numbers in the place of an array's floats.
    """

    def __init__(self, lift: Callable[[Any], np.ndarray]) -> None:
        self._lift = lift

    def norm(self, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
        """Return a norm of vectors, or the Frobenius norm."""
        x = np.asarray(x)
        if ord in (None, "fro"):
            return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
        if x.ndim == 1 or isinstance(axis, int):
            match ord:
                case 1:
                    return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
                case 2:
                    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
                case np.inf:
                    return np.max(np.abs(x), axis=axis, keepdims=keepdims)
        raise InexactError(f"no exact rule for the norm of order {ord}")

    def det(self, matrix: Any) -> Any:
        """Return the determinant: by expansion where small, so that a singular matrix is nothing special."""
        matrix = self._square(matrix)
        if len(matrix) <= _EXPANDED:
            return _expanded(matrix)
        result: Any = 1
        for sign, pivot in _eliminated(matrix, np.empty((len(matrix), 0), dtype=object)):
            result = result * sign * pivot
        return result

    def solve(self, matrix: Any, right: Any) -> Any:
        """Return the solution of a linear system."""
        matrix, right = self._square(matrix), self._lift(right)
        columns = right.reshape(len(matrix), -1).copy()
        for _ in _eliminated(matrix, columns):
            pass
        for row in range(len(matrix) - 1, -1, -1):
            columns[row] = (columns[row] - matrix[row, row + 1 :] @ columns[row + 1 :]) / matrix[row, row]
        return columns.reshape(right.shape)

    def slogdet(self, matrix: Any) -> tuple[Any, Any]:
        """Return the sign of the determinant and the logarithm of its size."""
        determinant = self.det(matrix)
        return (1.0 if determinant > 0 else -1.0), np.log(abs(determinant))

    def cholesky(self, matrix: Any) -> Any:
        """Return the lower triangular root of a positive definite matrix."""
        return triangular_root(self._square(matrix))

    def inv(self, matrix: Any) -> Any:
        """Return the inverse."""
        return self.solve(matrix, np.eye(len(matrix)))

    def _square(self, matrix: Any) -> np.ndarray:
        square = self._lift(matrix)
        if square.ndim != 2 or square.shape[0] != square.shape[1]:
            raise InexactError("no exact rule for stacked or non-square matrices")
        return square.copy()


def factored(matrix: np.ndarray) -> list[np.ndarray]:
    """Return the two triangular factors in one array, the row exchanged at each step, and the permutation they make."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InexactError("no exact factors of stacked or non-square matrices")
    factors, order = matrix.copy(), np.arange(len(matrix), dtype=np.int32)
    exchanged = order.copy()
    for column in range(len(matrix)):
        exchanged[column] = best = _pivot(factors, column)
        for array in (factors, order):
            array[[column, best]] = array[[best, column]]
        top = factors[column]
        for row in factors[column + 1 :]:
            row[column] = row[column] / top[column]
            row[column + 1 :] = row[column + 1 :] - row[column] * top[column + 1 :]
    return [factors, exchanged, order]


def triangular_root(matrix: np.ndarray) -> np.ndarray:
    """Return the lower triangular L with L L^T equal to a matrix, of which only the lower half is read."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InexactError("no exact root of stacked or non-square matrices")
    root = matrix * 0
    for column in range(len(matrix)):
        rest = matrix[column:, column] - root[column:, :column] @ root[column, :column]
        root[column:, column] = rest / rest[0].sqrt()
    return root


def substituted(triangle: np.ndarray, right: np.ndarray, lower: bool, unit: bool) -> np.ndarray:
    """Solve a triangular system whose matrix may hold anything in its other half."""
    if triangle.ndim != 2 or right.ndim != 2:
        raise InexactError("no exact solution of stacked systems")
    result, size = right.copy(), len(triangle)
    for row in range(size) if lower else range(size - 1, -1, -1):
        known = slice(0, row) if lower else slice(row + 1, size)
        result[row] = result[row] - triangle[row, known] @ result[known]
        if not unit:
            result[row] = result[row] / triangle[row, row]
    return result


def _pivot(matrix: np.ndarray, column: int) -> int:
    """Row of the largest entry of a column, from the diagonal down."""
    return max(range(column, len(matrix)), key=lambda row: abs(precise(matrix[row, column].value)))


def _expanded(matrix: np.ndarray) -> Any:
    """Determinant by Laplace's expansion along the first row."""
    if not len(matrix):
        return 1
    minors = (np.delete(matrix[1:], column, axis=1) for column in range(len(matrix)))
    return sum((-1) ** column * matrix[0, column] * _expanded(minor) for column, minor in enumerate(minors))


def _eliminated(matrix: np.ndarray, right: np.ndarray) -> Iterator[tuple[int, Dual]]:
    """Reduce both in place, the matrix to upper triangular form; yield the sign of each exchange and each pivot."""
    for column in range(len(matrix)):
        best = _pivot(matrix, column)
        for array in (matrix, right):
            array[[column, best]] = array[[best, column]]
        pivot = matrix[column, column]
        for row in range(column + 1, len(matrix)):
            factor = matrix[row, column] / pivot
            matrix[row, column:] = matrix[row, column:] - factor * matrix[column, column:]
            right[row] = right[row] - factor * right[column]
        yield (1 if best == column else -1), pivot
