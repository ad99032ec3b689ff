"""What a process of strangers' code is for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["serve", "abroad", "probe"]
Part: TypeAlias = Literal["evaluate", "again", "advise"]
"""What a process does for a target: ``evaluate`` serves f and jac, ``advise`` f, its derivatives and boundaries;
``again`` serves f where it lives in another environment than its derivatives."""
ON_DEMAND = ("torch", "nbformat", "beartype")
"""Libraries that the fork server imports where a target's file names them, as every notebook does ``nbformat``."""


@dataclass(frozen=True)
class Calling:
    """How a pair is found and called where jacfuzz is not installed.

    Attributes
    ----------
    names
        Of f and jac in the code that defines them; empty where they have none.
    line, cell
        Where the pair was written, as in ``Place``.
    arguments, kinds, differentiable
        As in ``Pair``.
    """

    names: tuple[str, ...]
    line: int
    cell: int | None
    arguments: tuple[str, ...]
    kinds: tuple[str, ...]
    differentiable: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """What a process is for.

    Attributes
    ----------
    role
        ``serve`` loads a file, describes it, and plays any part for one of its targets after the other; ``abroad``
        serves f and jac of one target in the environment that it lives in.
    name
        The file, or ``module:name``.
    kind
        Which of the two it is.
    catalogue
        Whether names may claim catalogue entries.
    folder
        Where the process works.
    python
        Interpreter of the environment that the code lives in; "" for this one.
    calling
        How the pair is called there; None in this environment.
    digest
        Of what the file holds; a process that finds other content there does not load it. "" for a module.
    """

    role: Role
    name: str = os.devnull
    kind: Literal["file", "module"] = "file"
    catalogue: bool = True
    folder: str = "."
    python: str = ""
    calling: Calling | None = None
    digest: str = ""
