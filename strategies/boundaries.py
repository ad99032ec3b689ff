"""Edge cases of a pair from its own code: inputs on the boundaries of ``f`` and of ``jac``, and around them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from jacfuzz.evaluation.arrays import give
from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.evaluation.evaluate import array_types, quiet
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.strategies.batches import columns, split
from jacfuzz.strategies.found import Solution
from jacfuzz.strategies.layouts import Layout
from jacfuzz.strategies.probe import Probe
from jacfuzz.strategies.solver import Solver
from jacfuzz.strategies.strata import generic_rows
from jacfuzz.strategies.verified import WRITTEN, as_run
from jacfuzz.target import Target
from jacfuzz.tracing.jax_recorder import JaxRecorder
from jacfuzz.tracing.literals import literals
from jacfuzz.tracing.recorder import Recorder
from jacfuzz.tracing.residuals import BARE, Label, Outline, Outlines, Recording, Site

CALLS = 1000
"""Runs of f and jac that a search for boundaries makes at most."""

POINTS = 200
"""Points that a search for boundaries returns at most."""

_MOST_LITERAL_POINTS = 20
_MOST_CELLS = 100  # of an index function's Jacobian; one call each
_MOST_SIDES = 6
_TURNS = 1_000_000  # more than a function has


def boundaries(target: Target, layout: Layout, seed: int, calls: int = CALLS, points: int = POINTS) -> Boundaries:
    """Find inputs where the code of a pair branches, ties, saturates or is singular.

    Parameters
    ----------
    target
        Whose ``f`` and ``jac`` are run, in the process that hosts them.
    layout
        Shapes of the arguments.
    seed
        Draws starts and combinations.
    calls
        Runs of f and jac at most; slow code gets fewer.
    points
        Points at most, and those that are found with the runs kept for what the search left out; the search ends when
        half as many lie on boundaries.

    Returns
    -------
    Boundaries
        Points on the boundaries first, then an ulp and a hair to each side, then inside the adjoining cells, then with
        numbers of the code itself in some cells.
    """
    host = host_of(target)
    if host is None:
        return _solved(target, layout, np.random.default_rng(seed), calls, points)
    found = host.boundaries(layout.shapes, seed, calls, points)
    # What another process says is advice: points that f does not take are no points.
    return found if found is not None and _fit(found, target, layout) else _none(layout, "the code's own process")


def _none(layout: Layout, *unseen: str) -> Boundaries:
    return Boundaries(tuple(np.empty((0, *shape)) for shape in layout.shapes), (), (), unseen, 0)


def _fit(found: Boundaries, target: Target, layout: Layout) -> bool:
    """Whether points have the shapes of a layout and lie in the domain."""
    arguments = target.signature.arguments
    if [value.shape for value in found.values] != [(len(found.labels), *shape) for shape in layout.shapes]:
        return False
    if not found.labels:
        return True
    cells = columns(target, layout)
    rows = Frame(layout.shapes, target.signature.varying).rows(found.values)
    kinds = ["f" if argument.differentiable else "iub" for argument in arguments]
    typed = all(value.dtype.kind in kind for value, kind in zip(found.values, kinds, strict=True))
    return typed and bool(np.all(np.isfinite(rows) & (rows >= cells.low) & (rows <= cells.high)))


def _solved(target: Target, layout: Layout, rng: np.random.Generator, calls: int, points: int) -> Boundaries:
    cells = columns(target, layout)
    if not len(cells.low):
        return _none(layout)
    frame = Frame(layout.shapes, target.signature.varying)
    origin = split(cells.confine(generic_rows(1, len(cells.low), rng), rng), target, layout, rng)
    index = np.zeros(1, int)
    # Jaxprs are run on NumPy's arrays; index functions are often plain Python and take them as well as torch's.
    kinds = ["numpy" if kind in ("torch", "jax") else kind for kind in array_types(target)]
    functions = (target.f, target.jac) if target.calls <= _MOST_CELLS else (target.f,)
    recorders = [recorder_of(function, target) for function in functions]
    code = _Code(recorders)

    def arguments_at(row: np.ndarray) -> list[Any]:
        values = frame.values(row[None], origin, index)
        return [give(value[0], kind) for value, kind in zip(values, kinds, strict=True)]

    def record(row: np.ndarray, labels: Sequence[Label] = ()) -> Recording:
        return code.record(arguments_at(row), labels)

    def jacobian(row: np.ndarray) -> np.ndarray:
        return _flat(target, recorders[-1], arguments_at(row)) if len(recorders) > 1 else np.empty(0)

    pool = literals(target.f) + literals(target.jac)
    starts = (cells.confine(start[None], rng)[0] for start in _starts(len(cells.low), pool, rng))
    with quiet():
        if target.array_type == "torch" and record(next(starts)).raised is not None:
            return _none(layout, "torch")
        probe = Probe(record, jacobian, cells.low, cells.high, rng, calls)
        solution = Solver(probe, rng, -(-points // 2)).solve(starts)
        written = cells.confine(_with_literals(len(cells.low), pool, rng), rng)
        found = _points(solution, written, frame, origin, points + solution.late)
        traced = [recorder for recorder in recorders if isinstance(recorder, JaxRecorder)]
        return as_run(target, traced, frame, origin, found) if traced else found


class _Code:
    """The functions of a pair, recorded one after the other; what branches nowhere is run once.

    Parameters
    ----------
    recorders
        One per function.
    """

    def __init__(self, recorders: Sequence[Recorder | JaxRecorder]) -> None:
        self._recorders = dict(enumerate(recorders))
        self._own: dict[int, tuple[Outline, Outline]] = {}  # what a function met last, and the same under its number
        self._outlines = Outlines()
        self._owners: dict[Site, int] = {}

    def record(self, given: list[Any], labels: Sequence[Label]) -> Recording:
        """Run the functions and note their residuals; where labels are given only those that have them."""
        recordings = [self._recorded(number, given) for number in self._having(labels)]
        return functools.reduce(self._join, recordings) if recordings else Recording(None, BARE, np.empty(0))

    def _join(self, first: Recording, second: Recording) -> Recording:
        """Return the recording of two functions run one after the other, with the first one's value."""
        one, other = first.outline, second.outline
        outline = self._outlines.of(one.sites + other.sites, one.sizes + other.sizes)
        unseen = tuple(dict.fromkeys(first.unseen + second.unseen))
        residuals = np.concatenate([first.residuals, second.residuals])
        return Recording(first.value, outline, residuals, unseen, first.raised)

    def _having(self, labels: Sequence[Label]) -> list[int]:
        """Numbers of the functions that have some labels; all if nothing is known of one of them."""
        owners = {self._owners.get(label.site, -1) for label in labels}
        return sorted(self._recorders if not owners or -1 in owners else owners & self._recorders.keys())

    def _recorded(self, number: int, given: list[Any]) -> Recording:
        recording = self._recorders[number](given)
        if recording.branchless:
            del self._recorders[number]
            return recording
        met, own = self._own.get(number, (None, BARE))
        if met is not recording.outline:
            # Functions may share a helper, which one of them calls where the other does not.
            sites = (site._replace(turn=site.turn + number * _TURNS) for site in recording.sites)
            own = Outline(tuple(sites), recording.outline.sizes)
            self._own[number] = recording.outline, own
            self._owners.update(dict.fromkeys(own.sites, number))
        return recording._replace(outline=own)


def _flat(target: Target, recorder: Recorder | JaxRecorder, arguments: list[Any]) -> np.ndarray:
    """The Jacobian (M,) in one row; empty where the code gives none."""
    try:
        found = recorder.believed(arguments) if isinstance(recorder, JaxRecorder) else target.jac(*arguments)
        leaves = found if isinstance(found, (tuple, list)) else (found,)
        return np.concatenate([np.ravel(np.asarray(leaf, dtype=float)) for leaf in leaves])
    except (Exception, SystemExit):  # strangers' code, in any state
        return np.empty(0)


def _with_literals(cells: int, pool: tuple[float, ...], rng: np.random.Generator) -> np.ndarray:
    """Rows with numbers of the code in about half of their cells, in every other row everywhere."""
    if not pool:
        return np.empty((0, cells))
    rows = generic_rows(_MOST_LITERAL_POINTS, cells, rng)
    everywhere = (np.arange(len(rows)) % 2 == 0)[:, None]
    return np.where(everywhere | (rng.random(rows.shape) < 0.5), rng.choice(pool, rows.shape), rows)


def recorder_of(function: Callable[..., Any], target: Target) -> Recorder | JaxRecorder:
    """Return what runs a function of the target and notes its residuals."""
    return JaxRecorder(function) if target.array_type == "jax" else Recorder(function)


def _starts(cells: int, pool: tuple[float, ...], rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Short dyadic numbers, on which sums are exact, at several scales; ordinary ones; numbers of the code itself."""
    yield _distinct(cells, rng)
    yield 2.0**-20 * _distinct(cells, rng)  # sums that shall meet a small number need small terms
    for scale in itertools.cycle((4.0, 1.0)):
        yield generic_rows(1, cells, rng)[0]
        if pool:
            yield np.where(rng.random(cells) < 0.5, rng.choice(pool, cells), _distinct(cells, rng))
        yield scale * _distinct(cells, rng)


def _distinct(cells: int, rng: np.random.Generator) -> np.ndarray:
    """Different multiples of 1/8 of both signs, none zero."""
    most = 2 * cells + 32
    numbers = np.concatenate([np.arange(-most, 0), np.arange(1, most + 1)])
    return np.asarray(rng.choice(numbers, cells, replace=False) / 8.0)


def _points(
    solution: Solution, written: np.ndarray, frame: Frame, origin: tuple[np.ndarray, ...], most: int
) -> Boundaries:
    """Put the points of all boundaries in order: on them, beside them, inside the cells between."""
    named = list(enumerate((", ".join(map(str, found.labels)), found) for found in solution.found))
    ordered = [(found.row, f"{'on' if found.exact else 'near'} {name}") for _, (name, found) in named]
    for side in range(2 * _MOST_SIDES):  # of neighbours one is beside, the next one inside
        for turn, (name, found) in named:
            where, rows = [("beside", found.beside), ("inside", found.inside)][(turn + side) % 2]
            ordered += [(row, f"{where} {name}") for row in _turned(rows, turn // 2, side // 2)]
    distinct: dict[bytes, tuple[np.ndarray, str]] = {}
    for row, label in ordered:
        distinct.setdefault(row.tobytes(), (row, label))
    for row in written:
        distinct.setdefault(row.tobytes(), (row, WRITTEN))
    kept = list(distinct.values())[:most]
    rows = np.array([row for row, _ in kept]).reshape(len(kept), sum(frame.sizes))
    values = frame.values(rows, origin, np.zeros(len(kept), int))
    missed = tuple(dict.fromkeys(f"{label.site} ({why})" for label, why in solution.missed.items()))
    return Boundaries(values, tuple(label for _, label in kept), missed, solution.unseen, solution.calls)


def _turned(rows: np.ndarray, turn: int, side: int) -> np.ndarray:
    """The row of a side, if there is one: each boundary begins with another, so that few points lie on all sides."""
    chosen = (side + turn) % max(len(rows), 1)
    return rows[chosen : chosen + 1] if side < len(rows) else rows[:0]
