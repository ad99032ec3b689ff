"""Intervals as people write them: a pair, closed, or text such as ``"(0, 1]"`` with open ends."""

from __future__ import annotations

import math
import re

from jacfuzz.errors import UsageError
from jacfuzz.target import Interval

_TEXT = re.compile(r"\s*([\[(])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([\])])\s*")
_LEAST = 1e-150


def closed(interval: Interval | str) -> Interval:
    """Return the closed interval of all floats in an interval; a pair is one already.

    Parameters
    ----------
    interval
        A pair, or text: a round bracket leaves its end out, ``inf`` has no end, as in ``"(0, inf)"``.

    Raises
    ------
    UsageError
        If the text is no interval, or holds no number.
    """
    if not isinstance(interval, str):
        return interval
    match = _TEXT.fullmatch(interval)
    try:
        low, high = (float(end) for end in match.group(2, 3)) if match else (math.nan, math.nan)
    except ValueError:
        low = high = math.nan
    if not match or math.isnan(low) or math.isnan(high):
        raise UsageError(f'the interval {interval!r} cannot be read; write "[0, 1]", "(0, 1)" or "(0, inf)"')
    if match[1] == "(":
        low = _next(low, math.inf)
    if match[4] == ")":
        high = _next(high, -math.inf)
    if low > high:
        raise UsageError(f"the interval {interval!r} holds no number; its low end comes first")
    return (low if math.isfinite(low) else None, high if math.isfinite(high) else None)


def _next(end: float, towards: float) -> float:
    """Return the number next to an open end; next to 0 one whose square does not underflow."""
    if end == 0:
        return math.copysign(_LEAST, towards)
    return math.nextafter(end, towards) if math.isfinite(end) else end
