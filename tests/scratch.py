"""Puzzles, and a repository in the current folder that they are committed to."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

CONFIGURATION = """\
[tool.jacfuzz]
max-examples = 20
[tool.jacfuzz.gate]
paths = ["puzzles"]
harness = ["references"]
[tool.jacfuzz.rules]
columns = 60
allow = ["numpy.diag", "numpy.prod", "numpy.eye", "numpy.delete", "numpy.stack", "numpy.ones", ".shape"]
"""


def puzzle(f: str, jac: str, title: str = "Puzzle: some formula.", annotation: str = "n") -> str:
    return f'''"""{title}"""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "{annotation}"]) -> Float[np.ndarray, "{annotation}"]:
    return {f}


def jac(x: Float[np.ndarray, "{annotation}"]) -> Float[np.ndarray, "{annotation} {annotation}"]:
    return {jac}
'''


def git(*arguments: str) -> str:
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *name, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(files: Mapping[str, str | bytes | None]) -> None:
    """Commit files on top of what is there; None deletes one."""
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "-m", "change")
