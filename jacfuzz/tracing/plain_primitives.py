"""jax's primitives that NumPy computes to the same bits: IEEE 754 rounds them in one way only, or they round nothing.

They spare the recorder jax's dispatch, and the compilation of each for each shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.tracing.gathering import gathered, numbers_along

Plain: TypeAlias = Callable[[list[Any], dict[str, Any]], Any]
"""Takes a primitive's operands and parameters; returns its result, or all if it may have several."""

_EXACT_SIZES = {"b": (1,), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (8,)}


def plain_primitive(name: str, dtypes: Sequence[Any]) -> Plain | None:
    """Return what a primitive does, by NumPy; None where jax has to do it.

    Parameters
    ----------
    name
        The primitive.
    dtypes
        Of its operands.
    """
    simple = all(getattr(dtype, "itemsize", 0) in _EXACT_SIZES.get(getattr(dtype, "kind", ""), ()) for dtype in dtypes)
    whole = any(getattr(dtype, "kind", "") in "iu" for dtype in dtypes)
    return _BY_NUMPY.get(name) if simple and not (whole and name in _ROUNDED_OTHERWISE) else None


def _elementwise(work: Callable[..., Any]) -> Plain:
    return lambda operands, parameters: work(*operands)


def _placed(operands: list[Any], parameters: Mapping[str, Any]) -> Any:
    axes, shape = parameters["broadcast_dimensions"], [1] * len(parameters["shape"])
    for axis, size in zip(axes, operands[0].shape, strict=True):
        shape[axis] = size
    in_order = operands[0].transpose(sorted(range(len(axes)), key=axes.__getitem__))
    return np.broadcast_to(in_order.reshape(shape), parameters["shape"])


def _slices(parameters: Mapping[str, Any]) -> tuple[slice, ...]:
    starts, stops = parameters["start_indices"], parameters["limit_indices"]
    return tuple(map(slice, starts, stops, parameters["strides"] or [1] * len(starts)))


def _parted(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    return np.split(operands[0], np.cumsum(parameters["sizes"])[:-1], axis=parameters["axis"])


def padded(operands: list[Any], parameters: Mapping[str, Any]) -> Any:
    """Return an array with numbers before, after and between; fewer than none before or after cut something off."""
    operand, value = operands
    before, after, between = np.array(parameters["padding_config"], int).reshape(-1, 3).T
    spread = np.full([max(0, size + gap * (size - 1)) for size, gap in zip(operand.shape, between, strict=True)], value)
    spread[tuple(slice(None, None, gap + 1) for gap in between)] = operand
    widened = np.pad(spread, np.maximum(np.stack([before, after], axis=1), 0), constant_values=value)
    ends = zip(before, after, widened.shape, strict=True)
    return widened[tuple(slice(max(0, -low), size - max(0, -high)) for low, high, size in ends)]


def _sorted(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    axis, keys = parameters["dimension"], operands[: parameters["num_keys"]]
    order = np.lexsort(keys[::-1], axis=axis)
    return [np.take_along_axis(operand, order, axis) for operand in operands]


def _counted(operands: list[Any], parameters: Mapping[str, Any]) -> Any:
    shape, axis = parameters["shape"], parameters["dimension"]
    return np.broadcast_to(numbers_along(axis, len(shape), shape[axis]), shape).astype(parameters["dtype"])


_ROUNDED_OTHERWISE = ("div", "sign", "sqrt")
_BY_NUMPY: dict[str, Plain] = {
    "broadcast_in_dim": _placed,
    "iota": _counted,
    "reshape": lambda operands, parameters: operands[0].reshape(parameters["new_sizes"]),
    "squeeze": lambda operands, parameters: np.squeeze(operands[0], tuple(parameters["dimensions"])),
    "expand_dims": lambda operands, parameters: np.expand_dims(operands[0], tuple(parameters["dimensions"])),
    "transpose": lambda operands, parameters: np.transpose(operands[0], parameters["permutation"]),
    "rev": lambda operands, parameters: np.flip(operands[0], tuple(parameters["dimensions"])),
    "split": _parted,
    "gather": gathered,
    "sort": _sorted,
    "pad": padded,
    "concatenate": lambda operands, parameters: np.concatenate(operands, axis=parameters["dimension"]),
    "slice": lambda operands, parameters: operands[0][_slices(parameters)],
    "select_n": lambda operands, parameters: np.choose(operands[0].astype(int), operands[1:]),
    "convert_element_type": lambda operands, parameters: operands[0].astype(parameters["new_dtype"]),
    "reduce_max": lambda operands, parameters: np.max(operands[0], axis=tuple(parameters["axes"])),
    "reduce_min": lambda operands, parameters: np.min(operands[0], axis=tuple(parameters["axes"])),
    "reduce_and": lambda operands, parameters: np.all(operands[0], axis=tuple(parameters["axes"])),
    "reduce_or": lambda operands, parameters: np.any(operands[0], axis=tuple(parameters["axes"])),
    "clamp": lambda operands, parameters: np.minimum(np.maximum(operands[1], operands[0]), operands[2]),
    "copy": _elementwise(np.array),
    "stop_gradient": _elementwise(np.asarray),
    "square": _elementwise(np.square),
    **dict.fromkeys(("add", "add_any"), _elementwise(np.add)),
    "sub": _elementwise(np.subtract),
    "mul": _elementwise(np.multiply),
    "div": _elementwise(np.divide),
    "neg": _elementwise(np.negative),
    "max": _elementwise(np.maximum),
    "min": _elementwise(np.minimum),
    "abs": _elementwise(np.abs),
    "sign": _elementwise(np.sign),
    "sqrt": _elementwise(np.sqrt),
    "floor": _elementwise(np.floor),
    "ceil": _elementwise(np.ceil),
    "gt": _elementwise(np.greater),
    "ge": _elementwise(np.greater_equal),
    "lt": _elementwise(np.less),
    "le": _elementwise(np.less_equal),
    "eq": _elementwise(np.equal),
    "ne": _elementwise(np.not_equal),
    "and": _elementwise(np.bitwise_and),
    "or": _elementwise(np.bitwise_or),
    "xor": _elementwise(np.bitwise_xor),
    "not": _elementwise(np.invert),
}
