"""Importable modules: ``module`` gives all its pairs, ``module:name`` one of them."""

from __future__ import annotations

import contextlib
import difflib
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any, cast

from jacfuzz.errors import LoadError, UsageError
from jacfuzz.loading.blocks import Block
from jacfuzz.loading.build import build, identified
from jacfuzz.loading.collect import COMPANIONS, CONSTANTS, Found, Given, Pair, collect
from jacfuzz.loading.execute import Run
from jacfuzz.loading.statements import INDEX_PREFIX
from jacfuzz.target import Claims, Loaded, Target


def load_module(spec: str, claims: Claims | None = None) -> Loaded:
    """Load pairs from an importable module.

    Parameters
    ----------
    spec
        ``module`` for all its pairs, as from a file; ``module:name`` for one: a ``Target``, an index function ``fb_*``,
        or a function with its Jacobian beside it: ``f`` with ``jac``, or ``g`` with ``g_jac``, ``jac_g`` or
        ``g_jacobian``.
    claims
        The catalogue; None lets no name claim anything.

    Raises
    ------
    UsageError
        If there is no such module or name, or the name is no pair.
    LoadError
        If the module cannot be imported.
    """
    name, _, attribute = spec.partition(":")
    module = _imported(name)
    run = Run(Block(_source(module), name), vars(module), bound=dict(vars(module)), lines=_lines(module))
    found: list[Found] = [_found(module, run, attribute)] if attribute else collect([run])
    stem = (attribute or name).rpartition(".")[2]
    targets = identified([build(item, claims) for item in found], spec, stem)
    return Loaded(targets)


def _imported(name: str) -> ModuleType:
    try:
        with _current_folder_importable():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise UsageError(f"{name}: no module named {error.name}; install it, or run where it lies") from None
        raise LoadError(f"{name}: cannot be imported ({error}); install what it needs") from None
    except (Exception, SystemExit) as error:
        raise LoadError(f"{name}: cannot be imported ({type(error).__name__}: {error}); correct the module") from None


@contextlib.contextmanager
def _current_folder_importable() -> Iterator[None]:
    """Find modules in the current folder, as ``python -m`` does."""
    path = list(sys.path)
    sys.path.insert(0, "")
    try:
        yield
    finally:
        sys.path[:] = path


def _source(module: ModuleType) -> str:
    try:
        return inspect.getsource(module)
    except (OSError, TypeError):
        return ""


def _lines(module: ModuleType) -> dict[str, int]:
    return {
        name: value.__code__.co_firstlineno
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    }


def _found(module: ModuleType, run: Run, attribute: str) -> Found:
    try:
        value = functools.reduce(getattr, attribute.split("."), module)
    except AttributeError:
        close = difflib.get_close_matches(attribute, vars(module), n=3)
        meant = f"; did you mean {' or '.join(close)}?" if close else "; give one of its functions"
        raise UsageError(f"{run.block.file}: has no name {attribute}{meant}") from None
    if isinstance(value, Target):
        return Given(value, run, attribute)
    if not callable(value):
        raise UsageError(
            f"{run.block.file}:{attribute} is of type {type(value).__name__}; expected a function or a Target"
        )
    short = attribute.rpartition(".")[2]
    constants = {name: run.names[name] for name in CONSTANTS if name in run.names}
    functions = (value,) if short.startswith(INDEX_PREFIX) else (value, _companion(run, attribute, short))
    others = [item for item in collect([run]) if isinstance(item, Pair) and item.functions != functions]
    return Pair(short, functions, run, None, constants, alone=not others)


def _companion(run: Run, attribute: str, short: str) -> Callable[..., Any]:
    names = [pattern.format(short) for pattern in COMPANIONS]
    if short == "f":
        names.insert(0, "jac")
    for name in names:
        companion = run.names.get(name)
        if callable(companion):
            return cast(Callable[..., Any], companion)
    raise UsageError(
        f"{run.block.file}:{attribute} has no Jacobian beside it; name one {', '.join(names[:-1])} or {names[-1]}, "
        "or call jacfuzz.check(f, jac)"
    )
