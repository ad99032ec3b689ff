"""What every process does once that judges or runs code, done before others are forked from this one."""

from __future__ import annotations

import contextlib
import gc
import importlib

import numpy as np

from jacfuzz.registry import Catalogue

_FOR_CODE = ("jaxtyping", "mpmath", "scipy.linalg")
_FOR_JUDGE = ("beartype", "jaxtyping")
_LOWERING = ("jaxlib.mlir.dialects.builtin", "jaxlib.mlir.dialects.mhlo")  # which jax imports when it compiles first

CATALOGUE = Catalogue()
"""Its entries are loaded here once."""


def warm_up_code() -> None:
    """Import, load and try what takes a while the first time that code is run and traced; forks share what is there.

    Tracing starts no backend of jax, whose threads would not survive a fork.
    """
    import jax

    assert CATALOGUE.entries
    for library in _FOR_CODE:
        importlib.import_module(library)
    for module in _LOWERING:
        with contextlib.suppress(ImportError):  # of another version of jax
            importlib.import_module(module)
    jax.make_jaxpr(jax.vmap(jax.jacfwd(jax.numpy.sin)))(np.ones((1, 1)))
    gc.freeze()


def warm_up_judge() -> None:
    """Do the same for what draws points and judges: Hypothesis sets up its engine."""
    for library in _FOR_JUDGE:
        importlib.import_module(library)
    from hypothesis import given
    from hypothesis import strategies as st

    from jacfuzz.strategies.quietly import QUIETLY

    @QUIETLY
    @given(st.integers())
    def draw(number: int) -> None:
        """Draw a number."""

    draw()
