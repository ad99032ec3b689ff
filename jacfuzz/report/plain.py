"""Text of strangers made harmless: it may neither steer a terminal or a CI server, nor look like a report."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from jacfuzz.result import TargetResult

_COMMAND = re.compile(r"(?<!\S)::|##\[")


def harmless(result: TargetResult) -> TargetResult:
    """Return a result without control characters and without what a CI server takes for a command."""
    return TargetResult.from_dict(_cleaned(dataclasses.asdict(result)))


def clean(text: str) -> str:
    """Return text with unprintable characters as ``?``, and with workflow commands broken."""
    visible = "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)
    return _COMMAND.sub(lambda match: " ".join(match.group()), visible)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cleaned(item) for item in value)
    return value
