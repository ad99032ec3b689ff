"""The recorder for jax code: its jaxpr run one primitive after the other, each noting where it branches.

Nested programs (jit, cond, while, scan, custom derivatives) are run inline, so what branches within them is seen too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.tracing.array_rules import residuals_of
from jacfuzz.tracing.operations import OPERATIONS
from jacfuzz.tracing.residuals import Log, Recording

Residuals: TypeAlias = Callable[[list[Any], Mapping[str, Any]], list[Any]]
"""Takes a primitive's operands and parameters; returns numbers that are zero on a boundary."""

_SAME_AS = {"max": "maximum", "min": "minimum", "gt": "greater", "ge": "greater", "lt": "less", "le": "less"}
_SAME_AS |= {"eq": "equal", "ne": "equal", "div": "divide", "mul": "multiply", "abs": "absolute", "sign": "sign"}
_SAME_AS |= {"sqrt": "sqrt", "rsqrt": "sqrt", "cbrt": "cbrt", "log": "log", "log1p": "log1p", "exp": "exp"}
_SAME_AS |= {"exp2": "exp2", "expm1": "expm1", "floor": "floor", "ceil": "ceil", "round": "rint", "rem": "fmod"}
_SAME_AS |= {"atan2": "arctan2", "pow": "power", "sinh": "sinh", "cosh": "cosh", "asin": "arcsin", "acos": "arccos"}
_SAME_AS |= {"atanh": "arctanh", "acosh": "arccosh", "square": "square", "tan": "tan"}
_REDUCED = {"reduce_max": "max", "reduce_min": "min", "argmax": "argmax", "argmin": "argmin", "reduce_prod": "prod"}
_CUMULATED = {"cumprod": "cumprod", "cummax": "maximum.accumulate", "cummin": "minimum.accumulate"}
_SMOOTH = """
add add_any sub neg sin cos tanh asinh atan logistic erf erfc erf_inv lgamma digamma copy copy_p stop_gradient
reduce_sum cumsum cumlogsumexp dot_general conv_general_dilated fft broadcast_in_dim reshape transpose squeeze rev
expand_dims concatenate pad slice select_n iota eye gather scatter scatter-add scatter_add scatter-mul scatter_mul
dynamic_slice dynamic_update_slice reduce_window_sum reduce_precision real imag complex conj and or not xor
shift_left shift_right_logical shift_right_arithmetic population_count clz is_finite nextafter random_bits split
optimization_barrier pvary debug_callback
"""
_SMOOTH_NAMES = frozenset(_SMOOTH.split())
_NESTED = ("jaxpr", "call_jaxpr", "fun_jaxpr")


def _converted(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    kind = np.dtype(parameters["new_dtype"]).kind
    if kind in "iu":
        return [operands[0] - np.rint(operands[0])]
    return [operands[0]] if kind == "b" else []


def _integer_pow(operands: list[Any], parameters: Mapping[str, Any]) -> list[Any]:
    return [operands[0]] if parameters["y"] < 0 else []


def _rule(name: str, axis: Callable[[Mapping[str, Any]], Any]) -> Residuals:
    return lambda operands, parameters: residuals_of(name, (operands[0],), {"axis": axis(parameters)}, None) or []


_RULES: dict[str, Residuals] = {
    "clamp": lambda operands, parameters: [operands[1] - operands[0], operands[1] - operands[2]],
    "convert_element_type": _converted,
    "integer_pow": _integer_pow,
    "sort": _rule("sort", lambda parameters: parameters["dimension"]),
    "top_k": _rule("sort", lambda parameters: -1),
    "approx_top_k": _rule("sort", lambda parameters: parameters["reduction_dimension"]),
    "lu": lambda operands, parameters: [np.linalg.det(operands[0])],
    "cholesky": lambda operands, parameters: [np.linalg.det(operands[0])],
    "triangular_solve": lambda operands, parameters: [np.diagonal(operands[0], axis1=-2, axis2=-1)],
}
_RULES |= {name: _rule(rule, lambda parameters: tuple(parameters["axes"])) for name, rule in _REDUCED.items()}
_RULES |= {name: _rule(rule, lambda parameters: parameters["axis"]) for name, rule in _CUMULATED.items()}


def _elementwise(work: Callable[..., Any]) -> Residuals:
    return lambda operands, parameters: work(*operands)


def _placed(operands: list[Any], parameters: Mapping[str, Any]) -> Any:
    shape = [1] * len(parameters["shape"])
    for axis, size in zip(parameters["broadcast_dimensions"], operands[0].shape, strict=True):
        shape[axis] = size
    return np.broadcast_to(operands[0].reshape(shape), parameters["shape"])


def _slices(parameters: Mapping[str, Any]) -> tuple[slice, ...]:
    starts, stops = parameters["start_indices"], parameters["limit_indices"]
    return tuple(map(slice, starts, stops, parameters["strides"] or [1] * len(starts)))


# IEEE 754 rounds these in one way only, so NumPy gives the bits of jax and spares its dispatch.
_BY_NUMPY: dict[str, Callable[[list[Any], Mapping[str, Any]], Any]] = {
    "broadcast_in_dim": _placed,
    "reshape": lambda operands, parameters: operands[0].reshape(parameters["new_sizes"]),
    "squeeze": lambda operands, parameters: np.squeeze(operands[0], tuple(parameters["dimensions"])),
    "transpose": lambda operands, parameters: np.transpose(operands[0], parameters["permutation"]),
    "slice": lambda operands, parameters: operands[0][_slices(parameters)],
    "select_n": lambda operands, parameters: np.choose(operands[0].astype(int), operands[1:]),
    "convert_element_type": lambda operands, parameters: operands[0].astype(parameters["new_dtype"]),
    "reduce_max": lambda operands, parameters: np.max(operands[0], axis=tuple(parameters["axes"])),
    "reduce_min": lambda operands, parameters: np.min(operands[0], axis=tuple(parameters["axes"])),
}
_BY_NUMPY |= {"add": _elementwise(np.add), "add_any": _elementwise(np.add), "sub": _elementwise(np.subtract)}
_BY_NUMPY |= {"mul": _elementwise(np.multiply), "div": _elementwise(np.divide), "neg": _elementwise(np.negative)}
_BY_NUMPY |= {"max": _elementwise(np.maximum), "min": _elementwise(np.minimum), "abs": _elementwise(np.abs)}
_BY_NUMPY |= {"sqrt": _elementwise(np.sqrt), "floor": _elementwise(np.floor), "ceil": _elementwise(np.ceil)}
_BY_NUMPY |= {"gt": _elementwise(np.greater), "ge": _elementwise(np.greater_equal), "lt": _elementwise(np.less)}
_BY_NUMPY |= {"le": _elementwise(np.less_equal), "eq": _elementwise(np.equal), "ne": _elementwise(np.not_equal)}
_BY_NUMPY |= {"and": _elementwise(np.bitwise_and), "or": _elementwise(np.bitwise_or), "not": _elementwise(np.invert)}


class JaxRecorder:
    """A jax function, ready to be recorded at inputs of one shape.

    Parameters
    ----------
    function
        Code that jax can trace. What it cannot is run and said to be unseen.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._programs: dict[tuple[Any, ...], Any] = {}

    def __call__(self, arguments: Sequence[Any]) -> Recording:
        """Run the function on jax arrays and note its residuals."""
        log = Log()
        program = self._program(arguments)
        try:
            if isinstance(program, Exception):
                log.unseen[f"code that jax cannot trace ({type(program).__name__})"] = None
                return log.recording(self._function(*arguments), None)
            with np.errstate(all="ignore"):
                results = _run(program.jaxpr, program.consts, list(map(np.asarray, arguments)), log, 0)
        except Exception as error:
            return log.recording(None, error)
        return log.recording(results[0] if len(results) == 1 else tuple(results), None)

    def _program(self, arguments: Sequence[Any]) -> Any:
        import jax

        key = tuple((np.shape(argument), str(np.asarray(argument).dtype)) for argument in arguments)
        if key not in self._programs:
            try:
                self._programs[key] = jax.make_jaxpr(self._function)(*arguments)
            except Exception as error:  # strangers' code, in any state
                self._programs[key] = error
        return self._programs[key]


def _run(jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any], log: Log, depth: int) -> list[Any]:
    """Run a jaxpr; ``depth`` tells the places of nested programs apart."""
    values: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *arguments], strict=True))

    def read(variable: Any) -> Any:
        return variable.val if hasattr(variable, "val") else values[variable]

    for number, equation in enumerate(jaxpr.eqns):
        operands = [read(variable) for variable in equation.invars]
        place = 1000 * depth + number
        results = _apply(equation, operands, log, place)
        values.update(zip(equation.outvars, results, strict=True))
    return [read(variable) for variable in jaxpr.outvars]


def _apply(equation: Any, operands: list[Any], log: Log, place: int) -> list[Any]:
    name, parameters = equation.primitive.name, equation.params
    if name == "cond":
        index = int(np.clip(int(operands[0]), 0, len(parameters["branches"]) - 1))
        branch = parameters["branches"][index]
        return _run(branch.jaxpr, branch.consts, operands[1:], log, place + 1 + index)
    if name == "while":
        return _while(parameters, operands, log, place)
    if name == "scan":
        return _scan(parameters, operands, log, place)
    inner = next((parameters[key] for key in _NESTED if key in parameters), None)
    if inner is not None and name not in ("custom_linear_solve", "custom_root"):
        return _run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), operands, log, place + 1)
    operands = [np.asarray(operand) for operand in operands]
    _note(name, operands, parameters, log, place)
    if name in _BY_NUMPY and all(
        operand.dtype.kind in "fb" and operand.dtype.itemsize in (1, 8) for operand in operands
    ):
        return [np.asarray(_BY_NUMPY[name](operands, parameters))]
    results = equation.primitive.bind(*operands, **parameters)
    return [np.asarray(result) for result in (results if equation.primitive.multiple_results else [results])]


def _note(name: str, operands: list[Any], parameters: Mapping[str, Any], log: Log, place: int) -> None:
    if name in _SMOOTH_NAMES:
        return
    if not any(operand.dtype.kind == "f" for operand in operands):
        return
    rule = _RULES.get(name)
    if rule is not None:
        found = rule(operands, parameters)
    elif name in _SAME_AS:
        found = [residual(*operands) for residual in OPERATIONS[_SAME_AS[name]]]
    else:
        log.unseen[f"primitive {name}"] = None
        return
    if found:
        log.add((None, place, _SAME_AS.get(name, name)), *found)


def _while(parameters: Mapping[str, Any], operands: list[Any], log: Log, place: int) -> list[Any]:
    first, second = parameters["cond_nconsts"], parameters["body_nconsts"]
    condition, body = parameters["cond_jaxpr"], parameters["body_jaxpr"]
    held, kept, state = operands[:first], operands[first : first + second], operands[first + second :]
    while bool(_run(condition.jaxpr, condition.consts, [*held, *state], log, place + 1)[0]):
        state = _run(body.jaxpr, body.consts, [*kept, *state], log, place + 2)
    return state


def _scan(parameters: Mapping[str, Any], operands: list[Any], log: Log, place: int) -> list[Any]:
    body, count = parameters["jaxpr"], parameters["num_carry"]
    held = operands[: parameters["num_consts"]]
    state = operands[len(held) : len(held) + count]
    rows = operands[len(held) + count :]
    order = range(parameters["length"])
    outputs: list[list[Any]] = []
    for step in reversed(order) if parameters["reverse"] else order:
        results = _run(body.jaxpr, body.consts, [*held, *state, *[row[step] for row in rows]], log, place + 1)
        state = results[:count]
        outputs.append(results[count:])
    if parameters["reverse"]:
        outputs.reverse()
    return [*state, *[np.stack(column) for column in zip(*outputs, strict=True)]]
