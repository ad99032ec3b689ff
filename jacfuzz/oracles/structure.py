"""Exact shapes and annotations, before any number is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz.signature import ArraySpec, Signature

_KINDS = {"float": "f", "int": "iu", "bool": "b", "complex": "c", "any": "fiubc"}


@dataclass(frozen=True)
class Mismatch:
    """What does not fit: the argument whose Jacobian it is, "" for f's own result, and a sentence."""

    argument: str
    text: str


def wrong_shape(
    primal: np.ndarray, jacobians: tuple[np.ndarray, ...], names: tuple[str, ...], shapes: tuple[tuple[int, ...], ...]
) -> Mismatch | None:
    """Return the first Jacobian whose shape is not exactly ``f(x).shape + x.shape``; broadcasting never helps.

    Parameters
    ----------
    primal
        f's result.
    jacobians, names, shapes
        Jacobian, name and shape of each differentiable argument.
    """
    for jacobian, name, shape in zip(jacobians, names, shapes, strict=True):
        expected = primal.shape + shape
        if jacobian.shape != expected:
            return Mismatch(
                name,
                f"the Jacobian has shape {_show(jacobian.shape)}; expected {_show(expected)}, "
                f"the shape of f({', '.join(names)}) {_show(primal.shape)} followed by that of {name} {_show(shape)}",
            )
    return None


def against_annotation(
    signature: Signature, values: tuple[np.ndarray, ...], primal: np.ndarray, jacobians: tuple[np.ndarray, ...]
) -> list[Mismatch]:
    """Check everything one call took and gave against its annotations, axis names shared across the whole call.

    Dtypes are compared by family, since float64 stands in for every float. ``values`` holds the arguments at one point.
    What is annotated with names that no axis is called by, as ``2*g`` where none is ``g``, fits.
    """
    from jaxtyping import jaxtyped

    found: list[Mismatch] = []
    with jaxtyped("context"):
        given = [(value, argument.specs) for argument, value in zip(signature.arguments, values, strict=True)]
        for _ in given:  # as often as names may have to wait for others
            for value, specs in given:
                _fits(value, specs)
        if signature.result and not _fits(primal, signature.result):
            found.append(Mismatch("", f"f's result is {_describe(primal)}; annotated {_spell(signature.result)}"))
        for name, jacobian, specs in zip(signature.differentiable, jacobians, signature.jacobians, strict=False):
            if specs and not _fits(jacobian, specs):
                found.append(Mismatch(name, f"the Jacobian is {_describe(jacobian)}; annotated {_spell(specs)}"))
    return found


def _fits(value: np.ndarray, specs: tuple[ArraySpec, ...]) -> bool:
    from beartype.door import is_bearable
    from jaxtyping import AnnotationError, Shaped

    for spec in specs:
        hint: Any = Shaped[np.ndarray, spec.dim_str]
        try:
            if value.dtype.kind in _KINDS[spec.dtype] and is_bearable(value, hint):
                return True
        except AnnotationError:  # a name in it has no size yet
            return True
    return False


def _describe(value: np.ndarray) -> str:
    return f"{value.dtype} of shape {_show(value.shape)}"


def _spell(specs: tuple[ArraySpec, ...]) -> str:
    return " or ".join(f'{"array" if spec.dtype == "any" else spec.dtype} "{spec.dim_str}"' for spec in specs)


def _show(shape: tuple[int, ...]) -> str:
    return str(shape).replace(" ", "") if len(shape) == 1 else str(shape)
