"""``jacfuzz new``: a puzzle to fill in."""

from __future__ import annotations

import keyword
from pathlib import Path

import click

from jacfuzz.errors import UsageError

_TEMPLATE = '''\
"""{title}: say in words what each entry of f is.

Say which mistakes the puzzle catches.
"""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x  # put your function here


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return 0 * np.eye(x.shape[0])  # fill in
'''


@click.command()
@click.argument("name")
def new(name: str) -> int:
    """Write the template of a puzzle. NAME is a name such as log_sum_exp, or a path such as puzzles/log_sum_exp.py."""
    path = Path(name if name.endswith(".py") else f"{name}.py")
    stem = path.stem
    if not (stem.isidentifier() and stem == stem.lower() and stem[0] != "_") or keyword.iskeyword(stem):
        raise UsageError(f"{name!r}: {stem!r} is no Python name in lower case; name it as in log_sum_exp")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is no folder; make it, or give a path in one that is there")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEMPLATE.format(title=stem.replace("_", " ").capitalize()))
    except FileExistsError:
        raise UsageError(f"{path} is there already and stays as it is; give another name") from None
    click.echo(
        f"{path} is written. Next:\n"
        f"  1. put your function into f, and say in the docstring what it is\n"
        f"  2. name every axis in the annotations, of jac too: f's axes, then x's\n"
        f"  3. write jac by hand\n"
        f"  4. jacfuzz check {path}"
    )
    return 0
