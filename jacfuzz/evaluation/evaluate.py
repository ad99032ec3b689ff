"""f and jac at a batch of points, in this process."""

from __future__ import annotations

import contextlib
import os
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.evaluation.arrays import NotAnArrayError, give, take
from jacfuzz.result import Kind
from jacfuzz.signature import ArrayType
from jacfuzz.target import Target

_TWICE = 2


@dataclass(frozen=True)
class Problem:
    """Why a call gave no arrays."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Evaluation:
    """What f and jac gave at the K points of a batch.

    Attributes
    ----------
    primals
        f's result per point, or why there is none.
    jacobians
        One array per differentiable argument and point, or why there are none.
    mutated
        Per point the name of the argument that f or jac wrote to, and which of the two did; "" for none.
    unstable
        Points at which a second call gave another answer, with the name of the function; the first points only.
    """

    primals: list[np.ndarray | Problem]
    jacobians: list[tuple[np.ndarray, ...] | Problem]
    mutated: list[str]
    unstable: dict[int, str]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what the code under test prints and warns of; its numbers are what counts."""
    with (
        open(os.devnull, "w") as sink,
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


def array_types(target: Target) -> tuple[ArrayType, ...]:
    """Kind of array per argument: Python numbers where annotated so, else the target's."""
    return tuple(
        "scalar" if argument.specs[0].array_type == "scalar" else target.array_type
        for argument in target.signature.arguments
    )


def evaluate(target: Target, values: tuple[np.ndarray, ...]) -> Evaluation:
    """Evaluate f and jac at K points, one by one; ``values`` holds an array (K, *shape) per argument."""
    kinds = array_types(target)
    count = len(values[0])
    evaluation = Evaluation([], [], [""] * count, {})
    expected = target.signature.differentiable
    with quiet():
        work = tuple(value.copy() for value in values)
        for index in range(count):
            arguments = [give(value[index], kind) for value, kind in zip(work, kinds, strict=True)]
            primal = _primal(target, arguments)
            _note_mutation(target, values, work, arguments, index, "f", evaluation.mutated)
            jacobians = _jacobians(target, arguments, expected)
            _note_mutation(target, values, work, arguments, index, "jac", evaluation.mutated)
            evaluation.primals.append(primal)
            evaluation.jacobians.append(jacobians)
            if index < _TWICE and not evaluation.mutated[index]:
                if not _same((primal,), (_primal(target, arguments),)):
                    evaluation.unstable[index] = "f"
                elif not _same(jacobians, _jacobians(target, arguments, expected)):
                    evaluation.unstable[index] = "jac"
    return evaluation


def _primal(target: Target, arguments: list[Any]) -> np.ndarray | Problem:
    result = _call(target, target.f, arguments)
    if isinstance(result, Problem):
        return result
    try:
        return take(result[0])
    except NotAnArrayError as error:
        return Problem("protocol", f"f returned {error}; expected an array")


def _jacobians(target: Target, arguments: list[Any], names: tuple[str, ...]) -> tuple[np.ndarray, ...] | Problem:
    result = _call(target, target.jac, arguments)
    if isinstance(result, Problem):
        return result
    value = result[0]
    several = len(names) > 1
    leaves = tuple(value) if isinstance(value, tuple) or (several and isinstance(value, list)) else (value,)
    if len(leaves) != len(names):
        got = "one result" if len(leaves) == 1 else f"{len(leaves)} results"
        wanted = f"a tuple of {len(names)} Jacobians, one for each of {', '.join(names)}" if several else "one Jacobian"
        return Problem("protocol", f"jac returned {_describe(value) if len(leaves) == 1 else got}; expected {wanted}")
    arrays: list[np.ndarray] = []
    for name, leaf in zip(names, leaves, strict=True):
        try:
            arrays.append(take(leaf))
        except NotAnArrayError as error:
            where = f" for {name}" if several else ""
            return Problem("protocol", f"jac returned {error}{where}; expected an array")
    return tuple(arrays)


def _describe(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if value is None:
        return "None"
    return f"one array of shape {tuple(shape)}" if shape is not None else f"one {type(value).__name__}"


def _call(target: Target, function: Callable[..., Any], arguments: list[Any]) -> tuple[Any] | Problem:
    try:
        return (function(*arguments),)
    except (Exception, SystemExit) as error:  # exit() in the code under test must not end the run
        return Problem("raises", f"{type(error).__name__}: {_first_line(error)}{_line_of(target, error)}")


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else "(no message)"


def _line_of(target: Target, error: BaseException) -> str:
    """Line of the innermost frame in the target's own file."""
    name = os.path.basename(target.place.file)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if name and name in frame.filename]
    return f" (line {lines[-1]})" if lines else ""


def _note_mutation(
    target: Target,
    values: tuple[np.ndarray, ...],
    work: tuple[np.ndarray, ...],
    arguments: list[Any],
    index: int,
    who: str,
    mutated: list[str],
) -> None:
    for position, argument in enumerate(target.signature.arguments):
        given = arguments[position]
        if isinstance(given, (int, float, complex)):
            continue
        now = work[position][index] if isinstance(given, np.ndarray) else take(given)
        before = values[position][index]
        if not np.array_equal(now, before, equal_nan=True):
            mutated[index] = mutated[index] or f"{who} changes its argument {argument.name}"
            work[position][index] = before
            arguments[position] = give(work[position][index], array_types(target)[position])


def _same(first: tuple[Any, ...] | Problem, second: tuple[Any, ...] | Problem) -> bool:
    if isinstance(first, Problem) or isinstance(second, Problem):
        return isinstance(first, Problem) and isinstance(second, Problem)
    return all(
        (isinstance(a, Problem) and isinstance(b, Problem))
        or (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b, equal_nan=True))
        for a, b in zip(first, second, strict=True)
    )
