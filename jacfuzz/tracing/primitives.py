"""What each of jax's primitives means: where it branches, and what it does with dual numbers.

One table for whoever runs a jaxpr: the recorder (``jaxpr_programs.py``) and exact arithmetic (``exact_jax.py``). A
newly supported primitive is one entry here; an elementwise one is a name, and an entry of ``operations.py``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from jacfuzz.tracing import exact_primitives as exact
from jacfuzz.tracing.array_rules import residuals_of
from jacfuzz.tracing.exact_linalg import factored, triangular_root
from jacfuzz.tracing.operations import OPERATIONS, canonical, on_duals, residuals_at

Residuals: TypeAlias = Callable[[list[Any], Mapping[str, Any]], list[Any] | None]
"""Takes a primitive's operands and parameters; returns numbers that are zero on a boundary, None where unknown."""


def nowhere(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    """Return the residuals of what branches nowhere."""
    return []


class Primitive(NamedTuple):
    """A primitive.

    Attributes
    ----------
    exact
        What it does with dual numbers; None where that is not known.
    residuals
        Where it branches.
    """

    exact: exact.Rule | None = None
    residuals: Residuals = nowhere


CALLS = {"jit": "jaxpr", "pjit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr", "remat2": "jaxpr"}
CALLS |= {"custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr", "checkpoint": "jaxpr"}
"""Primitives that run a jaxpr as it is, by the parameter that holds it."""

_ELEMENTWISE = """
add add_any sub mul div neg max min abs sign square sqrt rsqrt cbrt pow rem round floor ceil exp exp2 expm1 log log1p
sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh logistic erf erfc erf_inv lgamma digamma nextafter
gt ge lt le eq ne lt_to le_to
"""
_COMPARED = {"eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "lt_to": operator.lt, "le": operator.le}
_COMPARED |= {"le_to": operator.le, "gt": operator.gt, "ge": operator.ge}
_OF_ITSELF = ("eq", "le", "le_to", "ge")
_MOVES = """
copy copy_p stop_gradient broadcast_in_dim reshape transpose squeeze rev expand_dims slice gather dynamic_slice split
unstack optimization_barrier pvary device_put iota eye fft real imag complex conj reduce_precision reduce_window_sum
and or not xor shift_left shift_right_logical shift_right_arithmetic population_count clz
reduce_and reduce_or reduce_xor random_bits random_seed random_wrap random_unwrap random_fold_in random_split
threefry2x32 debug_callback
"""


def _elementwise(name: str) -> Primitive:
    work, operation = on_duals(canonical(name)), OPERATIONS[canonical(name)]
    rule = exact.compared(_COMPARED[name], name in _OF_ITSELF) if name in _COMPARED else None
    if work is not None:
        rule = exact.elementwise(work)

    def residuals(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any] | None:
        return residuals_at(canonical(name), tuple(operands))

    return Primitive(rule, residuals if operation.residuals else nowhere)


def _of_arrays(name: str, axis: Callable[[Mapping[str, Any]], Any] = lambda parameters: None) -> Residuals:
    """Residuals of the function of NumPy that does the same along an axis."""
    return lambda operands, parameters: residuals_of(name, (operands[0],), {"axis": axis(parameters)}, None)


def _axes(parameters: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(parameters["axes"])


def _axis(parameters: Mapping[str, Any]) -> int:
    return int(parameters["axis"])


def _converted(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    kind = np.dtype(parameters["new_dtype"]).kind
    if kind in "iu":
        return [operands[0] - np.rint(operands[0])]
    return [operands[0]] if kind == "b" else []


def _integer_pow(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    return [operands[0]] if parameters["y"] < 0 else []


def _clamp(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    return [operands[1] - operands[0], operands[1] - operands[2]]


def _windowed(name: str, beyond: float) -> Residuals:
    """Lead of the winner under each position of a window, over what it can never lose to beyond the edges."""

    def residuals(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any] | None:
        places = exact.under_windows(operands[0].shape, dict(parameters))
        lines = np.append(operands[0], beyond)[places.reshape(-1, math.prod(parameters["window_dimensions"]))]
        return residuals_of(name, (lines,), {"axis": -1}, None)

    return residuals


def _scattered(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    """Ties of all that may meet in an entry: an update with what was there, or with another update."""
    before, updates = operands[0].reshape(-1), np.sort(operands[2], axis=None)
    return [np.subtract.outer(updates, before), np.diff(updates)]


def _diagonal(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    return [np.diagonal(operands[0], axis1=-2, axis2=-1)]


def _spectrum(values_of: Callable[[Any], Any]) -> Residuals:
    return lambda operands, parameters: residuals_of("eigvals", (operands[0],), {}, values_of(operands[0]))


def _singular_values(matrix: Any) -> Any:
    return np.linalg.svd(matrix, compute_uv=False)


def _exact(rule: exact.Rule) -> Primitive:
    return Primitive(rule)


PRIMITIVES: Mapping[str, Primitive] = {
    **dict.fromkeys(_MOVES.split(), Primitive()),
    **{name: _elementwise(name) for name in _ELEMENTWISE.split()},
    "is_finite": _exact(lambda operands, parameters: np.ones(np.shape(operands[0]), bool)),
    "integer_pow": Primitive(exact.integer_pow, _integer_pow),
    "convert_element_type": Primitive(exact.converted, _converted),
    "select_n": _exact(exact.chosen),
    "clamp": Primitive(exact.clamped, _clamp),
    "stack": _exact(lambda operands, parameters: np.stack(operands, axis=parameters["axis"])),
    "concatenate": _exact(lambda operands, parameters: np.concatenate(operands, axis=parameters["dimension"])),
    "pad": _exact(exact.padded),
    "dynamic_update_slice": _exact(exact.updated),
    "scatter": _exact(exact.scattered(lambda old, new: new)),
    "scatter-add": _exact(exact.scattered(operator.add)),
    "scatter-mul": _exact(exact.scattered(operator.mul)),
    "scatter-max": Primitive(None, _scattered),
    "scatter-min": Primitive(None, _scattered),
    "reduce_sum": _exact(exact.reduced(np.sum)),
    "reduce_prod": Primitive(exact.reduced(np.prod), _of_arrays("prod")),
    "reduce_max": Primitive(exact.reduced(np.max), _of_arrays("max", _axes)),
    "reduce_min": Primitive(exact.reduced(np.min), _of_arrays("min", _axes)),
    "argmax": Primitive(exact.place_of(np.argmax), _of_arrays("argmax", _axes)),
    "argmin": Primitive(exact.place_of(np.argmin), _of_arrays("argmin", _axes)),
    "cumsum": _exact(exact.cumulated(np.cumsum)),
    "cumprod": Primitive(exact.cumulated(np.cumprod), _of_arrays("cumprod")),
    "cummax": Primitive(exact.cumulated(np.maximum.accumulate), _of_arrays("maximum.accumulate", _axis)),
    "cummin": Primitive(exact.cumulated(np.minimum.accumulate), _of_arrays("minimum.accumulate", _axis)),
    "cumlogsumexp": _exact(exact.cumulated_exponentials),
    "reduce_window_max": Primitive(exact.windowed(lambda x, y: x if x >= y else y), _windowed("max", -np.inf)),
    "reduce_window_min": Primitive(exact.windowed(lambda x, y: x if x <= y else y), _windowed("min", np.inf)),
    "reduce_window_sum": _exact(exact.windowed(operator.add)),
    "sort": Primitive(exact.in_order, _of_arrays("sort", lambda parameters: parameters["dimension"])),
    "top_k": Primitive(exact.largest, _of_arrays("sort", lambda parameters: -1)),
    "approx_top_k": Primitive(None, _of_arrays("sort", lambda parameters: parameters["reduction_dimension"])),
    "dot_general": _exact(exact.contracted),
    "conv_general_dilated": _exact(exact.convolved),
    "lu": Primitive(lambda operands, parameters: factored(operands[0]), _of_arrays("det")),
    "cholesky": Primitive(lambda operands, parameters: triangular_root(operands[0]), _of_arrays("det")),
    "qr": Primitive(None, _of_arrays("qr")),
    "triangular_solve": Primitive(exact.substituted, _diagonal),
    "eigh": Primitive(None, _spectrum(np.linalg.eigvalsh)),
    "eig": Primitive(None, _spectrum(np.linalg.eigvals)),
    "svd": Primitive(None, _spectrum(_singular_values)),
}
