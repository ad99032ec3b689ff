"""One entry of the campaign, and the short ways to write one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jacfuzz import Target, forms

Function = Callable[..., Any]


@dataclass(frozen=True)
class Entry:
    """A function of a package and the derivative that the package states for it.

    Attributes
    ----------
    name
        The derivative as its package calls it, with the parameters that choose other code in it.
    f, jac
        What ``jacfuzz.check`` is given; a target of an adapter has its own jac.
    options
        Further options of ``check``: ``at``, ``domain``, ``args``.
    documented
        Where the package states the domain; "" where none is given.
    """

    name: str
    f: Function | Target
    jac: Function | forms.Form | None = None
    options: dict[str, Any] = field(default_factory=dict)
    documented: str = ""


def elementwise(
    name: str, f: Function, derivative: Function, domain: Any = None, documented: str = "", at: Any = (0.3, 0.7)
) -> Entry:
    """A function that works cell by cell, and its derivative in the shape of the argument."""
    return Entry(
        name,
        lambda x: f(x),
        forms.Diagonal(lambda x: derivative(x)),
        {"at": np.array(at), **_domain(domain)},
        documented,
    )


def number(
    name: str, f: Function, derivative: Function, domain: Any = None, documented: str = "", at: float = 0.7
) -> Entry:
    """A function of one Python number, and its derivative."""
    return Entry(name, lambda x: f(x), lambda x: derivative(x), {"at": at, **_domain(domain)}, documented)


def scalar(name: str, f: Function, gradient: Function, at: Any, domain: Any = None, documented: str = "") -> Entry:
    """A scalar function of one array, and its gradient."""
    return Entry(
        name,
        lambda x: f(x),
        forms.Gradient(lambda x: gradient(x)),
        {"at": np.asarray(at, dtype=float), **_domain(domain)},
        documented,
    )


def vector(name: str, f: Function, jacobian: Function, at: Any, domain: Any = None, documented: str = "") -> Entry:
    """A function of one array, and its full Jacobian."""
    return Entry(
        name,
        lambda x: f(x),
        lambda x: jacobian(x),
        {"at": np.asarray(at, dtype=float), **_domain(domain)},
        documented,
    )


def _domain(domain: Any) -> dict[str, Any]:
    return {} if domain is None else {"domain": {"x": domain}}
