"""Inputs on the boundaries of a pair's code, as they go from where they are found to where they are judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Boundaries:
    """Points on and around the boundaries of a pair, at one layout.

    Attributes
    ----------
    values
        One array (K, *shape) per argument.
    labels
        What each of the K points is: the operations that branch there, and on which side it lies.
    missed
        Boundaries that no point was found for.
    unseen
        What of the code could not be looked into.
    calls
        Runs of f and jac.
    alone
        Whether those on boundaries lie there only where f and jac are called point by point, as their author calls
        them: sums of several points at once may be rounded otherwise.
    """

    values: tuple[np.ndarray, ...]
    labels: tuple[str, ...]
    missed: tuple[str, ...]
    unseen: tuple[str, ...]
    calls: int
    alone: bool = False


def met_at(label: str) -> set[str]:
    """Return the operations that branch at a point of a label; none where it lies beside a boundary."""
    side, _, places = label.partition(" ")
    return {place.rpartition("[")[0] for place in places.split(", ")} if side == "on" else set()
