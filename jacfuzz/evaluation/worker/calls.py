# ruff: noqa: B905  # zip has no parameter strict before Python 3.10
"""f and jac called at points, on copies; what they give is taken as it is, and what they do is noted."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jacfuzz.result import Kind

_MOST_TEXT = 300


class NotAnArrayError(Exception):
    """What came back is no array of numbers; the message says what it is."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """Why a call gave no arrays."""

    kind: Kind
    text: str


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two functions, and what one must know to call them.

    Attributes
    ----------
    f, jac
        The functions.
    arguments
        Names of all arguments.
    kinds
        Kind of array per argument: ``numpy``, ``jax``, ``torch`` or ``scalar``.
    differentiable
        Names of the arguments that jac owes a Jacobian for.
    file
        Whose lines are named where a call raises.
    caught
        What a call may raise without ending more than itself.
    """

    f: Callable[..., Any]
    jac: Callable[..., Any]
    arguments: tuple[str, ...]
    kinds: tuple[str, ...]
    differentiable: tuple[str, ...]
    file: str = ""
    caught: tuple[type[BaseException], ...] = (Exception, SystemExit)  # exit() must not end the run


@dataclasses.dataclass(frozen=True)
class Answer:
    """What f and jac gave at a point; ``mutated`` and ``unstable`` say who did it, "" for nobody."""

    primal: np.ndarray | Problem
    jacobians: tuple[np.ndarray, ...] | Problem
    mutated: str = ""
    unstable: str = ""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what the code under test prints and warns of; its numbers are what counts."""
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(open(os.devnull, "w"))
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(sink))
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(np.errstate(all="ignore"))
        warnings.simplefilter("ignore")
        yield


def give(value: np.ndarray, array_type: str) -> Any:
    """Turn one argument into the kind of array that the code under test takes."""
    if array_type == "scalar":
        return value.item()
    if array_type == "jax":
        import jax.numpy as jnp

        return jnp.asarray(value)
    if array_type == "torch":
        import torch

        return torch.from_numpy(np.array(value))
    return value


def take(value: Any) -> np.ndarray:
    """Turn a result into a NumPy array.

    Raises
    ------
    NotAnArrayError
        If the result is None, text, ragged, or an array of objects.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if value is None:
        raise NotAnArrayError("None")
    if isinstance(value, (str, bytes)):
        raise NotAnArrayError(f"text ({value[:20]!r})")
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise NotAnArrayError(f"{type(value).__name__} that is no rectangular array ({error})") from None
    if array.dtype.kind not in "fiubc":
        if array.dtype.kind == "V" and "float" in str(array.dtype):  # bfloat16 and float8 of ml_dtypes
            return array.astype(np.float64)
        what = "an object array" if array.dtype == object else f"an array of dtype {array.dtype}"
        raise NotAnArrayError(f"{what} ({type(value).__name__})")
    return array


def evaluate_point(pair: Pair, point: tuple[np.ndarray, ...], twice: bool) -> Answer:
    """Call f and jac at a point, on copies; ``twice`` calls them once more and compares."""
    given = [give(value.copy(), kind) for value, kind in zip(point, pair.kinds)]
    primal = _primal(pair, given)
    mutated = _restore(pair, point, given, "f")
    jacobians = _jacobians(pair, given)
    mutated = mutated or _restore(pair, point, given, "jac")
    unstable = ""
    if twice and not mutated:
        if not _same((primal,), (_primal(pair, given),)):
            unstable = "f"
        elif not _same(jacobians, _jacobians(pair, given)):
            unstable = "jac"
    return Answer(primal, jacobians, mutated, unstable)


def evaluate_swiftly(pair: Pair, values: tuple[np.ndarray, ...], seconds: float = math.inf) -> list[np.ndarray] | None:
    """Call f and jac at points one after the other, and look at what they did to their arguments once.

    Returns what they gave at as many points as took so many seconds, f's values and one Jacobian per argument, each
    with a leading axis; None where anything is out of the ordinary, or they gave other shapes or dtypes at one point
    than at another, which is then to be looked at point by point.
    """
    copies = tuple(value.copy() for value in values)
    columns: list[np.ndarray] = []
    end, count = time.monotonic() + seconds, 0
    try:
        for point in zip(*copies):
            primal, jacobian = pair.f(*point), pair.jac(*point)
            arrays = (primal, *jacobian) if isinstance(jacobian, tuple) else (primal, jacobian)
            if len(arrays) != len(pair.differentiable) + 1 or not all(map(_ordinary, arrays)):
                return None
            if not columns:
                columns = [np.empty((len(values[0]), *array.shape), array.dtype) for array in arrays]
            for column, array in zip(columns, arrays):
                if array.dtype != column.dtype or array.shape != column.shape[1:]:
                    return None
                column[count] = array  # a copy: some functions write to the same array again
            count += 1
            if time.monotonic() > end:
                break
    except pair.caught:
        return None
    unchanged = all(np.array_equal(copy, value, equal_nan=True) for copy, value in zip(copies, values))
    return [column[:count] for column in columns] if unchanged else None


def swift_rows(
    pair: Pair, values: tuple[np.ndarray, ...], shape: tuple[int, ...], dtype: type = float, seconds: float = math.inf
) -> np.ndarray | None:
    """Call a NumPy f at points one after the other; return rows (K, m), as many as took so many seconds.

    None where it raises or what it gives is out of the ordinary somewhere, which is then to be looked at one by one.
    """
    rows: np.ndarray = np.empty((len(values[0]), *shape), dtype)
    kinds = "fiub" if dtype is float else "fiubc"
    end, count = time.monotonic() + seconds, 0
    try:
        for point in zip(*values):
            primal = np.asarray(pair.f(*point))
            if primal.shape != shape or primal.dtype.kind not in kinds:
                return None
            rows[count] = primal
            count += 1
            if time.monotonic() > end:
                break
    except pair.caught:
        return None
    return rows[:count].reshape(count, math.prod(shape))


def primal_rows(pair: Pair, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yield f at each of K points as a row of numbers; NaN where f raises or gives another shape."""
    nothing = np.full(math.prod(shape), np.nan)
    caught: tuple[type[BaseException], ...] = (NotAnArrayError, *pair.caught)
    for point in zip(*values):
        try:
            primal = take(pair.f(*map(give, point, pair.kinds)))
        except caught:  # outside f's domain: NaN says so
            yield nothing
            continue
        ordinary = primal.shape == shape and primal.dtype.kind != "c"
        yield np.array(primal, dtype=float).reshape(-1) if ordinary else nothing


def _primal(pair: Pair, given: list[Any]) -> np.ndarray | Problem:
    result = _call(pair, pair.f, given)
    if isinstance(result, Problem):
        return result
    try:
        return take(result[0])
    except NotAnArrayError as error:
        return Problem("protocol", f"f returned {error}; expected an array")


def _jacobians(pair: Pair, given: list[Any]) -> tuple[np.ndarray, ...] | Problem:
    result = _call(pair, pair.jac, given)
    if isinstance(result, Problem):
        return result
    value, names = result[0], pair.differentiable
    several = len(names) > 1
    leaves = tuple(value) if isinstance(value, tuple) or (several and isinstance(value, list)) else (value,)
    if len(leaves) != len(names):
        got = "one result" if len(leaves) == 1 else f"{len(leaves)} results"
        wanted = f"a tuple of {len(names)} Jacobians, one for each of {', '.join(names)}" if several else "one Jacobian"
        return Problem("protocol", f"jac returned {_describe(value) if len(leaves) == 1 else got}; expected {wanted}")
    arrays: list[np.ndarray] = []
    for name, leaf in zip(names, leaves):
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


def _call(pair: Pair, function: Callable[..., Any], arguments: list[Any]) -> tuple[Any] | Problem:
    try:
        return (function(*arguments),)
    except pair.caught as error:
        return Problem("raises", f"{type(error).__name__}: {_first_line(error)}{_line_of(pair, error)}")


def _first_line(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # strangers' __str__
        return "(no message)"
    return lines[0][:_MOST_TEXT] if lines else "(no message)"


def _line_of(pair: Pair, error: BaseException) -> str:
    """Line of the innermost frame in the target's own file."""
    name = os.path.basename(pair.file)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if name and name in frame.filename]
    return f" (line {lines[-1]})" if lines else ""


def _restore(pair: Pair, point: tuple[np.ndarray, ...], given: list[Any], who: str) -> str:
    """Give back arguments that were written to; return who changed which, "" for none."""
    mutated = ""
    for position, before in enumerate(point):
        if isinstance(given[position], (int, float, complex)):
            continue
        if not np.array_equal(take(given[position]), before, equal_nan=True):
            mutated = mutated or f"{who} changes its argument {pair.arguments[position]}"
            given[position] = give(before.copy(), pair.kinds[position])
    return mutated


def _ordinary(value: Any) -> bool:
    return (type(value) is np.ndarray or isinstance(value, (np.number, np.bool_))) and value.dtype.kind in "fiubc"


def _same(first: tuple[Any, ...] | Problem, second: tuple[Any, ...] | Problem) -> bool:
    if isinstance(first, Problem) or isinstance(second, Problem):
        return isinstance(first, Problem) and isinstance(second, Problem)
    return all(
        (isinstance(a, Problem) and isinstance(b, Problem))
        or (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b, equal_nan=True))
        for a, b in zip(first, second)
    )
