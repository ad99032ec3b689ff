"""What is known of a jax target that runs at many points at once: whether it gives what single calls give."""

from __future__ import annotations

import functools
import math

import numpy as np

from jacfuzz.evaluation.compiled import SameTarget
from jacfuzz.evaluation.frame import shapes_of
from jacfuzz.target import Target


class Proof:
    """What calls at single points have shown so far of one target.

    A call at a new shape has jax compile each operation of the code alone, which takes longer than all else. So one
    shape with several cells must do: there the first point of every batch is called, and of every other shape that was
    called before. A batch whose first point gives something else is not run at once.
    """

    def __init__(self) -> None:
        self._agreed: set[tuple[tuple[int, ...], ...]] = set()
        self._solid = False

    @property
    def agreed(self) -> bool:
        """Whether points at once give what single calls give, as far as is known, and that is enough."""
        return self._solid

    def wants(self, values: tuple[np.ndarray, ...]) -> bool:
        """Whether the first point of a batch is to be called alone, too."""
        return not self._solid or shapes_of(values) in self._agreed

    def agreed_before(self, values: tuple[np.ndarray, ...]) -> bool:
        """Whether it has been, at these shapes, and gave the same."""
        return shapes_of(values) in self._agreed

    def note(self, values: tuple[np.ndarray, ...]) -> None:
        """Take note that such a call gave the same."""
        self._agreed.add(shapes_of(values))
        self._solid |= all(math.prod(shape) != 0 for shape in shapes_of(values)) and _cells(values) > 1


@functools.lru_cache(maxsize=32)
def _proof(same: SameTarget) -> Proof:
    return Proof()


def proof_of(target: Target) -> Proof:
    """Return what is known of a target."""
    return _proof(SameTarget(target))


def _cells(values: tuple[np.ndarray, ...]) -> int:
    return sum(math.prod(shape) for shape in shapes_of(values))
