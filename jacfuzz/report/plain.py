"""Results made harmless: their text may neither steer a terminal or a CI server, nor look like a report."""

from __future__ import annotations

import dataclasses
from typing import Any

from jacfuzz.cleaning import clean
from jacfuzz.result import TargetResult


def harmless(result: TargetResult) -> TargetResult:
    """Return a result without control characters and without what a CI server takes for a command."""
    return TargetResult.from_dict(_cleaned(dataclasses.asdict(result)))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cleaned(item) for item in value)
    return value
