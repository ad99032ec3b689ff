"""Why it may be wrong: hints from the kind of failure, its condition and what f does; worded as hints."""

from __future__ import annotations

import math
import re

import numpy as np

from jacfuzz.diagnosis.condition import Condition
from jacfuzz.target import Target
from jacfuzz.verdict import Failure

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


def cause_of(target: Target, failure: Failure, condition: Condition, transform: str) -> str:
    """Return one or two sentences on the likely cause; "" where nothing suggests one.

    Parameters
    ----------
    target, failure
        The pair, and what failed at the minimal point.
    condition
        When it happens.
    transform
        What kind of mistake it is, in words; "" where unknown.
    """
    if failure.kind == "raises":
        return _of_exception(failure.text)
    if failure.kind == "mutates":
        return (
            "An in-place write (`x[i] = ...`, `x += ...`, `x.sort()`) is the likely cause; start with `x = x.copy()`."
        )
    if failure.kind == "shape":
        single = failure.candidate is not None and failure.candidate.size == 1
        return "Broadcasting may hide this: a single number compares equal to a whole array filled with it." * single
    if failure.kind not in ("value", "nonfinite", "kink"):
        return ""
    if failure.kind == "value" and (off := _relative_error(failure)) < _SLIGHTLY:
        return (
            f"It is off by a relative {off:.0e} only: digits lost where nearly equal numbers are subtracted, a cast to "
            "float32, or a constant with too few digits is the likely cause."
        )
    if "cut off to integers" in transform:
        return "An array of integers that takes floats, such as `np.zeros(n, int)`, may be the cause."
    return _of_condition(target, failure, condition)


def _of_exception(text: str) -> str:
    if "IndexError" in text:
        return "NumPy checks indices; jax clamps them silently, so the same code may pass under jax.numpy."
    if "NameError" in text or "UnboundLocalError" in text:
        return (
            "A name that a later cell or block rebinds may be the cause; pass what jac needs, or define it beside it."
        )
    return ""


def _of_condition(target: Target, failure: Failure, condition: Condition) -> str:
    product = bool(re.search(r"prod\b", target.source))
    match failure.kind, condition.nature:
        case "nonfinite", "zero":
            remedy = (
                " The product over an entry that is zero is 0/0; its derivative there is the product of the other "
                "entries: compute it without dividing."
            )
            return f"It looks like division by {_divisor(condition)}.{remedy * product}"
        case "value", "zero" if product:
            return (
                "It looks like a product divided by its entry and patched at zero: where exactly one entry is zero, "
                "its derivative is the product of the other entries, which is not zero."
            )
        case (("value" | "kink"), "zero"):
            return "A comparison with zero (`>=` for `>`) or a division guarded against zero is the likely cause."
        case (("value" | "kink"), "tie"):
            return "Comparing values instead of positions is a likely cause: equal entries are counted twice."
        case (("value" | "kink"), "sign"):
            return "A wrong branch or a lost sign is the likely cause."
        case (("value" | "kink"), "large"):
            return "A branch at the wrong place, or one that is missing, is the likely cause."
        case (("value" | "kink"), "size"):
            return "Sizes mixed up in index arithmetic may be the cause; jax clamps an index out of range."
        case (("value" | "kink"), "order"):
            return "Positions and ranks may be mixed up: `argsort` gives where each sorted entry comes from."
    return ""


def _divisor(condition: Condition) -> str:
    """Name of the entry that is zero, as the condition calls it."""
    found = re.search(r"(\w+) = 0", condition.text)
    return found.group(1) if found and "_" in found.group(1) else "an entry that is zero"
