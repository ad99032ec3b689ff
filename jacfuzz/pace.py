"""How long a search goes on, and how many points it takes on at once where the code is slow."""

from __future__ import annotations

import time
from collections.abc import Iterator

from jacfuzz.settings import Settings
from jacfuzz.strategies.batches import Lot

_LEAST, _EACH = 60.0, 0.06
_PART = 5.0
_FIRST = 16  # points that are judged before the pace is known
_SHORT = "cut short by max-time; the same seed may judge other points next time"
_SLOW = (
    "f and jac are slow: no more was tried after {seconds:.0f} s; max_time (--max-time on the command line) allows "
    "another time"
)


class Pace:
    """The clock of one search.

    Parameters
    ----------
    settings
        The wanted number of points: without a deadline a search has 0.06 s for each, and 60 s at least.
    deadline
        ``time.monotonic()`` at which the search ends.
    """

    def __init__(self, settings: Settings, deadline: float | None) -> None:
        most = max(_LEAST, _EACH * settings.max_examples)
        self._end = time.monotonic() + most if deadline is None else deadline
        self.note = _SLOW.format(seconds=most) if deadline is None else _SHORT
        self._seconds: float | None = None

    def parts(self, lot: Lot) -> Iterator[Lot]:
        """Cut a lot up if judging all of it would take long, at the pace of the last part."""
        first = 0
        while first < len(lot):
            count = len(lot) - first
            if self._seconds is None:
                count = min(count, _FIRST)
            elif self._seconds * count > _PART:
                count = max(1, int(_PART / self._seconds))
            began = time.monotonic()
            yield lot[first : first + count]
            self._seconds = (time.monotonic() - began) / count
            first += count

    def is_swift(self, points: int) -> bool:
        """Whether so many points are judged at once, at the pace of the last part."""
        return self._seconds is not None and self._seconds * points <= _PART

    def over(self) -> bool:
        """Whether the time of the search is over."""
        return time.monotonic() > self._end
