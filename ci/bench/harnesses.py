"""What jacfuzz's speed is compared with: the harness that one writes first, and loops over other checkers.

Each harness checks one pair of NumPy functions at so many points and returns how many it checked.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import jax
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rivals import Case, accepts, rivals

from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.target import Target
from jacfuzz.tracing.rebind import to_jax

Harness: TypeAlias = Callable[[Target, int], int]

_STEP = 2.0**-17
_LOOPED = ("jax check_grads, fwd", "torch gradcheck, slow", "torch gradcheck, fast")


def harnesses() -> Mapping[str, Harness]:
    """All that are installed here, by name."""
    others = rivals()
    return {"naive": naive} | {name: _loop(name) for name in _LOOPED if name in others}


def naive(target: Target, count: int) -> int:
    """One ``@given``: draw the arguments, compare J with eager ``jacfwd`` and with a loop of central differences."""
    reference = jax.jacfwd(to_jax(target.f), tuple(range(len(target.signature.arguments))))
    checked = 0

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(_solid(target)).flatmap(lambda layout: st.tuples(*map(_array, layout.shapes))))
    def check(point: tuple[np.ndarray, ...]) -> None:
        nonlocal checked
        checked += 1
        answer = target.jac(*point)
        jacobians = answer if isinstance(answer, tuple) else (answer,)
        for given_, expected in zip(jacobians, reference(*point), strict=True):
            np.testing.assert_allclose(given_, expected, rtol=1e-6, atol=1e-9)
        for position, given_ in enumerate(jacobians):
            np.testing.assert_allclose(given_, _differences(target, point, position), rtol=1e-3, atol=1e-3)

    with contextlib.suppress(AssertionError):  # at a tie: this harness takes it for a mistake, and stops
        check()
    return checked


def _differences(target: Target, point: tuple[np.ndarray, ...], position: int) -> np.ndarray:
    shape = np.shape(target.f(*point))
    result = np.empty(shape + point[position].shape)
    for cell in np.ndindex(point[position].shape):
        step = np.zeros(point[position].shape)
        step[cell] = _STEP
        ends = [target.f(*(a + sign * step if i == position else a for i, a in enumerate(point))) for sign in (1, -1)]
        result[(..., *cell)] = (ends[0] - ends[1]) / (2 * _STEP)
    return result


def _array(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    return arrays(float, shape, elements=st.floats(0.5, 3.0))


def _solid(target: Target) -> list[Layout]:
    """Layouts that f takes."""

    def taken(layout: Layout) -> bool:
        with contextlib.suppress(ValueError):
            target.f(*map(np.ones, layout.shapes))
            return True
        return False

    return [layout for layout in layouts(target.signature) if layout.size and taken(layout)]


def _loop(name: str) -> Harness:
    """Show a rival so many random points, the layouts in turn."""
    rival = rivals()[name]

    def loop(target: Target, count: int) -> int:
        rng, menu = np.random.default_rng(0), _solid(target)
        for number in range(count):
            shapes = menu[number % len(menu)].shapes
            point = tuple(rng.uniform(0.5, 3.0, math.prod(shape)).reshape(shape) for shape in shapes)
            accepts(rival, Case(target.f, target.jac, point))
        return count

    return loop
