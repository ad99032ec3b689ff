"""Run untouched NumPy and plain Python code, and note every residual: a number that is zero on a boundary of the code.

The arguments are recorded values (``recorded.py``); what would strip the record has twins in the function's globals
(``twins.py``). What cannot be looked into is named in ``Recording.unseen``.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jacfuzz.tracing.reach import imports
from jacfuzz.tracing.rebind import rebind
from jacfuzz.tracing.recorded import is_recorded, plain, recorded
from jacfuzz.tracing.residuals import OTHERWISE, Outlines, Recording, blind, logging
from jacfuzz.tracing.twins import RecordedFloat, total, transparent, twin_function, twin_module


class Recorder:
    """A function, ready to be recorded at many inputs.

    Parameters
    ----------
    function
        Plain Python code over NumPy, or plain Python numbers. Anything else is run and said to be unseen.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._strips: bool | None = None
        self._differs: bool | None = None
        self._outlines = Outlines()
        self._twin = rebind(function, twin_module, twin_function, {"float": RecordedFloat, "sum": total})
        self._hidden = [f"import {name} within the code" for name in imports(function) if not transparent(name)]
        of_numpy = getattr(np, getattr(function, "__name__", ""), None) is function
        if not isinstance(function, types.FunctionType) and not of_numpy:
            self._hidden.append(f"a function of type {type(function).__name__}")

    def __call__(self, arguments: Sequence[Any]) -> Recording:
        """Run the function on copies of the arguments (arrays or Python numbers) and note its residuals.

        It warns where the function does.
        """
        given = [recorded(argument.copy() if isinstance(argument, np.ndarray) else argument) for argument in arguments]
        with logging(self._outlines) as log:
            for what in self._hidden:
                blind(what)
            try:
                result = self._twin(*given)
            except Exception as error:
                return log.recording(None, error)
            if not is_recorded(result) and self._varies(arguments, result):
                blind("a result without its record")
            if self._changes(arguments, plain(result)):
                blind(OTHERWISE)
            return log.recording(plain(result), None)

    def _changes(self, arguments: Sequence[Any], result: Any) -> bool:
        """Whether the function itself gives another result, tried once: code may ask for the very type of an array."""
        if self._differs is None:
            given = [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in arguments]
            self._differs = not self._gives(given, result)
        return self._differs

    def _varies(self, arguments: Sequence[Any], result: Any) -> bool:
        """Whether a result without record depends on the arguments after all, so that something dropped the record."""
        if self._strips is None:
            moved = [argument + 1.0 for argument in arguments]
            self._strips = not self._gives(moved, result) and not self._keeps(moved)
        return self._strips

    def _keeps(self, arguments: Sequence[Any]) -> bool:
        """Whether the result has its record at other arguments: here it may be a number of the code."""
        try:
            return is_recorded(self._twin(*map(recorded, arguments)))
        except Exception:  # strangers' code
            return False

    def _gives(self, arguments: Sequence[Any], result: Any) -> bool:
        try:
            return _same(self._function(*arguments), result)
        except Exception:  # strangers' code; what raises gives something else
            return False


def record(function: Callable[..., Any], arguments: Sequence[Any]) -> Recording:
    """Run a function once and return its value, the residuals on its way, and what could not be looked into.

    Parameters
    ----------
    function
        Plain Python code over NumPy or Python numbers; it is not changed.
    arguments
        One array or number per argument; they are copied.

    Examples
    --------
    >>> recording = record(lambda x: np.maximum(x - 3, 0), [np.array([1.0, 5.0])])
    >>> recording.residuals
    array([-2.,  2.])
    """
    with np.errstate(all="ignore"):
        return Recorder(function)(arguments)


def _same(first: Any, second: Any) -> bool:
    """Whether two results are equal to the bit, in every array of a tuple or list."""
    if isinstance(first, (tuple, list)) and isinstance(second, (tuple, list)):
        return len(first) == len(second) and all(map(_same, first, second))
    one, other = np.asarray(first), np.asarray(second)
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()
