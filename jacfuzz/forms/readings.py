"""Forms in which a function that is no full Jacobian may state one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jacfuzz.forms.base import Form
from jacfuzz.forms.compact import Batched, Diagonal
from jacfuzz.forms.full import ByName
from jacfuzz.forms.products import JVP, VJP
from jacfuzz.forms.sparse import Sparse


def readings(rule: Callable[..., Any]) -> Iterator[Form]:
    """Yield every form that takes nothing but the rule."""
    for form in (VJP, JVP, Sparse, Diagonal, Batched, ByName):
        yield form(rule)
