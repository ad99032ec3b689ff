"""Power of a search: the share of seeded errors in a Jacobian that the judge catches.

Errors are put into J one at a time, at single points drawn as the search draws them. Only points that pass as they are
count: f is smooth there and J is its derivative, so that every change is an error. An error that leaves the judge
unsure counts as missed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from rich.table import Table

from jacfuzz.evaluation.arrays import give, take
from jacfuzz.evaluation.evaluate import Problem, evaluate
from jacfuzz.judge import Judge
from jacfuzz.settings import Settings
from jacfuzz.strategies.batches import Batch, draw_batch
from jacfuzz.strategies.layouts import layouts
from jacfuzz.strategies.strata import STRATA
from jacfuzz.suspects import matrix
from jacfuzz.target import Target

Change: TypeAlias = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Takes J (m, N) and returns a copy with one error; an equal copy where J has no place for it."""

_EXAMPLES_A_POINT = 100


@dataclass(frozen=True)
class Share:
    """How many errors were injected, and how many of them caught."""

    caught: int = 0
    injected: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.caught + other.caught, self.injected + other.injected)

    def __str__(self) -> str:
        return f"{self.caught}/{self.injected}" if self.injected else "-"


@dataclass(frozen=True)
class Power:
    """Which errors in the Jacobian of a target would be caught.

    Attributes
    ----------
    id, title
        The target's.
    shares
        Per kind of error. Each error is one at a single point, but for ``"stratum"``: there one at all points of a
        stratum, caught if it is at any.
    """

    id: str
    title: str
    shares: Mapping[str, Share]


def power(target: Target, settings: Settings) -> Power:
    """Inject errors and count those caught.

    Parameters
    ----------
    target
        The pair; where its Jacobian is wrong no error can be injected.
    settings
        ``seed`` draws points and errors; every 100 of ``max_examples`` give one point a stratum.

    Raises
    ------
    AnnotationError
        If no sizes satisfy the signature.
    """
    spoiler = _Spoiler(target)
    judge = Judge(dataclasses.replace(target, jac=spoiler), settings.seed)
    shares = dict.fromkeys((*ERRORS, "stratum"), Share())
    strata: dict[str, bool] = {}
    for number, batch in enumerate(_points(target, settings)):
        spoiler.seed = (settings.seed, number)
        spoiler.error = _unchanged
        if judge.batch(batch.values)[0].status != "pass":
            continue
        for kind, error in {**ERRORS, "stratum": _shifted}.items():
            spoiler.error = error
            if not spoiler.differs(batch):
                continue
            caught = judge.batch(batch.values)[0].status == "fail"
            if kind == "stratum":
                strata[batch.stratum] = strata.get(batch.stratum, False) or caught
            else:
                shares[kind] += Share(int(caught), 1)
    shares["stratum"] = Share(sum(strata.values()), len(strata))
    return Power(target.id, target.title, shares)


def power_table(powers: Sequence[Power]) -> Table:
    """Return a table, a row a target and a column a kind of error: caught / injected, and the sum over all targets."""
    table = Table(
        "target", title="errors caught / injected", show_footer=len(powers) > 1, box=None, padding=(0, 1, 0, 0)
    )
    table.columns[0].footer = "all"
    for kind in (*ERRORS, "stratum"):
        whole = sum((power.shares[kind] for power in powers), Share())
        table.add_column(kind, str(whole), justify="right", overflow="fold")
    for power in powers:
        table.add_row(power.title, *(str(share) for share in power.shares.values()))
    return table


def _points(target: Target, settings: Settings) -> Iterator[Batch]:
    """Yield batches of one point: a few of every stratum, each of a shape drawn from the menu."""
    rng = np.random.default_rng(settings.seed)
    menu = [layout for layout in layouts(target.signature) if layout.size]
    for stratum in STRATA:
        for _ in range(-(-settings.max_examples // _EXAMPLES_A_POINT) if menu else 0):
            batch = draw_batch(target, menu[rng.integers(len(menu))], stratum, 1, rng)
            if batch is not None:
                yield batch


class _Spoiler:
    """A target's jac with an error that can be exchanged, so that one judge keeps its compiled references for all.

    The error's place depends on the seed and J alone: near a point the same cell is wrong, as in a jac written wrongly.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self.error: Change = _unchanged
        self.seed: tuple[int, int] = (0, 0)

    def __call__(self, *arguments: Any) -> Any:
        answer = self._target.jac(*arguments)
        several = isinstance(answer, (tuple, list))
        leaves = [take(leaf) for leaf in (answer if several else (answer,))]
        given = zip(arguments, self._target.signature.varying, strict=True)
        sizes = [take(argument).size for argument, varies in given if varies]
        outputs = max(leaf.size // size for leaf, size in zip(leaves, sizes, strict=True) if size)
        whole = self._spoilt(matrix(tuple(leaves), outputs))
        parts = np.split(whole, np.cumsum(sizes)[:-1], axis=1)
        kind = "numpy" if self._target.array_type == "scalar" else self._target.array_type
        spoilt = tuple(give(part.reshape(leaf.shape), kind) for part, leaf in zip(parts, leaves, strict=True))
        return spoilt if several else spoilt[0]

    def differs(self, batch: Batch) -> bool:
        """Whether the error changes J at the first point of a batch."""
        evaluation = evaluate(self._target, batch.values)
        primal, jacobians = evaluation.primals[0], evaluation.jacobians[0]
        if isinstance(primal, Problem) or isinstance(jacobians, Problem) or not primal.size:
            return False
        whole = matrix(jacobians, primal.size)
        return not np.array_equal(self._spoilt(whole), whole)

    def _spoilt(self, jacobian: np.ndarray) -> np.ndarray:
        return self.error(jacobian, np.random.default_rng(self.seed))


def _unchanged(jacobian: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return jacobian


def _scaled(factor: float) -> Change:
    """One cell other than 0 times a factor."""

    def change(jacobian: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        spoilt = jacobian.copy()
        cells = np.flatnonzero(jacobian)
        if len(cells):
            spoilt.flat[rng.choice(cells)] *= factor
        return spoilt

    return change


def _swapped(jacobian: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two unequal cells change places."""
    spoilt = jacobian.copy()
    one = rng.integers(jacobian.size)
    others = np.flatnonzero(jacobian != jacobian.flat[one])
    if len(others):
        other = rng.choice(others)
        spoilt.flat[[one, other]] = spoilt.flat[[other, one]]
    return spoilt


def _doubled_column(jacobian: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    spoilt = jacobian.copy()
    columns = np.flatnonzero(jacobian.any(axis=0))
    if len(columns):
        spoilt[:, rng.choice(columns)] *= 2
    return spoilt


def _zeroed_row(jacobian: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    spoilt = jacobian.copy()
    rows = np.flatnonzero(jacobian.any(axis=1))
    if len(rows):
        spoilt[rng.choice(rows)] = 0
    return spoilt


def _shifted(jacobian: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One cell, be it 0, off by as much as the largest cell, or by 1 where all are 0."""
    spoilt = jacobian.copy()
    spoilt.flat[rng.integers(jacobian.size)] += np.max(np.abs(jacobian)) or 1.0
    return spoilt


ERRORS: Mapping[str, Change] = {
    **{f"1e-{digits}": _scaled(1 + 10.0**-digits) for digits in (1, 3, 5, 7, 9)},
    "sign": _scaled(-1),
    "swap": _swapped,
    "column x 2": _doubled_column,
    "row x 0": _zeroed_row,
    "cell x 0": _scaled(0),
}
"""Kinds of error at a single point."""
