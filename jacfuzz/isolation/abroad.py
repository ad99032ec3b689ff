"""Processes of another interpreter, in whose environment the code under test lives and jacfuzz does not.

They get one archive, a program that says what to run, and two pipes.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from jacfuzz.evaluation import worker
from jacfuzz.isolation.content import content_of
from jacfuzz.loading.blocks import UNPARSABLE, Block
from jacfuzz.loading.file import read_blocks
from jacfuzz.loading.statements import imported_modules, pairs_apart

_PACKAGE = "jacfuzz_worker"
_MAIN = f"from {_PACKAGE}.program import main\n\nmain()\n"


def archive(folder: Path) -> Path:
    """Write the one file that another interpreter needs, and return it."""
    path = folder / "worker.pyz"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("__main__.py", _MAIN)
        target.writestr(f"{_PACKAGE}/__init__.py", "")
        for source in sorted(Path(worker.__file__).parent.glob("*.py")):
            if source.name != "__init__.py":
                target.write(source, f"{_PACKAGE}/{source.name}")
    return path


def become(task: dict[str, Any], own_files: Iterable[Path], requests: int, answers: int) -> NoReturn:
    """Go on as the other interpreter, which may read these files where it is hardened; for the fields see ``Task``."""
    descriptor = os.memfd_create("program", 0)
    with os.fdopen(os.dup(descriptor), "w") as file:
        ways = {
            "requests": requests,
            "answers": answers,
            "own_files": [str(path) for path in (*own_files, task["archive"])],
        }
        json.dump(_program(task) | ways, file)
    os.lseek(descriptor, 0, os.SEEK_SET)
    for passed in (descriptor, requests, answers):
        os.set_inheritable(passed, True)
    os.environ.pop("XLA_FLAGS", None)  # another jaxlib aborts at flags that it does not know
    os.execv(task["python"], [task["python"], "-I", "-B", task["archive"], str(descriptor)])


def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports; nothing is executed."""
    return frozenset().union(*(imported_modules(part.parse()) for part in _parts(path, None)))


def _program(task: dict[str, Any]) -> dict[str, Any]:
    calling = task["calling"]
    program = {
        **calling,
        "confine": task["hardened"],
        "home": task["home"],
        "module": "",
        "file": os.path.abspath(task["name"]),
        "folder": os.getcwd(),
    }
    if task["kind"] == "module":
        return program | {"module": task["name"].partition(":")[0], "file": os.devnull}
    path = Path(task["name"])
    parts = _parts(path, content_of(task))
    own = max(
        number for number, part in enumerate(parts) if part.cell == calling["cell"] and part.line <= calling["line"]
    )
    wanted = [part for number, part in enumerate(parts) if number <= own or part.unit == parts[own].unit]
    pieces = [{"source": part.source, "filename": part.filename, "line": part.line} for part in wanted]
    return program | {"pieces": pieces, "own": own, "folder": str(path.resolve().parent)}


def _parts(path: Path, content: bytes | None) -> list[Block]:
    parts: list[Block] = []
    for block in read_blocks(path, content):
        try:
            parts += pairs_apart(block, block.parse())
        except UNPARSABLE:
            continue
    return parts
