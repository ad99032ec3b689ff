"""What a finding keeps for its pictures: names of axes, other failing points, quotients of f."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz import make_target
from jacfuzz.findings import MOST_OTHER_CELLS, MOST_OTHERS, Suspect
from jacfuzz.quotients import quotients
from jacfuzz.report.matrix import axes_text, output_rank
from jacfuzz.result import Finding, TargetResult
from jacfuzz.strategies.batches import Batch
from jacfuzz.strategies.layouts import Layout
from jacfuzz.target import Target
from jacfuzz.verdict import Failure

NEW = ("axes", "others", "quotients")


def test_results_written_before_still_load() -> None:
    written = TargetResult("a", "a", "a.md", 1, "fail", (Finding("value", "Wrong.", cells=[[0]]),)).to_dict()
    for finding in written["findings"]:
        for name in NEW:
            del finding[name]
    assert TargetResult.from_dict(written).findings[0] == Finding("value", "Wrong.", cells=[[0]])


def test_a_finding_without_names_of_axes_still_says_what_its_rows_are() -> None:
    finding = Finding("value", "", "x", [[0, 1]], point={"x": [1.0, 2.0]}, dims={"n": 2})
    assert axes_text(finding) == "row: index of f's result; column: index of x; n = 2"
    named = dataclasses.replace(finding, axes=["m", "n"])
    assert axes_text(named) == "row: f[m]; column: x[n]; n = 2"
    assert output_rank(named) == output_rank(finding) == 1


def seen(stratum: str, size: int) -> tuple[Batch, Failure]:
    """A failing point of a pair from so many numbers to as many."""
    batch = Batch(Layout((), ((size,),), {}), (np.zeros((1, size)),), stratum)
    return batch, Failure("value", "wrong", "x", ((0, 0),), np.eye(size), np.zeros((size, size)))


class TestOthers:
    @given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(0, 12)), min_size=1, max_size=30))
    def test_are_few_of_different_strata_and_the_largest_that_can_be_shown(self, points: list[tuple[str, int]]) -> None:
        first, *rest = (seen(*point) for point in points)
        suspect = Suspect(*first)
        for point in rest:
            suspect = suspect.or_smaller(*point)
        strata = [batch.stratum for batch, _ in suspect.others]
        assert suspect.points == len(points)
        assert suspect.batch.layout.size == min((size for _, size in points if size), default=0)
        assert len(strata) == len(set(strata)) <= MOST_OTHERS
        for batch, _ in suspect.others:
            shown = [size for stratum, size in points[1:] if stratum == batch.stratum and size**2 <= MOST_OTHER_CELLS]
            assert batch.layout.size == max(shown) > 0


def failing(
    target: Target, *values: Any, cells: tuple[tuple[int, ...], ...], shape: tuple[int, ...]
) -> list[list[float]]:
    batch = Batch(Layout((), tuple(np.shape(value) for value in values), {}), tuple(np.array([v]) for v in values), "")
    argument = target.signature.arguments[-1].name
    failure = Failure("value", "wrong", argument, cells, np.zeros(shape), np.zeros(shape))
    return quotients(target, failure, batch)


class TestQuotients:
    def test_come_closer_to_the_derivative_of_that_cell(self) -> None:
        target = make_target(lambda a, x: a * x**3, lambda a, x: None, at=(np.ones(2), np.ones(2)))
        found = failing(target, np.array([5.0, 7.0]), np.array([1.0, 2.0]), cells=((1, 1), (0, 0)), shape=(2, 2))
        steps, slopes = zip(*found, strict=True)
        gaps = np.abs(np.array(slopes) - 7 * 3 * 2.0**2)
        assert list(steps) == sorted(steps, reverse=True)
        assert gaps[0] > 1e-2
        assert gaps[6] < 1e-6

    def test_stay_inside_the_domain(self) -> None:
        def f(x: np.ndarray) -> np.ndarray:
            assert (x >= 0).all()
            return np.sqrt(x)

        target = make_target(f, np.diag, at=np.ones(1), domain={"x": (0, None)})
        assert failing(target, np.array([0.0]), cells=((0, 0),), shape=(1, 1)) == []
        steps = [step for step, _ in failing(target, np.array([0.3]), cells=((0, 0),), shape=(1, 1))]
        assert steps
        assert max(steps) <= 0.3

    def test_what_is_not_finite_is_left_out(self) -> None:
        target = make_target(lambda x: np.where(x > 1.1, np.nan, x), np.diag, at=np.ones(1))
        steps = [step for step, _ in failing(target, np.array([1.0]), cells=((0, 0),), shape=(1, 1))]
        assert steps
        assert max(steps) <= 0.1

    @pytest.mark.parametrize("change", [{"cells": ()}, {"reference": None}])
    def test_without_a_cell_or_a_reference_there_are_none(self, change: dict[str, Any]) -> None:
        target = make_target(lambda x: x, np.diag, at=np.ones(1))
        batch, failure = seen("generic", 1)
        assert quotients(target, dataclasses.replace(failure, **change), batch) == []
