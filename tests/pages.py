"""Markdown pages made on the spot, for tests of whole runs."""

from __future__ import annotations

from collections.abc import Mapping

SETUP = """\
import os
import numpy as np
from jaxtyping import Float
Array = np.ndarray
"""


def block(f: str, jac: str, annotation: str = 'Float[Array, "n"]') -> str:
    """Return a pair of one argument whose functions return the expressions given."""
    return f"def f(x: {annotation}):\n    return {f}\n\n\ndef jac(x: {annotation}):\n    return {jac}\n"


# Of one size, since every size is compiled anew.
PAIR_OF_NUMBERS = 'Float[Array, "2"]'
DOUBLE = block("2 * x", "2 * np.eye(2)", PAIR_OF_NUMBERS)
WRONG = block("x**2", "2 * x", PAIR_OF_NUMBERS)
STUB = block("x**3", "None", PAIR_OF_NUMBERS).replace("return None", "pass")


def page(blocks: Mapping[str, str]) -> str:
    """Return a page with a heading and a fence per block, after a fence of imports."""
    fences = [f"```python\n{SETUP}```\n", *(f"## {title}\n\n```python\n{text}```\n" for title, text in blocks.items())]
    return "\n".join(fences)
