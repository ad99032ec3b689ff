"""Products with the Jacobian: JVP and VJP, one column or one row of it at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.evaluation.arrays import take
from jacfuzz.forms.base import Form, NotAdjoint, NotLinear, differentiable, like, of_shape, one_or_tuple, parts_of

Shape = tuple[int, ...]


@dataclass(frozen=True)
class JVP(Form):
    """A Jacobian-vector product ``rule(x, v)``, which returns J v in the shape of f(x); v has the shape of x.

    For several arguments ``rule(x, y, v_x, v_y)``; arguments that are not differentiated have no tangent. The columns
    of the Jacobian are the products with unit tangents. A JVP is linear in v, so the product with a tangent full of
    numbers must be the sum of the columns.

    Attributes
    ----------
    rule
        The author's function.
    """

    def vectors(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """A tangent per differentiable argument."""
        return ("v",) if len(names) == 1 else tuple(f"v_{name}" for name in names)

    def product(self, arguments: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
        """Return J v, given a tangent per differentiable argument."""
        return self.rule(*arguments, *tangents)

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian, a call of the rule a column."""
        shape, varying = take(f(*arguments)).shape, differentiable(arguments)
        shapes = [take(argument).shape for argument in varying]

        def product(tangent: np.ndarray) -> np.ndarray:
            parts = zip(_split(tangent, shapes), varying, strict=True)
            result = self.product(arguments, tuple(like(part, argument) for part, argument in parts))
            return of_shape(result, shape, "the product J v").reshape(-1)

        matrix = _matrix(product, sum(map(math.prod, shapes)), math.prod(shape), "the product J v is not linear in v")
        return _jacobians(matrix, shape, shapes)

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """Vectors first, and a VJP in its place."""
        yield "The rule is right as rule(v, x); the point comes first: rule(x, v).", JVP(self._vectors_first)
        yield "The rule is a VJP, w^T J: use forms.VJP.", VJP(self.rule)

    def _vectors_first(self, *arguments: Any) -> Any:
        middle = len(arguments) // 2
        return self.rule(*arguments[middle:], *arguments[:middle])


@dataclass(frozen=True)
class VJP(Form):
    """A vector-Jacobian product ``rule(x, w)``, which returns w^T J in the shape of x; w has the shape of f(x).

    For several arguments ``rule(x, y, w)``, which returns a tuple with one product per differentiable argument. The
    rows of the Jacobian are the products with unit cotangents. A VJP is linear in w, so the product with a cotangent
    full of numbers must be the sum of the rows.

    Attributes
    ----------
    rule
        The author's function.
    """

    def vectors(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """A cotangent."""
        return ("w",)

    def product(self, arguments: tuple[Any, ...], cotangent: Any) -> Any:
        """Return w^T J, a tuple for several differentiable arguments."""
        return self.rule(*arguments, cotangent)

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian, a call of the rule a row."""
        primal = f(*arguments)
        shape = take(primal).shape
        shapes = [take(argument).shape for argument in differentiable(arguments)]

        def product(cotangent: np.ndarray) -> np.ndarray:
            result = self.product(arguments, like(cotangent.reshape(shape), primal))
            parts = zip(parts_of(result, len(shapes)), shapes, strict=True)
            return np.concatenate([of_shape(part, own, "the product w^T J").reshape(-1) for part, own in parts])

        matrix = _matrix(product, math.prod(shape), sum(map(math.prod, shapes)), "the product w^T J is not linear in w")
        return _jacobians(matrix.T, shape, shapes)

    def misuses(self) -> Iterator[tuple[str, Form]]:
        """Vector first, and a JVP in its place."""
        yield "The rule is right as rule(w, x); the point comes first: rule(x, w).", VJP(self._vector_first)
        yield "The rule is a JVP, J v: use forms.JVP.", JVP(self.rule)

    def _vector_first(self, *arguments: Any) -> Any:
        return self.rule(arguments[-1], *arguments[:-1])


@dataclass(frozen=True)
class Adjoint(Form):
    """A JVP and a VJP of the same function, which must be each other's adjoint: <w, J v> = <J^T w, v>.

    Attributes
    ----------
    rule
        The JVP, ``rule(x, v)``.
    vjp
        The VJP, ``vjp(x, w)``.
    """

    vjp: Callable[..., Any]

    def vectors(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the JVP."""
        return JVP(self.rule).vectors(names)

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian that both state.

        Raises
        ------
        NotAdjoint
            If they state different ones.
        """
        count = len(differentiable(arguments))
        forward, backward = JVP(self.rule).jacobian(f, arguments), VJP(self.vjp).jacobian(f, arguments)
        for one, other in zip(parts_of(forward, count), parts_of(backward, count), strict=True):
            wrong = np.abs(one - other) > _half_of_all_digits() * _size(one, other)
            if wrong.any():
                cell = tuple(int(index) for index in np.argwhere(wrong)[0])
                text = f"J{list(cell)} is {one[cell]:.6g} by the JVP and {other[cell]:.6g} by the VJP"
                raise NotAdjoint(f"the two rules are not adjoint: {text}")
        return forward


def _matrix(product: Callable[[np.ndarray], np.ndarray], inputs: int, outputs: int, problem: str) -> np.ndarray:
    """Return the matrix (outputs, inputs) of a linear map from its values at unit vectors.

    Raises
    ------
    NotLinear
        If its value at a vector full of numbers differs from the sum of columns by more than half of all digits.
    """
    columns = [product(unit) for unit in np.eye(inputs)]
    matrix = np.stack(columns, axis=1) if columns else np.zeros((outputs, 0))
    # Neither equal nor of one sign nor of length one: what a rule that takes |v|, v^2 or v / |v| would not notice.
    vector = np.where(np.arange(inputs) % 2, -1.0, 1.0) * (1.5 + np.arange(inputs) / max(inputs, 1))
    expected, scale = matrix @ vector, np.abs(matrix) @ np.abs(vector)
    found = product(vector) if inputs else expected
    wrong = np.abs(found - expected) > _half_of_all_digits() * scale
    if wrong.any():
        cell = int(np.argmax(wrong))
        raise NotLinear(f"{problem}: cell {cell} is {found[cell]:.6g} where its columns add up to {expected[cell]:.6g}")
    return matrix


def _split(vector: np.ndarray, shapes: list[Shape]) -> list[np.ndarray]:
    ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(vector, ends), shapes, strict=True)]


def _jacobians(matrix: np.ndarray, shape: Shape, shapes: list[Shape]) -> Any:
    ends = np.cumsum([math.prod(own) for own in shapes])[:-1]
    parts = zip(np.split(matrix, ends, axis=1), shapes, strict=True)
    return one_or_tuple([part.reshape(shape + own) for part, own in parts])


def _size(*arrays: np.ndarray) -> float:
    return max(float(np.abs(array).max(initial=0.0)) for array in arrays)


def _half_of_all_digits() -> float:
    return math.sqrt(np.finfo(float).eps)
