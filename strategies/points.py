"""Points whose values Hypothesis draws itself, so that failures shrink to small plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from jacfuzz.strategies.batches import columns, split
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.strategies.strata import STRATA, Columns, Stratum, fill
from jacfuzz.target import Point, Target

_ORDINARY = 10.0
_LARGEST = 1e6
_MOST_DRAWN = 64
# Their values come from a seed, which does not shrink; here such values are drawn for the cells themselves.
_SEEDED = ("tiny", "huge", "boundary")


@st.composite
def points(draw: st.DrawFn, target: Target) -> Point:
    """Draw a value for every argument of a target, all axes consistent, strata included.

    Shrinks towards the smallest layout, the plain stratum, and zeros and small integers.
    """
    menu = layouts(target.signature)
    layout = menu[draw(st.integers(0, len(menu) - 1))]
    cells = columns(target, layout)
    shrinkable = [stratum for stratum in reversed(STRATA) if stratum.name not in _SEEDED]
    possible = [stratum for stratum in shrinkable if stratum.possible(cells)] or [STRATA[-1]]
    stratum = possible[draw(st.integers(0, len(possible) - 1))]
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    row = _draw_row(draw, stratum, cells, rng)
    values = split(fill(stratum, row, cells, rng), target, layout, rng)
    return {argument.name: value[0] for argument, value in zip(target.signature.arguments, values, strict=True)}


def _draw_row(draw: st.DrawFn, stratum: Stratum, cells: Columns, rng: np.random.Generator) -> np.ndarray:
    """Draw the generic row cell by cell, up to a size that fits Hypothesis's buffer; the cells beyond are random."""
    size = len(cells.low)
    plain = st.integers(-5, 5).map(float)
    ordinary = st.floats(-_ORDINARY, _ORDINARY, allow_subnormal=False)
    large = st.floats(-_LARGEST, _LARGEST, allow_subnormal=False)
    drawn = [draw(plain | ordinary | st.sampled_from(values) | large) for values in cells.values[:_MOST_DRAWN]]
    return np.array([*drawn, *rng.standard_normal(size - len(drawn))]).reshape(1, size)


def cells_strategy(target: Target, menu: Sequence[Layout]) -> st.SearchStrategy[tuple[int, list[float]]]:
    """Strategy behind shrinking: a layout of the menu, then every cell as one float of its interval.

    Each draw is one choice, so that a known point can be handed to Hypothesis as the choices that give it.
    """

    @st.composite
    def draw_cells(draw: st.DrawFn) -> tuple[int, list[float]]:
        number = draw(st.integers(0, len(menu) - 1))
        cells = columns(target, menu[number])
        return number, [draw(_cell(low, high)) for low, high in zip(cells.low, cells.high, strict=True)]

    return draw_cells()


def _cell(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(
        min_value=low if math.isfinite(low) else None,
        max_value=high if math.isfinite(high) else None,
        allow_nan=False,
        allow_infinity=False,
    )
