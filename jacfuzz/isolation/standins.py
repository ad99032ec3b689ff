"""Modules that are not installed here, for code that is only described here and runs elsewhere."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
import types
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any


class StandIn:
    """Anything out of a module that is not there: can be read from, called and used as a decorator."""

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Return the only argument where it is a function, as a decorator does."""
        function = arguments[0] if len(arguments) == 1 and not options else None
        return function if isinstance(function, types.FunctionType) else StandIn()

    def __getitem__(self, key: Any) -> StandIn:
        return StandIn()


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the given modules and all within them, where nobody else does."""

    def __init__(self, roots: frozenset[str]) -> None:
        self._roots = roots

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """Find an absent module."""
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in self._roots else None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """Return an empty module that has every name."""
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave it as it is."""


def install(names: Iterable[str], folder: Path) -> list[str]:
    """Let imports of modules succeed that are neither installed nor in a folder; return those."""
    roots = {name.partition(".")[0] for name in names} - {""}
    absent = {root for root in roots if importlib.util.find_spec(root) is None and not _is_in(folder, root)}
    sys.meta_path.append(_Finder(frozenset(absent)))
    return sorted(absent)


def _is_in(folder: Path, name: str) -> bool:
    return (folder / name).is_dir() or (folder / f"{name}.py").is_file()
