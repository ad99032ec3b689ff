"""What jax's primitives mean on object arrays of dual numbers.

Every rule takes the operands and the primitive's parameters and gives one array or a list of them. Floats are object
arrays of dual numbers, integers and truth values plain arrays.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.tracing import exact_linalg, plain_primitives
from jacfuzz.tracing.duals import Dual
from jacfuzz.tracing.exact_numbers import InexactError

Rule: TypeAlias = Callable[[list[Any], dict[str, Any]], Any]


def is_exact(value: Any) -> bool:
    """Whether an array holds dual numbers."""
    return isinstance(value, Dual) or getattr(getattr(value, "dtype", None), "kind", "") == "O"


def elementwise(function: Callable[..., Any]) -> Rule:
    """Rule of a function of numbers."""

    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        return np.asarray(np.frompyfunc(function, len(operands), 1)(*operands), dtype=object)

    return rule


def compared(compare: Callable[[Any, Any], bool], of_itself: bool) -> Rule:
    """Rule of a comparison; a number compared with itself (a test for NaN) is no tie."""

    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        first, second = operands
        if first is second:
            return np.full(np.shape(first), of_itself)
        return np.asarray(np.frompyfunc(compare, 2, 1)(first, second), dtype=bool)

    return rule


def reduced(reduce: Callable[..., Any]) -> Rule:
    """Rule of a reduction along axes."""
    return lambda operands, parameters: reduce(operands[0], axis=parameters["axes"])


def cumulated(accumulate: Callable[..., Any]) -> Rule:
    """Rule of what is accumulated along an axis, from either end."""

    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        axis = parameters["axis"]
        if parameters["reverse"]:
            return np.flip(accumulate(np.flip(operands[0], axis), axis=axis), axis)
        return accumulate(operands[0], axis=axis)

    return rule


def place_of(which: Callable[..., Any]) -> Rule:
    """Rule of where the winner stands along an axis."""
    return lambda operands, parameters: which(operands[0], axis=parameters["axes"][0])


def integer_pow(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Power by a whole number."""
    return operands[0] ** parameters["y"]


def converted(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Another dtype."""
    operand, dtype = operands[0], np.dtype(parameters["new_dtype"])
    if dtype.kind == "b":
        return np.asarray(operand != 0, bool)
    if dtype.kind in "iu":
        return np.asarray(np.frompyfunc(lambda x: int(x.trunc().value), 1, 1)(operand)).astype(dtype)
    return operand


def chosen(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Entries of several arrays, as another one says."""
    which, *cases = operands
    return np.asarray(np.choose(np.asarray(which).astype(int), cases), dtype=object)


def clamped(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Numbers kept between two others."""
    low, operand, high = operands
    return np.minimum(np.maximum(operand, low), high)


def padded(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Frame around an array."""
    operand, filler = operands
    numbers = np.arange(1, operand.size + 1).reshape(operand.shape)
    places = plain_primitives.padded([numbers, 0], parameters)
    return np.concatenate([np.asarray(filler).reshape(1), operand.reshape(-1)])[places]


def updated(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Part of an array replaced."""
    operand, update, *starts = operands
    sizes = zip(starts, operand.shape, update.shape, strict=True)
    corner = [min(max(int(start), 0), whole - part) for start, whole, part in sizes]
    result = operand.copy()
    result[tuple(slice(first, first + part) for first, part in zip(corner, update.shape, strict=True))] = update
    return result


def scattered(join: Callable[[Any, Any], Any]) -> Rule:
    """Find out by jax where each update goes, then put it there."""

    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        import jax

        operand, indices, updates = operands
        plain = parameters | {"update_jaxpr": None, "update_consts": ()}
        result = operand.copy().reshape(-1)
        for number, update in enumerate(updates.reshape(-1)):
            one = (np.arange(updates.size) == number).astype(int).reshape(updates.shape)
            landed = jax.lax.scatter_add_p.bind(np.zeros(operand.shape, int), np.asarray(indices), one, **plain)
            for place in np.flatnonzero(np.asarray(landed)):
                result[place] = join(result[place], update)
        return result.reshape(operand.shape)

    return rule


def in_order(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Sort by one key, others with it."""
    if parameters["num_keys"] != 1:
        raise InexactError("sorting by several keys")
    axis = parameters["dimension"]
    order = np.argsort(operands[0], axis=axis, kind="stable")
    return [np.take_along_axis(operand, order, axis) for operand in operands]


def largest(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Largest entries and their places."""
    order = np.argsort(-operands[0], axis=-1, kind="stable")[..., : parameters["k"]]
    return [np.take_along_axis(operands[0], order, -1), order.astype(np.int32)]


def contracted(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Product of arrays, summed over some axes."""
    (left, right), (left_batch, right_batch) = parameters["dimension_numbers"]
    first, second = operands
    names = [chr(ord("a") + axis) for axis in range(first.ndim + second.ndim)]
    here, there = names[: first.ndim], names[first.ndim :]
    for one, two in zip((*left, *left_batch), (*right, *right_batch), strict=True):
        there[two] = here[one]
    free = [here[axis] for axis in range(first.ndim) if axis not in (*left, *left_batch)]
    free += [there[axis] for axis in range(second.ndim) if axis not in (*right, *right_batch)]
    result = "".join([here[axis] for axis in left_batch] + free)
    return np.einsum(f"{''.join(here)},{''.join(there)}->{result}", first, second)


def convolved(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Gather the patch under every window position by an index array, then multiply."""
    import jax

    numbers = parameters["dimension_numbers"]
    signal, kernel = np.transpose(operands[0], numbers.lhs_spec), np.transpose(operands[1], numbers.rhs_spec)
    if parameters["feature_group_count"] != 1 or parameters["batch_group_count"] != 1 or max(signal.shape[:2]) != 1:
        raise InexactError("a convolution of several channels")
    patches = jax.lax.conv_general_dilated_patches(
        (1.0 + np.arange(signal.size)).reshape(signal.shape),
        kernel.shape[2:],
        parameters["window_strides"],
        parameters["padding"],
        parameters["lhs_dilation"],
        parameters["rhs_dilation"],
    )
    flat = signal.reshape(-1)
    windows = np.concatenate([flat[:1] * 0, flat])[np.asarray(patches).astype(int)][0]
    result = np.tensordot(kernel.reshape(len(kernel), -1), windows, (1, 0))[None]
    return np.transpose(result, np.argsort(numbers.out_spec))


def under_windows(shape: tuple[int, ...], parameters: dict[str, Any]) -> np.ndarray:
    """Return the numbers of the entries under each position of a window, -1 where it reaches beyond.

    Raises
    ------
    InexactError
        If the window has holes.
    """
    if set(parameters["base_dilation"]) | set(parameters["window_dilation"]) != {1}:
        raise InexactError("a window with holes")
    numbers = np.arange(math.prod(shape)).reshape(shape)
    numbers = np.pad(numbers, parameters["padding"], constant_values=-1)
    steps = tuple(slice(None, None, step) for step in parameters["window_strides"])
    return np.lib.stride_tricks.sliding_window_view(numbers, parameters["window_dimensions"])[steps]


def windowed(join: Callable[[Any, Any], Any]) -> Rule:
    """Join the numbers under each position of a window; padding holds none."""

    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        operand = operands[0]
        places = under_windows(operand.shape, parameters)
        result = np.empty(places.shape[: operand.ndim], dtype=object)
        for position in np.ndindex(result.shape):
            under = places[position].reshape(-1)
            result[position] = functools.reduce(join, operand.reshape(-1)[under[under >= 0]])
        return result

    return rule


def substituted(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Solve a triangular system."""
    triangle, right = operands
    lower = parameters["lower"]
    if parameters["transpose_a"]:
        triangle, lower = triangle.T, not lower
    if parameters["left_side"]:
        return exact_linalg.substituted(triangle, right, lower, parameters["unit_diagonal"])
    return exact_linalg.substituted(triangle.T, right.T, not lower, parameters["unit_diagonal"]).T


def cumulated_exponentials(operands: list[Any], parameters: dict[str, Any]) -> Any:
    """Logarithms of the sums of exponentials so far."""
    exponentials = elementwise(lambda x: x.exp())(operands, {})
    return elementwise(lambda x: x.log())([cumulated(np.cumsum)([exponentials], parameters)], {})
