"""Checks on a puzzle whose Jacobian passed: documented, of every size, worth solving, and new."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.evaluation.arrays import NotAnArrayError, give, take
from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.evaluation.evaluate import Evaluation, array_types, quiet
from jacfuzz.evaluation.hosted import Host, Hosted, host_of
from jacfuzz.evaluation.sizes import Sample
from jacfuzz.judge import Judge
from jacfuzz.likeness import duplicate_note
from jacfuzz.result import Finding
from jacfuzz.strategies.batches import draw_batch
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.strategies.strata import BY_NAME
from jacfuzz.target import Target

Mutation: TypeAlias = Callable[[np.ndarray], np.ndarray]

_POINTS = 5


def is_puzzle(target: Target) -> bool:
    """Whether a target is a new puzzle: a Python file that claims no entry; notebooks and pages hold answers."""
    return target.place.file.endswith(".py") and target.claim is None


def findings_of(target: Target, skipped: Sequence[str], others: Sequence[Target], seed: int) -> Iterator[Finding]:
    """Yield what speaks against a puzzle although its Jacobian is right.

    Parameters
    ----------
    target
        A puzzle that passed.
    skipped
        What was passed over in all files, each sentence with its place first.
    others
        Targets that it may not repeat: the catalogue without the file itself, and what was contributed before.
    seed
        Of the run.
    """
    try:
        yield from _findings(target, skipped, others, seed)
    finally:
        for asked in (target, *others):
            if (host := host_of(asked)) is not None:
                host.close()


def _findings(target: Target, skipped: Sequence[str], others: Sequence[Target], seed: int) -> Iterator[Finding]:
    for sentence in skipped:
        if sentence.startswith(f"{target.place.file}, "):  # an answer may hold such lines; a puzzle is imported
            yield Finding(kind="rule", message=f"{sentence}; correct or delete it: nothing in a puzzle is passed over")
    menu = layouts(target.signature)
    for problem in (_undocumented(target), _sizes(target, menu), _weak(target, menu, seed)):
        if problem:
            yield Finding(kind="rule", message=f"{target.place}: {problem}")
    asked = dataclasses.replace(target, f=_remembered(target.f))
    twin = next((other for other in others if duplicate_note(asked, menu, (other,))), None)
    if twin is not None:
        message = f"{target.place}: f is the function of {twin.id} ({twin.title}); contribute another one"
        yield Finding(kind="duplicate", message=message, reproduce=f"jacfuzz show {twin.id}")


def _undocumented(target: Target) -> str:
    described = (ast.get_docstring(ast.parse(target.source)) or "").partition("\n")[0]
    title, colon, formula = described.partition(":")
    if title.strip() and colon and formula.strip():
        return ""
    return 'the file has no docstring of title, colon and formula, as in """Mean: the average of all entries."""'


def _sizes(target: Target, menu: tuple[Layout, ...]) -> str:
    solid = [layout for layout in menu if layout.size]
    if len(solid) < 2:
        shapes = ", ".join(str(shape) for layout in solid for shape in layout.shapes)
        return f"only the shapes {shapes} are tried; name the axes and read sizes from x.shape, so that every size is"
    for position, argument in enumerate(target.signature.arguments):
        shapes_of = {layout.shapes[position] for layout in solid}
        if all(len(shape) > 1 and len(set(shape)) == 1 for shape in shapes_of):
            wider = _beyond_square(target, solid[-1], position)
            if wider:
                return f"{argument.name} is tried square only, though f takes shape {wider} too; name its axes apart"
    return ""


def _beyond_square(target: Target, layout: Layout, position: int) -> tuple[int, ...] | None:
    """Return a shape that is not square and that f takes in place of a square one; None where it takes none."""
    square = layout.shapes[position]
    wider = (*square[:-1], square[-1] + 1)
    rng = np.random.default_rng(0)
    shapes = [wider if index == position else shape for index, shape in enumerate(layout.shapes)]
    values = [give(rng.uniform(0.5, 1.5, shape), kind) for shape, kind in zip(shapes, array_types(target), strict=True)]
    try:
        with quiet():
            value = take(target.f(*values))
    except (Exception, SystemExit, NotAnArrayError):  # f says itself that it wants a square
        return None
    return wider if np.isfinite(value).all() else None


def _weak(target: Target, menu: tuple[Layout, ...], seed: int) -> str:
    """Say which wrong Jacobians the puzzle cannot tell from its own.

    Every mutant differs from the Jacobian wherever that is not zero, so a survivor says that the points have no power.
    """
    points = 0
    alive = dict(_MUTANTS)
    for layout in [layout for layout in menu if layout.size][-2:]:
        batch = draw_batch(target, layout, BY_NAME["generic"], _POINTS, np.random.default_rng(seed))
        if batch is None:
            continue
        points += len(batch)
        for name, mutate in list(alive.items()):
            mutant = _mutant(target, mutate)
            if any(verdict.status == "fail" for verdict in Judge(mutant, seed).batch(batch.values)):
                del alive[name]
    if not alive or not points:
        return ""
    return (
        f"a wrong Jacobian passes at all of {points} generic points ({', '.join(alive)}); choose an f that depends on x"
    )


_MUTANTS: dict[str, Mutation] = {
    "zeros": lambda jacobian: 0.0 * jacobian,
    "the sign turned": lambda jacobian: -1.0 * jacobian,
    "doubled": lambda jacobian: 2.0 * jacobian,
}


def _mutant(target: Target, mutate: Mutation) -> Target:
    """Return the target with another jac, in the process that the pair lives in."""
    host = host_of(target)
    if host is not None:
        mutants = _MutantHost(host, mutate)
        return dataclasses.replace(target, f=Hosted(mutants, "f"), jac=Hosted(mutants, "jac"))

    def jac(*arguments: Any) -> Any:
        answer = target.jac(*arguments)
        return tuple(map(mutate, answer)) if isinstance(answer, tuple) else mutate(answer)

    return dataclasses.replace(target, jac=jac)


@dataclass(frozen=True)
class _MutantHost:
    """The process of a pair, with other Jacobians than it gives."""

    host: Host
    mutate: Mutation

    def begin(self, batches: Sequence[tuple[np.ndarray, ...]], later: Sequence[tuple[np.ndarray, ...]] = ()) -> None:
        self.host.begin(batches, later)

    def expect(self, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...] = ()) -> None:
        self.host.expect(values, beside)

    def evaluate(self, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...] = ()) -> Evaluation:
        return self.host.evaluate(values, beside).with_jacobians(self.mutate)

    def primals(self, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
        return self.host.primals(values, shape)

    def derivatives(
        self, values: tuple[np.ndarray, ...], cells: int, *, compiled: bool
    ) -> tuple[np.ndarray, np.ndarray] | None:
        return self.host.derivatives(values, cells, compiled=compiled)

    def truth(
        self, point: tuple[np.ndarray, ...], columns: tuple[int, ...]
    ) -> tuple[np.ndarray, np.ndarray, bool] | None:
        return self.host.truth(point, columns)

    def formula(self, point: tuple[np.ndarray, ...], cells: int, level: float) -> np.ndarray | None:
        return None  # a mutant has none

    def boundaries(self, shapes: tuple[tuple[int, ...], ...], seed: int, calls: int, points: int) -> Boundaries | None:
        return self.host.boundaries(shapes, seed, calls, points)

    def other_sizes(self) -> tuple[Sample, ...]:
        return self.host.other_sizes()

    def take_notes(self) -> list[tuple[str, str]]:
        return []

    @property
    def used(self) -> bool:
        return self.host.used

    def renew(self) -> None:
        self.host.renew()

    def close(self) -> None:
        self.host.close()


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that asks the given one once a point: a call may be a trip to another process."""
    known: dict[tuple[tuple[tuple[int, ...], bytes], ...], Any] = {}

    def remembering(*arguments: Any) -> Any:
        arrays = [np.asarray(argument) for argument in arguments]
        key = tuple((array.shape, array.tobytes()) for array in arrays)
        if key not in known:
            known[key] = function(*arguments)
        return known[key]

    return remembering


def without_itself(catalogue: Sequence[Target], own: Sequence[str]) -> tuple[Target, ...]:
    """Return the catalogue without the entries whose file, by folder and name, is one of ``own``."""
    files = {PurePosixPath(path).parts[-2:] for path in own}
    return tuple(target for target in catalogue if PurePosixPath(target.place.file).parts[-2:] not in files)
