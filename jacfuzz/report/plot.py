"""Findings as figures of matplotlib, where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jacfuzz.errors import UsageError
from jacfuzz.report.html.heat import LINEAR
from jacfuzz.report.matrix import axes_text, comparable, output_rank, wrong_cells
from jacfuzz.result import Finding, TargetResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LARGEST_DOT, _PANEL = 9.0, 80.0  # in points
_WRONG = "#c2125f"
_COLOURS = ("#b9540a", "#f4f4f2", "#1b62a5")


def plot(result: TargetResult) -> None:
    """Show a figure per finding that has matrices to compare.

    Raises
    ------
    UsageError
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise UsageError(
            "report.show() needs matplotlib; pip install 'jacfuzz[notebook]', or print the report"
        ) from None
    for finding in result.findings:
        if comparable(finding):
            draw(plt.figure(figsize=(9, 3.2), layout="constrained"), result, finding)
    plt.show()


def draw(figure: Figure, result: TargetResult, finding: Finding) -> None:
    """Draw candidate, reference and difference of a finding on one scale, a dot on each wrong cell."""
    from matplotlib.colors import AsinhNorm, LinearSegmentedColormap

    candidate, reference = (_flat(value, finding) for value in (finding.candidate, finding.reference))
    matrices = {"candidate": candidate, "reference": reference, "difference": candidate - reference}
    limit = max(float(np.abs(m[np.isfinite(m)]).max(initial=0.0)) for m in matrices.values()) or 1.0
    scale = AsinhNorm(LINEAR * limit, vmin=-limit, vmax=limit)
    panels: Any = figure.subplots(1, len(matrices), sharex=True, sharey=True)
    for axes, (title, matrix) in zip(panels, matrices.items(), strict=True):
        image = axes.matshow(matrix, cmap=LinearSegmentedColormap.from_list("jacfuzz", _COLOURS), norm=scale)
        axes.set_facecolor("0.75")  # where a number is nan
        axes.set_title(title)
    rows, columns = _wrong(finding, candidate.shape[1])
    dots = min(_LARGEST_DOT, _PANEL / candidate.shape[1])
    panels[0].plot(columns, rows, "o", color=_WRONG, markersize=dots, markeredgecolor="white", label="wrong")
    figure.colorbar(image, ax=panels, ticks=[-limit, 0, limit], format="%.3g")
    figure.suptitle(f"{result.title}: {finding.kind}")
    figure.supxlabel(axes_text(finding), fontsize="small")


def _flat(value: Any, finding: Finding) -> np.ndarray:
    """The Jacobian as a matrix of one row per output cell."""
    array = np.asarray(value, dtype=float)
    rows = int(np.prod(array.shape[: output_rank(finding)]))
    return array.reshape(rows, -1)


def _wrong(finding: Finding, width: int) -> tuple[list[int], list[int]]:
    """Rows and columns of the wrong cells in the matrix."""
    full = np.shape(finding.candidate)
    flat = [int(np.ravel_multi_index(cell, full)) if full else 0 for cell in sorted(wrong_cells(finding))]
    return [index // width for index in flat], [index % width for index in flat]
