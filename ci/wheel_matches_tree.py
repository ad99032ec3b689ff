"""Check that a wheel holds every file of the package folders and has one top-level package."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

FOLDERS = {"jacfuzz": "jacfuzz", "strategies": "jacfuzz/strategies", "targets": "jacfuzz/targets"}


def tree_files(root: Path) -> set[str]:
    """Return the paths that the wheel must hold, as they are named inside it."""
    return {
        f"{inside}/{path.relative_to(root / folder).as_posix()}"
        for folder, inside in FOLDERS.items()
        for path in (root / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def main(wheel: str) -> int:
    """Compare and report; 0 where both are the same."""
    root = Path(__file__).resolve().parent.parent
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = tree_files(root)
    for title, paths in (("missing from the wheel", wanted - names), ("not in the tree", names - wanted)):
        for path in sorted(paths):
            print(f"{title}: {path}")
    tops = {name.split("/")[0] for name in names}
    print(f"{len(names)} files, top level: {', '.join(sorted(tops))}")
    return 0 if names == wanted and tops == {"jacfuzz"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
