"""Every shipped pair is right at every size, judged by forward-mode AD, by differences and by its own annotations."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import typing
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jaxtyping import jaxtyped

from jacfuzz.signature import Argument, Signature, parse_hint
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.tracing.rebind import to_jax

_SPEC = importlib.util.find_spec("jacfuzz.targets")
assert _SPEC is not None
assert _SPEC.origin is not None
NAMES = sorted(path.stem for path in Path(_SPEC.origin).parent.glob("*.py") if not path.stem.startswith("_"))

PUZZLES = {
    *("identity", "cosine", "mean", "product", "repeat", "repeat_and_scale", "negation", "relu", "index", "cumsum"),
    *("running_mean", "sort", "elementwise_mean", "elementwise_product", "convolution_1d", "view", "view_reshape"),
    *("transpose", "broadcast", "mean_reduce", "matmul", "convolution_2d"),
}
KINKED = {"relu", "sort", "euclidean_norm"}

Point = tuple[np.ndarray, ...]
every_entry = pytest.mark.parametrize("name", NAMES)


def entry(name: str) -> ModuleType:
    return importlib.import_module(f"jacfuzz.targets.{name}")


def hints(function: Callable[..., Any]) -> tuple[dict[str, Any], Any]:
    found = inspect.get_annotations(function)
    return {name: hint for name, hint in found.items() if name != "return"}, found["return"]


def menu(module: ModuleType) -> tuple[Layout, ...]:
    arguments, _ = hints(module.f)
    return layouts(Signature(tuple(Argument(name, parse_hint(hint)) for name, hint in arguments.items())))


def generator(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def points(layout: Layout, name: str) -> Iterator[Point]:
    """Generic points, and where f has no kinks there, points full of zeros and ties."""
    rng = generator(name)
    for scale in (1.0, 3.0):
        yield tuple(scale * rng.standard_normal(shape) for shape in layout.shapes)
    if name not in KINKED:
        for _ in range(3):
            yield tuple(rng.integers(-1, 2, shape).astype(float) for shape in layout.shapes)
        yield tuple(np.zeros(shape) for shape in layout.shapes)
        yield tuple(np.full(shape, 1.5) for shape in layout.shapes)


def value(module: ModuleType, point: Point) -> np.ndarray | None:
    """Return f at a point, None where f is undefined."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the mean of no entries
            result = np.asarray(module.f(*point))
    except (ValueError, np.linalg.LinAlgError):
        return None
    return result if np.isfinite(result).all() else None


def jacobians(module: ModuleType, point: Point) -> tuple[np.ndarray, ...]:
    result = module.jac(*point)
    return tuple(result) if isinstance(result, tuple) else (result,)


def defined(module: ModuleType, name: str) -> Iterator[tuple[Point, np.ndarray, tuple[np.ndarray, ...]]]:
    for layout in menu(module):
        for point in points(layout, name):
            primal = value(module, point)
            if primal is not None:
                yield point, primal, jacobians(module, point)


def assert_rows_close(actual: np.ndarray, expected: np.ndarray, rank: int, tolerance: float) -> None:
    """Compare cell by cell, relative to the largest cell of the row."""
    if actual.size:
        largest = np.abs(expected).max(axis=tuple(range(rank, expected.ndim)), keepdims=True)
        assert (np.abs(actual - expected) <= tolerance * largest + 1e-300).all(), (actual, expected)


def test_the_catalogue_has_every_puzzle_and_extras() -> None:
    assert set(NAMES) > PUZZLES
    assert len(set(NAMES) - PUZZLES) >= 8


@every_entry
def test_shapes_and_types_hold_at_every_size(name: str) -> None:
    module = entry(name)
    (arguments, result), (_, returned) = hints(module.f), hints(module.jac)
    leaves = typing.get_args(returned) if typing.get_origin(returned) is tuple else (returned,)
    sizes = set()
    for point, primal, found in defined(module, name):
        assert [j.shape for j in found] == [primal.shape + x.shape for x in point]
        assert all(j.dtype == np.float64 for j in (primal, *found))
        with jaxtyped("context"):  # one binding of axis names for the whole call
            for array, hint in zip((*point, primal, *found), (*arguments.values(), result, *leaves), strict=True):
                assert isinstance(array, hint)
        sizes.add(point[0].shape)
    assert len(sizes) >= 3


@every_entry
def test_forward_mode_agrees(name: str) -> None:
    import jax

    module = entry(name)
    reference = jax.jit(jax.jacfwd(to_jax(module.f), argnums=tuple(range(len(hints(module.f)[0])))))
    usable = [layout for layout in menu(module) if value(module, next(points(layout, name))) is not None]
    with jax.enable_x64(True):
        for layout in {layout.size: layout for layout in usable if layout.size > 0}.values():
            if layout is not usable[0] and layout.size != max(layout.size for layout in usable):
                continue  # the differences see to the sizes between
            for point in points(layout, name):
                primal = value(module, point)
                if primal is not None:
                    for actual, expected in zip(jacobians(module, point), reference(*point), strict=True):
                        assert_rows_close(actual, np.asarray(expected), primal.ndim, 1e-9)


@every_entry
def test_differences_agree_at_every_size(name: str) -> None:
    module = entry(name)
    for point, primal, found in defined(module, name):
        for position, actual in enumerate(found):
            expected = np.zeros_like(actual)
            for index in np.ndindex(point[position].shape):
                step = np.zeros_like(point[position])
                step[index] = 1e-5
                above, below = (
                    value(module, (*point[:position], point[position] + sign * step, *point[position + 1 :]))
                    for sign in (1, -1)
                )
                assert above is not None
                assert below is not None
                expected[(..., *index)] = (above - below) / 2e-5
            scale = np.abs(expected).max(initial=1.0) + np.abs(primal).max(initial=0.0)
            np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6 * scale)


@every_entry
def test_neither_function_writes_to_its_arguments(name: str) -> None:
    module = entry(name)
    for layout in menu(module):
        point = next(points(layout, name))
        before = tuple(x.copy() for x in point)
        if value(module, point) is not None:
            jacobians(module, point)
        for x, kept in zip(point, before, strict=True):
            np.testing.assert_array_equal(x, kept)


@every_entry
def test_the_docstring_says_title_formula_and_mistakes(name: str) -> None:
    title, colon, formula = (entry(name).__doc__ or "").partition("\n")[0].partition(":")
    assert title
    assert colon
    assert formula.endswith(".")
    assert "atches" in (entry(name).__doc__ or "")
