"""Blocks are executed statement by statement, so that one that fails costs no other.

Every block runs in names of its own, which start as those that the block before it left.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import io
import os
import sys
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jacfuzz.loading.blocks import Block
from jacfuzz.loading.captures import Call, captured
from jacfuzz.loading.names import Names, carry
from jacfuzz.loading.statements import bound_names, imported_modules
from jacfuzz.target import Place

MODULE = "__jacfuzz__"
"""``__name__`` in the code under test: neither ``__main__``, so that scripts do not start, nor a real module."""

_FUTURE = 0
for _feature in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _feature).compiler_flag
_ABSENT = object()


@dataclass(frozen=True)
class Failure:
    """A statement that failed and was passed over."""

    place: Place
    statement: str
    cause: str
    names: frozenset[str]

    def __str__(self) -> str:
        return f"{self.place}: `{self.statement}` failed with {self.cause}"


@dataclass
class Run:
    """A block after it was executed.

    Attributes
    ----------
    block
        What was executed.
    names
        All names that the block left.
    bound
        Those that it bound itself.
    lines
        Line of the last statement that bound a name.
    failures
        Statements of this block that failed.
    earlier
        Statements that failed in the blocks before.
    calls
        Calls of the notebook's own checker.
    modules
        Modules that the file imports up to here, whether or not they are installed.
    """

    block: Block
    names: Names
    bound: Names = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    earlier: tuple[Failure, ...] = ()
    calls: list[Call] = field(default_factory=list)
    modules: frozenset[str] = frozenset()


class Session:
    """Executes the blocks of one file in order.

    Parameters
    ----------
    file
        The file as the user gave it; ``__file__`` of the code.
    """

    def __init__(self, file: str) -> None:
        self._names: Names = {"__name__": MODULE, "__file__": file}
        self._flags = 0
        self._failures: tuple[Failure, ...] = ()
        self._modules: frozenset[str] = frozenset()

    def run(self, block: Block, tree: ast.Module) -> Run:
        """Execute a block; its names are carried forward to the next."""
        module = types.ModuleType(MODULE)  # dataclasses and others look their module up while the code runs
        sys.modules[MODULE] = module
        names = vars(module)
        names.update(__file__=self._names["__file__"], __builtins__=__builtins__)
        carry(self._names, names)
        before = dict(names)
        self._modules |= imported_modules(tree)
        run = Run(block, names, earlier=self._failures, modules=self._modules)
        for statement in tree.body:
            try:
                self._execute(statement, run)
            except (Exception, SystemExit) as error:
                run.failures.append(_failure(block, statement, error))
            else:
                run.lines.update(dict.fromkeys(bound_names(statement), statement.lineno))
        run.bound = {name: value for name, value in names.items() if before.get(name, _ABSENT) is not value}
        self._names = names
        self._failures += tuple(run.failures)
        return run

    def _execute(self, statement: ast.stmt, run: Run) -> None:
        call = captured(statement, run.names)
        if call is not None:
            run.calls.append(call)
            run.names.update(dict.fromkeys(bound_names(statement)))
            return
        tree = ast.Module([statement], type_ignores=[])
        code = compile(tree, run.block.filename, "exec", self._flags, dont_inherit=True)
        self._flags |= code.co_flags & _FUTURE
        exec(code, run.names)


def _failure(block: Block, statement: ast.stmt, error: BaseException) -> Failure:
    text = ast.unparse(statement).partition("\n")[0]
    cause = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".removesuffix(": ")
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        cause += "; pip install 'jacfuzz[torch]'"
    return Failure(block.place(statement.lineno), text[:80], cause, frozenset(bound_names(statement)))


@contextlib.contextmanager
def surroundings(folder: Path) -> Iterator[None]:
    """Let code import what lies beside it; keep what it prints, asks, warns of and sets for everyone to itself."""
    path, loaded = list(sys.path), set(sys.modules)
    folder = folder.resolve()
    sys.path.insert(0, str(folder))
    try:
        with (
            open(os.devnull) as nothing,
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.chdir("."),
            warnings.catch_warnings(),
            np.errstate(),
            np.printoptions(),
            _standard_input(nothing),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.path[:] = path
        sys.modules.pop(MODULE, None)
        for name in _own_modules(set(sys.modules) - loaded, folder):
            del sys.modules[name]  # a file in another folder may mean another module by the same name


def _own_modules(names: set[str], folder: Path) -> list[str]:
    """Those of the modules that were found in the folder itself, with all that is in them."""
    own = {name for name in names if _origin(name) in (folder / f"{name}.py", folder / name / "__init__.py")}
    return [name for name in names if name.partition(".")[0] in own]


def _origin(name: str) -> Path:
    return Path(getattr(sys.modules[name], "__file__", None) or "")


@contextlib.contextmanager
def _standard_input(stream: Any) -> Iterator[None]:
    """Let a question to the person at the keyboard fail at once."""
    previous = sys.stdin
    sys.stdin = stream
    try:
        yield
    finally:
        sys.stdin = previous
