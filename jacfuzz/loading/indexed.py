"""Index functions, the scalar puzzle format, as dense functions of arrays.

``fb(x[, y])`` returns ``f, dx[, dy]``: f takes the indices of an output cell, dx those of an input cell and then those
of an output cell, and each returns a number.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jacfuzz.target import IndexShapes


def dense_f(fb: Callable[..., Any], name: str, shapes: IndexShapes) -> Callable[..., Any]:
    """Return f as a function from arrays to the array of all output cells."""

    def f(*arrays: Any) -> Any:
        primal = _called(fb, name, arrays)[0]
        cells = [(index, primal(*index)) for index in _indices(shapes.out)]
        return _assembled(cells, "f", shapes.out, arrays)

    f.__name__ = name
    return f


def dense_jac(fb: Callable[..., Any], name: str, shapes: IndexShapes) -> Callable[..., Any]:
    """Return the Jacobian of each argument with its axes in the order output, input."""

    def jac(*arrays: Any) -> Any:
        derivatives = _called(fb, name, arrays)[1:]
        jacobians = tuple(
            _filled(derivative, f"d{letter}", shapes.out, given)
            for derivative, letter, given in zip(derivatives, _letters(len(arrays)), shapes.arguments, strict=True)
        )
        return jacobians if len(jacobians) > 1 else jacobians[0]

    jac.__name__ = name
    return jac


def cells_of(shapes: IndexShapes) -> int:
    """Return how many cells the Jacobians have together."""
    return math.prod(shapes.out) * sum(math.prod(shape) for shape in shapes.arguments)


def _called(fb: Callable[..., Any], name: str, arrays: Sequence[Any]) -> tuple[Callable[..., Any], ...]:
    functions = fb(*arrays)
    expected = ", ".join(["f", *[f"d{letter}" for letter in _letters(len(arrays))]])
    if not isinstance(functions, (tuple, list)):
        raise TypeError(f"{name} returned {_show(functions)}; expected {expected}")
    if len(functions) != len(arrays) + 1 or not all(callable(function) for function in functions):
        raise TypeError(f"{name} returned {', '.join(map(_show, functions))}; expected the functions {expected}")
    return tuple(functions)


def _letters(count: int) -> str:
    return "xyzuvw"[:count]


def _indices(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(itertools.product(*map(range, shape)))


def _filled(
    derivative: Callable[..., Any], name: str, out: tuple[int, ...], given: tuple[int, ...]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    columns = _indices(given)
    cells = [_number(derivative(*column, *row), name, (*column, *row)) for row in _indices(out) for column in columns]
    return np.array(cells, dtype=np.float64).reshape(*out, *given)


def _assembled(
    cells: list[tuple[tuple[int, ...], Any]], name: str, shape: tuple[int, ...], arrays: Sequence[Any]
) -> Any:
    """Put cells together in the kind of array that f was given, so that automatic differentiation goes through."""
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    if torch is not None and any(isinstance(array, torch.Tensor) for array in arrays):
        tensors = [_tensor(torch, value, name, index) for index, value in cells]
        return torch.stack(tensors).reshape(shape) if tensors else torch.zeros(shape, dtype=torch.float64)
    if jax is not None and any(isinstance(array, jax.Array) for array in arrays):
        import jax.numpy as jnp

        values = [_jax_number(value, name, index) for index, value in cells]
        return jnp.stack(values).reshape(shape) if values else jnp.zeros(shape)
    numbers = [_number(value, name, index) for index, value in cells]
    return np.array(numbers, dtype=np.float64).reshape(shape)


def _number(value: Any, name: str, index: tuple[int, ...]) -> float:
    try:
        number = value.item() if hasattr(value, "item") else value
        # That it is one of these is so nearly always, and quickly seen.
        if isinstance(number, (int, float)) or not (isinstance(number, (str, bytes)) or np.iscomplexobj(number)):
            return float(number)
    except (TypeError, ValueError, RuntimeError):  # no number, or several
        pass
    raise TypeError(_no_number(value, name, index))


def _tensor(torch: Any, value: Any, name: str, index: tuple[int, ...]) -> Any:
    if isinstance(value, torch.Tensor) and value.dtype is torch.float64 and not value.dim():  # nearly always
        return value
    if isinstance(value, torch.Tensor) and value.numel() == 1 and not value.is_complex():
        return value.reshape(()).to(torch.float64)
    return torch.tensor(_number(value, name, index), dtype=torch.float64)


def _jax_number(value: Any, name: str, index: tuple[int, ...]) -> Any:
    import jax
    import jax.numpy as jnp

    if isinstance(value, jax.Array) and value.size == 1:
        return value.reshape(()).astype(jnp.result_type(float))
    return jnp.asarray(_number(value, name, index))


def _no_number(value: Any, name: str, index: tuple[int, ...]) -> str:
    return f"{name}({', '.join(map(str, index))}) returned {_show(value)}; expected a number"


def _show(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if value is None:
        return "None"
    if callable(value):
        return "a function"
    if shape is not None:
        return f"{type(value).__name__} of shape {tuple(shape)}"
    return f"{type(value).__name__} {str(value)[:40]!r}"
