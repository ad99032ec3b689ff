"""What the rules are made of: their settings, a breach, and the names that are known."""

from __future__ import annotations

import math
from dataclasses import dataclass

_PLAIN = "abs all any bool divmod enumerate float int len list max min pow range reversed round sorted sum tuple zip"
_DERIVING = """
    Derivative Gradient Jacobian approx_derivative approx_fprime autograd backward check_grad custom_jvp custom_vjp
    derivative egrad elementwise_grad grad gradient hessian jacfwd jacobian jacrev jvp linear_transpose linearize
    numdifftools pullback pushforward value_and_grad vjp
"""
_REACHING = "__import__ breakpoint compile delattr eval exec getattr globals input locals open setattr vars"

ALWAYS = frozenset(_PLAIN.split()) | {f"math.{name}" for name in dir(math) if not name.startswith("_")}
"""What a derivative may use whatever the collection adds: plain Python on numbers."""

DERIVATIVES = frozenset(_DERIVING.split())
"""Names under which libraries offer derivatives; they give a refusal its reason, none of them is ever allowed."""

REACHING = frozenset(_REACHING.split())
"""Builtins by which code reaches what its text does not show; refused anywhere in a file that rules hold for."""


@dataclass(frozen=True)
class Rules:
    """The rules of one collection; ``[tool.jacfuzz.rules]``.

    Attributes
    ----------
    lines
        Most lines of code in a derivative.
    columns
        Most characters of each of these lines.
    allow
        What a derivative may use beside plain Python on numbers: ``"numpy.where"`` (``jax.numpy`` counts as
        ``numpy``), and ``".shape"`` for an attribute or method of a value.
    """

    lines: int = 1
    columns: int = 80
    allow: frozenset[str] = frozenset()

    def allows(self, name: str) -> bool:
        """Whether a dotted name, or an attribute with a leading dot, may be used."""
        words = name.lstrip(".").split(".")
        if any(word in DERIVATIVES or word.startswith("_") for word in words):
            return False
        return name in ALWAYS or name in self.allow


@dataclass(frozen=True)
class Breach:
    """A place where the text breaks a rule.

    Attributes
    ----------
    line, column
        Both counted from 1, in the file or in the notebook's cell.
    rule
        ``lines``, ``columns``, ``numbers``, ``derivative``, ``name`` or ``syntax``.
    text
        What was found, and what to write instead.
    cell
        Number of the notebook cell.
    """

    line: int
    column: int
    rule: str
    text: str
    cell: int | None = None
