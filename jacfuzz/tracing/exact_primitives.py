"""What jax's primitives mean on object arrays of dual numbers.

Every rule takes the operands and the primitive's parameters and gives one array or a list of them. Floats are object
arrays of dual numbers, integers and truth values plain arrays.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.tracing.duals import Dual
from jacfuzz.tracing.exact_linalg import factored, substituted, triangular_root
from jacfuzz.tracing.exact_numbers import ELEMENTARY, InexactError

Rule: TypeAlias = Callable[[list[Any], dict[str, Any]], Any]


def is_exact(value: Any) -> bool:
    """Whether an array holds dual numbers."""
    return isinstance(value, Dual) or getattr(getattr(value, "dtype", None), "kind", "") == "O"


def elementwise(function: Callable[..., Any]) -> Rule:
    """Rule of a function of numbers."""

    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        return np.asarray(np.frompyfunc(function, len(operands), 1)(*operands), dtype=object)

    return rule


def _compared(compare: Callable[[Any, Any], bool], of_itself: bool) -> Rule:
    """Rule of a comparison; a number compared with itself (a test for NaN) is no tie."""

    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        first, second = operands
        if first is second:
            return np.full(np.shape(first), of_itself)
        return np.asarray(np.frompyfunc(compare, 2, 1)(first, second), dtype=bool)

    return rule


def _reduced(reduce: Callable[..., Any]) -> Rule:
    return lambda operands, parameters: reduce(operands[0], axis=parameters["axes"])


def _cumulated(accumulate: Callable[..., Any]) -> Rule:
    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        axis = parameters["axis"]
        if parameters["reverse"]:
            return np.flip(accumulate(np.flip(operands[0], axis), axis=axis), axis)
        return accumulate(operands[0], axis=axis)

    return rule


def _argument(which: Callable[..., Any]) -> Rule:
    return lambda operands, parameters: which(operands[0], axis=parameters["axes"][0])


def _integer_pow(operands: list[Any], parameters: dict[str, Any]) -> Any:
    return operands[0] ** parameters["y"]


def _converted(operands: list[Any], parameters: dict[str, Any]) -> Any:
    operand, dtype = operands[0], np.dtype(parameters["new_dtype"])
    if dtype.kind == "b":
        return np.asarray(operand != 0, bool)
    if dtype.kind in "iu":
        return np.asarray(np.frompyfunc(lambda x: int(x.trunc().value), 1, 1)(operand)).astype(dtype)
    return operand


def _chosen(operands: list[Any], parameters: dict[str, Any]) -> Any:
    which, *cases = operands
    return np.asarray(np.choose(np.asarray(which).astype(int), cases), dtype=object)


def _clamped(operands: list[Any], parameters: dict[str, Any]) -> Any:
    low, operand, high = operands
    return np.minimum(np.maximum(operand, low), high)


def _padded(operands: list[Any], parameters: dict[str, Any]) -> Any:
    import jax

    operand, filler = operands
    numbers = np.arange(1, operand.size + 1).reshape(operand.shape)
    places = np.asarray(jax.lax.pad(numbers, 0, parameters["padding_config"]))
    return np.concatenate([np.asarray(filler).reshape(1), operand.reshape(-1)])[places]


def _updated(operands: list[Any], parameters: dict[str, Any]) -> Any:
    operand, update, *starts = operands
    sizes = zip(starts, operand.shape, update.shape, strict=True)
    corner = [min(max(int(start), 0), whole - part) for start, whole, part in sizes]
    result = operand.copy()
    result[tuple(slice(first, first + part) for first, part in zip(corner, update.shape, strict=True))] = update
    return result


def _scattered(join: Callable[[Any, Any], Any]) -> Rule:
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


def _sorted(operands: list[Any], parameters: dict[str, Any]) -> Any:
    if parameters["num_keys"] != 1:
        raise InexactError("sorting by several keys")
    axis = parameters["dimension"]
    order = np.argsort(operands[0], axis=axis, kind="stable")
    return [np.take_along_axis(operand, order, axis) for operand in operands]


def _largest(operands: list[Any], parameters: dict[str, Any]) -> Any:
    order = np.argsort(-operands[0], axis=-1, kind="stable")[..., : parameters["k"]]
    return [np.take_along_axis(operands[0], order, -1), order.astype(np.int32)]


def _contracted(operands: list[Any], parameters: dict[str, Any]) -> Any:
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


def _convolved(operands: list[Any], parameters: dict[str, Any]) -> Any:
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


def _windowed(join: Callable[[Any, Any], Any]) -> Rule:
    """Join the numbers under each position of a window; padding holds none."""

    def rule(operands: list[Any], parameters: dict[str, Any]) -> Any:
        if set(parameters["base_dilation"]) | set(parameters["window_dilation"]) != {1}:
            raise InexactError("a window with holes")
        operand = operands[0]
        numbers = np.arange(operand.size).reshape(operand.shape)
        numbers = np.pad(numbers, parameters["padding"], constant_values=-1)
        window = parameters["window_dimensions"]
        steps = tuple(slice(None, None, step) for step in parameters["window_strides"])
        places = np.lib.stride_tricks.sliding_window_view(numbers, window)[steps]
        result = np.empty(places.shape[: operand.ndim], dtype=object)
        for position in np.ndindex(result.shape):
            under = places[position].reshape(-1)
            result[position] = functools.reduce(join, operand.reshape(-1)[under[under >= 0]])
        return result

    return rule


def _substituted(operands: list[Any], parameters: dict[str, Any]) -> Any:
    triangle, right = operands
    lower = parameters["lower"]
    if parameters["transpose_a"]:
        triangle, lower = triangle.T, not lower
    if parameters["left_side"]:
        return substituted(triangle, right, lower, parameters["unit_diagonal"])
    return substituted(triangle.T, right.T, not lower, parameters["unit_diagonal"]).T


def _cumulated_exponentials(operands: list[Any], parameters: dict[str, Any]) -> Any:
    exponentials = RULES["exp"](operands, {})
    return RULES["log"]([RULES["cumsum"]([exponentials], parameters)], {})


def _method(name: str) -> Rule:
    return elementwise(lambda x: getattr(x, name)())


RULES: dict[str, Rule] = {name: _method(name) for name in (*ELEMENTARY, "sqrt", "floor", "ceil")}
RULES |= {f"a{name}": _method(f"arc{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
RULES |= {name: elementwise(operator.add) for name in ("add", "add_any")}
RULES |= {
    "sub": elementwise(operator.sub),
    "mul": elementwise(operator.mul),
    "div": elementwise(operator.truediv),
    "neg": elementwise(operator.neg),
    "abs": elementwise(abs),
    "pow": elementwise(operator.pow),
    "integer_pow": _integer_pow,
    "square": elementwise(lambda x: x * x),
    "rsqrt": elementwise(lambda x: x.sqrt().reciprocal()),
    "atan2": elementwise(lambda y, x: y.arctan2(x)),
    "sign": elementwise(lambda x: x * 0 + ((x > 0) - (x < 0))),
    "rem": elementwise(lambda x, y: x - y * (x / y).trunc()),
    "max": elementwise(lambda x, y: x if x >= y else y),
    "min": elementwise(lambda x, y: x if x <= y else y),
    "eq": _compared(operator.eq, True),
    "ne": _compared(operator.ne, False),
    "lt": _compared(operator.lt, False),
    "lt_to": _compared(operator.lt, False),
    "le": _compared(operator.le, True),
    "le_to": _compared(operator.le, True),
    "gt": _compared(operator.gt, False),
    "ge": _compared(operator.ge, True),
    "is_finite": lambda operands, parameters: np.ones(np.shape(operands[0]), bool),
    "convert_element_type": _converted,
    "select_n": _chosen,
    "clamp": _clamped,
    "stack": lambda operands, parameters: np.stack(operands, axis=parameters["axis"]),
    "concatenate": lambda operands, parameters: np.concatenate(operands, axis=parameters["dimension"]),
    "pad": _padded,
    "dynamic_update_slice": _updated,
    "scatter": _scattered(lambda old, new: new),
    "scatter-add": _scattered(operator.add),
    "scatter-mul": _scattered(operator.mul),
    "reduce_sum": _reduced(np.sum),
    "reduce_prod": _reduced(np.prod),
    "reduce_max": _reduced(np.max),
    "reduce_min": _reduced(np.min),
    "argmax": _argument(np.argmax),
    "argmin": _argument(np.argmin),
    "cumsum": _cumulated(np.cumsum),
    "cumprod": _cumulated(np.cumprod),
    "cummax": _cumulated(np.maximum.accumulate),
    "cummin": _cumulated(np.minimum.accumulate),
    "cumlogsumexp": _cumulated_exponentials,
    "reduce_window_max": _windowed(lambda x, y: x if x >= y else y),
    "reduce_window_min": _windowed(lambda x, y: x if x <= y else y),
    "reduce_window_sum": _windowed(operator.add),
    "sort": _sorted,
    "top_k": _largest,
    "dot_general": _contracted,
    "conv_general_dilated": _convolved,
    "lu": lambda operands, parameters: factored(operands[0]),
    "cholesky": lambda operands, parameters: triangular_root(operands[0]),
    "triangular_solve": _substituted,
}
