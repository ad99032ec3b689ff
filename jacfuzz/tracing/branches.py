"""What exact arithmetic meets on its way through f, beside the numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Branches:
    """What one evaluation met on its way.

    Attributes
    ----------
    tied
        Whether two compared numbers were equal, or nearer than floating point may tell: a kink, perhaps.
    rational
        Whether all numbers stayed fractions.
    vanished
        Whether numbers that are no fractions cancelled to 0, which more digits may not confirm.
    absorbed
        Fewest digits with which some sum would have changed that did not, such as 1 + 1e-60; infinite if there is none.
    left
        Operations that may still be made.
    level
        How far apart numbers may be that are compared as equal.
    """

    tied: bool = False
    rational: bool = True
    vanished: bool = False
    absorbed: float = math.inf
    left: int = 20_000
    level: float = 0.0
