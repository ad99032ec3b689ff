"""XLA's gather, by NumPy: windows of an array whose corners are given by numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_FILLING = "FILL_OR_DROP"


def gathered(operands: list[Any], parameters: Mapping[str, Any]) -> np.ndarray:
    """Return a window of an array for every corner; one that would reach beyond it is moved inside, or filled in.

    Parameters
    ----------
    operands
        The array, and corners along the last axis of an array of whole numbers.
    parameters
        Those of jax's primitive; see "Gather" in XLA's "Operation Semantics" for the meaning of dimension numbers.
    """
    array, corners = operands
    numbers, sizes = parameters["dimension_numbers"], parameters["slice_sizes"]
    batch = corners.shape[:-1]
    starts = np.zeros((array.ndim, *batch), int)
    for number, axis in enumerate(numbers.start_index_map):
        starts[axis] = corners[..., number]
    for axis, along in zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True):
        starts[axis] = numbers_along(along, len(batch), batch[along])
    last = np.subtract(array.shape, sizes).reshape(-1, *[1] * len(batch))
    inside = ((starts >= 0) & (starts <= last)).all(axis=0)
    left_out = (*numbers.collapsed_slice_dims, *numbers.operand_batching_dims)
    kept = [axis for axis in range(array.ndim) if axis not in left_out]
    places = [np.expand_dims(start, numbers.offset_dims) for start in np.clip(starts, 0, last)]
    for axis, along in zip(kept, numbers.offset_dims, strict=True):
        places[axis] = places[axis] + numbers_along(along, places[axis].ndim, sizes[axis])
    found: np.ndarray = array[tuple(places)]
    if getattr(parameters["mode"], "name", "") != _FILLING or inside.all():
        return found
    return np.where(np.expand_dims(inside, numbers.offset_dims), found, _filler(array.dtype, parameters["fill_value"]))


def numbers_along(axis: int, rank: int, size: int) -> np.ndarray:
    """Return 0, 1, 2 and so on along one of several axes."""
    return np.arange(size).reshape([-1 if other == axis else 1 for other in range(rank)])


def _filler(dtype: np.dtype[Any], stated: Any) -> Any:
    """What jax gives for entries that are not there."""
    if stated is None:
        stated = {"f": np.nan, "b": True}.get(dtype.kind)
    if stated is None:
        stated = np.iinfo(dtype).max if dtype.kind == "u" else np.iinfo(dtype).min
    return dtype.type(stated)
