"""How many workers a run is worth, on the processors that there are."""

from __future__ import annotations

import os
from collections.abc import Sequence

_TARGETS, _SECONDS = 12, 2.0  # that are worth workers


def most_workers(wanted: str, each: int) -> int:
    """Return what ``worker_count`` is at most, whatever is judged."""
    room = (os.cpu_count() or 1) // each
    return int(wanted) if wanted != "auto" else room if room > 1 else 0


def worker_count(wanted: str, ids: Sequence[str], each: int) -> int:
    """Return the number of xdist workers for ``--workers``.

    Parameters
    ----------
    wanted
        A number, or ``auto``, which takes none for targets that took but seconds last time or, where that is not
        known, are few: each worker loads them anew.
    ids
        What is judged.
    each
        Processors that a target keeps busy: with its code in processes of its own, two.
    """
    from jacfuzz.report.costs import expected  # with all that results are made of

    most = most_workers(wanted, each)
    if wanted != "auto":
        return most
    seconds = expected(ids)
    worth = len(ids) >= _TARGETS if seconds is None else sum(seconds) >= _SECONDS
    return min(most, len(ids)) if worth else 0
