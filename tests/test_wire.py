"""The parent's end of a conversation: bytes come as they were sent, whatever pieces they come in."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jacfuzz.evaluation.worker import Item, Tag
from jacfuzz.evaluation.worker.serve import _send
from jacfuzz.isolation.wire import SilenceError, Wire

SIZES = st.lists(st.integers(0, 200) | st.integers(60_000, 300_000), min_size=1, max_size=6)


@contextlib.contextmanager
def wired() -> Iterator[tuple[Wire, int, int]]:
    """A wire, and the ends of its two pipes that the process has."""
    requests, to_worker = os.pipe()
    from_worker, answers = os.pipe()
    wire = Wire(to_worker, from_worker, lambda: None)
    wire.deadline = time.monotonic() + 10
    try:
        yield wire, requests, answers
    finally:
        wire.close()
        for descriptor in (requests, answers):
            with contextlib.suppress(OSError):
                os.close(descriptor)


@settings(deadline=None, max_examples=30)
@given(SIZES, SIZES)
def test_what_is_read_is_what_was_sent(sent: list[int], read: list[int]) -> None:
    data = bytes(place * 7 % 251 for place in range(sum(sent)))
    counts: list[int] = []
    for count in read:
        counts.append(min(count, len(data) - sum(counts)))
    counts.append(len(data) - sum(counts))
    with wired() as (wire, _, answers):

        def send() -> None:
            start = 0
            for size in sent:
                _send(os.writev, answers, [data[start : start + size // 2], data[start + size // 2 : start + size]])
                start += size

        thread = threading.Thread(target=send)
        thread.start()
        parts = [wire.read(count) for count in counts]
        thread.join()
        assert [len(part) for part in parts] == counts
        assert b"".join(parts) == data
        assert wire.idle


def test_what_was_not_read_is_noticed() -> None:
    with wired() as (wire, _, answers):
        assert wire.idle
        os.write(answers, b"abc")
        assert not wire.idle
        assert wire.read(2) == b"ab"
        assert not wire.idle
        assert wire.read(1) == b"c"
        assert wire.idle


def test_silence_and_the_end_are_told() -> None:
    with wired() as (wire, requests, answers):
        os.write(answers, b"abc")
        wire.deadline = time.monotonic()
        with pytest.raises(SilenceError):
            wire.read(4)
        os.close(answers)
        with pytest.raises(EOFError):
            wire.read(4)
        os.close(requests)
        with pytest.raises(EOFError):
            wire.write(b"abc")


def test_many_parts_are_sent_in_order() -> None:
    parts = [part for number in range(500) for part in Item(Tag.POINT_END, str(number)).parts(bytes(16))]
    with wired() as (wire, _, answers):
        _send(os.writev, answers, [*parts, b"", memoryview(b"")])
        assert wire.read(sum(map(len, parts))) == b"".join(parts)
