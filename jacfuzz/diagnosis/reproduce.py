"""A text that shows the failure again when pasted."""

from __future__ import annotations

import numpy as np

from jacfuzz.signature import ArrayType
from jacfuzz.target import Point, Target

_IMPORTS: dict[ArrayType, tuple[str, ...]] = {
    "numpy": ("import numpy as np",),
    "jax": ("import jax", "import jax.numpy as jnp", 'jax.config.update("jax_enable_x64", True)'),
    "torch": ("import torch",),
    "scalar": ("import numpy as np",),
}
_MANY = 16
_FAMILIES = {"b": "bool", "i": "int", "u": "int"}


def reproduction(target: Target, point: Point) -> str:
    """Return Python code that prints f and jac at a point.

    For a file it loads the pair by its id; for functions that were passed in it uses their own names.
    """
    names = ", ".join(point)
    lines = list(_IMPORTS[target.array_type])
    f, jac = _callable_name(target.f, "f"), _callable_name(target.jac, "jac")
    if target.place.file != "<python>":
        pair = next(name for name in ("pair", "f_and_jac", "loaded") if name not in point)
        lines = ["import jacfuzz", *lines, f"{pair} = jacfuzz.load({target.id!r})"]
        f, jac = f"{pair}.f", f"{pair}.jac"
    for argument in target.signature.arguments:
        kind = "scalar" if argument.specs[0].array_type == "scalar" else target.array_type
        lines.append(f"{argument.name} = {_literal(point[argument.name], kind)}")
    return "\n".join([*lines, f"print({f}({names}))", f"print({jac}({names}))"])


def _callable_name(function: object, default: str) -> str:
    name = getattr(function, "__name__", default)
    return name if name.isidentifier() else default


def _literal(value: np.ndarray, kind: ArrayType) -> str:
    if kind == "scalar":
        return repr(value.item())
    module = {"numpy": "np", "jax": "jnp", "torch": "torch"}[kind]
    dtype = f", dtype=torch.{value.dtype.name}" if kind == "torch" else ""
    if value.size == 0:
        if kind != "torch" and value.dtype.kind != "f":  # of no numbers nothing else tells
            dtype = f", dtype={_FAMILIES[value.dtype.kind]}"
        return f"{module}.empty({value.shape}{dtype})"
    if value.size > _MANY and (value == value.flat[0]).all():
        return f"{module}.full({value.shape}, {value.flat[0].item()!r}{dtype})"
    content = np.array2string(value, separator=", ", threshold=10**6, floatmode="unique", max_line_width=100)
    return f"{module}.{'tensor' if kind == 'torch' else 'array'}({content}{dtype})"
