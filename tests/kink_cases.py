"""Jacobians at points where f has a kink, or looks as if it had one, each with the verdict that mathematics gives it.

A function is written once over a namespace ``xp``, so that every case is judged as jax code that AD can trace and as
NumPy code that nothing can (``FORMS``).

Labels: ``pass`` (f is smooth and the Jacobian right), ``kink`` (a legal element of the Clarke generalized Jacobian),
``outside`` (of it), ``rows`` (each row legal, no matrix of them is), ``value`` and ``nonfinite`` (wrong where f is
smooth), ``undefined`` (f jumps or has an infinite slope: no answer is wrong).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from pairs import pair

from jacfuzz.signature import ArrayType
from jacfuzz.target import Kinks, Target
from jacfuzz.verdict import PointVerdict

Function: TypeAlias = Callable[[Any, Any], Any]
Label: TypeAlias = Literal["pass", "kink", "outside", "rows", "value", "nonfinite", "undefined"]
Answer: TypeAlias = tuple[Label, Any, str]
NAN = math.nan


@dataclass(frozen=True)
class Kink:
    """A function at a point, and answers ``(label, Jacobian, why)`` to judge there."""

    f: Function
    point: tuple[float, ...]
    answers: tuple[Answer, ...]
    kinks: Kinks = "any"


@dataclass(frozen=True)
class Case:
    """One answer, named; ``function`` is the name of its ``Kink``."""

    name: str
    function: str
    label: Label
    jacobian: np.ndarray

    def target(self, form: str) -> Target:
        """Return the pair of f in one of the ``FORMS`` and a jac that gives the answer."""
        kink = KINKS[self.function]
        f, array_type = FORMS[form](self.function)
        return pair(f, self._answer, array_type, x=str(len(kink.point)), kinks=kink.kinks)

    def _answer(self, x: Any) -> Any:
        """Return the answer at the point, and what AD gives everywhere else."""
        there = np.array_equal(np.asarray(x), self.values[0][0])
        return self.jacobian if there else np.asarray(_compiled(self.function)[1](x))

    @property
    def values(self) -> tuple[np.ndarray, ...]:
        """The point as a batch of one."""
        return (np.array([KINKS[self.function].point]),)

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms to judge it in; what AD gives is a question for code that AD can trace."""
        return tuple(FORMS)[:1] if KINKS[self.function].kinks == "jax" else tuple(FORMS)


def label_of(verdict: PointVerdict) -> str:
    """Return a verdict as a label."""
    if not verdict.failures:
        return verdict.status
    (failure,) = verdict.failures
    if failure.kind != "kink":
        return failure.kind
    return "rows" if "each row" in failure.text else "outside"


def right(case: Case, label: str) -> bool:
    """Whether a verdict's label is that of the case; a legal answer may also pass without a word about the kink."""
    return label == case.label or (case.label == "kink" and label == "pass")


@functools.cache
def _compiled(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """f and its Jacobian as jax has them; one compilation serves all answers and seeds."""

    def f(x: Any) -> Any:
        return KINKS[name].f(jnp, x)

    return jax.jit(f), jax.jit(jax.jacfwd(f))


def _traceable(name: str) -> tuple[Callable[..., Any], ArrayType]:
    return _compiled(name)[0], "jax"


def _opaque(name: str) -> tuple[Callable[..., Any], ArrayType]:
    """Return f as NumPy code that writes in place what went through ``float``."""

    def f(x: np.ndarray) -> Any:
        cells = np.empty(len(x))
        for i, cell in enumerate(x):
            cells[i] = float(cell)
        return KINKS[name].f(np, cells)

    return f, "numpy"


FORMS: Mapping[str, Callable[[str], tuple[Callable[..., Any], ArrayType]]] = {"jax": _traceable, "opaque": _opaque}


def relu(xp: Any, x: Any) -> Any:
    return xp.maximum(x, 0.0)


def norm(xp: Any, x: Any) -> Any:
    return xp.sqrt(xp.sum(x * x))


def bilinear(xp: Any, x: Any) -> Any:
    """x y / |(x, y)|, 0 at the origin: its limits there form a curve."""
    length = xp.sum(x * x)
    return xp.where(length == 0, 0.0, x[0] * x[1] / xp.sqrt(xp.where(length == 0, 1.0, length)))


def largest_eigenvalue(xp: Any, x: Any) -> Any:
    """Of the symmetric matrix ((a, b), (b, c))."""
    return (x[0] + x[2]) / 2 + xp.sqrt(((x[0] - x[2]) / 2) ** 2 + x[1] ** 2)


def huber(xp: Any, x: Any) -> Any:
    return xp.where(xp.abs(x) <= 1, x * x / 2, xp.abs(x) - 0.5)


def hinge(xp: Any, x: Any) -> Any:
    return xp.maximum(0.0, 1 - (x[0] + 2 * x[1] - x[2]))


def permutation(*order: int) -> np.ndarray:
    return np.eye(len(order))[list(order)]


def unit(size: int, *places: int) -> np.ndarray:
    return np.eye(size)[list(places)].sum(axis=0)


def uniform(size: int) -> np.ndarray:
    return np.full(size, 1 / size)


KINKS: dict[str, Kink] = {
    "relu at 0": Kink(
        relu,
        (0.0,),
        (
            ("kink", [[0.0]], "limit from the left"),
            ("kink", [[1.0]], "limit from the right"),
            ("kink", [[0.5]], "between"),
            ("outside", [[2.0]], "above both"),
            ("outside", [[-0.1]], "below both"),
            ("nonfinite", [[NAN]], "no number"),
        ),
    ),
    "relu at 0, smooth beside it": Kink(
        lambda xp, x: xp.stack([relu(xp, x[0]), x[1] ** 2]),
        (0.0, 1.0),
        (
            ("kink", [[0.3, 0.0], [0.0, 2.0]], "between"),
            ("outside", [[0.3, 0.1], [0.0, 2.0]], "the first output does not depend on y"),
            ("value", [[0.3, 0.0], [0.0, 3.0]], "the second output is smooth"),
            ("value", [[0.3, 0.0], [0.1, 2.0]], "the second output is smooth"),
        ),
    ),
    "relu and half a square at 0": Kink(
        lambda xp, x: relu(xp, x) + 0.5 * x**2,
        (0.0,),
        (
            ("kink", [[0.0]], "limit from the left, where f is curved"),
            ("kink", [[1.0]], "limit from the right"),
            ("kink", [[0.25]], "between"),
            ("outside", [[1.01]], "above both"),
            ("outside", [[-0.01]], "below both"),
        ),
    ),
    "sum of relus and squares at two zeros": Kink(
        lambda xp, x: xp.sum(relu(xp, x) + 0.5 * x**2),
        (0.0, 0.0),
        (
            ("kink", [0.0, 0.0], "both limits are 0"),
            ("kink", [0.0, 1.0], "a limit"),
            ("kink", [0.25, 0.5], "between"),
            ("outside", [0.0, 1.1], "too steep"),
            ("outside", [-0.1, 0.5], "too flat"),
        ),
    ),
    "larger of a number and its square at 0": Kink(
        lambda xp, x: xp.maximum(x[0], x[0] ** 2),
        (0.0,),
        (
            ("kink", [0.0], "the square, from the left"),
            ("kink", [1.0], "the number, from the right"),
            ("outside", [-0.2], "below both"),
            ("outside", [1.2], "above both"),
        ),
    ),
    "line that goes on as a cosine": Kink(
        lambda xp, x: xp.where(x[0] < 0, -3 * x[0], 1 - xp.cos(x[0])),
        (0.0,),
        (
            ("kink", [-3.0], "the line"),
            ("kink", [0.0], "the cosine"),
            ("kink", [-1.5], "between"),
            ("outside", [0.3], "beyond the cosine"),
            ("outside", [-3.3], "beyond the line"),
        ),
    ),
    "relu near 0": Kink(
        relu,
        (1e-7, -1e-3),
        (
            ("pass", [[1.0, 0.0], [0.0, 0.0]], "smooth there"),
            ("value", [[0.0, 0.0], [0.0, 0.0]], "not at the kink, first"),
            ("value", [[1.0, 0.0], [0.0, 0.5]], "not at the kink, second"),
        ),
    ),
    "absolute value at 0": Kink(
        lambda xp, x: xp.abs(x),
        (0.0,),
        (
            ("kink", [[1.0]], "right"),
            ("kink", [[-1.0]], "left"),
            ("kink", [[0.3]], "between"),
            ("outside", [[1.001]], "just above"),
            ("outside", [[-1.5]], "below"),
        ),
    ),
    "leaky relu at 0": Kink(
        lambda xp, x: xp.where(x > 0, x, 0.01 * x),
        (0.0, 2.0),
        (
            ("kink", [[0.01, 0.0], [0.0, 1.0]], "left"),
            ("kink", [[0.5, 0.0], [0.0, 1.0]], "between"),
            ("outside", [[0.0, 0.0], [0.0, 1.0]], "the leak is 0.01"),
            ("outside", [[1.01, 0.0], [0.0, 1.0]], "sum of the two"),
        ),
    ),
    "clip at its end": Kink(
        lambda xp, x: xp.clip(x, -1.0, 1.0),
        (1.0, -1.0),
        (
            ("kink", np.eye(2), "from inside"),
            ("kink", np.diag([0.0, 1.0]), "one from outside"),
            ("kink", np.diag([0.25, 0.75]), "between"),
            ("outside", np.diag([-1.0, 1.0]), "never falls"),
        ),
    ),
    "soft threshold": Kink(
        lambda xp, x: xp.sign(x) * xp.maximum(xp.abs(x) - 1, 0.0),
        (-1.0,),
        (("kink", [[0.3]], "between"), ("kink", [[1.0]], "outside the zone"), ("outside", [[-0.2]], "never falls")),
    ),
    "steep and flat": Kink(
        lambda xp, x: 1e3 * xp.abs(x[0]) + 1e-3 * xp.abs(x[1]),
        (0.0, 0.0),
        (
            ("kink", [500.0, 5e-4], "between"),
            ("outside", [1001.0, 0.0], "too steep by a thousandth"),
            ("outside", [500.0, 2e-3], "too steep in the flat direction"),
        ),
    ),
    "kink on a steep slope": Kink(
        lambda xp, x: xp.abs(x[0]) + 1e3 * x[1],
        (0.0, 1.0),
        (
            ("kink", [0.5, 1e3], "between"),
            ("outside", [2.0, 1e3], "too steep"),
            ("outside", [0.5, 1001.0], "wrong in the smooth direction"),
        ),
    ),
    "hinge on a dot product": Kink(
        hinge,
        (1.0, 1.0, 2.0),
        (
            ("kink", [-1.0, -2.0, 1.0], "active"),
            ("kink", [0.0, 0.0, 0.0], "inactive"),
            ("kink", [-0.5, -1.0, 0.5], "between"),
            ("outside", [1.0, 2.0, -1.0], "wrong sign"),
            ("outside", [-1.0, 0.0, 0.0], "no multiple of the weights"),
        ),
    ),
    "relu of a maximum less an absolute value": Kink(
        lambda xp, x: relu(xp, xp.maximum(x[0], x[1])) - xp.abs(x[2]),
        (0.0, 0.0, 0.0),
        (
            ("kink", [1.0, 0.0, 1.0], "a limit"),
            ("kink", [0.3, 0.3, 0.0], "inside"),
            ("kink", [0.0, 0.0, -1.0], "inactive"),
            ("outside", [1.0, 1.0, 0.0], "both active"),
            ("outside", [-0.1, 0.0, 0.0], "negative"),
            ("outside", [0.0, 0.5, 1.2], "too steep in z"),
        ),
    ),
    "relu of a difference of relus": Kink(
        lambda xp, x: relu(xp, relu(xp, x[0]) - relu(xp, x[1])),
        (0.0, 0.0),
        (
            ("kink", [1.0, -1.0], "x > y > 0"),
            ("kink", [0.5, -0.2], "inside the triangle"),
            ("outside", [0.0, -1.0], "y alone never counts"),
            ("outside", [0.2, -0.5], "beyond the diagonal"),
        ),
    ),
    "maximum of three planes": Kink(
        lambda xp, x: xp.maximum(xp.maximum(x[0] + x[1], x[0] - x[1]), -x[0]),
        (0.0, 0.0),
        (
            ("kink", [0.0, 0.0], "a minimum"),
            ("kink", [1.0, 0.5], "on an edge"),
            ("outside", [0.0, 1.0], "beside the triangle"),
            ("outside", [-1.0, 0.5], "beside a corner"),
        ),
    ),
    "middle of x, y, 0": Kink(
        lambda xp, x: xp.maximum(xp.minimum(x[0], x[1]), xp.minimum(xp.maximum(x[0], x[1]), 0.0)),
        (0.0, 0.0),
        (
            ("kink", [0.0, 1.0], "a limit"),
            ("kink", [0.5, 0.5], "an edge"),
            ("outside", [1.0, 1.0], "both at once"),
            ("outside", [-0.2, 0.5], "negative"),
        ),
    ),
    "difference of absolute values of sum and difference": Kink(
        lambda xp, x: xp.abs(x[0] - x[1]) - xp.abs(x[0] + x[1]),
        (0.0, 0.0),
        (
            ("kink", [2.0, 0.0], "a limit, though f is flat along the axis"),
            ("kink", [0.0, -2.0], "a limit"),
            ("kink", [1.0, 1.0], "on an edge"),
            ("kink", [0.0, 0.0], "centre"),
            ("outside", [2.0, 2.0], "the limits are a diamond, not a square"),
            ("outside", [1.2, 1.0], "just beyond an edge"),
        ),
    ),
    "total variation of a constant": Kink(
        lambda xp, x: xp.abs(x[1] - x[0]) + xp.abs(x[2] - x[1]),
        (1.0, 1.0, 1.0),
        (
            ("kink", [0.0, 0.0, 0.0], "centre"),
            ("kink", [1.0, -2.0, 1.0], "a peak flattened"),
            ("kink", [-0.5, 0.0, 0.5], "between"),
            ("outside", [1.0, 0.0, 0.0], "does not sum to 0"),
            ("outside", [2.0, -2.0, 0.0], "too steep"),
        ),
    ),
    "curved kink": Kink(
        lambda xp, x: xp.abs(x[0] ** 2 - x[1]),
        (1.0, 1.0),
        (
            ("kink", [2.0, -1.0], "above"),
            ("kink", [-2.0, 1.0], "below"),
            ("kink", [1.0, -0.5], "between"),
            ("outside", [2.0, 1.0], "mixed signs"),
            ("outside", [1.0, 0.5], "mixed signs between"),
        ),
    ),
    "curved kink at its vertex": Kink(
        lambda xp, x: xp.abs(x[0] ** 2 - x[1]),
        (0.0, 0.0),
        (("kink", [0.0, 1.0], "below"), ("kink", [0.0, 0.0], "between"), ("outside", [0.1, 0.0], "flat along x")),
    ),
    "maximum of a square and a line": Kink(
        lambda xp, x: xp.maximum(x[0] ** 2, x[1]),
        (1.0, 1.0),
        (
            ("kink", [2.0, 0.0], "the square"),
            ("kink", [1.0, 0.5], "between"),
            ("outside", [1.0, 1.0], "off the segment"),
            ("outside", [2.0, 1.0], "the sum"),
        ),
    ),
    "maximum of exponential and line": Kink(
        lambda xp, x: xp.maximum(xp.exp(x[0]), 1 + x[1]),
        (0.0, 0.0),
        (("kink", [0.25, 0.75], "between"), ("outside", [0.25, 0.25], "off the segment")),
    ),
    "kink times a smooth factor": Kink(
        lambda xp, x: xp.abs(x[0]) * x[1],
        (0.0, 3.0),
        (("kink", [1.5, 0.0], "between"), ("kink", [-3.0, 0.0], "left"), ("outside", [4.0, 0.0], "too steep")),
    ),
    "kink times a factor that is 0": Kink(
        lambda xp, x: xp.abs(x[0]) * x[1],
        (0.0, 0.0),
        (("pass", [0.0, 0.0], "every limit is 0"), ("value", [1.0, 0.0], "every limit is 0")),
    ),
    "product of relus at the origin": Kink(
        lambda xp, x: relu(xp, x[0]) * relu(xp, x[1]),
        (0.0, 0.0),
        (("pass", [0.0, 0.0], "every limit is 0"), ("value", [0.0, 1.0], "every limit is 0")),
    ),
    "maximum times absolute value": Kink(
        lambda xp, x: xp.maximum(x[0], x[1]) * xp.abs(x[2]),
        (1.0, 1.0, 0.0),
        (("kink", [0.0, 0.0, 0.5], "between"), ("outside", [1.0, 0.0, 0.0], "the tie is multiplied by 0")),
    ),
    "sine of absolute value": Kink(
        lambda xp, x: xp.sin(xp.abs(x)),
        (0.0,),
        (("kink", [[0.4]], "between"), ("outside", [[1.2]], "too steep")),
    ),
    "taxicab norm with one zero": Kink(
        lambda xp, x: xp.sum(xp.abs(x)),
        (-2.0, 0.0, 3.0),
        (
            ("kink", [-1.0, 0.5, 1.0], "between"),
            ("outside", [0.0, 0.0, 0.0], "smooth in the others"),
            ("outside", [-1.0, 2.0, 1.0], "too steep"),
        ),
    ),
    "largest magnitude, two alike": Kink(
        lambda xp, x: xp.max(xp.abs(x)),
        (2.0, -2.0, 1.0),
        (
            ("kink", [0.0, -1.0, 0.0], "the second"),
            ("kink", [0.5, -0.5, 0.0], "between"),
            ("outside", [1.0, -1.0, 0.0], "both"),
            ("outside", [0.0, 1.0, 0.0], "wrong sign"),
        ),
    ),
    "largest magnitude at 0": Kink(
        lambda xp, x: xp.max(xp.abs(x)),
        (0.0, 0.0, 0.0),
        (
            ("kink", [0.0, 0.0, 0.0], "centre"),
            ("kink", [0.3, -0.3, 0.4], "on a face"),
            ("outside", [0.5, 0.5, 0.5], "beyond a face"),
        ),
    ),
    "norm at 0": Kink(
        norm,
        (0.0, 0.0),
        (
            ("kink", [0.0, 0.0], "centre of the disc"),
            ("kink", [0.6, 0.8], "on the circle"),
            ("kink", [0.9, 0.1], "in the disc"),
            ("outside", [0.8, 0.8], "longer than 1"),
            ("outside", [1.01, 0.0], "just longer than 1"),
        ),
    ),
    "norm of three at 0": Kink(
        norm,
        (0.0, 0.0, 0.0),
        (
            ("kink", [1.0, 0.0, 0.0], "on the sphere"),
            ("kink", [0.57, 0.57, -0.57], "just inside"),
            ("outside", [0.6, 0.6, 0.6], "just longer than 1"),
        ),
    ),
    "norm of six at 0": Kink(
        norm,
        (0.0,) * 6,
        (("kink", np.full(6, 0.4), "just inside"), ("outside", np.full(6, 0.42), "just longer than 1")),
    ),
    "x y over its length": Kink(
        bilinear,
        (0.0, 0.0),
        (
            ("kink", [0.0, 0.0], "centre"),
            ("kink", [1.0, 0.0], "a limit"),
            ("kink", [0.5, 0.5], "between two limits"),
            ("outside", [1.0, 1.0], "beyond all"),
        ),
    ),
    "largest eigenvalue, two alike": Kink(
        largest_eigenvalue,
        (1.0, 0.0, 1.0),
        (
            ("kink", [0.5, 0.0, 0.5], "the mean"),
            ("kink", [1.0, 0.0, 0.0], "a limit"),
            ("kink", [0.5, 1.0, 0.5], "a limit"),
            ("outside", [1.0, 1.0, 0.0], "off the disc"),
            ("outside", [0.5, 1.2, 0.5], "off the disc"),
        ),
    ),
    "interpolation at a knot": Kink(
        lambda xp, x: xp.interp(x, xp.array([0.0, 1.0, 3.0]), xp.array([0.0, 2.0, 1.0])),
        (1.0, 3.0),
        (
            ("kink", np.diag([2.0, -0.5]), "limits"),
            ("kink", np.diag([0.75, -0.25]), "between"),
            ("outside", np.diag([3.0, 0.0]), "too steep"),
            ("outside", np.diag([2.0, 0.1]), "rises at the end"),
        ),
    ),
    "maximum of two": Kink(
        lambda xp, x: xp.max(x),
        (1.0, 1.0),
        (
            ("kink", [1.0, 0.0], "the first"),
            ("kink", [0.25, 0.75], "between"),
            ("outside", [1.0, 1.0], "both"),
            ("outside", [0.0, 0.0], "none"),
        ),
    ),
    "maximum of two, nearly alike": Kink(
        lambda xp, x: xp.max(x),
        (1.0, 1.00001),
        (
            ("pass", [0.0, 1.0], "no tie"),
            ("value", [1.0, 0.0], "no tie"),
            ("value", [0.5, 0.5], "no tie"),
        ),
    ),
    "maximum, three of four alike": Kink(
        lambda xp, x: xp.max(x),
        (2.0, 1.0, 2.0, 2.0),
        (
            ("kink", [0.0, 0.0, 1.0, 0.0], "the third"),
            ("kink", np.array([1.0, 0.0, 1.0, 1.0]) / 3, "shared"),
            ("outside", uniform(4), "a part goes to the smallest"),
        ),
    ),
    "maximum of five": Kink(
        lambda xp, x: xp.max(x),
        (-3.0,) * 5,
        (
            ("kink", unit(5, 3), "the fourth"),
            ("kink", uniform(5), "shared"),
            ("outside", np.ones(5), "all"),
            ("outside", unit(5, 0) * 2 - unit(5, 1), "sums to 1, but negative"),
        ),
    ),
    "minimum of four": Kink(
        lambda xp, x: xp.min(x),
        (0.0, 0.0, 0.0, 0.0),
        (("kink", unit(4, 2), "the third"), ("kink", uniform(4), "shared"), ("outside", -uniform(4), "wrong sign")),
    ),
    "maximum through its index": Kink(
        lambda xp, x: x[xp.argmax(x)],
        (5.0, 1.0, 5.0),
        (
            ("kink", [0.0, 0.0, 1.0], "the last"),
            ("kink", [0.5, 0.0, 0.5], "shared"),
            ("outside", [1.0, 0.0, 1.0], "both"),
        ),
    ),
    "another entry through the index of the maximum": Kink(
        lambda xp, x: x[2 + xp.argmax(x[:2])],
        (1.0, 1.0, 0.0, 5.0),
        (("undefined", [0.0, 0.0, 1.0, 0.0], "jumps from 0 to 5"), ("undefined", [9.0] * 4, "jumps from 0 to 5")),
    ),
    "maxima of two windows": Kink(
        lambda xp, x: xp.stack([xp.max(x[:3]), xp.max(x[3:])]),
        (1.0,) * 6,
        (
            ("kink", [unit(6, 0), unit(6, 5)], "one of each"),
            ("kink", np.kron(np.eye(2), uniform(3)), "shared"),
            ("outside", [unit(6, 3), unit(6, 5)], "not of its window"),
            ("outside", np.kron(np.eye(2), np.ones(3)), "all"),
        ),
    ),
    "maximum and minimum": Kink(
        lambda xp, x: xp.stack([xp.maximum(x[0], x[1]), xp.minimum(x[0], x[1])]),
        (2.0, 2.0),
        (
            ("kink", np.eye(2), "x larger"),
            ("kink", permutation(1, 0), "y larger"),
            ("kink", np.full((2, 2), 0.5), "between"),
            ("rows", permutation(0, 0), "x cannot be both"),
            ("rows", [[0.5, 0.5], [1.0, 0.0]], "the columns do not sum to 1"),
        ),
    ),
    "running maximum": Kink(
        lambda xp, x: xp.stack([x[0], xp.maximum(x[0], x[1])]),
        (1.0, 1.0),
        (
            ("kink", [[1.0, 0.0], [1.0, 0.0]], "the first"),
            ("kink", [[1.0, 0.0], [0.5, 0.5]], "shared"),
            ("outside", [[1.0, 0.0], [1.0, 1.0]], "both"),
            ("value", [[0.0, 0.0], [1.0, 0.0]], "the first output is smooth"),
        ),
    ),
    "sort of two": Kink(
        lambda xp, x: xp.sort(x),
        (1.0, 1.0),
        (
            ("kink", np.eye(2), "one order"),
            ("kink", permutation(1, 0), "the other"),
            ("rows", permutation(1, 1), "a row doubled"),
        ),
    ),
    "sort of three": Kink(
        lambda xp, x: xp.sort(x),
        (0.0, 0.0, 0.0),
        (
            ("kink", permutation(2, 0, 1), "an order"),
            ("kink", np.full((3, 3), 1 / 3), "all orders"),
            ("kink", (permutation(0, 1, 2) + permutation(2, 1, 0)) / 2, "two orders"),
            ("rows", permutation(0, 1, 1), "a row doubled"),
            ("outside", np.zeros((3, 3)), "nothing"),
        ),
    ),
    "sort of two pairs": Kink(
        lambda xp, x: xp.sort(x),
        (1.0, 2.0, 1.0, 2.0),
        (
            ("kink", permutation(2, 0, 3, 1), "orders within the pairs"),
            ("kink", (permutation(0, 2, 1, 3) + permutation(2, 0, 1, 3)) / 2, "one pair shared"),
            ("outside", permutation(0, 1, 2, 3), "across the pairs"),
            ("rows", permutation(0, 0, 1, 3), "a row doubled"),
        ),
    ),
    "sort of five": Kink(
        lambda xp, x: xp.sort(x),
        (4.0,) * 5,
        (
            ("kink", permutation(3, 1, 4, 0, 2), "an order"),
            ("kink", np.full((5, 5), 0.2), "all orders"),
            ("rows", permutation(3, 1, 4, 0, 0), "a row doubled"),
            ("outside", permutation(3, 1, 4, 0, 2) * 1.01, "too large"),
        ),
    ),
    "sort with a tie of two among six": Kink(
        lambda xp, x: xp.sort(x),
        (3.0, -1.0, 0.5, 3.0, 7.0, 2.0),
        (
            ("kink", permutation(1, 2, 5, 0, 3, 4), "one order"),
            ("kink", permutation(1, 2, 5, 3, 0, 4), "the other"),
            ("value", permutation(2, 1, 5, 0, 3, 4), "the smallest are no tie"),
        ),
    ),
    "median of three": Kink(
        lambda xp, x: xp.median(x),
        (2.0, 2.0, 2.0),
        (
            ("kink", unit(3, 1), "the second"),
            ("kink", uniform(3), "shared"),
            ("outside", [0.5, 0.5, 0.5], "sums to more than 1"),
        ),
    ),
    "median of four, a tie in the middle": Kink(
        lambda xp, x: xp.median(x),
        (1.0, 2.0, 3.0, 2.0),
        (
            ("pass", [0.0, 0.5, 0.0, 0.5], "the mean of both is smooth"),
            ("value", [0.0, 1.0, 0.0, 0.0], "the mean of both is smooth"),
        ),
    ),
    "sum of the two largest": Kink(
        lambda xp, x: xp.sum(xp.sort(x)[-2:]),
        (1.0, 1.0, 1.0),
        (
            ("kink", [1.0, 1.0, 0.0], "two of three"),
            ("kink", [2 / 3] * 3, "shared"),
            ("outside", [1.0, 0.0, 0.0], "one of three"),
            ("outside", [2.0, 0.0, 0.0], "one twice"),
        ),
    ),
    "two largest": Kink(
        lambda xp, x: xp.sort(x)[-2:],
        (1.0, 6.0, 6.0, 6.0),
        (
            ("kink", [unit(4, 3), unit(4, 1)], "two of three"),
            ("kink", np.tile([0.0, 1 / 3, 1 / 3, 1 / 3], (2, 1)), "shared"),
            ("rows", [unit(4, 2), unit(4, 2)], "one twice"),
            ("outside", [unit(4, 0), unit(4, 1)], "the smallest"),
        ),
    ),
    "absolute value twice": Kink(
        lambda xp, x: xp.stack([xp.abs(x[0]), xp.abs(x[0])]),
        (0.0,),
        (
            ("kink", [[1.0], [1.0]], "right"),
            ("kink", [[0.5], [0.5]], "between"),
            ("rows", [[1.0], [-1.0]], "both sides at once"),
            ("outside", [[2.0], [2.0]], "too steep"),
        ),
    ),
    "relu of x and of -x": Kink(
        lambda xp, x: xp.stack([relu(xp, x[0]), relu(xp, -x[0])]),
        (0.0,),
        (
            ("kink", [[0.5], [-0.5]], "between"),
            ("rows", [[0.0], [0.0]], "one of them is active"),
            ("rows", [[1.0], [-1.0]], "not both are active"),
            ("outside", [[1.0], [0.5]], "wrong sign"),
        ),
    ),
    "absolute values of sum and difference": Kink(
        lambda xp, x: xp.stack([xp.abs(x[0] + x[1]), xp.abs(x[0] - x[1])]),
        (0.0, 0.0),
        (
            ("kink", [[1.0, 1.0], [-1.0, 1.0]], "signs are free"),
            ("kink", [[0.2, 0.2], [0.0, 0.0]], "between"),
            ("outside", [[1.0, -1.0], [1.0, -1.0]], "the rows exchanged"),
        ),
    ),
    "rows are enough: absolute value twice": Kink(
        lambda xp, x: xp.stack([xp.abs(x[0]), xp.abs(x[0])]),
        (0.0,),
        (("kink", [[1.0], [-1.0]], "each row is legal"), ("outside", [[1.0], [-2.0]], "the second is not")),
        "rows",
    ),
    "rows are enough: sort": Kink(
        lambda xp, x: xp.sort(x),
        (1.0, 1.0, 0.0),
        (("kink", permutation(2, 0, 0), "each row is legal"), ("outside", permutation(2, 0, 2), "the last is not")),
        "rows",
    ),
    "as jax has it: relu": Kink(
        relu,
        (0.0,),
        (
            ("kink", [[0.5]], "jax halves at a tie"),
            ("outside", [[0.0]], "legal, but not jax's"),
            ("outside", [[1.0]], "legal, but not jax's"),
        ),
        "jax",
    ),
    "as jax has it: sort": Kink(
        lambda xp, x: xp.sort(x),
        (1.0, 1.0),
        (("kink", np.eye(2), "jax sorts stably"), ("outside", permutation(1, 0), "legal, but not jax's")),
        "jax",
    ),
    "x times its absolute value": Kink(
        lambda xp, x: x * xp.abs(x),
        (0.0,),
        (("pass", [[0.0]], "smooth"), ("value", [[1.0]], "the slope is 0"), ("nonfinite", [[NAN]], "the slope is 0")),
    ),
    "square of relu": Kink(
        lambda xp, x: relu(xp, x) ** 2,
        (0.0,),
        (("pass", [[0.0]], "smooth"), ("value", [[1.0]], "the slope is 0")),
    ),
    "huber at its seam": Kink(
        huber,
        (1.0, -1.0),
        (("pass", np.diag([1.0, -1.0]), "both pieces agree"), ("value", np.diag([1.0, 0.0]), "both pieces agree")),
    ),
    "relu less relu of -x": Kink(
        lambda xp, x: relu(xp, x) - relu(xp, -x),
        (0.0,),
        (("pass", [[1.0]], "the identity"), ("value", [[0.0]], "the identity"), ("value", [[0.5]], "the identity")),
    ),
    "maximum plus minimum": Kink(
        lambda xp, x: xp.maximum(x[0], x[1]) + xp.minimum(x[0], x[1]),
        (3.0, 3.0),
        (("pass", [1.0, 1.0], "the sum"), ("value", [2.0, 0.0], "the sum")),
    ),
    "product with one zero": Kink(
        lambda xp, x: xp.prod(x),
        (0.0, 2.0, 3.0),
        (
            ("pass", [6.0, 0.0, 0.0], "product of the others"),
            ("value", [0.0, 0.0, 0.0], "the first is 6"),
            ("nonfinite", [NAN, 0.0, 0.0], "divided by 0"),
        ),
    ),
    "product with two zeros": Kink(
        lambda xp, x: xp.prod(x),
        (0.0, 0.0, 3.0),
        (("pass", [0.0, 0.0, 0.0], "a zero is left"), ("value", [0.0, 3.0, 0.0], "a zero is left")),
    ),
    "product of zeros": Kink(
        lambda xp, x: xp.prod(x),
        (0.0, 0.0, 0.0),
        (("pass", [0.0, 0.0, 0.0], "zeros are left"), ("value", [1.0, 1.0, 1.0], "zeros are left")),
    ),
    "sinc at 0": Kink(
        lambda xp, x: xp.sinc(x),
        (0.0,),
        (("pass", [[0.0]], "even"), ("value", [[0.1]], "even"), ("nonfinite", [[NAN]], "even")),
    ),
    "squared norm at 0": Kink(
        lambda xp, x: xp.sum(x * x),
        (0.0, 0.0),
        (("pass", [0.0, 0.0], "a minimum"), ("value", [0.0, 1.0], "a minimum")),
    ),
    "determinant of a singular matrix": Kink(
        lambda xp, x: x[0] * x[3] - x[1] * x[2],
        (1.0, 2.0, 2.0, 4.0),
        (
            ("pass", [4.0, -2.0, -2.0, 1.0], "the cofactors"),
            ("value", [0.0, 0.0, 0.0, 0.0], "determinant times inverse fails"),
        ),
    ),
    "determinant of zeros": Kink(
        lambda xp, x: x[0] * x[3] - x[1] * x[2],
        (0.0, 0.0, 0.0, 0.0),
        (("pass", [0.0, 0.0, 0.0, 0.0], "the cofactors"), ("value", [1.0, 0.0, 0.0, 1.0], "the cofactors are 0")),
    ),
    "cube root at 0": Kink(
        lambda xp, x: xp.cbrt(x),
        (0.0,),
        (("undefined", [[0.0]], "vertical tangent"), ("undefined", [[NAN]], "vertical tangent")),
    ),
    "square root at 0": Kink(
        lambda xp, x: xp.sqrt(xp.where(x < 0, NAN, x)),
        (0.0,),
        (("undefined", [[0.0]], "infinite slope"), ("undefined", [[1e6]], "infinite slope")),
    ),
    "square root of the absolute value at 0": Kink(
        lambda xp, x: xp.sqrt(xp.abs(x)),
        (0.0,),
        (("undefined", [[3.0]], "a cusp"), ("undefined", [[NAN]], "a cusp")),
    ),
    "floor at a whole number": Kink(
        lambda xp, x: xp.floor(x),
        (2.0,),
        (("undefined", [[0.0]], "jumps"), ("undefined", [[7.0]], "jumps")),
    ),
    "sign at 0": Kink(
        lambda xp, x: xp.sign(x),
        (0.0,),
        (("undefined", [[0.0]], "jumps"), ("undefined", [[2.0]], "jumps")),
    ),
    "jump beside a smooth output": Kink(
        lambda xp, x: xp.stack([xp.floor(x[0]), x[0] * x[1]]),
        (2.0, 3.0),
        (
            ("pass", [[9.0, 0.0], [3.0, 2.0]], "the jump is not judged"),
            ("value", [[0.0, 0.0], [2.0, 3.0]], "the second output is smooth"),
        ),
    ),
}  # fmt: skip

CASES = tuple(
    Case(f"{name}: {label} #{number}, {why}", name, label, np.array(jacobian, dtype=float))
    for name, kink in KINKS.items()
    for number, (label, jacobian, why) in enumerate(kink.answers, 1)
)
