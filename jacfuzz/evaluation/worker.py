# ruff: noqa: B905  # zip has no parameter strict before Python 3.10
"""One pair at points, asked and answered over a pipe: one file that needs Python 3.9, NumPy and what the pair imports.

The same code evaluates a pair in this process and in one of its own, which may belong to another interpreter. Nothing
here judges: what leaves the process is raw numbers and short texts, item by item, each under the nonce of its request.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import struct
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jacfuzz.result import Kind


class Tag:
    """What an item is: the operation that opens a request, or a part of an answer."""

    EVALUATE, PRIMALS, DERIVATIVES, BOUNDARIES, DESCRIBE, PROBE = range(1, 7)
    ARRAY, PRIMAL, JACOBIAN, PRIMAL_RAISES, PRIMAL_PROTOCOL, JAC_RAISES, JAC_PROTOCOL = range(16, 23)
    MUTATED, UNSTABLE, NOTHING, POINT_END, END = range(23, 28)


ANSWERS = frozenset(range(Tag.ARRAY, Tag.END + 1))
TWICE = 2
"""So many points at the start of a batch are evaluated twice."""

_HEADER = struct.Struct("<16sBHB3sQ")  # nonce, tag, length of the text, rank, dtype, bytes of the array
_DTYPES = {
    np.dtype(name).str.encode(): np.dtype(name)
    for name in ("?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8")
}
_COMPLEX = np.dtype("<c16")  # its name has a character more than the others
_DTYPES[b"c16"] = _COMPLEX
_MOST_AXES = 16
_MOST_TEXT = 300
_FLUSH_SECONDS = 0.02


class FrameError(Exception):
    """An item that breaks the protocol; the message says how."""


class NotAnArrayError(Exception):
    """What came back is no array of numbers; the message says what it is."""


@dataclasses.dataclass(frozen=True)
class Item:
    """A part of a request or answer: its tag, a short text and an array, each possibly empty."""

    tag: int
    text: str = ""
    array: np.ndarray | None = None

    def encoded(self, nonce: bytes) -> bytes:
        """Return the item as bytes."""
        text = self.text.encode("utf-8", "replace")
        if self.array is None:
            return _HEADER.pack(nonce, self.tag, len(text), 0, b"", 0) + text
        array = self.array
        if array.dtype.str[0] == ">" or (array.dtype.str.encode() not in _DTYPES and array.dtype != _COMPLEX):
            array = array.astype(complex if array.dtype.kind == "c" else float)
        name = b"c16" if array.dtype == _COMPLEX else array.dtype.str.encode()
        header = _HEADER.pack(nonce, self.tag, len(text), array.ndim, name, array.nbytes)
        return header + text + struct.pack(f"<{array.ndim}Q", *array.shape) + array.tobytes()


def read_item(read: Callable[[int], bytes], nonce: bytes, most: int) -> Item:
    """Read one item.

    Parameters
    ----------
    read
        Returns exactly so many bytes, or raises.
    nonce
        Of the request that the item must belong to; empty accepts any.
    most
        Bytes of an array at most; nothing larger is read.

    Raises
    ------
    FrameError
        If the bytes are no item of this request; whatever the bytes are, no other error is raised.
    """
    found, tag, length, rank, name, size = _HEADER.unpack(read(_HEADER.size))
    if nonce and found != nonce:
        raise FrameError("an answer that belongs to no question")
    if rank > _MOST_AXES or size > most:
        raise FrameError(f"an array of {rank} axes and {size} bytes; at most {_MOST_AXES} and {most} are read")
    text = read(length).decode("utf-8", "replace") if length else ""
    name = name.rstrip(b"\0")
    if not name:
        if rank or size:
            raise FrameError("an array without a dtype")
        return Item(tag, text)
    dtype = _DTYPES.get(name)
    shape = struct.unpack(f"<{rank}Q", read(8 * rank)) if rank else ()
    if dtype is None or math.prod(shape) * dtype.itemsize != size or (not size and max(shape) >= most):
        raise FrameError("an array whose dtype, shape and length do not fit each other")
    return Item(tag, text, np.frombuffer(read(size) if size else b"", dtype).reshape(shape).copy())


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


def primal_rows(pair: Pair, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yield f at each of K points as a row of numbers; NaN where f raises or gives another shape."""
    for index in range(len(values[0])):
        row = np.full(math.prod(shape), np.nan)
        with contextlib.suppress(NotAnArrayError, *pair.caught):  # outside f's domain: NaN says so
            primal = take(pair.f(*[give(value[index], kind) for value, kind in zip(values, pair.kinds)]))
            if primal.shape == shape and primal.dtype.kind != "c":
                row[:] = primal.reshape(-1)
        yield row


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


def _same(first: tuple[Any, ...] | Problem, second: tuple[Any, ...] | Problem) -> bool:
    if isinstance(first, Problem) or isinstance(second, Problem):
        return isinstance(first, Problem) and isinstance(second, Problem)
    return all(
        (isinstance(a, Problem) and isinstance(b, Problem))
        or (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b, equal_nan=True))
        for a, b in zip(first, second)
    )


Handler = Callable[[str, list[np.ndarray]], Iterator[list[Item]]]
"""Answers an operation, given its text and arrays: lists of items, each sent at once."""


def handlers(pair: Pair) -> dict[int, Handler]:
    """Return what a pair answers."""

    def evaluate(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        for index in range(len(values[0])):
            yield items_of(evaluate_point(pair, tuple(value[index] for value in values), index < TWICE))

    def primals(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        shape, most = json.loads(text)
        rows: list[np.ndarray] = []
        since = time.monotonic()
        for row in primal_rows(pair, tuple(values), tuple(shape)):
            rows.append(row)
            if len(rows) >= most or time.monotonic() - since > _FLUSH_SECONDS:
                yield [Item(Tag.ARRAY, array=np.stack(rows))]
                rows, since = [], time.monotonic()
        if rows:
            yield [Item(Tag.ARRAY, array=np.stack(rows))]

    return {Tag.EVALUATE: evaluate, Tag.PRIMALS: primals}


def items_of(answer: Answer) -> list[Item]:
    """Put what a point gave into items."""
    items = []
    if answer.mutated:
        items.append(Item(Tag.MUTATED, answer.mutated))
    if answer.unstable:
        items.append(Item(Tag.UNSTABLE, answer.unstable))
    if isinstance(answer.primal, Problem):
        raised = answer.primal.kind == "raises"
        items.append(Item(Tag.PRIMAL_RAISES if raised else Tag.PRIMAL_PROTOCOL, answer.primal.text))
    else:
        items.append(Item(Tag.PRIMAL, array=answer.primal))
    if isinstance(answer.jacobians, Problem):
        raised = answer.jacobians.kind == "raises"
        items.append(Item(Tag.JAC_RAISES if raised else Tag.JAC_PROTOCOL, answer.jacobians.text))
    else:
        items += [Item(Tag.JACOBIAN, array=jacobian) for jacobian in answer.jacobians]
    return [*items, Item(Tag.POINT_END)]


def serve(handlers: dict[int, Handler], requests: int, answers: int) -> None:
    """Answer requests until there are no more.

    Parameters
    ----------
    handlers
        By operation.
    requests, answers
        File descriptors of two pipes.
    """
    write = os.write  # kept, so that code which patches os for itself does not break the conversation
    with os.fdopen(requests, "rb") as source:

        def read(count: int) -> bytes:
            data = source.read(count)
            if len(data) < count:
                raise EOFError
            return data

        while True:
            try:
                nonce = read(16)
                items = [read_item(read, nonce, sys.maxsize)]
                while items[-1].tag != Tag.END:
                    items.append(read_item(read, nonce, sys.maxsize))
            except EOFError:
                return
            arrays = [item.array for item in items[1:-1] if item.array is not None]
            with quiet():
                for part in handlers[items[0].tag](items[0].text, arrays):
                    _send(write, answers, b"".join(item.encoded(nonce) for item in part))
            _send(write, answers, Item(Tag.END).encoded(nonce))


def _send(write: Callable[[int, memoryview], int], sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[write(sink, view) :]
