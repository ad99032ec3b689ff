"""From a failure to what is said of it: when it happens, what kind of mistake it is, its likely cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jacfuzz.diagnosis.cause import cause_of
from jacfuzz.diagnosis.condition import NOTHING, Condition, place_of, separating, stated
from jacfuzz.diagnosis.evidence import Sample, Witness, crossings, gather
from jacfuzz.diagnosis.shape import shape_hint
from jacfuzz.diagnosis.transforms import transform_of
from jacfuzz.judge import Judge
from jacfuzz.strategies.layouts import Layout
from jacfuzz.target import Target
from jacfuzz.verdict import Failure

# The seed is fixed: the same failure is explained alike in every run.
_SEED = 20
_CROSSINGS = 24
_NEVER: tuple[str, ...] = ("nondeterministic", "timeout", "crash", "memory")


@dataclass(frozen=True)
class Explanation:
    """When it is wrong ("wrong exactly where ..."), and the kind of mistake with hints; "" where unknown."""

    condition: str = ""
    diagnosis: str = ""


def explain(target: Target, failure: Failure, menu: tuple[Layout, ...], judge: Judge) -> Explanation:
    """Explain a failure on fresh points.

    Parameters
    ----------
    target, judge
        The pair and its judge.
    failure
        What failed at the minimal point.
    menu
        Layouts to draw from.
    """
    if failure.kind in _NEVER:
        return Explanation()
    rng = np.random.default_rng(_SEED)
    witness = Witness(target, judge, failure)
    samples = gather(target, menu, witness, rng)
    transform = transform_of(target, samples)
    if transform is not None and transform.general:
        return Explanation("", _joined(transform.sentence, cause_of(target, failure, NOTHING, transform.text)))
    condition = _condition(target, samples, witness, rng)
    place = "" if condition.text or transform else place_of(samples)
    named = transform.sentence if transform is not None and condition.text else ""
    cause = cause_of(target, failure, condition, transform.text if named and transform else "")
    return Explanation(condition.text or place, _joined(named, shape_hint(failure, samples) or cause))


def _condition(target: Target, samples: list[Sample], witness: Witness, rng: np.random.Generator) -> Condition:
    """Search the properties of the samples, and confirm them on points between wrong and right ones."""
    if not separating(samples):
        return NOTHING
    between = witness.samples(crossings(target, samples, rng, _CROSSINGS))
    everything = samples + between
    left = separating(everything)
    return stated(left[0], everything) if left else NOTHING


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
