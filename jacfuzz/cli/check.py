"""``jacfuzz check``: judge files, folders, modules, or the catalogue."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jacfuzz.cli.isolation import isolation_options, readers_of
from jacfuzz.errors import NothingFound, UsageError

if TYPE_CHECKING:
    from jacfuzz.prefork import Workers
    from jacfuzz.registry import Readers
    from jacfuzz.report.events import Listener
    from jacfuzz.settings import Settings
    from jacfuzz.target import Loaded

_REPORTS = ("jsonl", "junit")


@click.command()
@click.argument("paths", nargs=-1)
@click.option("-n", "--max-examples", type=click.IntRange(min=1), help="Generic points per target.  [default: 300]")
@click.option("--max-time", type=click.FloatRange(min=0, min_open=True), help="Seconds for the whole run.")
@click.option("--seed", type=int, help="Same seed, same verdicts.  [default: 0]")
@click.option("-w", "--workers", metavar="N|auto", help="Worker processes (pytest-xdist), 0 for none.  [default: auto]")
@click.option(
    "-k", "expression", metavar="EXPR", default="", help="Only targets whose id matches, e.g. 'sort or relu'."
)
@click.option("-x", "--exitfirst", is_flag=True, help="Stop at the first target that does not pass.")
@click.option("--report", metavar="jsonl,junit", help="Reports to write.")
@click.option("--report-dir", type=click.Path(path_type=Path), help="Folder for reports.  [default: .]")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the run as a page of HTML, with pictures."
)
@click.option("--no-shrink", is_flag=True, help="Report failures as they were found.")
@click.option("--no-catalogue", is_flag=True, help="Titles and names claim no puzzle: neither shapes nor mismatches.")
@isolation_options
@click.option("--power", is_flag=True, help="Put known errors into each Jacobian instead; show what share is caught.")
@click.option("-q", "--quiet", is_flag=True, help="Only the summary line.")
@click.option("-v", "--verbose", is_flag=True, help="Also the points of every stratum.")
def check(paths: tuple[str, ...], **given: Any) -> int:
    """Check the pairs in PATHS: files (.py, .ipynb, .md, .txt), folders, module:name, names of catalogue entries.

    Without PATHS the shipped catalogue is checked.
    """
    from jacfuzz.cache import compile_in_haste, keep_compiled
    from jacfuzz.config import options
    from jacfuzz.processors import most_workers, worker_count

    chosen = options(given)
    compile_in_haste()
    keep_compiled()
    if given["power"]:
        if given["python"]:
            raise UsageError("--power runs f and jac in this process; leave out --python")
        return _measure_power(paths, given["expression"], _settings(chosen), catalogue=not chosen["no_catalogue"])
    isolation = chosen["isolation"] if paths else "none"
    each = 1 if isolation == "none" else 2
    with _forking(paths) if most_workers(chosen["workers"], each) else contextlib.nullcontext() as forked:
        with readers_of(paths, given) as readers:  # whose process begins while the rest is imported here
            from jacfuzz.cli.reports import html_report
            from jacfuzz.runner import run

            settings, listeners = _settings(chosen), _listeners(given, chosen)
            loaded = _load(paths, given["expression"], readers, catalogue=not chosen["no_catalogue"])
            if given["html"]:
                listeners.append(html_report(given["html"], loaded))
            workers = worker_count(chosen["workers"], [target.id for target in loaded.targets], each)
            if not workers:
                return run(loaded, settings, listeners, fail_fast=given["exitfirst"])
        from jacfuzz.workers import run_on_workers

        selection = ["--jacfuzz-select", given["expression"]] if given["expression"] else []
        selection += ["--jacfuzz-no-catalogue"] if chosen["no_catalogue"] else []
        selection += ["--jacfuzz-isolation", isolation]
        selection += ["--jacfuzz-python", str(given["python"])] if given["python"] else []
        # Without paths the catalogue's names stand in, since the plugin needs something to check.
        names = paths or list(dict.fromkeys(target.id.partition("::")[0] for target in loaded.targets))
        if forked is not None and isolation == "none":
            forked.load_ahead(names, workers, catalogue=not chosen["no_catalogue"])
        command = forked.command if forked is not None else None
        return run_on_workers(
            loaded, names, settings, listeners, workers, command, options=selection, fail_fast=given["exitfirst"]
        )


def _forking(paths: tuple[str, ...]) -> contextlib.AbstractContextManager[Workers | None]:
    from jacfuzz.prefork import forked_workers

    return forked_workers(paths)


def _settings(chosen: Mapping[str, Any]) -> Settings:
    from jacfuzz.records import FOLDER
    from jacfuzz.settings import Settings

    return Settings(
        max_examples=chosen["max_examples"],
        seed=chosen["seed"],
        max_time=chosen["max_time"],
        shrink=not chosen["no_shrink"],
        records=Path(FOLDER),
    )


def _listeners(given: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[Listener]:
    from rich.console import Console

    from jacfuzz.cli.reports import listeners_of, terminal_report
    from jacfuzz.report.costs import Costs

    reports = listeners_of(chosen["report"], chosen["report_dir"], _REPORTS)
    verbosity = -1 if given["quiet"] else int(given["verbose"])
    return [terminal_report(Console(highlight=False), verbosity), Costs(), *reports]


def _measure_power(paths: tuple[str, ...], expression: str, settings: Settings, *, catalogue: bool) -> int:
    """Print the share of injected errors that is caught, in this process: f and jac are called very often."""
    import jax
    from rich.console import Console

    from jacfuzz.isolation.remote import isolated
    from jacfuzz.power import power, power_table
    from jacfuzz.target import Target

    with isolated("none") as readers, jax.enable_x64(True):
        loaded = _load(paths, expression, readers, catalogue=catalogue)
        table = power_table([power(target, settings) for target in loaded.targets if isinstance(target, Target)])
    Console(highlight=False).print(table)
    return 0


def _load(paths: tuple[str, ...], expression: str, readers: Readers, *, catalogue: bool) -> Loaded:
    import jax

    from jacfuzz import registry
    from jacfuzz.selection import matches
    from jacfuzz.warm import warm_up_judge

    warm_up_judge()  # before anything is waited for that comes up meanwhile
    with jax.enable_x64(True):
        loaded = registry.find(paths, catalogue=catalogue, readers=readers)
    chosen = tuple(target for target in loaded.targets if matches(expression, target.id))
    if not chosen:
        raise NothingFound(f"-k {expression!r} matches none of {len(loaded.targets)} targets; see `jacfuzz list`")
    return dataclasses.replace(loaded, targets=chosen)
