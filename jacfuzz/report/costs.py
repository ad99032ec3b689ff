"""What each target took last time, kept in the user's cache folder: the next run spreads its targets by that."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from platformdirs import user_cache_dir

from jacfuzz.records import replace_file
from jacfuzz.report.events import Event, RunFinished, TargetFinished

_MOST = 5000


class Costs:
    """Listener that remembers the seconds of every target of a run."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def handle(self, event: Event) -> None:
        """Follow the run; when it is over, its costs are saved."""
        match event:
            case TargetFinished(result=result):
                self._seconds[_key(result.id)] = round(result.seconds, 3)
            case RunFinished():
                with contextlib.suppress(OSError):  # the next run does without
                    _save({**_read(), **self._seconds})


def expected(ids: Sequence[str]) -> list[float] | None:
    """Return what targets took last time, in seconds; None where none is known, the median where one is not."""
    known = _read()
    seconds = [known.get(_key(id)) for id in ids]
    seen = [each for each in seconds if each is not None]
    return [statistics.median(seen) if each is None else each for each in seconds] if seen else None


def spread(ids: Sequence[str], workers: int) -> list[int]:
    """Return the order in which xdist, which gives each worker a run of neighbours, gives all of them as much to do.

    Of runs that differ in length the longer ones come last.
    """
    seconds = expected(ids)
    if seconds is None:
        return list(range(len(ids)))
    longest_first = sorted(range(len(ids)), key=lambda number: -seconds[number])
    return [number for worker in reversed(range(workers)) for number in longest_first[worker::workers]]


def _key(id: str) -> str:
    return f"{os.getcwd()}::{id}"


def _path() -> Path:
    return Path(user_cache_dir("jacfuzz", appauthor=False)) / "seconds.json"


def _read() -> dict[str, float]:
    with contextlib.suppress(OSError, ValueError):
        content = json.loads(_path().read_text())
        if isinstance(content, dict) and all(isinstance(value, (int, float)) for value in content.values()):
            return content
    return {}


def _save(seconds: Mapping[str, float]) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, json.dumps(dict(list(seconds.items())[-_MOST:])))
