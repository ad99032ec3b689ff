"""The command group, its exit codes, and what happens to errors."""

from __future__ import annotations

import sys

import click

from jacfuzz import __version__
from jacfuzz.cli.check import check
from jacfuzz.cli.doctor import doctor
from jacfuzz.cli.gate import gate
from jacfuzz.cli.new import new
from jacfuzz.cli.replay import replay
from jacfuzz.cli.show import list_targets, show
from jacfuzz.collecting import collect_seldom, leave_in_haste
from jacfuzz.errors import IsolationError, JacfuzzError, LoadError, NothingFound

_ISSUES = "please report it with the command and the file"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="jacfuzz")
def cli() -> None:
    """Fuzz hand-written Jacobians: edge cases first, every cell judged, the smallest wrong input explained.

    Exit codes: 0 all pass, 1 something failed, errored or is unsure, 2 usage or configuration, 3 a defect of jacfuzz,
    4 nothing was checked, 130 interrupted.
    """


for command in (check, gate, replay, list_targets, show, new, doctor):
    cli.add_command(command)


def main() -> None:
    """Run the command line; every error of ours becomes one message."""
    collect_seldom()
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except IsolationError as error:
        click.echo(f"jacfuzz: {error}", err=True)
        code = 3
    except JacfuzzError as error:
        click.echo(f"jacfuzz: {error}", err=True)
        code = 4 if isinstance(error, NothingFound) else 1 if isinstance(error, LoadError) else 2
    except OSError as error:
        click.echo(f"jacfuzz: {error}; give a path that can be read, and a --report-dir that can be written", err=True)
        code = 2
    except Exception as error:  # a defect of jacfuzz: one line, no traceback
        click.echo(f"jacfuzz: internal error, {type(error).__name__}: {error}; {_ISSUES}", err=True)
        code = 3
    leave_in_haste()
    sys.exit(code)
