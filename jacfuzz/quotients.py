"""Difference quotients of f for one cell of a Jacobian, step by step: what a picture of their convergence shows."""

from __future__ import annotations

import math

import numpy as np

from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.primal import Primal
from jacfuzz.strategies.batches import Batch
from jacfuzz.target import Target
from jacfuzz.verdict import Failure

_STEPS = 4.0 ** -np.arange(1, 14)


def quotients(target: Target, failure: Failure, batch: Batch) -> list[list[float]]:
    """Return central differences of f for the first wrong cell of a failure.

    Parameters
    ----------
    target
        The pair.
    failure
        What failed.
    batch
        The one point at which it did.

    Returns
    -------
    list
        Pairs of step and quotient, from coarse to fine, as far as they are finite and f's domain allows; empty where
        the failure has no cell or no reference.
    """
    if not failure.cells or failure.reference is None:
        return []
    arguments = target.signature.arguments
    position = next(number for number, argument in enumerate(arguments) if argument.name == failure.argument)
    value = np.asarray(batch.values[position][0], dtype=float)
    rank = len(failure.cells[0]) - value.ndim
    output, inner = failure.cells[0][:rank], failure.cells[0][rank:]
    steps = _steps_inside(target, failure.argument, float(value[inner]))
    if not len(steps):
        return []
    moved = [np.repeat(given, 2 * len(steps), axis=0) for given in batch.values]
    moved[position] = np.stack([_moved(value, inner, step) for step in (*steps, *-steps)])
    frame = Frame(batch.layout.shapes, target.signature.varying)
    shape = failure.reference.shape[:rank]
    f = Primal(target, frame, batch.values, shape)
    try:
        cells = f(frame.rows(tuple(moved)), np.zeros(2 * len(steps), int))
    except DiedError:  # beside the point f ends its process; the verdict does not rest on this picture
        return []
    ahead, behind = np.split(cells[:, np.ravel_multi_index(output, shape) if shape else 0], 2)
    with np.errstate(all="ignore"):
        slopes = (ahead - behind) / (2 * steps)
    return [[float(h), float(slope)] for h, slope in zip(steps, slopes, strict=True) if math.isfinite(slope)]


def _moved(value: np.ndarray, cell: tuple[int, ...], step: float) -> np.ndarray:
    moved = value.copy()
    moved[cell] += step
    return moved


def _steps_inside(target: Target, argument: str, centre: float) -> np.ndarray:
    """Steps, in units of the cell's size up to 1, that stay in the domain on both sides."""
    low, high = target.domain.get(argument, (None, None))
    steps = _STEPS * (min(abs(centre), 1.0) or 1.0)
    room = min(math.inf if low is None else centre - low, math.inf if high is None else high - centre)
    return np.asarray(steps[steps <= room])
