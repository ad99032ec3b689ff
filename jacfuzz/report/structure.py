"""The structure of a Jacobian as text: which cells are zero, one, or another number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEGEND = ". zero   1 one   x another number   ! nan or inf"
_MOST = 24


def structure(jacobian: np.ndarray, axes: Sequence[str], output: int) -> list[str]:
    """Draw the non-zero pattern of a Jacobian: a row per output cell, a column per input cell.

    Parameters
    ----------
    jacobian
        Of shape output + input.
    axes
        Names of its axes.
    output
        How many of them belong to the output.

    Returns
    -------
    list of str
        A line of indices per input axis, headed by its name, then the rows; large ones are cut, and say so.
    """
    rows, columns = (list(np.ndindex(shape)) for shape in (jacobian.shape[:output], jacobian.shape[output:]))
    shown_rows, shown_columns = rows[:_MOST], columns[:_MOST]
    width = max((len(str(index)) for column in shown_columns for index in column), default=1)
    names = [" ".join(axes[:output]), *(" ".join(map(str, row)) for row in shown_rows)]
    margin = max(map(len, (*names, *axes[output:])))
    lines = [
        f"{name:>{margin}}  {_cells([column[position] for column in shown_columns], width)}"
        for position, name in enumerate(axes[output:])
    ]
    if output:
        lines.append(names[0].rjust(margin))
    for row, name in zip(shown_rows, names[1:], strict=True):
        symbols = [_symbol(jacobian[row + column].item()) for column in shown_columns]
        lines.append(f"{name:>{margin}}  {_cells(symbols, width)}")
    if len(rows) > _MOST or len(columns) > _MOST:
        lines.append(
            f"the first {len(shown_rows)} of {len(rows)} rows and {len(shown_columns)} of {len(columns)} columns"
        )
    return [line.rstrip() for line in lines]


def _cells(texts: Sequence[object], width: int) -> str:
    return " ".join(f"{text!s:>{width}}" for text in texts)


def _symbol(value: complex) -> str:
    if not np.isfinite(value):
        return "!"
    return "." if value == 0 else "1" if value == 1 else "x"
