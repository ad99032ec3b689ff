"""``jacfuzz gate``: judge the puzzles that a change touches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jacfuzz.cli.isolation import python_option
from jacfuzz.errors import UsageError
from jacfuzz.isolation.limits import Limits

if TYPE_CHECKING:
    from jacfuzz.gate.changes import Change, Repository
    from jacfuzz.gate.gate import Collection

_CONFIGURATION = "pyproject.toml"
_REPORTS = ("jsonl", "junit", "sarif", "github")


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--base", required=True, metavar="REF", help="What the change is to be merged into.")
@click.option("--head", default="HEAD", metavar="REF", help="The change.  [default: HEAD]")
@click.option("-n", "--max-examples", type=click.IntRange(min=1), help="Generic points per target.  [default: 300]")
@click.option("--max-time", type=click.FloatRange(min=0, min_open=True), help="Seconds for all targets together.")
@click.option("--seed", type=int, help="Same seed, same verdicts.  [default: from the commit of --head]")
@click.option("--report", metavar=",".join(_REPORTS), help="Reports to write; github needs no folder.")
@click.option("--report-dir", type=click.Path(path_type=Path), help="Folder for reports.  [default: .]")
@click.option("--no-shrink", is_flag=True, help="Report failures as they were found.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Known findings; one that no longer holds is one.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="Write the findings of this run as known.")
@click.option("--allow-empty", is_flag=True, help="Exit code 0 where the change touches no puzzle.")
@click.option(
    "--isolation",
    type=click.Choice(["none", "process", "hardened"]),
    help="Where contributed code runs: here, in processes, in processes without rights.  [default: process]",
)
@python_option
@click.option(
    "--call-time",
    type=click.FloatRange(min=0, min_open=True),
    default=Limits.call,
    show_default=True,
    help="Seconds for one call of f and jac.",
)
@click.option("-q", "--quiet", is_flag=True, help="Only the summary line.")
def gate(paths: tuple[str, ...], **given: Any) -> int:
    """Judge the puzzles in PATHS that --head changes since it left --base; all of them if it changes the harness.

    Files are read from git, never from the folder, and ``[tool.jacfuzz]`` as it is at the base. PATHS stand for
    ``paths`` of ``[tool.jacfuzz.gate]``.
    """
    from rich.console import Console

    from jacfuzz.cli.reports import listeners_of
    from jacfuzz.config import options_of
    from jacfuzz.gate.admission import select
    from jacfuzz.gate.changes import Repository
    from jacfuzz.gate.gate import Wishes, run
    from jacfuzz.records import FOLDER
    from jacfuzz.report.terminal import TerminalReport
    from jacfuzz.settings import Settings

    repository = Repository(Path.cwd())
    change = repository.change(given["base"], given["head"])
    chosen, tables = options_of(*_configuration(repository, change), given)
    collection = _collection(paths, tables)
    seed = int(change.head[:8], 16) if given["seed"] is None else given["seed"]
    settings = Settings(
        max_examples=chosen["max_examples"], seed=seed, max_time=chosen["max_time"], shrink=not chosen["no_shrink"]
    )
    click.echo(f"{change.base[:12]}..{change.head[:12]}, seed {seed}")
    selection = select(change, collection.paths, collection.harness)
    if selection.harness:
        click.echo(
            f"The harness is touched, so every puzzle is judged; a maintainer reads {_listed(selection.harness)}"
        )
    if selection.aside:
        click.echo(f"Changed, and judged by nothing: {_listed(selection.aside)}")
    listeners = [
        TerminalReport(Console(highlight=False), -1 if given["quiet"] else 0),
        *listeners_of(chosen["report"], chosen["report_dir"].absolute(), _REPORTS),
    ]
    wishes = Wishes(
        settings,
        repository.root / FOLDER,
        chosen["isolation"],
        Limits(call=given["call_time"]),
        str(_absolute(given["python"]) or ""),
        _absolute(given["baseline"]),
        _absolute(given["write_baseline"]),
        given["allow_empty"],
    )
    return run(repository, change, collection, wishes, listeners)


def _configuration(repository: Repository, change: Change) -> tuple[bytes, str]:
    entry = change.before.get(_CONFIGURATION)
    content = repository.content(entry.blob) if entry is not None and entry.regular else b""
    return content, f"{_CONFIGURATION} at {change.base[:12]}"


def _collection(paths: tuple[str, ...], tables: dict[str, dict[str, Any]]) -> Collection:
    from jacfuzz.gate.gate import Collection
    from jacfuzz.rules import Rules

    places = paths or tuple(tables.get("gate", {}).get("paths", ()))
    if not places:
        raise UsageError(
            'which files are puzzles? give PATHS, or paths = ["puzzles"] in [tool.jacfuzz.gate] at the base'
        )
    rules = tables.get("rules")
    wanted = None if rules is None else Rules(**{**rules, "allow": frozenset(rules.get("allow", ()))})
    return Collection(places, tuple(tables.get("gate", {}).get("harness", ())), wanted)


def _listed(paths: tuple[str, ...]) -> str:
    from jacfuzz.cleaning import clean

    shown = ", ".join(clean(ascii(path)[1:-1]) for path in paths[:10])
    return f"{shown} and {len(paths) - 10} more" if len(paths) > 10 else shown


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()
