"""Reference functions: bound to a block's own constants, and one for every form in which a puzzle is posed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jacfuzz.claims import bind
from jacfuzz.registry import Catalogue
from jacfuzz.target import Naming

Formula = Callable[..., Any]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue()


def doubled(x: np.ndarray) -> Any:
    return 2 * x


def added(x: np.ndarray, y: np.ndarray) -> Any:
    return x + y


def windowed(x: np.ndarray, *, W: int, P: int = 3) -> np.ndarray:
    return x[:W] * P


def test_unused_arguments_are_ignored_and_missing_ones_abstain() -> None:
    assert len(bind((doubled, added), 1, {})) == 1
    first, second = bind((doubled, added), 2, {})
    np.testing.assert_array_equal(first(np.ones(2), np.zeros(2)), [2, 2])
    np.testing.assert_array_equal(second(np.ones(2), np.ones(2)), [2, 2])


@pytest.mark.parametrize(
    ("constants", "expected"),
    [
        ({"W": 2}, [3.0, 3.0]),
        ({"W": np.int64(1), "P": 5, "I": 7}, [5.0]),
        ({"W": 2, "P": "text"}, [3.0, 3.0]),
        ({}, None),
        ({"W": 2.5}, None),
        ({"W": True}, None),
        ({"W": np.arange(3)}, None),
    ],
)
def test_integers_come_from_the_blocks_own_constants(constants: dict[str, Any], expected: list[float] | None) -> None:
    bound = bind((windowed,), 1, constants)
    assert len(bound) == (expected is not None)
    for reference in bound:
        np.testing.assert_array_equal(reference(np.ones(4)), np.array(expected))


def causal_mean(width: int) -> Formula:
    return lambda x: [sum(x[max(0, o + 1 - width) : o + 1]) / width for o in range(len(x))]


def valid_mean(width: int) -> Formula:
    return lambda x: [sum(x[o : o + width]) / width for o in range(len(x) - width + 1)]


def slide(x: np.ndarray, y: np.ndarray, count: int) -> list[float]:
    return [float(x[o : o + len(y)] @ y) / len(y) for o in range(count)]


def slide_over(x: np.ndarray, y: np.ndarray) -> list[list[float]]:
    return [[float((x[o : o + 3, p : p + 3] * y).sum()) / 9 for p in range(5)] for o in range(5)]


def blend_same_size(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Zero-padded convolution of a 4 by 4 with a 2 by 2 image, both given as vectors, from the top left."""
    image, kernel, result = x.reshape(4, 4), y.reshape(2, 2), np.zeros((4, 4))
    for o, p, a, b in np.ndindex(4, 4, 2, 2):
        if o >= a and p >= b:
            result[o, p] += image[o - a, p - b] * kernel[a, b]
    return result.reshape(-1) / 4


SCALAR_POSED: list[tuple[str, int, dict[str, int], Formula]] = [
    ("fb_id", 1, {}, lambda x: x),
    ("fb_cos", 1, {}, np.cos),
    ("fb_mean", 1, {}, lambda x: [sum(x) / 50]),
    ("fb_prod", 1, {}, lambda x: [np.prod(x)]),
    ("fb_repeat", 1, {}, lambda x: [x[0]] * 50),
    ("fb_repeat_scale", 1, {}, lambda x: [x[0] * o / 50 for o in range(50)]),
    ("fb_neg", 1, {}, lambda x: -x),
    ("fb_relu", 1, {}, lambda x: x * (x > 0)),
    ("fb_index", 1, {}, lambda x: x[10:35]),
    ("fb_cumsum", 1, {}, lambda x: [sum(x[: o + 1]) / 20 for o in range(50)]),
    ("fb_running", 1, {"W": 10}, causal_mean(10)),
    ("fb_sort", 1, {}, sorted),
    ("fb_emean", 1, {}, lambda x, y: (x + y) / 2),
    ("fb_mul", 1, {}, lambda x, y: x * y),
    ("fb_conv", 1, {"W": 5}, lambda x, y: slide(x, y, 39)),
    ("fb_view", 2, {}, lambda x, y: x),
    ("fb_trans", 2, {}, lambda x, y: x.T),
    ("fb_broad", 2, {}, lambda x, y: x * y),
    ("fb_mean", 2, {}, lambda x, y: [x.sum(axis=0) / 4]),
    ("fb_mm", 2, {}, lambda x, y: x @ y / 5),
    ("fb_conv", 2, {}, slide_over),
]

ARRAY_POSED: list[tuple[str, tuple[tuple[int, ...], ...], dict[str, int], Formula]] = [
    ("Id", ((1,),), {}, lambda x: 2 * x),
    ("Cosine", ((1,),), {}, np.cos),
    ("Mean", ((10,),), {}, lambda x: [sum(x) / 10]),
    ("Product", ((7,),), {}, lambda x: [np.prod(x)]),
    ("Repeat", ((1,),), {"O": 10}, lambda x: [x[0]] * 10),
    ("Repeat", ((1,),), {"O": 10}, lambda x: [x[0] + 1] * 10),
    ("Repeat and Scale", ((1,),), {"O": 10}, lambda x: [x[0] * o / 10 for o in range(10)]),
    ("Negation", ((10,),), {"I": 10, "O": 10}, lambda x: -x),
    ("ReLU", ((10,),), {"I": 10, "O": 10}, lambda x: x * (x > 0)),
    ("Index", ((25,),), {"I": 25, "O": 15}, lambda x: x[10:]),
    ("Cumsum", ((10,),), {"I": 10, "O": 10}, lambda x: [sum(x[: o + 1]) / 20 for o in range(10)]),
    ("Running Mean", ((10,),), {"I": 10, "O": 8, "W": 3}, valid_mean(3)),
    ("Running Mean", ((12,),), {"I": 12, "O": 9, "W": 4}, valid_mean(4)),
    ("Sort", ((10,),), {"I": 10, "O": 10}, sorted),
    ("Elementwise mean", ((10,), (10,)), {"I": 10, "O": 10}, lambda x, y: (x + y) / 2),
    ("Elementwise mul", ((10,), (10,)), {"I": 10, "O": 10}, lambda x, y: x * y),
    ("1D Convolution", ((10,), (5,)), {"I": 10, "O": 6, "W": 5}, lambda x, y: slide(x, y[::-1], 6)),
    ("View", ((4, 4),), {"I": 4, "J": 4, "O": 4, "P": 4}, lambda x: x),
    ("View", ((4, 4),), {"I": 4, "J": 4, "O": 16}, lambda x: [x[o // 4, o % 4] for o in range(16)]),
    ("View + Reshape", ((4, 4),), {"I": 4, "J": 4, "O": 16}, lambda x: [x[o // 4, o % 4] for o in range(16)]),
    (
        "Transpose",
        ((4, 4),),
        {"I": 4, "J": 4, "O": 4, "P": 4},
        lambda x: [[x[p, o] for p in range(4)] for o in range(4)],
    ),
    ("Broadcast", ((3, 4), (4,)), {}, lambda x, y: x * y),
    ("Mean Reduce", ((4, 4),), {"I": 4, "J": 4, "O": 4}, lambda x: x.sum(axis=0) / 4),
    ("Matmul", ((4,), (4,)), {"I": 4, "J": 4, "O": 4}, lambda x, y: (x.reshape(2, 2) @ y.reshape(2, 2)).ravel()),
    ("2D Conv", ((16,), (4,)), {"I": 16, "J": 4, "O": 16}, blend_same_size),
]


def equal_references(
    catalogue: Catalogue, naming: Naming, constants: dict[str, int], shapes: tuple[tuple[int, ...], ...], posed: Formula
) -> int:
    """Count the references that give what a puzzle asks for."""
    claim = catalogue.claim(naming, constants)
    assert claim is not None
    rng = np.random.default_rng(5)
    point = [rng.standard_normal(shape) for shape in shapes]
    expected = np.asarray(posed(*point))
    values = []
    for reference in claim.references:
        try:
            values.append(reference(*point))
        except (IndexError, ValueError):  # no reference for these shapes
            continue
    return sum(value.shape == expected.shape and np.allclose(value, expected, rtol=1e-12) for value in values)


@pytest.mark.parametrize(("name", "out_rank", "constants", "posed"), SCALAR_POSED)
def test_every_index_puzzle_has_one_reference(
    catalogue: Catalogue, name: str, out_rank: int, constants: dict[str, int], posed: Formula
) -> None:
    found = [entry.index_shapes[name] for entry in catalogue.entries if name in entry.index_shapes]
    shapes = next(shapes for shapes in found if len(shapes.out) == out_rank)
    naming = Naming("", name, len(shapes.arguments), out_rank)
    assert catalogue.shapes(naming) == shapes
    known = {**constants, **dict(zip("OP", shapes.out, strict=False))}  # what loading adds of its own
    assert equal_references(catalogue, naming, known, shapes.arguments, posed) == 1


@pytest.mark.parametrize(("title", "shapes", "constants", "posed"), ARRAY_POSED)
def test_every_array_puzzle_has_one_reference(
    catalogue: Catalogue, title: str, shapes: tuple[tuple[int, ...], ...], constants: dict[str, int], posed: Formula
) -> None:
    naming = Naming(f"Problem 0: {title}", "", len(shapes))
    assert equal_references(catalogue, naming, constants, shapes, posed) == 1


@pytest.mark.parametrize(
    ("title", "shape", "constants", "other"),
    [
        ("Sort", (10,), {"I": 10, "O": 8, "W": 3}, valid_mean(3)),
        ("Sort", (10,), {"I": 10, "O": 10}, lambda x: -np.sort(-x)),
        ("Transpose", (4, 4), {"I": 4, "J": 4, "O": 4, "P": 4}, lambda x: x),
        ("Running Mean", (10,), {"I": 10, "O": 8, "W": 3}, valid_mean(4)),
        ("View", (4, 4), {}, lambda x: x.T),
    ],
)
def test_another_puzzles_function_equals_no_reference(
    catalogue: Catalogue, title: str, shape: tuple[int, ...], constants: dict[str, int], other: Formula
) -> None:
    assert equal_references(catalogue, Naming(f"Problem 0: {title}", "", 1), constants, (shape,), other) == 0


def test_a_window_of_unknown_width_abstains(catalogue: Catalogue) -> None:
    claim = catalogue.claim(Naming("Problem 11: Running Mean", "", 1), {})
    assert claim is not None
    assert claim.references == ()
