"""Points that came at once are told from points that came one by one by nothing but speed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz.evaluation.evaluation import Evaluation
from jacfuzz.evaluation.worker import Answer, Pair, Problem, evaluate_swiftly

SHAPES = ((), (2,), (2, 3))
DTYPES = ("f8", "f4", "i8", "?", "c16")
Given = tuple[int, tuple[int, ...], str, bool]  # points, shape and dtype of f's values, and whether they come at once
PART = st.tuples(st.integers(0, 4), st.sampled_from(SHAPES), st.sampled_from(DTYPES), st.booleans())
PARTS = st.lists(PART, min_size=1, max_size=5)


def evaluations(parts: list[Given]) -> tuple[Evaluation, Evaluation]:
    """The same points, at once where that is asked for, and one by one."""
    mixed, single = Evaluation(), Evaluation()
    rng = np.random.default_rng(0)
    for count, shape, dtype, at_once in parts:
        columns = [
            np.asarray(9 * rng.standard_normal((count, *shape, *width))).astype(dtype) for width in ((), (4,), (1, 2))
        ]
        answers = [Answer(np.asarray(p), (np.asarray(a), np.asarray(b))) for p, a, b in zip(*columns, strict=True)]
        for answer in answers:
            single.add(answer)
        if at_once:
            mixed.extend(columns)
        else:
            for answer in answers:
                mixed.add(answer)
        problem = Answer(Problem("raises", "no"), Problem("raises", "no"))
        single.add(problem)
        mixed.add(problem)
    return mixed, single


@given(PARTS, st.data())
def test_what_came_at_once_is_what_came_one_by_one(parts: list[Given], data: st.DataObject) -> None:
    mixed, single = evaluations(parts)
    kept = data.draw(st.integers(0, len(single)))
    for one in (mixed, single):
        one.cut(kept)
    assert len(mixed) == kept
    if kept:
        for one in (mixed, single):
            one.unstable[kept - 1] = "f"
    assert mixed.alike() == single.alike()
    assert mixed.by_shape() == single.by_shape()
    for members in mixed.alike():
        chosen = data.draw(st.permutations(members))
        primal, jacobians = single.primals[chosen[0]], single.jacobians[chosen[0]]
        if isinstance(primal, Problem) or isinstance(jacobians, Problem) or primal.dtype.kind == "c":
            continue
        values, matrices = mixed.rows(chosen, primal.size)
        assert values.dtype == matrices.dtype == float
        for row, matrix, index in zip(values, matrices, chosen, strict=True):
            own: Any = single.jacobians[index]
            np.testing.assert_array_equal(row, np.asarray(single.primals[index]).reshape(-1))
            np.testing.assert_array_equal(matrix, np.concatenate([j.reshape(primal.size, -1) for j in own], axis=1))


@given(PARTS)
def test_other_jacobians_replace_all_of_them(parts: list[Given]) -> None:
    mixed, _ = evaluations([part for part in parts if part[2] in ("f8", "i8")])
    doubled = mixed.with_jacobians(lambda jacobian: 2 * jacobian)
    for members in mixed.alike():
        primal = mixed.primals[members[0]]
        if not isinstance(primal, Problem):
            (values, before), (same, after) = (one.rows(members, primal.size) for one in (mixed, doubled))
            np.testing.assert_array_equal(values, same)
            np.testing.assert_array_equal(2 * before, after)


def pair(f: Callable[..., Any], jac: Callable[..., Any]) -> Pair:
    return Pair(f, jac, ("x",), ("numpy",), ("x",))


BUFFER = np.zeros(3)


def same_array(x: np.ndarray) -> np.ndarray:
    BUFFER[:] = x
    return BUFFER


def test_an_array_that_is_written_to_again_is_copied() -> None:
    points = np.arange(12.0).reshape(4, 3)
    found = evaluate_swiftly(pair(same_array, np.diag), (points,))
    assert found is not None
    np.testing.assert_array_equal(found[0], points)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x if x[0] < 6 else x[:2],
        lambda x: x if x[0] < 6 else x.astype(np.float32),
        lambda x: x if x[0] < 6 else x.tolist(),
        lambda x: x if x[0] < 6 else np.matrix(x),
    ],
)
def test_results_that_change_their_kind_are_left_to_single_calls(f: Callable[..., Any]) -> None:
    points = np.arange(12.0).reshape(4, 3)
    assert evaluate_swiftly(pair(f, np.diag), (points,)) is None
    found = evaluate_swiftly(pair(f, np.diag), (points[:2],))
    assert found is not None
    assert [column.shape for column in found] == [(2, 3), (2, 3, 3)]
