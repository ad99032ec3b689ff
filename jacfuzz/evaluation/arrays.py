"""Arrays in and out of the code under test: NumPy here, NumPy, jax, torch or Python numbers there."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from jacfuzz.signature import ArrayType


class NotAnArrayError(Exception):
    """What came back is no array of numbers; the message says what it is."""


def give(value: np.ndarray, array_type: ArrayType) -> Any:
    """Turn one argument into the kind of array that the code under test takes."""
    match array_type:
        case "scalar":
            return value.item()
        case "jax":
            import jax.numpy as jnp

            return jnp.asarray(value)
        case "torch":
            import torch

            return torch.from_numpy(np.array(value))
    return value


def take(value: Any) -> np.ndarray:
    """Turn a result into a NumPy array.

    Raises
    ------
    NotAnArrayError
        If the result is None, text, ragged, or an array of objects.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if value is None:
        raise NotAnArrayError("None")
    if isinstance(value, (str, bytes)):
        raise NotAnArrayError(f"text ({value[:20]!r})")
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise NotAnArrayError(f"{type(value).__name__} that is no rectangular array ({error})") from None
    if array.dtype.kind not in "fiubc":
        if array.dtype.kind == "V" and "float" in str(array.dtype):  # bfloat16 and float8 of ml_dtypes
            return array.astype(np.float64)
        what = "an object array" if array.dtype == object else f"an array of dtype {array.dtype}"
        raise NotAnArrayError(f"{what} ({type(value).__name__})")
    return array
