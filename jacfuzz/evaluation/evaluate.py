"""f and jac at a batch of points, in this process or in the one that hosts them."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Sequence

import numpy as np

from jacfuzz.evaluation.compiled import Compiled, compiled
from jacfuzz.evaluation.evaluation import Evaluation as Evaluation
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.evaluation.proof import proof_of
from jacfuzz.evaluation.worker import Answer, Pair, evaluate_point, evaluate_swiftly
from jacfuzz.evaluation.worker import Problem as Problem
from jacfuzz.evaluation.worker import quiet as _quiet
from jacfuzz.signature import ArrayType
from jacfuzz.target import Target

_SAME = 1e-9
_silenced: contextvars.ContextVar[bool] = contextvars.ContextVar("silenced", default=False)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what the code under test prints and warns of; inside another such block nothing is left to do."""
    if _silenced.get():
        yield
        return
    token = _silenced.set(True)
    try:
        with _quiet():
            yield
    finally:
        _silenced.reset(token)


def array_types(target: Target) -> tuple[ArrayType, ...]:
    """Kind of array per argument: Python numbers where annotated so, else the target's."""
    return tuple(
        "scalar" if argument.specs[0].array_type == "scalar" else target.array_type
        for argument in target.signature.arguments
    )


def pair_of(target: Target, caught: tuple[type[BaseException], ...] = (Exception, SystemExit)) -> Pair:
    """Return the functions of a target as they are called; ``caught`` is what a call may raise."""
    names = tuple(argument.name for argument in target.signature.arguments)
    differentiable = target.signature.differentiable
    return Pair(target.f, target.jac, names, array_types(target), differentiable, target.place.file, caught)


def evaluate(target: Target, values: tuple[np.ndarray, ...], beside: tuple[np.ndarray, ...] = ()) -> Evaluation:
    """Evaluate f and jac at K points.

    The first point is evaluated twice. jax code runs at all points at once where that is known to give the same.

    Parameters
    ----------
    target, values
        The pair, and an array (K, *shape) per argument.
    beside
        Where f alone will be asked for next, if that is known: a host is asked for it at once.
    """
    host = host_of(target)
    if host is not None:
        return host.evaluate(values, beside)
    pair, evaluation = pair_of(target), Evaluation()
    with quiet():
        count, found = len(values[0]), None
        if count > 1 and set(pair.kinds) == {"numpy"}:
            evaluation.add(_answer(pair, values, 0, twice=True))
            found = evaluate_swiftly(pair, tuple(value[1:] for value in values))
        elif count > 1 and set(pair.kinds) == {"jax"} and target.calls == 1:
            first, found = together(target, pair, values)
            for answer in first:
                evaluation.add(answer)
        if found is not None:
            evaluation.extend(found)
        for index in range(len(evaluation), count):
            evaluation.add(_answer(pair, values, index, twice=index == 0))
    return evaluation


def evaluate_traced(
    target: Target, values: tuple[np.ndarray, ...], functions: tuple[Compiled, Compiled] | None = None
) -> Evaluation:
    """Evaluate f and jac at K points; jax code as it is traced, without a call as its author calls it.

    Parameters
    ----------
    target, values
        The pair, and an array (K, *shape) per argument.
    functions
        f and jac at many points; those that are compiled for all batches of the target if none are given.
    """
    columns = None
    if target.array_type == "jax" and target.calls == 1 and host_of(target) is None:
        with quiet():
            columns = at_once(functions or compiled_pair(target), values)
    if columns is None:
        return evaluate(target, values)
    evaluation = Evaluation()
    evaluation.extend(columns)
    return evaluation


def _answer(pair: Pair, values: tuple[np.ndarray, ...], index: int, *, twice: bool) -> Answer:
    return evaluate_point(pair, tuple(value[index] for value in values), twice)


def together(
    target: Target, pair: Pair, values: tuple[np.ndarray, ...]
) -> tuple[list[Answer], list[np.ndarray] | None]:
    """Run jax code at all points at once, and where that is still to be proven at the first one as its author calls it.

    Returns
    -------
    tuple[list[Answer], list[np.ndarray] | None]
        What the calls of single points gave, and what f and jac give at the rest of the points, each with a leading
        axis; None where that is not to be had at once.
    """
    proof = proof_of(target)
    first = [_answer(pair, values, 0, twice=not proof.agreed_before(values))] if proof.wants(values) else []
    columns = at_once(compiled_pair(target), values)
    if columns is None or (first and not _gives(first[0], [column[0] for column in columns])):
        return first, None
    if first:
        proof.note(values)
    return first, [column[len(first) :] for column in columns]


def compiled_pair(target: Target) -> tuple[Compiled, Compiled]:
    """Return f and jac of a jax target compiled for batches."""
    return compiled(target, "f"), compiled(target, "jac")


def at_once(functions: tuple[Compiled, Compiled], values: tuple[np.ndarray, ...]) -> list[np.ndarray] | None:
    """Return f's values and one Jacobian per argument, each with a leading axis K; None where jax cannot trace them."""
    width = sum(value[0].size for value in values)
    f, jac = functions
    try:
        primals = np.asarray(f(values, width))
        jacobians = jac(values, width * max(primals[0].size, 1))
        leaves = jacobians if isinstance(jacobians, tuple) else (jacobians,)
        columns = [primals, *map(np.asarray, leaves)]
    except (Exception, SystemExit):  # not traceable
        return None
    return columns if all(column.dtype.kind in "fiub" for column in columns) else None


def _gives(answer: Answer, arrays: Sequence[np.ndarray]) -> bool:
    if isinstance(answer.primal, Problem) or isinstance(answer.jacobians, Problem) or answer.unstable:
        return False
    own = (answer.primal, *answer.jacobians)
    return len(own) == len(arrays) and all(map(_same, own, arrays))


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    ordinary = first[np.isfinite(first)]
    return np.allclose(first, second, rtol=_SAME, atol=_SAME * np.abs(ordinary).max(initial=0.0), equal_nan=True)
