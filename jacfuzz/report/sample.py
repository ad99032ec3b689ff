"""jac's answer at one generic point of a readable size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jacfuzz.evaluation.evaluate import Problem, evaluate
from jacfuzz.strategies.batches import draw_batch
from jacfuzz.strategies.layouts import Layout, layouts
from jacfuzz.strategies.strata import BY_NAME
from jacfuzz.target import Target
from jacfuzz.wording import problem_text

_READABLE = 20
_MOST_TRIES = 4


@dataclass(frozen=True)
class Answer:
    """The Jacobian by one argument, of shape output + input, and how many axes the argument has."""

    argument: str
    inputs: int
    jacobian: np.ndarray


def jacobians_at_sample(target: Target) -> list[Answer] | str:
    """Return the Jacobian by every differentiable argument at a generic point, or why there is none."""
    why = "its arguments are empty"
    for layout in _readable(layouts(target.signature)):
        found = _jacobians(target, layout)
        if not isinstance(found, str):
            return found
        why = found
    return why


def _jacobians(target: Target, layout: Layout) -> list[Answer] | str:
    batch = draw_batch(target, layout, BY_NAME["generic"], 1, np.random.default_rng(12345))
    if batch is None:
        return "no point could be drawn"
    jacobians = evaluate(target, batch.values).jacobians[0]
    if isinstance(jacobians, Problem):
        return problem_text(jacobians)
    if not all(jacobian.size for jacobian in jacobians):
        return "it is empty"
    arguments = zip(target.signature.arguments, layout.shapes, strict=True)
    ranks = [len(shape) for argument, shape in arguments if argument.differentiable]
    return [Answer(*each) for each in zip(target.signature.differentiable, ranks, jacobians, strict=True)]


def _readable(menu: tuple[Layout, ...]) -> list[Layout]:
    """Layouts of few cells, first those whose axes are best told apart; where there are none, the smallest."""
    solid = [layout for layout in menu if layout.size]
    small = [layout for layout in solid if layout.size <= _READABLE]
    return sorted(small, key=_telling, reverse=True)[:_MOST_TRIES] or solid[:1]


def _telling(layout: Layout) -> tuple[bool, int, int]:
    sizes = [size for shape in layout.shapes for size in shape]
    return min(sizes, default=1) > 1, len(set(sizes)), layout.size
