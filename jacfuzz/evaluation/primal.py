"""f alone at many rows: what finite differences ask for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from jacfuzz.evaluation.arrays import give, take
from jacfuzz.evaluation.evaluate import array_types, quiet
from jacfuzz.evaluation.frame import Frame, pad
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
        self.size = int(np.prod(shape))
        self._compiled = target.array_type == "jax"

    def __call__(self, rows: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Evaluate f at rows (B, N); row b belongs to point ``index[b]`` of the batch."""
        values = self._frame.values(rows, self._origin, index)
        if self._compiled:
            result = self._batched(values)
            if result is not None:
                return result
            self._compiled = False
        return self._one_by_one(values)

    def _one_by_one(self, values: tuple[np.ndarray, ...]) -> np.ndarray:
        kinds = array_types(self._target)
        result = np.full((len(values[0]), self.size), np.nan)
        with quiet():
            for index in range(len(result)):
                try:
                    primal = take(
                        self._target.f(*[give(value[index], kind) for value, kind in zip(values, kinds, strict=True)])
                    )
                except (Exception, SystemExit):  # outside f's domain: NaN says so
                    continue
                if primal.shape == self._shape and primal.dtype.kind != "c":
                    result[index] = primal.reshape(-1)
        return result

    def _batched(self, values: tuple[np.ndarray, ...]) -> np.ndarray | None:
        """Evaluate jax code at all rows in one call; None where it cannot be batched or answers otherwise."""
        count = len(values[0])
        try:
            with quiet():
                result = np.asarray(_vmapped(self._target.f)(*pad(values)))[:count]
        except (Exception, SystemExit):  # not traceable; one by one then
            return None
        if result.shape[1:] != self._shape:
            return None
        result = result.reshape(count, -1).astype(float)
        probe = self._one_by_one(tuple(value[:1] for value in values))
        return result if np.allclose(result[:1], probe, rtol=1e-9, atol=0, equal_nan=True) else None


@functools.lru_cache(maxsize=64)
def _vmapped(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    return jax.jit(jax.vmap(function))
