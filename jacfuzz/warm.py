"""What every process does once that judges or runs code, done before others are forked from this one."""

from __future__ import annotations

import gc
import importlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz.registry import Catalogue
from jacfuzz.strategies.quietly import QUIETLY

CATALOGUE = Catalogue()
"""Its entries are loaded here once."""


def warm_up() -> None:
    """Import, load and try what takes a while the first time; the forks share what is there then.

    Tracing starts no backend of jax, whose threads would not survive a fork.
    """
    import jax

    assert CATALOGUE.entries
    for library in ("beartype", "jaxtyping", "mpmath"):
        importlib.import_module(library)
    jax.make_jaxpr(jax.vmap(jax.jacfwd(jax.numpy.sin)))(np.ones((1, 1)))
    _draw()
    gc.freeze()


@QUIETLY
@given(st.integers())
def _draw(number: int) -> None:
    """Draw a number: Hypothesis sets up its engine."""
