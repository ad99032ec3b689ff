"""Why it may be wrong: hints from the kind of failure, its condition and what f does; worded as hints."""

from __future__ import annotations

import math
import re

import numpy as np

from jacfuzz.diagnosis.condition import Condition
from jacfuzz.judge import Failure
from jacfuzz.target import Target

_SLIGHTLY = 0.02


def _relative_error(failure: Failure) -> float:
    """Largest relative error over the wrong cells; infinite where there is nothing to compare with."""
    if failure.candidate is None or failure.reference is None or not failure.cells:
        return math.inf
    index = tuple(np.array(failure.cells).T)
    candidate, reference = failure.candidate[index], failure.reference[index]
    with np.errstate(all="ignore"):
        off = np.abs(candidate - reference) / np.abs(reference)
    return float(np.where(np.isnan(off), math.inf, off).max())


def cause_of(target: Target, failure: Failure, condition: Condition) -> str:
    """Return one or two sentences on the likely cause; "" where nothing suggests one."""
    product = bool(re.search(r"prod\b", target.source))
    off = _relative_error(failure)
    if failure.kind == "value" and off < _SLIGHTLY:
        return (
            f"It is off by a relative {off:.0e} only: digits lost where nearly equal numbers are subtracted, a cast to "
            "float32, or a constant with too few digits is the likely cause."
        )
    match failure.kind, condition.nature:
        case "nonfinite", "zero" if product:
            return (
                "The product at a zero is the likely cause: dividing the product by a zero entry is 0/0. "
                "The derivative there is the product of the other entries; compute it without dividing."
            )
        case "nonfinite", "zero":
            return "A division by an entry that is zero is the likely cause."
        case "value", "zero" if product and condition.text.endswith("the only zero"):
            return (
                "The product at a zero is the likely cause: where exactly one entry is zero, its derivative is the "
                "product of the other entries, which is not zero."
            )
        case (("value" | "kink"), "zero"):
            return "A comparison with zero or a division guarded against zero is the likely cause."
        case (("value" | "kink"), "tie"):
            return "Comparing values instead of positions is a likely cause: equal entries are counted twice."
        case (("value" | "kink"), "negative"):
            return "A wrong branch or sign for negative entries is the likely cause."
        case "raises", _ if "IndexError" in failure.text:
            return "NumPy checks indices; jax clamps them silently, so the same code may pass under jax.numpy."
        case "shape", _ if failure.candidate is not None and failure.candidate.size == 1:
            return "Broadcasting may hide this: a single number compares equal to a whole array filled with it."
    return ""
