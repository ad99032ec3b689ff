"""Settings of a run, validated on construction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jacfuzz.errors import UsageError


@dataclass(frozen=True)
class Settings:
    """How hard to look.

    Attributes
    ----------
    max_examples
        Generic points per target, beside every stratum.
    seed
        Same seed, same verdicts.
    max_time
        Seconds for the whole run; None for no limit. Cutting short gives up reproducibility, and the run says so.
    shrink
        Whether failures are shrunk to the smallest input.
    records
        Folder of saved failures, tried first; None saves and replays nothing.
    """

    max_examples: int = 300
    seed: int = 0
    max_time: float | None = None
    shrink: bool = True
    records: Path | None = None

    def __post_init__(self) -> None:
        if self.max_examples < 1:
            raise UsageError(f"max_examples is {self.max_examples}; expected at least 1")
        if self.max_time is not None and self.max_time <= 0:
            raise UsageError(f"max_time is {self.max_time}; expected a positive number of seconds")
