"""The parent's end of a conversation with a process: every read and write has a deadline."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable

from jacfuzz.evaluation.worker import spin

_TICK = 0.2
_AHEAD = 1 << 16  # bytes that are read before they are asked for


class SilenceError(Exception):
    """No answer came in time."""


class Wire:
    """Two pipes to a process that may do anything.

    Parameters
    ----------
    requests, answers
        File descriptors to write to and to read from.
    watch
        Called whenever it was waited for something, every fifth of a second at least; raises to end the conversation.
    """

    def __init__(self, requests: int, answers: int, watch: Callable[[], None]) -> None:
        self._requests, self._answers, self._watch = requests, answers, watch
        self._writable, self._readable = _poll(requests, select.POLLOUT), _poll(answers, select.POLLIN)
        self._buffer, self._start = bytearray(), 0  # what has come, and where that begins which was not read yet
        self.deadline = 0.0
        os.set_blocking(requests, False)
        os.set_blocking(answers, False)

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises
        ------
        SilenceError
            If they are not taken before the deadline.
        EOFError
            If nobody is there to take them.
        """
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._requests, view) :]
            except BlockingIOError:
                self._wait(self._writable)
            except BrokenPipeError:
                raise EOFError from None

    def read(self, count: int) -> bytearray:
        """Receive exactly so many bytes.

        Raises
        ------
        SilenceError
            If they do not come before the deadline.
        EOFError
            If the other end is closed.
        """
        result = bytearray(count)
        left = memoryview(result)
        while left:
            if self._start == len(self._buffer) and len(left) < _AHEAD:
                ahead = bytearray(_AHEAD)
                del ahead[self._received(memoryview(ahead)) :]
                self._buffer, self._start = ahead, 0
            elif self._start == len(self._buffer):
                left = left[self._received(left) :]
                continue
            part = memoryview(self._buffer)[self._start : self._start + len(left)]
            left[: len(part)] = part
            left = left[len(part) :]
            self._start += len(part)
        return result

    def _received(self, room: memoryview) -> int:
        """Receive what has come, at least a byte, as far as there is room; return how much that is."""
        while True:
            self._wait(self._readable)
            with contextlib.suppress(BlockingIOError):
                count = os.readv(self._answers, [room])
                if not count:
                    raise EOFError
                return count

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be read."""
        unread = self._start < len(self._buffer)
        return not unread and not any(event & select.POLLIN for _, event in self._readable.poll(0))

    def close(self) -> None:
        """Close both pipes."""
        os.close(self._requests)
        os.close(self._answers)

    def _wait(self, poll: select.poll) -> None:
        spin(poll)
        while True:
            ready = poll.poll(_TICK * 1000)
            self._watch()
            if ready:
                return
            if time.monotonic() > self.deadline:
                raise SilenceError


def _poll(descriptor: int, event: int) -> select.poll:
    poll = select.poll()
    poll.register(descriptor, event)
    return poll
