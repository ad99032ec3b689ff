"""Is a Jacobian that is right at the sizes its block states right at others? If not: under which condition."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from jacfuzz.errors import AnnotationError
from jacfuzz.evaluation.evaluate import Problem, evaluate_traced, quiet
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.evaluation.primal import Primal, result_shape, unproven
from jacfuzz.evaluation.sizes import Sample
from jacfuzz.loading.resized import resized, written_sizes
from jacfuzz.oracles.directional import directional
from jacfuzz.oracles.interpreted import Interpreted
from jacfuzz.oracles.rows import step_scale
from jacfuzz.result import Note
from jacfuzz.signature import Signature
from jacfuzz.strategies.batches import Batch, draw_batch
from jacfuzz.strategies.layouts import layouts
from jacfuzz.strategies.strata import BY_NAME
from jacfuzz.target import Target

Sizes: TypeAlias = dict[str, int]
Holds: TypeAlias = Callable[[Mapping[str, int]], bool]

_POINTS = 1
_ENOUGH = 2
_MOST_GUESSES = 12


def sizes_note(samples: Sequence[Sample], signature: Signature) -> Note | None:
    """Say under which condition a Jacobian is right; None where it is at all sizes that were tried.

    Parameters
    ----------
    samples
        The stated sizes, at which it is right, and others.
    signature
        Tells a square from two axes of different arguments.
    """
    wrong = [sample for sample in samples if not sample.right]
    if not wrong:
        return None
    return Note("sizes", f"right only {_condition(samples, signature)}: wrong at {_spelled(wrong[0].sizes)}")


def other_sizes(target: Target) -> tuple[Sample, ...]:
    """Try a pair that is right at the sizes its block states as constants at others.

    The constants are varied together: those of the arguments freely, those of the result as f then gives it. Sizes at
    which f does not work are no evidence, nor are points at which differences of f settle nothing.

    Parameters
    ----------
    target
        The pair; code that lives in another process is tried there.

    Returns
    -------
    tuple[Sample, ...]
        The stated sizes first.
    """
    written = written_sizes(target)
    inputs = {name: written[name] for name in _names(target.signature) if name in written}
    samples = [Sample(inputs, right=True)]
    host = host_of(target)
    if host is not None and inputs:  # what another process says is advice
        return (*samples, *(sample for sample in host.other_sizes() if sample.sizes.keys() == inputs.keys()))
    with quiet():
        for sizes in _trials(inputs):
            twin = _consistent(target, written, sizes)
            right = None if twin is None else _is_right(twin)
            if right is not None:
                samples.append(Sample(sizes, right))
            if len(samples) > _ENOUGH and all(sample.right for sample in samples):
                break
    return tuple(samples)


def _names(signature: Signature) -> list[str]:
    """Axis names of the arguments."""
    axes = (axis for argument in signature.arguments for axis in argument.specs[0].axes if axis.kind == "named")
    return list(dict.fromkeys(axis.text for axis in axes))


def _trials(inputs: Sizes) -> Iterator[Sizes]:
    """Unequal sizes first, then equal ones."""
    count = len(inputs)
    if not count:
        return
    falling = tuple(range(count + 2, 2, -1))
    choices: list[tuple[int, ...]] = [(3,), (4,), (5,), (2,)]
    if count > 1:
        choices = [falling, falling[::-1], (3,) * count, tuple(2 * size for size in falling), (2,) * count]
    for sizes in choices:
        if sizes != tuple(inputs.values()):
            yield dict(zip(inputs, sizes, strict=True))


def _consistent(target: Target, written: Sizes, sizes: Sizes) -> Target | None:
    """Return the pair at other sizes of its arguments, those of its result as f gives it."""
    outputs = {name: size for name, size in written.items() if name not in sizes}
    for guess in itertools.islice(_guesses(outputs, written, sizes), _MOST_GUESSES):
        twin = resized(target, {**sizes, **guess})
        found = None if twin is None else _result_sizes(twin, sizes)
        if found is not None and any(guess.get(name, size) != size for name, size in found.items()):
            guess = {**guess, **{name: size for name, size in found.items() if name in outputs}}
            twin = resized(target, {**sizes, **guess})
            found = None if twin is None else _result_sizes(twin, sizes)
        if found is not None and all({**sizes, **guess}.get(name, size) == size for name, size in found.items()):
            return twin
    return None


def _guesses(outputs: Sizes, written: Sizes, sizes: Sizes) -> Iterator[Sizes]:
    """Sizes of the result that stand to those of the arguments as the stated ones do."""

    def related(size: int) -> list[int]:
        old, new = [written[name] for name in sizes], list(sizes.values())
        found = [after for before, after in zip(old, new, strict=True) if before == size]
        if math.prod(old) == size:
            found.append(math.prod(new))
        for first, second in itertools.permutations(range(len(old)), 2):
            if old[first] - old[second] + 1 == size:
                found.append(new[first] - new[second] + 1)
        return [after for after in dict.fromkeys(found or [size]) if after > 0]

    for choice in itertools.product(*map(related, outputs.values())):
        yield dict(zip(outputs, choice, strict=True))


def _result_sizes(twin: Target, sizes: Sizes) -> Sizes | None:
    """Return the sizes of the axes that f's result names; None where f does not work at these sizes."""
    batch = _points(twin)
    if batch is None:
        return None
    shape = result_shape(twin, tuple(value[0] for value in batch.values))
    if shape is None:
        return None
    for spec in twin.signature.result[:1]:
        if len(spec.axes) == len(shape):
            bound = {axis.text: size for axis, size in zip(spec.axes, shape, strict=True) if axis.text}
            return bound if all(sizes.get(name, size) == size for name, size in bound.items()) else None
    return {}


def _points(twin: Target) -> Batch | None:
    try:
        menu = [layout for layout in layouts(twin.signature) if layout.size]
    except AnnotationError:  # sizes that do not fit together
        return None
    rng = np.random.default_rng(0)
    return draw_batch(twin, menu[-1], BY_NAME["generic"], _POINTS, rng) if menu else None


def _is_right(twin: Target) -> bool | None:
    """Compare J d with differences of f at a few generic points; None where they settle nothing."""
    batch = _points(twin)
    if batch is None:
        return None
    f, jac = Interpreted(twin.f), Interpreted(twin.jac)  # at these sizes they are asked for a few points
    evaluation = evaluate_traced(twin, batch.values, (f, jac))
    answers = [primal for primal in evaluation.primals if not isinstance(primal, Problem)]
    if len(answers) < len(batch) or len({answer.shape for answer in answers}) > 1:
        return None
    shape = answers[0].shape
    frame = Frame(batch.layout.shapes, twin.signature.varying)
    expected = [(*shape, *given) for given, varies in zip(frame.shapes, frame.differentiable, strict=True) if varies]
    for jacobians in evaluation.jacobians:
        if isinstance(jacobians, Problem) or [jacobian.shape for jacobian in jacobians] != expected:
            return False
    primals, candidates = evaluation.rows(list(range(len(batch))), math.prod(shape))
    rows = frame.rows(batch.values)
    directions = np.random.default_rng(1).standard_normal(rows.shape) * step_scale(rows)
    primal = Primal(twin, frame, batch.values, shape)

    def function(points: np.ndarray, index: np.ndarray) -> np.ndarray:
        values = frame.values(points, batch.values, index)
        found = unproven(twin, values, shape, f) if twin.array_type == "jax" else None
        return primal(points, index) if found is None else found

    slopes = directional(function, rows, directions, primals)
    stated = np.einsum("kmn,kn->km", candidates, directions)
    gap, size = np.abs(stated - slopes.value), np.maximum(np.abs(stated), np.abs(slopes.value))
    if (gap > 100 * slopes.bound + 1e-4 * size).any():
        return False
    return True if (gap <= 10 * slopes.bound + 1e-6 * size).all() and np.isfinite(slopes.bound).all() else None


def _condition(samples: Sequence[Sample], signature: Signature) -> str:
    """Name the first condition that holds at the right samples and at no wrong one."""
    for text, holds in _conditions(samples[0].sizes, signature):
        if all(holds(sample.sizes) == sample.right for sample in samples):
            return text
    return f"at some sizes, among them {_spelled(samples[0].sizes)}"


def _conditions(stated: Sizes, signature: Signature) -> Iterator[tuple[str, Holds]]:
    sides = [{axis.text for axis in argument.specs[0].axes} for argument in signature.arguments]
    for a, b in itertools.combinations(stated, 2):
        square = any({a, b} <= names for names in sides)
        equal = f"for square shapes ({a} = {b})" if square else f"where {a} = {b}"
        yield equal, _related(operator.eq, a, b)
        yield f"where {a} >= {b}", _related(operator.ge, a, b)
        yield f"where {a} <= {b}", _related(operator.le, a, b)
    for name, size in stated.items():
        yield f"for {name} = {size}", _with(name, functools.partial(operator.eq, size))
        yield f"for even {name}", _with(name, lambda other: other % 2 == 0)
        yield f"for odd {name}", _with(name, lambda other: other % 2 == 1)
    yield f"at the sizes it states ({_spelled(stated)})", lambda sizes: sizes == stated


def _related(test: Callable[[int, int], bool], a: str, b: str) -> Holds:
    return lambda sizes: test(sizes[a], sizes[b])


def _with(name: str, test: Callable[[int], bool]) -> Holds:
    return lambda sizes: test(sizes[name])


def _spelled(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {size}" for name, size in sizes.items())
