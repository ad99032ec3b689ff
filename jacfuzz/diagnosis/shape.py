"""A wrong shape: what the values would be if they were read another way."""

from __future__ import annotations

import itertools

import numpy as np

from jacfuzz.diagnosis.evidence import Sample
from jacfuzz.verdict import Failure

_FEWEST = 2
_MOST_AXES = 4


def shape_hint(failure: Failure, samples: list[Sample]) -> str:
    """Say how Jacobians of the wrong shape relate to the right values; "" where that is unknown."""
    if failure.kind != "shape":
        return ""
    pairs = [
        (sample.candidate, sample.reference)
        for sample in samples
        if sample.wrong
        and _plain(sample)
        and sample.candidate is not None
        and sample.reference is not None
        and sample.reference.size > 1
    ]
    if len(pairs) < _FEWEST:
        return ""
    if all(_same(_transposed(*pair), pair[1]) for pair in pairs):
        return "Its values are right once the axes are transposed: output axes come first, then those of the argument."
    if all(_same(_reshaped(*pair), pair[1]) for pair in pairs):
        return "Its values are right in another arrangement: reshape it to the shape of f's result and the argument's."
    if all(_same(_broadcast(*pair), pair[1]) for pair in pairs):
        return (
            "Its values would broadcast to the expected shape and be right; write them out, "
            "since comparing with broadcasting hides this."
        )
    if all(_same(_diagonal(*pair), pair[1]) for pair in pairs):
        return "It holds the diagonal only: the Jacobian is the matrix that has these values along its diagonal."
    if all(_broadcast(*pair) is not None for pair in pairs):
        return "Its values would broadcast to the expected shape, but would not be right there."
    return ""


def _plain(sample: Sample) -> bool:
    """Whether the point lies away from the usual kinks, where the reference is one of several right answers."""
    cells = np.concatenate([value.reshape(-1) for value in sample.point.values()])
    return bool(cells.all()) and len(np.unique(cells)) == len(cells)


def _same(value: np.ndarray | None, reference: np.ndarray) -> bool:
    return value is not None and value.shape == reference.shape and bool(np.allclose(value, reference, 1e-6, 1e-9))


def _broadcast(candidate: np.ndarray, reference: np.ndarray) -> np.ndarray | None:
    try:
        return np.broadcast_to(candidate, reference.shape)
    except ValueError:
        return None


def _reshaped(candidate: np.ndarray, reference: np.ndarray) -> np.ndarray | None:
    return candidate.reshape(reference.shape) if candidate.size == reference.size else None


def _transposed(candidate: np.ndarray, reference: np.ndarray) -> np.ndarray | None:
    if candidate.ndim != reference.ndim or candidate.ndim > _MOST_AXES:
        return None
    for order in itertools.permutations(range(candidate.ndim)):
        turned = np.transpose(candidate, order)
        if _same(turned, reference):
            return turned
    return None


def _diagonal(candidate: np.ndarray, reference: np.ndarray) -> np.ndarray | None:
    if reference.shape != candidate.shape * 2:
        return None
    return np.diag(candidate.reshape(-1)).reshape(reference.shape)
