"""What the axes of a Jacobian are called: as in the signature, else by letters."""

from __future__ import annotations

from collections.abc import Sequence

from jacfuzz.signature import ArraySpec, Signature

_LETTERS = "ijklmnopqrstuvw"


def axis_names(signature: Signature, argument: str, output: int, inputs: int) -> list[str]:
    """Name every axis of one argument's Jacobian.

    Parameters
    ----------
    signature
        Of the pair.
    argument
        The argument that the Jacobian belongs to.
    output, inputs
        How many axes f's result and the argument have.

    Returns
    -------
    list of str
        Names of the output axes, then those of the input axes. An axis without a name in the signature gets a letter
        that no other axis has.
    """
    (given,) = (one.specs for one in signature.arguments if one.name == argument)
    names = [*_of_rank(_result_specs(signature, argument, output), output), *_of_rank(given, inputs)]
    free = iter(letter for letter in _LETTERS if letter not in names)
    return [name or next(free, "_") for name in names]


def _result_specs(signature: Signature, argument: str, output: int) -> Sequence[ArraySpec]:
    """Specs of f's result; where it has none, the leading axes of the Jacobian's own."""
    if signature.result or not signature.jacobians:
        return signature.result
    own = signature.jacobians[signature.differentiable.index(argument)]
    return [ArraySpec(spec.axes[:output]) for spec in own]


def _of_rank(specs: Sequence[ArraySpec], rank: int) -> list[str]:
    """Names of the first spec that can have so many axes, "" for those without a name."""
    return next((names for spec in specs if (names := _expanded(spec, rank)) is not None), [""] * rank)


def _expanded(spec: ArraySpec, rank: int) -> list[str] | None:
    """Names with a variadic axis spelled out, ``b0 b1``; None where the spec has another rank."""
    more = rank - len(spec.axes)
    variadic = any(axis.variadic for axis in spec.axes)
    if more < -1 or (more and not variadic):
        return None
    names: list[str] = []
    for axis in spec.axes:
        copies = more + 1 if axis.variadic else 1
        names += [f"{axis.text}{number}" if axis.text and copies > 1 else axis.text for number in range(copies)]
    return names
