"""Boundaries that slopes do not lead to, such as of rounded numbers: Hypothesis climbs to where a residual is small."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import Phase, given, settings, target
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st

from jacfuzz.strategies.probe import Probe
from jacfuzz.strategies.quietly import QUIETLY
from jacfuzz.tracing.residuals import Label

_EXAMPLES = 60
_MOST, _GRID = 512, 8.0


def climbed(probe: Probe, label: Label, cells: int, seed: int) -> tuple[np.ndarray, float] | None:
    """Return an input at which a residual is as small as could be found, and its size; None where it has no value.

    Inputs are multiples of 1/8 up to 64, which Hypothesis varies where that brings the residual nearer to 0 (Löscher
    and Sagonas, "Targeted property-based testing", ISSTA 2017).

    Parameters
    ----------
    probe
        The function; a few runs are left to it.
    label
        The residual.
    cells
        Cells of an input.
    seed
        Makes the search.
    """
    best: tuple[np.ndarray, float] | None = None

    @hypothesis_seed(seed)
    @settings(QUIETLY, max_examples=_EXAMPLES, phases=(Phase.generate, Phase.target))
    @given(st.lists(st.integers(-_MOST, _MOST), min_size=cells, max_size=cells))
    def climb(eighths: list[int]) -> None:
        nonlocal best
        if probe.left <= 2 * cells or (best is not None and best[1] == 0):  # a start at the input takes some runs
            return
        row = probe.confined(np.array(eighths) / _GRID)
        distance = abs(float(probe.values(row, (label,))[0]))
        if math.isfinite(distance):
            target(-distance)
            if best is None or distance < best[1]:
                best = row, distance

    climb()
    return best
