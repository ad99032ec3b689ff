"""What a failure means in terms of the form in which the derivative is stated.

A rule that is right when read in another way was stated in the wrong form, or takes its arguments in another order.
Hints are for the reader: no verdict depends on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from jacfuzz.evaluation.arrays import NotAnArrayError, give, take
from jacfuzz.evaluation.evaluate import array_types, quiet
from jacfuzz.forms import Form, Gradient, Stated
from jacfuzz.forms.base import parts_of
from jacfuzz.forms.readings import readings
from jacfuzz.result import Finding, TargetResult
from jacfuzz.samples import points, value_at
from jacfuzz.target import Target

_UNREADABLE = ("shape", "protocol", "raises", "annotation")
_CLOSE = 1e-4


def explained(result: TargetResult, target: Target) -> TargetResult:
    """Return the result with what its findings mean for the form of the derivative, and how to reproduce them."""
    if not result.findings:
        return result
    misuse = _misuse(target, result.findings)
    return replace(result, findings=tuple(_explained(finding, target, misuse) for finding in result.findings))


def _explained(finding: Finding, target: Target, misuse: str) -> Finding:
    hints = [misuse]
    reproduce = finding.reproduce
    if isinstance(target.jac, Stated):
        reproduce = _reproduction(finding, target.jac)
        if finding.reference is not None and finding.kind == "value":
            hints.append(target.jac.form.remark(np.asarray(finding.candidate), np.asarray(finding.reference)))
    said = [text for text in hints if text]
    return replace(
        finding,
        message=" ".join([finding.message, *said]),
        diagnosis=" ".join([*said, finding.diagnosis]).strip(),
        reproduce=reproduce,
    )


def _reproduction(finding: Finding, jac: Stated) -> str:
    """Return the finding's code with the target made anew, since its f and jac have no names of their own."""
    names = ", ".join(finding.point)
    lines = finding.reproduce.split("\n")[:-2]
    at = f"at = ({names},)"
    calls = [f"pair = {jac.recipe}", f"print(pair.f({names}))", f"print(pair.jac({names}))"]
    return "\n".join(["from jacfuzz import adapters, forms, make_target", *lines, at, *calls])


def _misuse(target: Target, findings: tuple[Finding, ...]) -> str:
    """Return what to tell an author whose rule is right when it is read in another way; "" for nothing."""
    jac = target.jac
    if isinstance(jac, Stated):
        others = [(text, Stated(form, jac.f)) for text, form in jac.form.misuses()]
    elif any(finding.kind in _UNREADABLE for finding in findings):
        others = [(text, Stated(form, target.f)) for text, form in _forms_of(jac)]
    else:
        return ""
    references = [(point, _differences(target, point)) for point in points(target)]
    known = [(point, reference) for point, reference in references if reference is not None]
    if not known or all(_agrees(target, jac, *pair) for pair in known):
        return ""
    return next((text for text, other in others if all(_agrees(target, other, *pair) for pair in known)), "")


def _forms_of(jac: Callable[..., Any]) -> Iterator[tuple[str, Form]]:
    """Yield the forms in which a function that is no full Jacobian may state one."""
    for form in readings(jac):
        yield f"jac is right as {form}: give that in its place.", form
    yield from Gradient(jac).misuses()


def _agrees(
    target: Target, jac: Callable[..., Any], point: tuple[np.ndarray, ...], reference: list[np.ndarray]
) -> bool:
    """Whether a full Jacobian is close to differences of f."""
    kinds = array_types(target)
    try:
        with quiet():
            result = jac(*(give(value.copy(), kind) for value, kind in zip(point, kinds, strict=True)))
            found = [take(part) for part in parts_of(result, len(reference))]
    except (Exception, SystemExit, NotAnArrayError):  # read in a way that it was not written for
        return False
    return all(
        one.shape == other.shape and np.abs(one - other).max(initial=0.0) <= _CLOSE * np.abs(other).max(initial=1e-9)
        for one, other in zip(found, reference, strict=True)
    )


def _differences(target: Target, point: tuple[np.ndarray, ...]) -> list[np.ndarray] | None:
    """Return central differences of f by each differentiable argument; None where f has no value."""
    jacobians: list[np.ndarray] = []
    for position, argument in enumerate(target.signature.arguments):
        if not argument.differentiable:
            continue
        columns: list[np.ndarray] = []
        for cell in np.ndindex(point[position].shape):
            step = 1e-6 * max(1.0, abs(float(point[position][cell])))
            values = [value_at(target, target.f, _moved(point, position, cell, sign * step)) for sign in (1, -1)]
            ends = [value for value in values if value is not None and np.isfinite(value).all()]
            if len(ends) < len(values):
                return None
            columns.append((ends[0] - ends[1]) / (2 * step))
        jacobians.append(np.stack(columns, axis=-1).reshape(columns[0].shape + point[position].shape))
    return jacobians


def _moved(point: tuple[np.ndarray, ...], position: int, cell: tuple[int, ...], by: float) -> tuple[np.ndarray, ...]:
    moved = np.array(point[position])  # a point of no axis is a NumPy scalar, which cannot be written to
    moved[cell] += by
    return (*point[:position], moved, *point[position + 1 :])
