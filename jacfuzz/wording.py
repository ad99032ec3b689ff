"""What is said of a point: rulings and problems in words that people read."""

from __future__ import annotations

from jacfuzz.evaluation.evaluate import Problem
from jacfuzz.forms import NotAdjoint, NotLinear, OtherValue, WrongForm, WrongShape
from jacfuzz.oracles.patterns import MOST
from jacfuzz.oracles.ruling import Ruling
from jacfuzz.result import Kind

REASONS = {
    "kink": "f has a kink here and the Jacobian is legal",
    "unsure": "differences of f are too coarse to settle the disagreement",
    "undefined": "f jumps or has an infinite slope",
}
"""Why a ruling is neither a pass nor a failure, by its status."""

_FAILURES: dict[str, tuple[Kind, str]] = {
    "value": ("value", "the Jacobian differs from the derivative of f"),
    "nonfinite": ("nonfinite", "the Jacobian is not finite where the derivative of f is"),
    "nonfinite_at_kink": (
        "nonfinite",
        "f has a kink here, and the Jacobian is not finite; any generalized derivative would do",
    ),
    "outside": ("kink", "f has a kink here, and the Jacobian is none of its generalized derivatives"),
    "rows": ("kink", "f has a kink here; each row of the Jacobian is legal, but not all of them together"),
}
_OF_FORMS = {error.__name__ for error in (WrongShape, WrongForm, NotLinear, NotAdjoint, OtherValue)}


def failure_of(ruling: Ruling) -> tuple[Kind, str]:
    """Return the kind of a ruling that is a failure, and a sentence."""
    kind, text = _FAILURES[ruling.status]
    if not ruling.digits:
        return kind, text
    lost = "is not finite in float64" if kind == "nonfinite" else f"loses {ruling.digits} of 16 digits"
    return kind, f"the formula of the Jacobian is right, but it {lost} here"


def notes_of(ruling: Ruling, noise: float) -> list[tuple[str, str]]:
    """Return the notes, kind and text, on how a ruling came about; ``noise`` is what the author states of f."""
    notes = []
    if ruling.artefact:
        text = "forward-mode AD of f does not fit f's own values at some points; it was not believed there"
        notes.append(("ad artefact", text))
    if ruling.coarse:
        text = "f computes in a coarser precision than float64; it was judged with the bounds of that precision"
        if noise:
            text = f"f is computed to a relative {noise:g}; jac was judged to what such values show"
        notes.append(("precision", text))
    if ruling.unseen:
        notes.append(("kinks", f"of the kinks of a batch no more than {MOST} are judged in full"))
    return notes


def problem_text(problem: Problem) -> str:
    """Return a sentence; what a form finds wrong with a rule is no exception of the author's code."""
    name, _, sentence = problem.text.partition(": ")
    if problem.kind == "raises" and name not in _OF_FORMS:
        return f"jac raises {problem.text}"
    return sentence if problem.kind == "raises" else problem.text
