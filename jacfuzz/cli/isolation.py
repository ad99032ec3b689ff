"""``--isolation`` and ``--python``: where the code of files and modules runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from jacfuzz.registry import Readers

_Command = TypeVar("_Command", bound=Callable[..., Any])

_ISOLATION = click.option(
    "--isolation",
    type=click.Choice(["none", "process", "hardened"]),
    help="Where the code of files runs: here, in processes, in processes without rights.  [default: process]",
)
python_option = click.option(
    "--python",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Interpreter of the environment that the code lives in, where jacfuzz need not be installed.",
)


def isolation_options(command: _Command) -> _Command:
    """Give a command both options."""
    return _ISOLATION(python_option(command))


@contextlib.contextmanager
def readers_of(names: Iterable[str], given: Mapping[str, Any]) -> Iterator[Readers]:
    """Give readers of what names stand for: entries of the catalogue run here, all else where the options say.

    Raises
    ------
    IsolationError, UsageError
        As ``isolated`` does.
    """
    from jacfuzz.config import options

    foreign = any(map(_is_foreign, names))
    mode: Any = options(given)["isolation"] if foreign else "none"
    python = str(given["python"] or "") if foreign else ""
    with contextlib.ExitStack() as stack:
        server = None
        if mode != "none":
            from jacfuzz.isolation.forkserver import ForkServer

            server = stack.enter_context(contextlib.closing(ForkServer()))
        from jacfuzz.isolation.remote import isolated  # while that one comes up

        yield stack.enter_context(isolated(mode, python=python, server=server))


def _is_foreign(name: str) -> bool:
    source = name.partition("::")[0]
    return ":" in source or Path(source).exists()
