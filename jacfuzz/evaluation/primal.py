"""f alone at many rows: what finite differences ask for."""

from __future__ import annotations

import contextlib
import math

import numpy as np

from jacfuzz.evaluation.compiled import Compiled, compiled
from jacfuzz.evaluation.evaluate import pair_of, quiet
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.hosted import DiedError, host_of
from jacfuzz.evaluation.proof import proof_of
from jacfuzz.evaluation.worker import NotAnArrayError, give, primal_rows, swift_rows, take
from jacfuzz.target import Target


class Primal:
    """f as a function of rows: ``primal(rows, index) -> (B, m)``, NaN where f raises or changes its shape.

    Parameters
    ----------
    target
        Whose f.
    frame
        Shapes of the arguments.
    origin
        The batch the rows vary around; arguments that do not vary are taken from it.
    shape
        Shape of f's result at these points; ``size`` is the number m of its cells.
    """

    def __init__(self, target: Target, frame: Frame, origin: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> None:
        self._target = target
        self._frame = frame
        self._origin = origin
        self._shape = shape
        self.size = math.prod(shape)
        self._host = host_of(target)
        self._compiled, self._proven = target.array_type == "jax", False

    def __call__(self, rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Evaluate f at rows (B, N); row b belongs to point ``index[b]`` of the batch.

        Raises
        ------
        DiedError
            If f ends the process that hosts it, with the number of the point.
        """
        values = self._frame.values(rows, self._origin, index)
        if self._host is not None:
            try:
                return self._host.primals(values, self._shape)
            except DiedError as error:
                raise DiedError(error.problem, int(index[error.row])) from None
        if self._compiled:
            known = self._proven or proof_of(self._target).agreed
            result = (unproven if known else batched)(self._target, values, self._shape)
            if result is not None:
                self._proven = True
                return result
            self._compiled = False
        return _one_by_one(self._target, values, self._shape)

    def at_complex(self, rows: np.ndarray, index: np.ndarray) -> np.ndarray | None:
        """Evaluate f at complex rows (B, N); None where its code does not take them, or lives elsewhere."""
        pair = pair_of(self._target)
        if self._host is not None or set(pair.kinds) != {"numpy"}:
            return None
        with quiet():
            return swift_rows(pair, self._frame.values(rows, self._origin, index), self._shape, complex)


def _one_by_one(target: Target, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray:
    pair = pair_of(target)
    with quiet():
        rows = swift_rows(pair, values, shape) if set(pair.kinds) == {"numpy"} else None
        if rows is not None:
            return rows
        return np.array(list(primal_rows(pair, values, shape))).reshape(len(values[0]), math.prod(shape))


def batched(target: Target, values: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> np.ndarray | None:
    """Evaluate jax code at K points in one call, rows (K, m); None where it cannot be batched or answers otherwise."""
    result = unproven(target, values, shape)
    if result is None:
        return None
    probe = _one_by_one(target, tuple(value[:1] for value in values), shape)
    return result if np.allclose(result[:1], probe, rtol=1e-9, atol=0, equal_nan=True) else None


def unproven(
    target: Target, values: tuple[np.ndarray, ...], shape: tuple[int, ...], f: Compiled | None = None
) -> np.ndarray | None:
    """Do as ``batched``, without a call of f as its author calls it; with another f at many points if that is given."""
    try:
        with quiet():
            cells = max(math.prod(shape), sum(value[0].size for value in values))
            result = np.asarray((f or compiled(target, "f"))(values, cells))
    except (Exception, SystemExit):  # not traceable; one by one then
        return None
    return result.reshape(len(result), -1).astype(float) if result.shape[1:] == shape else None


def result_shape(target: Target, point: tuple[np.ndarray, ...]) -> tuple[int, ...] | None:
    """Return the shape that f gives at a point; None where it gives no array. Of jax code nothing is compiled."""
    pair = pair_of(target)
    with quiet():
        if target.array_type == "jax":
            import jax

            with contextlib.suppress(Exception, SystemExit):  # not traceable
                return tuple(jax.eval_shape(target.f, *point).shape)
        with contextlib.suppress(NotAnArrayError, *pair.caught):
            return take(target.f(*map(give, point, pair.kinds))).shape
    return None
