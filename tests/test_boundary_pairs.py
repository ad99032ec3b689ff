"""Jacobians wrong on a boundary of their function only: the boundary is met, and there they part from their twins."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest
from boundary_cases import Twins
from boundary_pairs import FIRST
from boundary_pairs_fifth import FIFTH
from boundary_pairs_fourth import FOURTH
from boundary_pairs_second import SECOND
from boundary_pairs_seventh import SEVENTH
from boundary_pairs_sixth import SIXTH
from boundary_pairs_third import THIRD

from jacfuzz.evaluation.evaluate import Problem, evaluate
from jacfuzz.judge import Judge
from jacfuzz.strategies.batches import Batch
from jacfuzz.strategies.derived import derived
from jacfuzz.strategies.layouts import layouts
from jacfuzz.target import Target

PAIRS = {
    "first": FIRST,
    "second": SECOND,
    "third": THIRD,
    "fourth": FOURTH,
    "fifth": FIFTH,
    "sixth": SIXTH,
    "seventh": SEVENTH,
}
GUARDS = ("first", "second")  # the others are only scored, by ci/bench/edges.py
SEEDS = (0, 1)
FEW = 2


def exposing(twins: Twins, seed: int) -> Iterator[Batch]:
    """A few of the points that the wrong code gives and at which the two Jacobians differ."""
    right, wrong = twins.target(twins.right), twins.target(twins.wrong)
    for _, batches in derived(wrong, layouts(wrong.signature), seed):
        count = 0
        for batch in batches:
            answers = [evaluate(target, batch.values).jacobians for target in (right, wrong)]
            apart = [number for number, pair in enumerate(zip(*answers, strict=True)) if not _alike(*pair)]
            chosen = apart[: FEW - count]
            count += len(chosen)
            if chosen:
                yield Batch(batch.layout, tuple(value[chosen] for value in batch.values), batch.stratum)


def _alike(one: tuple[np.ndarray, ...] | Problem, other: tuple[np.ndarray, ...] | Problem) -> bool:
    if isinstance(one, Problem) or isinstance(other, Problem):
        return False
    return all(np.allclose(first, second) for first, second in zip(one, other, strict=True))


def fails(target: Target, batches: list[Batch], seed: int) -> bool:
    judge = Judge(target, seed)
    return any(verdict.failures for batch in batches for verdict in judge.batch(batch.values))


@pytest.mark.parametrize("part", GUARDS)
def test_the_code_gives_points_at_which_the_wrong_one_differs(part: str) -> None:
    with jax.enable_x64(True):
        missed = [twins.name for seed in SEEDS for twins in PAIRS[part] if not any(exposing(twins, seed))]
    assert len(missed) <= 0.05 * len(SEEDS) * len(PAIRS[part]), missed


@pytest.mark.parametrize("twins", FIRST[3::4] + SECOND[3::4] + THIRD[3::4], ids=lambda twins: twins.name)
def test_the_wrong_one_is_judged_wrong_there_and_the_right_one_is_not(twins: Twins) -> None:
    with jax.enable_x64(True):
        points = list(exposing(twins, SEEDS[0]))
        assert fails(twins.target(twins.wrong), points, SEEDS[0])
        assert not fails(twins.target(twins.right), points, SEEDS[0])


def test_there_are_as_many_pairs_as_the_table_says() -> None:
    assert all(len(part) >= 20 for part in PAIRS.values())
    names = [twins.name for part in PAIRS.values() for twins in part]
    assert len(set(names)) == len(names)
