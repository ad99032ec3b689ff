"""What isolation costs: seconds a target and a command by mode, and how many processes are left of 20 that breed.

Every repeat judges a file of its own in a run of its own, so that nothing is compiled already; a command finds an empty
cache. Prints a line of JSON for each pair and number of points, for each command, and one for what is left.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

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

_REPEATS, _COMMANDS = 5, 3
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
_MODES: tuple[Mode | Literal["none"], ...] = ("none", "process", "hardened")
_KINDS = {
    "numpy": _PAIR.replace("{module}", "numpy").replace("{array}", "np.ndarray"),
    "jax": _PAIR.replace("{module}", "jax.numpy").replace("{array}", "Array"),
    "numpy loop": _LOOP,
}


def seconds(mode: Mode | Literal["none"], kind: str, examples: int, folder: Path) -> float:
    """Median seconds that one target takes, after a first one that warms up; starting the run does not count."""
    taken = []
    for number in range(1, _REPEATS + 2):
        file = folder / f"{kind.replace(' ', '_')}_{mode}_{examples}_{number}.py"
        file.write_text(_KINDS[kind].format(number=number))
        with isolated(mode) as readers:
            if mode != "none":
                registry.find([str(_warm(folder))], readers=readers)
            start = time.perf_counter()
            (target,) = one_ahead(registry.find([str(file)], readers=readers).targets)
            search.run(target, Settings(max_examples=examples))
            taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def command(mode: Mode | Literal["none"], path: Path, examples: int) -> float:
    """Median seconds of a whole ``jacfuzz check`` in one process of its own, whatever that starts."""
    taken = []
    for _ in range(_COMMANDS):
        with tempfile.TemporaryDirectory() as cache:
            taken.append(seconds_of(cache, str(path), "-n", str(examples), "-w", "0", "-q", "--isolation", mode))
    return statistics.median(taken)


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


def _tell(name: str, path: Path, examples: int) -> None:
    """Print what a command takes in either mode, one mode after the other."""
    times = {mode: round(command(mode, path, examples), 2) for mode in _MODES[:2]}
    print(json.dumps({"bench": "command", "check": name, "points": examples, **times}), flush=True)


def main() -> int:
    """Print the cost of each mode, the result of the fuzz, and what is left of processes that breed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 points only")
    counts = (300,) if parser.parse_args().quick else (300, 10_000)
    with tempfile.TemporaryDirectory() as scratch, jax.enable_x64(True):
        folder = Path(scratch)
        for kind in _KINDS:
            for examples in counts:
                times = {mode: round(seconds(mode, kind, examples, folder), 3) for mode in _MODES}
                print(json.dumps({"bench": "isolation", "pair": kind, "points": examples, **times}))
        for kind in _KINDS:
            path = folder / f"{kind.replace(' ', '_')}.py"
            path.write_text(_KINDS[kind].format(number=1))
            _tell(kind, path, counts[-1])
        if len(counts) > 1:
            _tell("catalogue", CATALOGUE, counts[-1])
        left = {name: left_behind(name, folder) for name in ("daemon", "fork_bomb")}
    print(json.dumps({"bench": "breeders", "repeats": _BREEDERS, "left": left}))
    return int(any(left.values()))


if __name__ == "__main__":
    sys.exit(main())
