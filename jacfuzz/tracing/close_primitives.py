"""More of jax's primitives that NumPy and SciPy compute: sums and elementary functions, whose last digits may differ.

For whoever needs a derivative of f at a few points and not f's own bits: none of it has to be compiled.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.special

from jacfuzz.tracing.operations import canonical
from jacfuzz.tracing.plain_primitives import Plain, plain_primitive

_ELEMENTARY = """
exp exp2 expm1 log log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh logistic erf erfc cbrt pow
"""


def close_primitive(name: str, dtypes: Sequence[Any]) -> Plain | None:
    """Return what a primitive does, to the last digits; None where jax has to do it.

    Parameters
    ----------
    name
        The primitive.
    dtypes
        Of its operands.
    """
    exact = plain_primitive(name, dtypes)
    double = all(np.dtype(dtype) in (np.float64, np.int64) for dtype in dtypes if isinstance(dtype, np.dtype))
    return _CLOSE.get(name) if exact is None and double else exact


def _elementary(name: str) -> Plain:
    function = getattr(np, canonical(name), None) or getattr(scipy.special, canonical(name))
    return lambda operands, parameters: function(*operands)


def _reduced(function: np.ufunc) -> Plain:
    return lambda operands, parameters: function.reduce(operands[0], axis=tuple(parameters["axes"]))


def _accumulated(function: np.ufunc) -> Plain:
    def work(operands: list[Any], parameters: Mapping[str, Any]) -> Any:
        axis = parameters["axis"]
        if not parameters["reverse"]:
            return function.accumulate(operands[0], axis=axis)
        return np.flip(function.accumulate(np.flip(operands[0], axis), axis=axis), axis)

    return work


def _contracted(operands: list[Any], parameters: Mapping[str, Any]) -> Any:
    (left_summed, right_summed), (left_shared, right_shared) = parameters["dimension_numbers"]
    left, right = operands
    names = iter(string.ascii_letters)
    of_left = [next(names) for _ in range(left.ndim)]
    of_right = [next(names) for _ in range(right.ndim)]
    for one, other in (*zip(left_summed, right_summed, strict=True), *zip(left_shared, right_shared, strict=True)):
        of_right[other] = of_left[one]
    shared = [of_left[axis] for axis in left_shared]
    kept = [name for name in (*of_left, *of_right) if (name in of_left) != (name in of_right)]
    return np.einsum(f"{''.join(of_left)},{''.join(of_right)}->{''.join(shared + kept)}", left, right, optimize=True)


def _sorted(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    axis, keys = parameters["dimension"], operands[: parameters["num_keys"]]
    order = np.lexsort(keys[::-1], axis=axis)
    return [np.take_along_axis(operand, order, axis) for operand in operands]


_CLOSE: dict[str, Plain] = {
    **{name: _elementary(name) for name in _ELEMENTARY.split()},
    "rsqrt": lambda operands, parameters: 1 / np.sqrt(operands[0]),
    "integer_pow": lambda operands, parameters: np.power(operands[0], operands[0].dtype.type(parameters["y"])),
    "reduce_sum": _reduced(np.add),
    "reduce_prod": _reduced(np.multiply),
    "cumsum": _accumulated(np.add),
    "cumprod": _accumulated(np.multiply),
    "cummax": _accumulated(np.maximum),
    "cummin": _accumulated(np.minimum),
    "dot_general": _contracted,
    "sort": _sorted,
}
