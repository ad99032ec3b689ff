"""Lines of a notebook that are no Python: magics, shell lines and requests for help."""

from __future__ import annotations

import ast
import re

from jacfuzz.loading.blocks import UNPARSABLE

_LINE = re.compile(
    r"""(?P<indent>\s*)(
        [%!]\S.*                                # %matplotlib inline, !pip install
      | [\w\s,.\[\]]+=\s*[%!]\S.*               # files = !ls
      | \?{1,2}[\w.]+ | [\w.]+\?{1,2}           # ?np.sum, np.sum??
      | (pip|conda|mamba|uv)\s+\w.*             # pip install, which a notebook takes as %pip
    )\s*""",
    re.VERBOSE,
)
_CELL = re.compile(r"\s*%%(?P<name>\w+)")
_RUN_PYTHON = {"time", "timeit", "capture", "prun", "memit", "mprun"}


class NotPythonError(Exception):
    """The cell is handed to something else; the argument is its magic, e.g. ``%%bash``."""


def without_magics(source: str) -> str:
    """Return the cell with magics and shell lines replaced by ``pass``, so that lines keep their numbers.

    Only lines at which Python itself stops are touched: a line that starts with ``%`` may continue an expression.

    Raises
    ------
    NotPythonError
        If a cell magic hands the whole cell to something else.
    """
    lines = source.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if match := _CELL.match(lines[first]):
        if match["name"] not in _RUN_PYTHON:
            raise NotPythonError(f"%%{match['name']}")
        lines[first] = ""
    while True:
        try:
            ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = (error.lineno or 0) - 1
            if not 0 <= number < len(lines) or not _drop(lines, number):
                return "\n".join(lines)
        except UNPARSABLE:
            return "\n".join(lines)
        else:
            return "\n".join(lines)


def _drop(lines: list[str], number: int) -> bool:
    match = _LINE.fullmatch(lines[number])
    if not match:
        return False
    goes_on = lines[number].endswith("\\")
    lines[number] = f"{match['indent']}pass"
    while goes_on and number + 1 < len(lines):
        number += 1
        goes_on = lines[number].endswith("\\")
        lines[number] = ""
    return True
