"""Questions to one process of strangers' code, and its answers, each before its deadline."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from jacfuzz.cleaning import one_line
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import ANSWERS, FrameError, Item, Problem, Tag, read_item
from jacfuzz.isolation.limits import Limits
from jacfuzz.isolation.wire import SilenceError, Wire
from jacfuzz.result import Kind

_FATAL = (SilenceError, FrameError, DiedError, EOFError)
_LOG_READ, _LOG_SHOWN = 2000, 300
_ITEMS = 64  # of an answer, for every point that was asked for
_ANSWERS = 16  # arrays of the largest size that an answer may add up to


@dataclass(frozen=True)
class Question:
    """What a process was asked, and has not been waited for.

    Attributes
    ----------
    nonce
        Under which it answers.
    seconds
        Time for an item of the answer.
    points
        How many it was asked about.
    """

    nonce: bytes
    seconds: float
    points: int = 1


class Worker:
    """One process of strangers' code.

    Parameters
    ----------
    pid
        Its id.
    descriptors
        To write to it, to read from it, and its log.
    limits
        What it may use.
    watch
        Called while it is waited for; raises DiedError to end that.
    end
        Kills it with all it started, and returns its status.

    Attributes
    ----------
    open
        Whether it can still be asked.
    part
        What it has last done for a target, "" for nothing yet.
    """

    def __init__(
        self,
        pid: int,
        descriptors: tuple[int, int, int],
        limits: Limits,
        watch: Callable[[Worker], None],
        end: Callable[[Worker], int | None],
    ) -> None:
        requests, answers, self._log = descriptors
        self.pid = pid
        self._limits = limits
        self._end = end
        self._wire = Wire(requests, answers, lambda: watch(self))
        self._owed: list[Question] = []  # what the process has still to load, to make ready and to answer
        self._kept: dict[Question, list[Item]] = {}  # answers to what was posed, as far as they have come
        self._loaded = False
        self.open = True
        self.part = ""

    def ask(self, tag: int, text: str, arrays: tuple[np.ndarray, ...] = (), seconds: float = 0.0) -> Iterator[Item]:
        """Ask, and yield the items of the answer as they come.

        Parameters
        ----------
        tag, text, arrays
            The operation and what it is about.
        seconds
            Time for an item of the answer; 0 for the limit of a call.

        Raises
        ------
        DiedError
            If the process ends, hangs, uses too much or breaks the protocol; it is ended then.
        """
        self.settle()  # a slow start is not the fault of the first call
        yield from self._taken(self._put(tag, text, arrays, seconds or self._limits.call))

    def tell(self, tag: int, text: str, arrays: tuple[np.ndarray, ...] = ()) -> None:
        """Let the process make something ready meanwhile; ``settle`` waits for it.

        Raises
        ------
        DiedError
            If the process does not take it.
        """
        self._begin()
        self._owed.append(self._put(tag, text, arrays, self._limits.first))

    def pose(self, tag: int, text: str, arrays: tuple[np.ndarray, ...]) -> Question:
        """Ask without waiting for the answer, which ``collect`` gives.

        Raises
        ------
        DiedError
            If the process does not take it.
        """
        self._begin()
        question = self._put(tag, text, arrays, self._limits.call)
        self._owed.append(question)
        self._kept[question] = []
        return question

    def collect(self, question: Question) -> Iterator[Item]:
        """Yield the items of the answer to what was posed.

        Raises
        ------
        DiedError
            As ``ask`` does.
        """
        if self.open and question in self._owed:
            self._settle_until(question)
            del self._owed[0], self._kept[question]
            yield from self._taken(question)
        else:
            yield from self._kept.pop(question, [])

    @property
    def busy(self) -> bool:
        """Whether it was told what ``settle`` has not waited for yet."""
        return bool(self._owed)

    @property
    def at_rest(self) -> bool:
        """Whether it can be asked, and has told and owes nothing."""
        return self.open and not self._owed and self._wire.idle

    def settle(self) -> None:
        """Wait for what the process has to load and to make ready.

        Raises
        ------
        DiedError
            As ``ask`` does.
        """
        self._begin()
        self._settle_until(None)

    def _settle_until(self, question: Question | None) -> None:
        """Wait for what is owed before the answer to a question; for all if it is none of these."""
        while self._owed and self._owed[0] is not question:
            first = self._owed.pop(0)
            self._kept.get(first, []).extend(self._taken(first))
            self._loaded = True

    def _begin(self) -> None:
        if not self._loaded and not self._owed:
            self._owed.append(self._put(Tag.READY, "", (), self._limits.first))

    def _put(self, tag: int, text: str, arrays: tuple[np.ndarray, ...], seconds: float) -> Question:
        """Send a question."""
        nonce = secrets.token_bytes(16)
        items = [Item(tag, text), *(Item(Tag.ARRAY, array=array) for array in arrays), Item(Tag.END)]
        try:
            if not self._owed and not self._wire.idle:
                raise FrameError("an answer to no question")
            self._wire.deadline = time.monotonic() + seconds
            self._wire.write(nonce + b"".join(item.encoded(nonce) for item in items))
        except _FATAL as error:
            raise self._end_of(error, seconds) from None
        return Question(nonce, seconds, max(1, len(arrays[0]) if arrays else 1))

    def _taken(self, question: Question) -> Iterator[Item]:
        """Yield the items of the answer to a question."""
        seconds, bytes_left = question.seconds, _ANSWERS * self._limits.answer
        end = time.monotonic() + seconds * (question.points + 1)
        for number in itertools.count():
            self._wire.deadline = min(time.monotonic() + seconds, end)
            try:
                item = read_item(self._wire.read, question.nonce, self._limits.answer)
                bytes_left -= 0 if item.array is None else item.array.nbytes
                if item.tag not in ANSWERS:
                    raise FrameError(f"an item of the unknown kind {item.tag}")
                if number > _ITEMS * (question.points + 1) or bytes_left < 0:
                    raise FrameError("an answer without an end")
            except _FATAL as error:
                raise self._end_of(error, seconds) from None
            if item.tag == Tag.END:
                return
            yield dataclasses.replace(item, text=one_line(item.text)) if item.text else item

    def _end_of(self, error: SilenceError | FrameError | DiedError | EOFError, seconds: float) -> DiedError:
        """End the process at what went wrong, and say what that was."""
        if isinstance(error, EOFError):
            return _died("crash", self._epitaph())
        self.close()
        match error:
            case DiedError():
                return error
            case SilenceError():
                return _died("timeout", f"gave no answer within {seconds:g} s")
            case _:
                return _died("protocol", f"interfered with the process that evaluates it: it sent {error}")

    def close(self) -> int | None:
        """End the process with all it started."""
        if not self.open:
            return None
        self.open = False
        self._wire.close()
        try:
            return self._end(self)
        finally:
            os.close(self._log)

    def _epitaph(self) -> str:
        """How the process ended, with the last line it wrote."""
        size = os.fstat(self._log).st_size
        written = os.pread(self._log, _LOG_READ, max(0, size - _LOG_READ)).decode("utf-8", "replace")
        lines = written.strip().splitlines()
        status = self.close()
        how = "in an unknown way"
        if status is not None:
            how = f"by signal {-code}" if (code := os.waitstatus_to_exitcode(status)) < 0 else f"with exit code {code}"
            with contextlib.suppress(ValueError):
                how += f" ({signal.Signals(-code).name})" if code < 0 else ""
        said = f"; it last wrote: {one_line(lines[-1])[:_LOG_SHOWN]}" if lines else ""
        return f"ended the process {how}{said}"


def _died(kind: Kind, text: str) -> DiedError:
    return DiedError(Problem(kind, text), 0)
