"""Every contribution of ``tests/contributions.py`` through the gate, side by side: each has to get its answer.

Prints a line of JSON per mode; exit code 1 where an answer is not among the right ones.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from contributions import ROWS

_CONFIGURATION = '[tool.jacfuzz.gate]\npaths = ["puzzles"]\n'
_OPTIONS = ("-n", "1", "--no-shrink", "--call-time", "3", "--report", "jsonl", "--quiet")


def answers(names: Sequence[str], mode: str, folder: Path) -> dict[str, set[str]]:
    """Return verdict and kinds of findings by contribution, from one run of the gate on a repository made for it."""
    _git(folder, "init", "--quiet", "-b", "main")
    _commit(folder, {"pyproject.toml": _CONFIGURATION})
    _git(folder, "checkout", "--quiet", "-b", "change")
    # Pages hold answers; a Python file would be asked to be a new puzzle, too.
    _commit(folder, {f"puzzles/{name}.md": f"```python\n{ROWS[name].source}```\n" for name in names})
    gate = [sys.executable, "-c", "from jacfuzz.cli import main; main()", "gate", "--base", "main"]
    subprocess.run([*gate, *_OPTIONS, "--isolation", mode], cwd=folder, check=False)
    found: dict[str, set[str]] = {}
    for line in (folder / "jacfuzz.jsonl").read_text().splitlines():
        content = json.loads(line)
        if content["event"] == "target":
            kinds = {finding["kind"] for finding in content["findings"]}
            found[Path(content["file"]).stem] = {content["verdict"], *kinds}
    return found


def _commit(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    _git(folder, "add", "--all")
    _git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "change")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def main() -> int:
    """Run the gate once a mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="contributions; all where none is named")
    parser.add_argument("--modes", nargs="+", default=["process", "hardened"])
    given = parser.parse_args()
    names = given.names or list(ROWS)
    surprises = 0
    for mode in given.modes:
        with tempfile.TemporaryDirectory() as folder:
            found = answers(names, mode, Path(folder))
        odd = {
            name: sorted(found.get(name, ()))
            for name in names
            if not found.get(name, set()) & set(getattr(ROWS[name], mode).split())
        }
        print(json.dumps({"bench": "hostile", "mode": mode, "contributions": len(names), "surprises": odd}))
        surprises += len(odd)
    return int(surprises > 0)


if __name__ == "__main__":
    sys.exit(main())
