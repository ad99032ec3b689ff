"""The reports that ``--report`` and ``--html`` name."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jacfuzz.errors import UsageError
from jacfuzz.report.events import Listener
from jacfuzz.target import Loaded

if TYPE_CHECKING:
    from rich.console import Console


def listeners_of(names: str, folder: Path, known: Collection[str]) -> list[Listener]:
    """Return a listener for each of the comma-separated names, writing to a folder.

    Raises
    ------
    UsageError
        For a name that is not among the ``known`` ones.
    """
    wanted = list(dict.fromkeys(filter(None, (part.strip() for part in names.split(",")))))
    for name in wanted:
        if name not in known:
            raise UsageError(f"--report {name!r} is unknown; expected some of {', '.join(known)}")
    return [_listener(name, folder) for name in wanted]


def terminal_report(console: Console, verbosity: int) -> Listener:
    """Return the listener for a person who watches, or the one for a log: a file, a pipe, CI, ``--quiet``."""
    if console.is_terminal and verbosity >= 0 and not os.environ.get("CI"):
        from jacfuzz.report.live import LiveReport

        return LiveReport(console, verbosity)
    from jacfuzz.report.terminal import TerminalReport

    return TerminalReport(console, verbosity)


def html_report(path: Path, loaded: Loaded) -> Listener:
    """Return the listener that writes the page of a run over these targets."""
    from jacfuzz.report.html.page import HtmlReport

    return HtmlReport(path, {target.id: target.source for target in loaded.targets})


def _listener(name: str, folder: Path) -> Listener:
    match name:
        case "jsonl":
            from jacfuzz.report.jsonl import JsonLinesReport

            return JsonLinesReport(folder / "jacfuzz.jsonl")
        case "junit":
            from jacfuzz.report.junit import JUnitReport

            return JUnitReport(folder / "jacfuzz.xml")
        case "sarif":
            from jacfuzz.report.sarif import SarifReport

            return SarifReport(folder / "jacfuzz.sarif")
    from jacfuzz.report.github import GitHubReport

    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    return GitHubReport(click.echo, Path(summary) if summary else None)
