"""What a recording holds: residuals, each a number of the input that is zero where an operation changes its branch."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

_MOST_CELLS = 400
_MOST_SITES = 2000
_INNER = (str(Path(np.__file__).parent), str(Path(__file__).parent))


class Site(NamedTuple):
    """Where an operation stands and which of its executions is meant.

    Attributes
    ----------
    code, instruction
        The code object and the offset of the calling instruction in it; None and 0 outside Python code.
    operation
        NumPy's name of the operation.
    turn
        Number of the execution, counted from 0.
    """

    code: types.CodeType | None
    instruction: int
    operation: str
    turn: int

    def __str__(self) -> str:
        if self.code is None:
            return self.operation
        lines = (line for start, end, line in self.code.co_lines() if start <= self.instruction < end)
        return f"line {next(lines, None)}: {self.operation}"


class Label(NamedTuple):
    """Names one residual, the same from input to input: a site and a cell of what is compared there."""

    site: Site
    cell: int

    def __str__(self) -> str:
        return f"{self.site}[{self.cell}]"


@dataclass(frozen=True, eq=False)
class Outline:
    """What a run met on its way; runs that meet the same share it.

    Attributes
    ----------
    sites
        The operations that may branch, in the order of their execution.
    sizes
        How many residuals each site has.
    """

    sites: tuple[Site, ...]
    sizes: tuple[int, ...]

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """A label per residual."""
        return tuple(
            Label(site, cell) for site, size in zip(self.sites, self.sizes, strict=True) for cell in range(size)
        )

    @cached_property
    def starts(self) -> dict[Site, tuple[int, int]]:
        """Start and size of each site's residuals."""
        starts = itertools.accumulate(self.sizes, initial=0)
        return dict(zip(self.sites, zip(starts, self.sizes, strict=False), strict=True))


class Recording(NamedTuple):
    """What one run of a function gave and what it met on its way.

    Attributes
    ----------
    value
        The function's result, the very bits that it gives otherwise; None where it raised, and of jax code, of which
        only what leads to residuals is run.
    outline
        The operations that may branch.
    residuals
        All residuals, shape (R,); NaN where an operation has none in a cell.
    unseen
        What the recorder could not look into, each by name.
    raised
        What the function raised, if it did; the residuals are those met before.
    """

    value: Any
    outline: Outline
    residuals: np.ndarray
    unseen: tuple[str, ...] = ()
    raised: Exception | None = None

    @property
    def sites(self) -> tuple[Site, ...]:
        """The operations that may branch, in the order of their execution."""
        return self.outline.sites

    @property
    def labels(self) -> tuple[Label, ...]:
        """A label per residual."""
        return self.outline.labels

    @property
    def starts(self) -> dict[Site, tuple[int, int]]:
        """Start and size of each site's residuals."""
        return self.outline.starts

    def at(self, labels: Sequence[Label]) -> np.ndarray:
        """Return the residuals of some labels; NaN where this run had none."""
        starts = self.outline.starts
        places = [(cell, *starts.get(site, (0, 0))) for site, cell in labels]
        return np.array([self.residuals[start + cell] if cell < size else np.nan for cell, start, size in places])

    @property
    def branchless(self) -> bool:
        """Whether the function branches nowhere, here and at any other input: without a branch there is one path."""
        return not self.sites and not self.unseen and self.raised is None

    def like(self, other: Recording) -> np.ndarray:
        """Return the residuals in the order of another recording, NaN where this one has none."""
        own, others = self.outline, other.outline
        if own is others or (own.sites == others.sites and own.sizes == others.sizes):
            return self.residuals
        result = np.full(len(other.residuals), np.nan)
        for site, (start, size) in other.starts.items():
            mine, known = self.starts.get(site, (0, 0))
            if known == size:
                result[start : start + size] = self.residuals[mine : mine + size]
        return result


BARE = Outline((), ())
"""Outline of code that branches nowhere."""


@dataclass
class Outlines:
    """The outline of the latest run, which the next one shares if it meets the same."""

    latest: Outline = BARE

    def of(self, sites: tuple[Site, ...], sizes: tuple[int, ...]) -> Outline:
        """Return the outline of a run."""
        if sizes != self.latest.sizes or sites != self.latest.sites:
            self.latest = Outline(sites, sizes)
        return self.latest


OTHERWISE = "code that gives other values when it is recorded"
"""What is unseen where the recorder's work shows in the result."""


@dataclass
class Log:
    """The recording in the making.

    Attributes
    ----------
    outlines
        Of earlier runs of the same code.
    """

    outlines: Outlines = field(default_factory=Outlines)
    sites: list[Site] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    unseen: dict[str, None] = field(default_factory=dict)
    _turns: dict[Any, int] = field(default_factory=dict)

    def note(self, operation: str, *residuals: Any) -> None:
        """Add the residuals of an operation, at the line of the code that asked for it."""
        frame = _caller()
        place = (frame.f_code, frame.f_lasti) if frame is not None else (None, 0)
        self.add((*place, operation), *residuals)

    def add(self, place: tuple[types.CodeType | None, int, str], *residuals: Any) -> None:
        """Add the residuals of an operation at a place: code, instruction and name."""
        if len(residuals) == 1:
            values = np.asarray(residuals[0], dtype=float).reshape(-1)
        else:
            values = np.concatenate([np.asarray(residual, dtype=float).reshape(-1) for residual in residuals])
        if values.size > _MOST_CELLS:
            self.unseen[f"some cells of {place[2]}"] = None
            values = values[:: -(-values.size // _MOST_CELLS)]
        if len(self.sites) >= _MOST_SITES:
            self.unseen[f"what follows {_MOST_SITES} operations"] = None
            return
        key = (id(place[0]), place[1], place[2])  # code objects are slow to hash
        turn = self._turns.get(key, 0)
        self._turns[key] = turn + 1
        self.sites.append(Site(*place, turn))
        self.values.append(values)

    def recording(self, value: Any, raised: Exception | None) -> Recording:
        """Return what was noted."""
        residuals = self.values[0] if len(self.values) == 1 else np.concatenate([np.empty(0), *self.values])
        outline = self.outlines.of(tuple(self.sites), tuple([part.size for part in self.values]))
        return Recording(value, outline, residuals, tuple(self.unseen), raised)


_LOG: ContextVar[Log | None] = ContextVar("log", default=None)


@contextmanager
def logging(outlines: Outlines) -> Iterator[Log]:
    """Collect what is noted inside."""
    log = Log(outlines)
    token = _LOG.set(log)
    try:
        yield log
    finally:
        _LOG.reset(token)


def note(operation: str, *residuals: Any) -> None:
    """Note the residuals of an operation that is about to be made."""
    log = _LOG.get()
    if log is not None and residuals:
        log.note(operation, *residuals)


def blind(what: str) -> None:
    """Note something that cannot be looked into."""
    log = _LOG.get()
    if log is not None:
        log.unseen[what] = None


_inner: dict[types.CodeType, bool] = {}


def _caller() -> types.FrameType | None:
    """Innermost frame of the code that is recorded: neither NumPy's nor the recorder's."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        inner = _inner.get(code)
        if inner is None:
            inner = _inner[code] = code.co_filename.startswith(_INNER)
        if not inner:
            return frame
        frame = frame.f_back
    return None
