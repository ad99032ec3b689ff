# zip has no parameter strict before Python 3.10
"""A pair answers over a pipe: nothing here judges, and what leaves the process is raw numbers and short texts."""

from __future__ import annotations

import collections
import itertools
import json
import math
import os
import select
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

from .calls import Answer, Pair, Problem, evaluate_point, evaluate_swiftly, primal_rows, quiet, swift_rows
from .frames import Item, Tag, read_item

TWICE = 2
"""So many points at the start of a batch are evaluated twice."""

_FLUSH_SECONDS, _FLUSH_BYTES = 0.02, 1 << 20
_SPIN_SECONDS = 1e-4
_PARTS = 64  # that are written at once

_SEVERAL = len(os.sched_getaffinity(0)) > 1 if hasattr(os, "sched_getaffinity") else False

Handler = Callable[[str, list[np.ndarray]], Iterator[list[Item]]]
"""Answers an operation, given its text and arrays: lists of items, each sent at once."""


def handlers(pair: Pair) -> dict[int, Handler]:
    """Return what a pair answers."""

    def evaluate(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        most = json.loads(text) if set(pair.kinds) == {"numpy"} else 1
        count, done = len(values[0]), 0
        while done < count:
            if done >= TWICE and most > 1:
                rest = tuple(value[done : done + most] for value in values)
                columns = evaluate_swiftly(pair, rest, _FLUSH_SECONDS)
                if columns:
                    yield items_together(columns)
                    done += len(columns[0])
                    continue
                most = 1
            answer = items_of(evaluate_point(pair, tuple(value[done] for value in values), done < TWICE))
            yield answer
            most = min(most, most_of(answer))
            done += 1

    def primals(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        shape, most = json.loads(text)
        most = max(1, min(most, _FLUSH_BYTES // (8 * math.prod(shape) + 1)))
        while most > 1 and len(values[0]) and set(pair.kinds) == {"numpy"}:
            part = tuple(value[:most] for value in values)
            found = swift_rows(pair, part, tuple(shape), seconds=_FLUSH_SECONDS)
            if found is None:
                break
            yield [Item(Tag.ARRAY, array=found)]
            values = [value[len(found) :] for value in values]
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


def items_together(columns: list[np.ndarray]) -> list[Item]:
    """Put f's values and Jacobians of several points, each with a leading axis, into items."""
    primals, *jacobians = columns
    items = [Item(Tag.JACOBIAN, array=jacobian) for jacobian in jacobians]
    return [Item(Tag.TOGETHER), Item(Tag.PRIMAL, array=primals), *items, Item(Tag.POINT_END)]


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


def most_of(answer: list[Item]) -> int:
    """Return how many points that answer alike are sent at once."""
    return 1 + _FLUSH_BYTES // (1 + sum(item.array.nbytes for item in answer if item.array is not None))


def serve(handlers: dict[int, Handler], requests: int, answers: int) -> None:
    """Answer requests until there are no more.

    Parameters
    ----------
    handlers
        By operation; one may put others in their place.
    requests, answers
        File descriptors of two pipes.
    """
    nothing: dict[int, Handler] = dict.fromkeys((Tag.READY, Tag.PREPARE), lambda text, arrays: iter(()))
    known = collections.ChainMap(handlers, nothing)
    write = os.writev  # kept, so that code which patches os for itself does not break the conversation
    waiting = select.poll()
    waiting.register(requests, select.POLLIN)

    def read(count: int) -> bytearray:
        data = bytearray(count)
        left = memoryview(data)
        while left:
            got = source.readinto(left)
            if not got:
                raise EOFError
            left = left[got:]
        return data

    with os.fdopen(requests, "rb", buffering=0) as source:
        while True:
            spin(waiting)
            try:
                nonce = bytes(read(16))
                items = [read_item(read, nonce, sys.maxsize)]
                while items[-1].tag != Tag.END:
                    items.append(read_item(read, nonce, sys.maxsize))
            except EOFError:
                return
            arrays = [item.array for item in items[1:-1] if item.array is not None]
            with quiet():
                for part in known[items[0].tag](items[0].text, arrays):
                    _send(write, answers, [one for item in part for one in item.parts(nonce)])
            _send(write, answers, Item(Tag.END).parts(nonce))


def spin(waiting: select.poll) -> None:
    """Look for something to read for a moment, where another processor is free to send it.

    What answers in less time than it takes a process to wake up need not be slept for.
    """
    if _SEVERAL:
        end = time.monotonic() + _SPIN_SECONDS
        while not waiting.poll(0) and time.monotonic() < end:
            pass


def _send(write: Callable[[int, list[memoryview]], int], sink: int, parts: list[bytes | memoryview]) -> None:
    left: collections.deque[memoryview] = collections.deque(memoryview(part) for part in parts)
    while left:
        sent = write(sink, list(itertools.islice(left, _PARTS)))
        while left and sent >= len(left[0]):
            sent -= len(left.popleft())
        if sent:
            left[0] = left[0][sent:]
