"""Which files a target's code is made of: what a process without rights may read of the folder that it lies in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from jacfuzz.errors import JacfuzzError
from jacfuzz.isolation.abroad import imports


def own_files(name: str, kind: str) -> list[Path]:
    """Return a file, or what ``module:name`` names in the current folder, and all that it imports from its folder.

    Nothing is executed. Packages are returned as folders; links that lead out of the folder are left out.

    Parameters
    ----------
    name, kind
        As in ``Task``.
    """
    if kind == "module":
        folder = Path.cwd()
        waiting = list(_beside(folder, name.partition(":")[0].partition(".")[0]))
    else:
        folder = Path(name).resolve().parent
        waiting = [Path(name).resolve()]
    found: list[Path] = []
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.append(path)
            waiting += [other for module in _imported(path) for other in _beside(folder, module)]
    return found


def _beside(folder: Path, module: str) -> Iterator[Path]:
    """Yield the file or package that a module is in a folder."""
    for path in (folder / f"{module}.py", folder / module):
        if path.exists() and path.resolve().is_relative_to(folder.resolve()):
            yield path.resolve()


def _imported(path: Path) -> set[str]:
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    modules: set[str] = set()
    for file in files:
        with contextlib.suppress(JacfuzzError):  # what cannot be read is told when it is loaded
            modules |= imports(file)
    return modules
