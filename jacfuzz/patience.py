"""How long to go on once a target has failed: its verdict is out, and slow code would take minutes to look prettier."""

from __future__ import annotations

import math
import time

_SEARCHING, _STAGE = 15.0, 8.0


class Patience:
    """A clock for each stage after the first failure; ordinary code never runs out of it.

    Attributes
    ----------
    lost
        Whether some stage was cut short.
    """

    def __init__(self) -> None:
        self._end = math.inf
        self.lost = False

    def begin(self) -> None:
        """Start the clock anew, for what is done with one failure."""
        self._end = time.monotonic() + _STAGE

    def failed(self) -> None:
        """Start the clock of the search at the first failure."""
        if math.isinf(self._end):
            self._end = time.monotonic() + _SEARCHING

    def over(self) -> bool:
        """Whether the time of this stage is over."""
        late = time.monotonic() > self._end
        self.lost |= late
        return late
