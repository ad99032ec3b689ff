"""``jacfuzz replay``: saved failures, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jacfuzz.cli.isolation import isolation_options, readers_of
from jacfuzz.errors import IsolationError, JacfuzzError, NothingFound

if TYPE_CHECKING:
    from jacfuzz.records import Record
    from jacfuzz.registry import Readers


@click.command()
@click.argument("wanted", metavar="[ID | PATH]", required=False, default="")
@isolation_options
def replay(wanted: str, **given: Any) -> int:
    """Judge saved failures again: FIXED, STILL FAILS or ERROR for each. Exit code 1 if any is not fixed."""
    from jacfuzz.cache import compile_in_haste, keep_compiled

    compile_in_haste()
    keep_compiled()
    import jax

    from jacfuzz.records import FOLDER, saved

    records = [record for record in saved(Path(FOLDER)) if _is_wanted(record.id, wanted)]
    if not records:
        raise NothingFound(
            f"no saved failure{f' of {wanted}' if wanted else ''} in {FOLDER}; run `jacfuzz check` first"
        )
    states = []
    with readers_of([record.id for record in records], given) as readers, jax.enable_x64(True):
        for record in records:
            state, text = _state(record, readers)
            states.append(state)
            click.echo(f"{state:11}  {record.id}  {record.kind}")
            if text:
                click.echo(text)
    return 0 if all(state == "FIXED" for state in states) else 1


def _is_wanted(target_id: str, wanted: str) -> bool:
    return not wanted or target_id == wanted or target_id.partition("::")[0] == wanted


def _state(record: Record, readers: Readers) -> tuple[str, str]:
    from jacfuzz.api import load
    from jacfuzz.report.text import finding_text
    from jacfuzz.search import replay as judge
    from jacfuzz.settings import Settings

    try:
        result = judge(load(record.id, readers=readers), [record.point], Settings())
    except IsolationError:
        raise
    except JacfuzzError as error:
        return "ERROR", f"  {error}"
    if not result.points:
        return "ERROR", "  the saved point no longer fits the arguments of f"
    if result.undefined_points:
        return "ERROR", "  f raises, or returns nan or inf, at the saved point"
    if result.unsure_points:
        return "ERROR", "  the saved point cannot be settled: differences of f do not agree there"
    if result.verdict == "pass":
        return "FIXED", ""
    return "STILL FAILS", "\n\n".join(finding_text(result, finding) for finding in result.findings)
