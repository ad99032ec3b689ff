"""What a diagnosis looks at: a fresh batch of judged points around a failure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from jacfuzz.evaluation.evaluate import Evaluation, Problem, evaluate
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.judge import Judge
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.strategies.batches import Batch, draw_batch, lots
from jacfuzz.strategies.layouts import Layout
from jacfuzz.strategies.strata import BY_NAME, STRATA
from jacfuzz.target import Point, Target
from jacfuzz.verdict import Failure

_MOST_LAYOUTS = 6
_MOST_CELLS = 40
_FEW, _AT_ONCE = 2, 16
# Numbers of very different size say more about round-off than about structure.
_STRUCTURAL = tuple(stratum for stratum in STRATA if stratum.name not in ("tiny", "huge"))


@dataclass(frozen=True)
class Sample:
    """One point at which the argument's Jacobian is either wrong in the way in question, or right.

    Attributes
    ----------
    point, layout
        The arguments, and their shapes with the axis sizes by name.
    wrong
        Whether it fails in the way in question.
    rank
        Number of output axes of the Jacobian.
    candidate, reference
        The argument's Jacobian as given and as it should be, of shape output + input; None where unknown.
    mask
        The wrong cells.
    bound
        Largest error of the reference.
    others
        Jacobians of the other arguments as they should be.
    """

    point: Point
    layout: Layout
    wrong: bool
    rank: int = 0
    candidate: np.ndarray | None = None
    reference: np.ndarray | None = None
    mask: np.ndarray | None = None
    bound: float = 0.0
    others: dict[str, np.ndarray] = field(default_factory=dict)


class Witness:
    """Judges points and keeps what is asked of a failure: its kind and argument.

    Parameters
    ----------
    target, judge
        The pair and its judge.
    failure
        The failure in question.
    """

    def __init__(self, target: Target, judge: Judge, failure: Failure) -> None:
        self._target = target
        self._judge = judge
        self._failure = failure
        self._forward = ForwardMode(target)

    def samples(self, batches: Iterable[Batch]) -> list[Sample]:
        """Judge batches while there is time; points that are undefined, unsure or wrong in another way are left out."""
        gathered = (Batch(lot.batches[0].layout, lot.values, "evidence") for lot in lots(batches, _AT_ONCE))
        return [sample for batch in gathered for sample in self._samples(batch)]

    def _samples(self, batch: Batch) -> list[Sample]:
        if self._judge.patience.over():
            return []
        verdicts = self._judge.batch(batch.values)
        evaluation = evaluate(self._target, batch.values)
        true = self._true(batch, evaluation)
        found: list[Sample] = []
        for index, verdict in enumerate(verdicts):
            failure = next((one for one in verdict.failures if self._same(one)), None)
            if failure is not None or verdict.status in ("pass", "kink"):
                found.append(self._sample(batch, index, failure, evaluation, true.get(index, {})))
        return found

    def _same(self, failure: Failure) -> bool:
        return failure.kind == self._failure.kind and failure.argument == self._failure.argument

    def _sample(
        self, batch: Batch, index: int, failure: Failure | None, evaluation: Evaluation, true: dict[str, np.ndarray]
    ) -> Sample:
        point = batch.point(self._target.signature.arguments, index)
        primal, jacobians = evaluation.primals[index], evaluation.jacobians[index]
        argument, names = self._failure.argument, self._target.signature.differentiable
        if isinstance(primal, Problem) or isinstance(jacobians, Problem) or argument not in names:
            return Sample(point, batch.layout, failure is not None)
        candidate = jacobians[names.index(argument)]
        others = {name: value for name, value in true.items() if name != argument}
        mask = np.zeros(candidate.shape, bool)
        if failure is None:
            return Sample(point, batch.layout, False, primal.ndim, candidate, candidate, mask, 0.0, others)
        reference = failure.reference if failure.reference is not None else true.get(argument)
        for cell in failure.cells:
            mask[cell] = True
        bound = failure.bound or 0.0
        return Sample(point, batch.layout, True, primal.ndim, candidate, reference, mask, bound, others)

    def _true(self, batch: Batch, evaluation: Evaluation) -> dict[int, dict[str, np.ndarray]]:
        """Every argument's Jacobian by forward-mode AD, by number of the point and argument.

        Empty where f cannot be traced, and where nothing would be asked of it.
        """
        names = self._target.signature.differentiable
        known = {index: one.shape for index, one in enumerate(evaluation.primals) if not isinstance(one, Problem)}
        solid, shapes = list(known), set(known.values())
        if (len(names) < 2 and self._failure.kind != "shape") or len(shapes) != 1:
            return {}
        (shape,) = shapes
        frame = Frame(batch.layout.shapes, self._target.signature.varying)
        rows = frame.rows(batch.values)[solid]
        try:
            found = self._forward(frame, rows, batch.values, np.array(solid), math.prod(shape))
        except DiedError:  # the judge has reported it
            return {}
        if found is None:
            return {}
        own = [inner for inner, varies in zip(frame.shapes, frame.differentiable, strict=True) if varies]
        parts = np.split(found.jacobians, np.cumsum(frame.sizes)[:-1], axis=2)
        full = [part.reshape(len(solid), *shape, *inner) for part, inner in zip(parts, own, strict=True)]
        return {index: dict(zip(names, (part[k] for part in full), strict=True)) for k, index in enumerate(solid)}


def gather(target: Target, menu: tuple[Layout, ...], witness: Witness, rng: np.random.Generator) -> list[Sample]:
    """Judge a few points of every stratum in a few shapes, and generic ones in all shapes of the menu."""
    return witness.samples(_batches(target, menu, rng))


def _batches(target: Target, menu: tuple[Layout, ...], rng: np.random.Generator) -> Iterator[Batch]:
    solid = [layout for layout in menu if layout.size]
    small = [layout for layout in solid if layout.size <= _MOST_CELLS][:_MOST_LAYOUTS] or solid[:1]
    strata = _STRUCTURAL if target.calls == 1 else _STRUCTURAL[:4]
    drawn = [draw_batch(target, layout, stratum, _FEW, rng) for layout in small for stratum in strata]
    drawn += [
        draw_batch(target, layout, BY_NAME["generic"], _FEW, rng) for layout in solid if layout.size < 4 * _MOST_CELLS
    ]
    yield from (batch for batch in drawn if batch is not None)


def crossings(target: Target, samples: list[Sample], rng: np.random.Generator, count: int) -> Iterator[Batch]:
    """Points between a wrong and a right one of the same shapes: every cell is taken from one of the two."""
    names = [argument.name for argument in target.signature.arguments]
    pairs = [
        (one, other)
        for one in samples
        if one.wrong
        for other in samples
        if not other.wrong and one.layout.shapes == other.layout.shapes
    ]
    for number in rng.permutation(len(pairs))[:count]:
        one, other = pairs[number]
        values = tuple(
            np.where(rng.random(one.point[name].shape) < 0.5, one.point[name], other.point[name])[None]
            for name in names
        )
        yield Batch(one.layout, values, "crossing")
