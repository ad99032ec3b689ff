"""Functions at hand, without a file around them: their signature and the kind of array they work on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jacfuzz.errors import AnnotationError
from jacfuzz.loading.annotations import arguments_of, jacobians_of, result_of
from jacfuzz.loading.directives import Shape
from jacfuzz.loading.functions import Reads, plain
from jacfuzz.loading.sizes import fixed_sizes, library_of
from jacfuzz.signature import ArrayType, Signature


def describe(
    f: Callable[..., Any],
    jac: Callable[..., Any],
    shapes: tuple[Shape | None, ...] = (),
    directive: Mapping[str, Shape] = MappingProxyType({}),
) -> tuple[Signature, ArrayType]:
    """Return the signature of a pair, and the kind of array to pass.

    Parameters
    ----------
    f, jac
        The functions.
    shapes
        Shapes of f's arguments in order, for those that are not annotated.
    directive
        Shapes by name, which go before the annotations.

    Raises
    ------
    LoadError
        If the shape of an argument is neither annotated nor given; the message names the argument.
    """
    arguments = arguments_of(f, jac, shapes, directive)
    differentiable = sum(argument.differentiable for argument in arguments)
    if not differentiable:
        raise AnnotationError("f has no floating-point argument; there is nothing to differentiate by")
    result, jacobians = result_of(f), jacobians_of(f, jac, differentiable)
    reads = Reads(f, jac)
    specs = [spec for argument in arguments for spec in argument.specs]
    annotated = [*specs, *result, *(spec for members in jacobians for spec in members)]
    sizes = fixed_sizes(reads, annotated, getattr(plain(f), "__globals__", {}))
    known = [spec.array_type for spec in specs if spec.array_type not in (None, "scalar")]
    return Signature(arguments, result, jacobians, sizes), known[0] or "numpy" if known else library_of(reads)
