"""JSON lines for machines: one object a target, one for the run; the contract is in docs/architecture.md."""

from __future__ import annotations

import json
import math
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished

_PACKAGES = ("jacfuzz", "numpy", "jax", "jaxtyping", "beartype", "hypothesis", "torch")


class JsonLinesReport:
    """Writes each result as it comes, so that an interrupted run keeps what was found.

    Parameters
    ----------
    path
        The file; its folder is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def handle(self, event: Event) -> None:
        """Append a line."""
        match event:
            case RunStarted():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_text("")
            case TargetFinished(result=result):
                self._append(result.to_dict())
            case RunFinished():
                self._append(
                    {
                        "event": "run",
                        "exit": event.exit,
                        "seconds": event.seconds,
                        "seed": event.seed,
                        "versions": versions(),
                    }
                )

    def _append(self, content: dict[str, Any]) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(_plain(content), allow_nan=False) + "\n")


def versions() -> dict[str, str]:
    """Versions of the packages that decide verdicts, those that are installed."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _plain(value: Any) -> Any:
    """Replace numbers that JSON lacks by the words nan, inf, -inf."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, complex):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
