"""What isolation costs: seconds a target and a command by mode, and how many processes are left of 20 that breed.

Every repeat judges a file of its own in a run of its own, so that nothing is compiled already; a command finds an empty
cache. The modes take turns, and each figure is the median of as many turns; what a mode adds is the median of what it
added in a turn. Prints a line of JSON for each pair and number of points, for each command, and one for what is left.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import jax
import numpy as np

from jacfuzz import registry, search
from jacfuzz.ahead import one_ahead
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.isolation import tree
from jacfuzz.isolation.limits import Mode
from jacfuzz.isolation.remote import isolated
from jacfuzz.settings import Settings
from jacfuzz.target import Target

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from contributions import ROWS
from processes import CATALOGUE, seconds_of

_REPEATS, _COMMANDS = 7, 3
_BREEDERS = 20
_PAIR = """import {module} as np
from jaxtyping import Float, Array
A = {array}

def f(x: Float[A, "n"]) -> Float[A, "n"]:
    return {number} * x**2

def jac(x: Float[A, "n"]) -> Float[A, "n n"]:
    return np.diag({number} * 2 * x)
"""
_LOOP = """import numpy as np
from jaxtyping import Float

def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    y = {number} * x
    for _ in range(40):
        y = np.sin(y) + x
    return y

def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    y, slope = {number} * x, {number} * np.ones_like(x)
    for _ in range(40):
        y, slope = np.sin(y) + x, np.cos(y) * slope + 1
    return np.diag(slope)
"""
_Mode: TypeAlias = Mode | Literal["none"]
_MODES: tuple[_Mode, ...] = ("none", "process", "hardened")
_KINDS = {
    "numpy": _PAIR.replace("{module}", "numpy").replace("{array}", "np.ndarray"),
    "jax": _PAIR.replace("{module}", "jax.numpy").replace("{array}", "Array"),
    "numpy loop": _LOOP,
}


def seconds(mode: _Mode, kind: str, number: int, examples: int, folder: Path) -> float:
    """Seconds that one target takes, a new one for each number; starting the run does not count."""
    file = folder / f"{kind.replace(' ', '_')}_{mode}_{examples}_{number}.py"
    file.write_text(_KINDS[kind].format(number=number))
    with isolated(mode) as readers:
        if mode != "none":
            registry.find([str(_warm(folder))], readers=readers)
        start = time.perf_counter()
        (target,) = one_ahead(registry.find([str(file)], readers=readers).targets)
        search.run(target, Settings(max_examples=examples))
        return time.perf_counter() - start


def command_seconds(mode: _Mode, path: Path, examples: int) -> float:
    """Seconds of a whole ``jacfuzz check`` in one process of its own, whatever that starts."""
    with tempfile.TemporaryDirectory() as cache:
        return seconds_of(cache, str(path), "-n", str(examples), "-w", "0", "-q", "--isolation", mode)


def _told(turns: Sequence[Mapping[_Mode, float]]) -> dict[str, float]:
    """Return the medians of all modes, and of what ``process`` adds to ``none``, in seconds and as a part of it."""
    told: dict[str, float] = {mode: statistics.median(turn[mode] for turn in turns) for mode in turns[0]}
    told["adds"] = statistics.median(turn["process"] - turn["none"] for turn in turns)
    told["part"] = statistics.median(turn["process"] / turn["none"] - 1 for turn in turns)
    return {name: round(number, 3) for name, number in told.items()}


def _warm(folder: Path) -> Path:
    """A file whose loading waits until the run has started."""
    file = folder / "warm.py"
    file.write_text("f = jac = abs\n")
    return file


def left_behind(name: str, folder: Path) -> int:
    """Return how many processes are left after a contribution was called so many times."""
    file = folder / f"{name}.py"
    file.write_text(ROWS[name].source)
    before = tree.descendants(os.getpid())
    with isolated("process") as readers:
        for _ in range(_BREEDERS):
            (target,) = registry.find([str(file)], readers=readers).targets
            assert isinstance(target, Target)
            host: Any = host_of(target)
            host.evaluate((np.ones((1, 3)),))
            host.close()
    return len(tree.descendants(os.getpid()) - before)


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def main() -> int:
    """Print the cost of each mode, the result of the fuzz, and what is left of processes that breed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 points only")
    counts = (300,) if parser.parse_args().quick else (300, 10_000)
    with tempfile.TemporaryDirectory() as scratch, jax.enable_x64(True):
        folder = Path(scratch)
        for kind in _KINDS:
            for examples in counts:
                turns = [  # the first of which warms up
                    {mode: seconds(mode, kind, number, examples, folder) for mode in _MODES}
                    for number in range(1, _REPEATS + 2)
                ]
                _print({"bench": "isolation", "pair": kind, "points": examples, **_told(turns[1:])})
        paths = {kind: folder / f"{kind.replace(' ', '_')}.py" for kind in _KINDS}
        for kind, path in paths.items():
            path.write_text(_KINDS[kind].format(number=1))
        if len(counts) > 1:
            paths["catalogue"] = CATALOGUE
        for name, path in paths.items():
            turns = [{mode: command_seconds(mode, path, counts[-1]) for mode in _MODES[:2]} for _ in range(_COMMANDS)]
            _print({"bench": "command", "check": name, "points": counts[-1], **_told(turns)})
        left = {name: left_behind(name, folder) for name in ("daemon", "fork_bomb")}
    _print({"bench": "breeders", "repeats": _BREEDERS, "left": left})
    return int(any(left.values()))


if __name__ == "__main__":
    sys.exit(main())
