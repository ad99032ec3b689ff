"""Property-based fuzzing for hand-written Jacobians.

Names are imported when they are first used: ``import jacfuzz`` alone loads neither jax nor Hypothesis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jacfuzz import adapters as adapters
    from jacfuzz import forms as forms
    from jacfuzz.api import Report as Report
    from jacfuzz.api import assert_jacobian as assert_jacobian
    from jacfuzz.api import check as check
    from jacfuzz.api import load as load
    from jacfuzz.errors import JacfuzzError as JacfuzzError
    from jacfuzz.errors import JacobianError as JacobianError
    from jacfuzz.functions import make_target as make_target
    from jacfuzz.signature import Argument as Argument
    from jacfuzz.signature import Signature as Signature
    from jacfuzz.target import Place as Place
    from jacfuzz.target import Target as Target

_HOMES = {
    "Argument": "jacfuzz.signature",
    "JacfuzzError": "jacfuzz.errors",
    "JacobianError": "jacfuzz.errors",
    "Place": "jacfuzz.target",
    "Report": "jacfuzz.api",
    "Signature": "jacfuzz.signature",
    "Target": "jacfuzz.target",
    "assert_jacobian": "jacfuzz.api",
    "check": "jacfuzz.api",
    "load": "jacfuzz.api",
    "make_target": "jacfuzz.functions",
}
_PACKAGES = ("adapters", "forms")
__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"jacfuzz.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'jacfuzz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def load_ipython_extension(shell: Any) -> None:
    """Check f and jac after every cell that defines them: ``%load_ext jacfuzz``."""
    from jacfuzz import notebook

    notebook.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Stop checking: ``%unload_ext jacfuzz``."""
    from jacfuzz import notebook

    notebook.unload(shell)
