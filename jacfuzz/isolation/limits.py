"""What a process of strangers' code may use; the parent enforces it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["process", "hardened"]


@dataclass(frozen=True)
class Limits:
    """Limits of one process.

    Attributes
    ----------
    first, call
        Seconds for loading a file, and for a call of f and jac.
    patience
        How often a target may lose the time of a call in processes that ended, before it is asked no more.
    memory
        Bytes that may be in use, by the process and by all it started.
    file
        Bytes of any file it writes, its output among them.
    processes
        How many it may have.
    answer
        Bytes of one array in an answer.
    """

    first: float = 30.0
    call: float = 10.0
    patience: float = 4.0
    memory: int = 3 << 30
    file: int = 16 << 20
    processes: int = 32
    answer: int = 64 << 20
