"""What a run leaves that is killed: every finding it had shown is on disk and replays, and no process goes on.

Starts ``jacfuzz check`` on wrong pairs and kills it at random moments. ``--starts N`` (200), ``--quick`` for 8.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jacfuzz import api, records, search
from jacfuzz.isolation import tree
from jacfuzz.settings import Settings

_PAIRS = 6
_PAIR = """import numpy as np
from jaxtyping import Float

def f(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2"]:
    return x**2 + {number} * x

def jac(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2 2"]:
    return 2 * x + {number}
"""  # a wrong shape is found soon
_OPTIONS = ("-n", "20", "--no-shrink", "--workers", "0", "--report", "jsonl")
_COMMAND = (sys.executable, "-c", "from jacfuzz.cli import main; main()", "check", "pairs", *_OPTIONS)
_SECONDS = 60.0


@dataclass(frozen=True)
class Aftermath:
    """What was there after a kill: findings shown, those of them lost, those that do not replay, living processes."""

    shown: int
    lost: int
    mute: int
    left: int


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start a run over wrong pairs in an empty folder."""
    (folder / "pairs").mkdir(parents=True)
    for number in range(1, _PAIRS + 1):
        (folder / "pairs" / f"pair{number}.py").write_text(_PAIR.format(number=number))
    output = subprocess.DEVNULL
    return subprocess.Popen(_COMMAND, cwd=folder, stdout=output, stderr=output, start_new_session=True)


def killed(folder: Path, moment: float) -> Aftermath:
    """Kill a run after so many seconds, and look at what is there."""
    process = start(folder)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(moment)
    below = tree.descendants(process.pid)
    process.kill()
    process.wait()
    found = list(shown(folder))
    saved = [(record.id, _key(record.point)) for record in records.saved(folder / records.FOLDER)]
    lost = [id for id, point in found if (id, point) not in saved]
    with contextlib.chdir(folder):
        mute = [id for id, point in found if not replays(id, point)]
    return Aftermath(len(found), len(lost), len(mute), len(still_alive(below)))


def shown(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the id of the target and the point of every finding in the whole lines of the report."""
    report = folder / "jacfuzz.jsonl"
    for line in report.read_text().split("\n")[:-1] if report.exists() else []:
        content = json.loads(line)
        for finding in content.get("findings", []):
            yield content["id"], _key(finding["point"])


@functools.cache
def replays(id: str, point: str) -> bool:
    """Whether a point fails again; all runs are over the same pairs."""
    values = {name: np.array(value) for name, value in json.loads(point).items()}
    with jax.enable_x64(True):
        return search.replay(api.load(id), [values], Settings()).verdict == "fail"


def still_alive(pids: set[int]) -> set[int]:
    """Return those of the processes that have not ended after a while."""
    deadline = time.monotonic() + _SECONDS
    while (alive := pids & tree.Snapshot().processes) and time.monotonic() < deadline:
        time.sleep(0.02)
    return alive


def _key(point: Mapping[str, Any]) -> str:
    return json.dumps({name: np.asarray(value).tolist() for name, value in sorted(point.items())})


def many(starts: int, seed: int = 0) -> Iterator[Aftermath]:
    """Yield what is left of each of so many runs, killed between their start and a little after their end."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        begun = time.monotonic()
        yield killed(Path(scratch) / "whole", _SECONDS)
        whole = time.monotonic() - begun
        for number in range(starts):
            yield killed(Path(scratch) / str(number), rng.uniform(0.3, 1.1) * whole)


def main() -> int:
    """Print a line of JSON; exit code 1 where anything was lost or left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="8 starts")
    given = parser.parse_args()
    found = list(many(8 if given.quick else given.starts))
    total = {name: sum(getattr(after, name) for after in found) for name in ("shown", "lost", "mute", "left")}
    print(json.dumps({"bench": "kills", "starts": len(found) - 1, **total}))
    return int(any(total[name] for name in ("lost", "mute", "left")) or not total["shown"])


if __name__ == "__main__":
    sys.exit(main())
