"""The event stream of a run; reports are listeners on it and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from jacfuzz.result import TargetResult


@dataclass(frozen=True)
class RunStarted:
    """A run begins with ``total`` targets; ``skipped`` statements of the sources could not be run."""

    total: int
    seed: int
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class TargetStarted:
    """One target is being judged."""

    id: str
    title: str


@dataclass(frozen=True)
class TargetProgress:
    """How far one target is: points judged, strata that had any, and what failed first, "" for nothing so far."""

    id: str
    points: int
    strata: int
    failure: str = ""


@dataclass(frozen=True)
class TargetFinished:
    """One target has its verdict."""

    result: TargetResult


@dataclass(frozen=True)
class RunFinished:
    """The run is over; ``interrupted`` says that targets are missing (Ctrl-C, ``-x`` or ``--max-time``)."""

    exit: int
    seconds: float
    seed: int
    interrupted: bool = False


Event: TypeAlias = RunStarted | TargetStarted | TargetProgress | TargetFinished | RunFinished


class Listener(Protocol):
    """Anything that follows a run."""

    def handle(self, event: Event) -> None:
        """Take note of one event."""
