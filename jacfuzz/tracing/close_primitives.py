"""More of jax's primitives that NumPy and SciPy compute: sums and elementary functions, whose last digits may differ.

For whoever needs a derivative of f at a few points and not f's own bits: none of it has to be compiled. Some rules are
those of dual numbers, which hold for any numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jacfuzz.tracing import exact_primitives as exact
from jacfuzz.tracing.operations import canonical
from jacfuzz.tracing.plain_primitives import Plain, plain_primitive

_ELEMENTARY = """
exp exp2 expm1 log log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh logistic erf erfc cbrt pow
"""


def close_primitive(name: str, dtypes: Sequence[Any]) -> Plain | None:
    """Return what a primitive does, as ``plain_primitive``, but to the last digits only where that knows nothing."""
    plain = plain_primitive(name, dtypes)
    long = all(isinstance(dtype, np.dtype) and dtype in (np.float64, np.int64) for dtype in dtypes)
    return _CLOSE.get(name) if plain is None and long else plain


def _elementary(name: str) -> Plain:
    function = getattr(np, canonical(name), None)
    return lambda operands, parameters: (function or _of_scipy(name))(*operands)


def _of_scipy(name: str) -> Callable[..., Any]:
    import scipy.special  # which takes a while to import

    function: Callable[..., Any] = getattr(scipy.special, canonical(name))
    return function


_CLOSE: dict[str, Plain] = {
    **{name: _elementary(name) for name in _ELEMENTARY.split()},
    "rsqrt": lambda operands, parameters: 1 / np.sqrt(operands[0]),
    "integer_pow": exact.integer_pow,
    "reduce_sum": exact.reduced(np.sum),
    "reduce_prod": exact.reduced(np.prod),
    "cumsum": exact.cumulated(np.cumsum),
    "cumprod": exact.cumulated(np.cumprod),
    "cummax": exact.cumulated(np.maximum.accumulate),
    "cummin": exact.cumulated(np.minimum.accumulate),
    "dot_general": exact.contracted,
}
