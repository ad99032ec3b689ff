"""A text that shows the failure again when pasted."""

from __future__ import annotations

import numpy as np

from jacfuzz.target import Point, Target


def reproduction(target: Target, point: Point) -> str:
    """Return Python code that prints f and jac at a point.

    For a file it loads the pair by its id; for functions that were passed in it uses their own names.
    """
    names = ", ".join(point)
    lines = ["import numpy as np"]
    pair, f, jac = "", _callable_name(target.f, "f"), _callable_name(target.jac, "jac")
    if target.place.file != "<python>":
        lines.insert(0, "import jacfuzz")
        pair, f, jac = f"pair = jacfuzz.load({target.id!r})", "pair.f", "pair.jac"
    if target.array_type == "jax":
        lines[:0] = ["import jax", 'jax.config.update("jax_enable_x64", True)', "import jax.numpy as jnp"]
    if target.array_type == "torch":
        lines.insert(0, "import torch")
    lines += [pair] if pair else []
    for argument in target.signature.arguments:
        kind = "scalar" if argument.specs[0].array_type == "scalar" else target.array_type
        lines.append(f"{argument.name} = {_literal(point[argument.name], kind)}")
    return "\n".join([*lines, f"print({f}({names}))", f"print({jac}({names}))"])


def _callable_name(function: object, default: str) -> str:
    name = getattr(function, "__name__", default)
    return name if name.isidentifier() else default


def _literal(value: np.ndarray, kind: str) -> str:
    if kind == "scalar":
        return repr(value.item())
    content = np.array2string(value, separator=", ", threshold=10**6, floatmode="unique", max_line_width=100)
    if value.size == 0:
        return {"numpy": f"np.empty({value.shape})", "jax": f"jnp.empty({value.shape})"}.get(
            kind, f"torch.empty({value.shape}, dtype=torch.float64)"
        )
    text = f"np.array({content}, dtype={value.dtype.name!r})"
    return {"numpy": text, "jax": f"jnp.asarray({text})", "torch": f"torch.from_numpy({text})"}[kind]
