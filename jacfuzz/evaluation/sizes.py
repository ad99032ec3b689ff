"""Sizes that a pair was tried at, as they go from where its code is run to where it is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Sizes of the arguments' axes by name, and whether the Jacobian is right there."""

    sizes: dict[str, int]
    right: bool
