"""Layouts and strata: every kind of input is reached, inside the domain."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import pair

from jacfuzz.signature import Argument, ArraySpec, DType, Signature, parse_axes
from jacfuzz.strategies.batches import columns, draw_batch, edge_batches
from jacfuzz.strategies.layouts import layouts
from jacfuzz.strategies.strata import BY_NAME, STRATA
from jacfuzz.target import Interval, Target


def identity(target_axes: dict[str, str], **rest: Any) -> Target:
    return pair(lambda *a: a[0], lambda *a: a[0], **{**target_axes, **rest})


def test_one_free_axis_is_tried_at_one_and_zero_and_more() -> None:
    sizes = [layout.shapes[0][0] for layout in layouts(identity({"x": "n"}).signature)]
    assert sizes[0] == 1
    assert sizes[-1] == 0
    assert max(sizes) > 6  # longer than most windows
    assert any(size % 4 == 0 for size in sizes[:-1])


def test_of_three_free_axes_each_is_the_largest_somewhere() -> None:
    shapes = {layout.shapes[0] for layout in layouts(identity({"x": "a b c"}).signature)}
    assert {0, 1, 2} <= {shape.index(max(shape)) for shape in shapes if len(set(shape)) == len(shape)}


def test_two_free_axes_include_square_non_square_both_ways_and_empty() -> None:
    shapes = {layout.shapes[0] for layout in layouts(identity({"x": "n m"}).signature)}
    assert any(n == m > 1 for n, m in shapes)
    assert any(n > m > 0 for n, m in shapes)
    assert any(m > n > 0 for n, m in shapes)
    assert {(n == 0, m == 0) for n, m in shapes} == {(False, False), (True, False), (False, True), (True, True)}


@pytest.mark.parametrize("axes", [{"x": "n", "y": "n"}, {"x": "n m", "y": "m"}, {"x": "*b n", "y": "*b"}])
def test_names_have_one_size_in_the_whole_call(axes: dict[str, str]) -> None:
    for layout in layouts(identity(axes).signature):
        for spec, shape in zip(layout.specs, layout.shapes, strict=True):
            expected: list[int] = []
            for axis in spec.axes:
                size = layout.dims[axis.text]
                expected += size if isinstance(size, tuple) else [size]
            assert shape == tuple(expected)


def test_symbolic_axes_are_solved_and_never_negative() -> None:
    menu = layouts(identity({"x": "n-1", "y": "n"}).signature)
    assert all(x[0] == y[0] - 1 for x, y in (layout.shapes for layout in menu))


def test_broadcastable_axes_are_tried_at_one() -> None:
    shapes = [layout.shapes for layout in layouts(identity({"x": "#n", "y": "n"}).signature)]
    assert any(x == (1,) and y[0] > 1 for x, y in shapes)
    assert any(x == y and y[0] > 1 for x, y in shapes)


@pytest.mark.parametrize(
    ("domain", "drawn"),
    [
        (None, {0, 1, 2, 3}),
        ((5, 7), {5, 6, 7}),
        ((-1.5, 1.5), {-1, 0, 1}),
        ((5, None), {5, 6, 7, 8}),
        ((None, -2), {-5, -4, -3, -2}),
        ((None, 10), set(range(11))),
        ((2, 2), {2}),
    ],
)
def test_integers_are_drawn_from_their_domain(domain: Interval | None, drawn: set[int]) -> None:
    assert set(integers_drawn({"k": domain} if domain else {}, 300).tolist()) == drawn


def integers_drawn(domain: Mapping[str, Interval], count: int) -> np.ndarray:
    """Values of an integer argument k beside an array, so many of them."""
    signature = Signature((spec_of("x", "n"), spec_of("k", "", "int")))
    target = dataclasses.replace(identity({"x": "n"}), signature=signature, domain=domain)
    batch = draw_batch(target, layouts(signature)[0], BY_NAME["generic"], count, np.random.default_rng(0))
    assert batch is not None
    return batch.values[1]


def spec_of(name: str, axes: str, dtype: DType = "float") -> Argument:
    return Argument(name, (ArraySpec(parse_axes(axes), dtype),))


def test_the_ends_of_a_wide_domain_of_integers_are_drawn_often() -> None:
    assert (integers_drawn({"k": (-1e300, 10**6)}, 100) == 10**6).sum() > 5


def test_fixed_axes_leave_one_layout() -> None:
    (layout,) = layouts(identity({"x": "4 2"}).signature)
    assert layout.shapes == ((4, 2),)


@pytest.mark.parametrize("stratum", STRATA, ids=lambda stratum: stratum.name)
def test_rows_are_of_their_kind(stratum) -> None:  # type: ignore[no-untyped-def]  # pytest passes the stratum
    target = identity({"x": "6"})
    (layout,) = layouts(target.signature)
    batch = draw_batch(target, layout, stratum, 50, np.random.default_rng(1))
    assert batch is not None
    rows = batch.values[0]
    holds = {
        "one zero": lambda x: (x == 0).sum() == 1,
        "two zeros": lambda x: (x == 0).sum() == 2,
        "all zero": lambda x: (x == 0).all(),
        "tie": lambda x: len(np.unique(x)) in (4, 5),
        "all equal": lambda x: len(np.unique(x)) == 1,
        "sorted": lambda x: (np.diff(x) >= 0).all(),
        "reversed": lambda x: (np.diff(x) <= 0).all(),
        "positive": lambda x: (x > 0).all(),
        "negative": lambda x: (x < 0).all(),
        "boundary": lambda x: np.isin(x, columns(target, layout).values[0]).sum() >= 1,
        "tiny": lambda x: np.abs(x).max() < 1,
        "huge": lambda x: np.abs(x).max() > 1,
        "generic": lambda x: len(np.unique(x)) == 6 and (x != 0).all(),
    }[stratum.name]
    assert np.mean([holds(row) for row in rows]) >= 0.9


@given(
    st.floats(-100, 100),
    st.floats(0, 50),
    st.sampled_from(STRATA),
    st.sampled_from([(True, True), (True, False), (False, True)]),
)
def test_points_never_leave_the_domain(low, width, stratum, closed) -> None:  # type: ignore[no-untyped-def]  # drawn
    interval = (low if closed[0] else None, low + width if closed[1] else None)
    target = identity({"x": "3"}, domain={"x": interval})
    batch = draw_batch(target, layouts(target.signature)[0], stratum, 10, np.random.default_rng(0))
    if batch is not None:
        assert (batch.values[0] >= (-math.inf if interval[0] is None else interval[0])).all()
        assert (batch.values[0] <= (math.inf if interval[1] is None else interval[1])).all()


def test_a_stratum_that_the_domain_forbids_is_not_drawn() -> None:
    target = identity({"x": "3"}, domain={"x": (1.0, None)})
    assert draw_batch(target, layouts(target.signature)[0], BY_NAME["one zero"], 5, np.random.default_rng(0)) is None


def test_edges_are_tried_in_one_cell_and_in_all() -> None:
    target = identity({"x": "2"}, edges={"x": (7.5, np.array([1.0, 2.0]))})
    points = [batch.values[0][0] for batch in edge_batches(target, layouts(target.signature), np.random.default_rng(0))]
    assert any(point[0] == 7.5 and point[1] != 7.5 for point in points)
    assert any((point == 7.5).all() for point in points)
    assert any((point == [1.0, 2.0]).all() for point in points)


def test_integer_arguments_are_integers() -> None:
    from jacfuzz.signature import Argument, ArraySpec, Signature, parse_axes
    from jacfuzz.target import Place

    index = Argument("i", (ArraySpec(parse_axes("n"), "int"),))
    value = Argument("x", (ArraySpec(parse_axes("n"), "float"),))
    target = Target("t", "t", Place("t"), lambda *a: a, lambda *a: a, Signature((value, index)))
    batch = draw_batch(target, layouts(target.signature)[1], BY_NAME["generic"], 3, np.random.default_rng(0))
    assert batch is not None
    assert batch.values[1].dtype.kind == "i"
    assert target.signature.differentiable == ("x",)
