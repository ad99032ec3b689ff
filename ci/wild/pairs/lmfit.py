"""lmfit: the scaling of gradients by the transformation of bounds."""

from __future__ import annotations

from collections.abc import Iterator

from entry import Entry, number
from lmfit import Parameter

BOUNDS = (
    ("min", {"min": 0.5}),
    ("max", {"max": 2.5}),
    ("min, max", {"min": 0.5, "max": 2.5}),
    ("no bounds", {}),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for name, bounds in BOUNDS:
        parameter = Parameter("p", value=1.0, **bounds)
        parameter.setup_bounds()
        yield number(f"Parameter.scale_gradient, {name}", parameter.from_internal, parameter.scale_gradient)
