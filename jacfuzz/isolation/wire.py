"""The parent's end of a conversation with a process: every read and write has a deadline."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable

_TICK = 0.2


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
            self._wait(self._requests, select.POLLOUT)
            try:
                view = view[os.write(self._requests, view) :]
            except BlockingIOError:
                continue
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
        while len(self._buffer) - self._start < count:
            self._wait(self._answers, select.POLLIN)
            with contextlib.suppress(BlockingIOError):
                data = os.read(self._answers, 1 << 20)
                if not data:
                    raise EOFError
                del self._buffer[: self._start]
                self._start = 0
                self._buffer += data
        stop = self._start + count
        result = self._buffer[self._start : stop]
        self._start = stop
        return result

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be read."""
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        return self._start == len(self._buffer) and not any(event & select.POLLIN for _, event in poll.poll(0))

    def close(self) -> None:
        """Close both pipes."""
        os.close(self._requests)
        os.close(self._answers)

    def _wait(self, descriptor: int, event: int) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        while True:
            ready = poll.poll(_TICK * 1000)
            self._watch()
            if ready:
                return
            if time.monotonic() > self.deadline:
                raise SilenceError
