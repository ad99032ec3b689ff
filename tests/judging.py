"""What the judge says of a target at a few generic points; no search, no shrinking, no diagnosis."""

import jax
import numpy as np

from jacfuzz.hints import explained
from jacfuzz.judge import Judge
from jacfuzz.result import Finding, TargetResult
from jacfuzz.samples import points
from jacfuzz.target import Target
from jacfuzz.verdict import Failure


def failures(target: Target) -> list[Failure]:
    """Return all failures at the points; none of these may be unsure, undefined or a kink."""
    with jax.enable_x64(True):
        values = tuple(np.stack(column) for column in zip(*points(target), strict=True))
        verdicts = Judge(target, seed=0).batch(values)
    assert {verdict.status for verdict in verdicts} <= {"pass", "fail"}
    return [failure for verdict in verdicts for failure in verdict.failures]


def said(target: Target) -> set[str]:
    """Return kind and text of every failure; empty where the derivative is right."""
    return {f"{failure.kind}: {failure.text}" for failure in failures(target)}


def hints(target: Target) -> str:
    """Return what a finding of the target's first failure means for the form of its derivative."""
    failure = failures(target)[0]
    finding = Finding(failure.kind, "", candidate=failure.candidate, reference=failure.reference)
    result = TargetResult(target.id, target.title, "", 1, "fail", (finding,))
    with jax.enable_x64(True):
        return explained(result, target).findings[0].message


def told(target: Target) -> str:
    """Return what fails at a few points, and what that means for the form."""
    failures = sorted(said(target))
    assert failures
    return f"{' '.join(failures)} {hints(target)}"
