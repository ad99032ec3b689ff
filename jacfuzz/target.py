"""A target: the pair ``f``, ``jac`` with its signature, its domain and the place it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from jacfuzz.signature import ArrayType, Signature

Interval: TypeAlias = tuple[float | None, float | None]
Kinks: TypeAlias = Literal["any", "rows", "jax"]

MOST_NOISE = 0.01
"""Relative error that f's values may have at most."""


@dataclass(frozen=True)
class Place:
    """Where a target was written.

    Attributes
    ----------
    file
        The path as the user gave it, or a module name, or ``"<python>"`` for objects passed in.
    line
        First line of the block in that file; for a notebook the line within the cell.
    cell
        Number of the notebook cell, counted from 1 over all cells; None elsewhere.
    """

    file: str
    line: int = 1
    cell: int | None = None

    def __str__(self) -> str:
        where = f"cell {self.cell}, line {self.line}" if self.cell is not None else f"line {self.line}"
        return f"{self.file}, {where}"


@dataclass(frozen=True)
class Claim:
    """A catalogue entry that a target's title or name claims to solve.

    Attributes
    ----------
    entry
        Name of the catalogue entry, e.g. ``"sort"``.
    title
        The entry's title as a person reads it, e.g. ``"Sort"``.
    references
        The entry's reference functions, bound to the block's own constants; each takes f's arguments.
        Empty where no signature fits.
    """

    entry: str
    title: str
    references: tuple[Callable[..., Any], ...]


@dataclass(frozen=True)
class Target:
    """A pair to judge.

    Attributes
    ----------
    id
        Unique and stable: ``file::title``, with ``#2`` added to the second of its kind.
    title
        What a person calls it: the heading above the block, else the function's name.
    place
        Where it was written.
    f
        Takes one array per argument of the signature and returns one array.
    jac
        Takes the same and returns one Jacobian of shape ``f(x).shape + x.shape`` per differentiable argument:
        the array itself for one argument, a tuple for several.
    signature
        What f and jac take and return.
    array_type
        The kind of array that f and jac are given.
    domain
        Closed interval per argument name; None is an open end. Names not mentioned are unbounded.
    edges
        Values or arrays per argument name that are always tried.
    at
        An example, one array per argument name: it is tried first, and further points are drawn at its scale.
    kinks
        What passes at a non-differentiable point: ``"any"`` element of the Clarke generalized Jacobian,
        any matrix whose ``"rows"`` each are legal, or only what forward-mode AD of ``"jax"`` gives.
    noise
        Relative error of f's values where they are computed to that only, such as the tolerance of a solver.
    calls
        Python calls that one evaluation of jac makes: 1, or one a cell for index functions. Scales the budget.
    stub
        Whether the code is the unfilled template.
    source
        The block's source text, for reports.
    claim
        The catalogue entry that the target claims, if any.
    """

    id: str
    title: str
    place: Place
    f: Callable[..., Any]
    jac: Callable[..., Any]
    signature: Signature
    array_type: ArrayType = "numpy"
    domain: Mapping[str, Interval] = field(default_factory=dict)
    edges: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    at: Mapping[str, np.ndarray] = field(default_factory=dict)
    kinks: Kinks = "any"
    noise: float = 0.0
    calls: int = 1
    stub: bool = False
    source: str = ""
    claim: Claim | None = None


@dataclass(frozen=True)
class Unloadable:
    """A block that was meant as a target and could not be loaded.

    ``message`` is complete: it names the place, what was found and what to do.
    """

    id: str
    title: str
    place: Place
    message: str
    source: str = ""


@dataclass(frozen=True)
class Loaded:
    """What a file, folder, module or name gave.

    Attributes
    ----------
    targets
        In the order of the source.
    skipped
        One sentence per statement that failed and was passed over, naming place and cause.
    """

    targets: tuple[Target | Unloadable, ...]
    skipped: tuple[str, ...] = ()


Point: TypeAlias = dict[str, np.ndarray]
"""One value per argument, by name."""


@dataclass(frozen=True)
class IndexShapes:
    """Shapes that an index function (the scalar puzzle format) is called at."""

    arguments: tuple[tuple[int, ...], ...]
    out: tuple[int, ...]


@dataclass(frozen=True)
class Naming:
    """What a block calls itself: all that may claim a catalogue entry.

    Attributes
    ----------
    heading
        The heading above the block as written, e.g. ``"Problem 12: Sort"``; "" where there is none.
    function
        Name of an index function, e.g. ``"fb_mean"``; "" in the array format.
    arguments
        How many arrays f takes.
    out_rank
        How many output indices an index function takes; None in the array format.
    """

    heading: str
    function: str
    arguments: int
    out_rank: int | None = None


class Claims(Protocol):
    """What loading asks of a catalogue; ``registry.Catalogue`` answers."""

    def claim(self, naming: Naming, constants: Mapping[str, Any]) -> Claim | None:
        """Return the entry that the names claim, its references bound to the block's own constants."""

    def shapes(self, naming: Naming) -> IndexShapes | None:
        """Return the shapes that the puzzle collection calls the claimed index function at."""
