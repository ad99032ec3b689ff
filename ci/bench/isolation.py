"""What isolation costs and withstands: seconds a target by mode, 100,000 bad frames, 20 processes that breed.

Prints a line of JSON for each.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jacfuzz import registry, search
from jacfuzz.ahead import one_ahead
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.evaluation.worker import FrameError, Item, read_item
from jacfuzz.isolation import tree
from jacfuzz.isolation.remote import isolated
from jacfuzz.settings import Settings
from jacfuzz.target import Target

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from contributions import ROWS

_FRAMES = 100_000
_REPEATS = 5
_BREEDERS = 20
_PAIR = """import {module} as np
from jaxtyping import Float, Array
A = {array}

def f(x: Float[A, "n"]) -> Float[A, "n"]:
    return x**2

def jac(x: Float[A, "n"]) -> Float[A, "n n"]:
    return np.diag(2 * x)
"""
_KINDS = {"numpy": ("numpy", "np.ndarray"), "jax": ("jax.numpy", "Array")}


def reader(data: bytes) -> Callable[[int], bytes]:
    """Return what reads exactly so many bytes of the data."""
    stream = io.BytesIO(data)

    def read(count: int) -> bytes:
        found = stream.read(count)
        if len(found) < count:
            raise EOFError
        return found

    return read


def fuzz(rng: np.random.Generator) -> int:
    """Read random and mutated frames; return how many were taken for items, each under the nonce it must bear."""
    nonce, taken = rng.bytes(16), 0
    for number in range(_FRAMES):
        item = Item(int(rng.integers(256)), "text", rng.standard_normal(tuple(rng.integers(0, 4, rng.integers(0, 4)))))
        frame = bytearray(rng.bytes(int(rng.integers(100))) if number % 4 == 0 else item.encoded(nonce))
        for place in rng.integers(0, max(1, len(frame)), rng.integers(0, 5)):
            frame[place : place + 1] = rng.bytes(1)
        with contextlib.suppress(FrameError, EOFError):
            read_item(reader(bytes(frame)), nonce, 1 << 20)
            if not frame.startswith(nonce):
                raise AssertionError("a frame without the nonce was taken")
            taken += 1
    return taken


def seconds(mode: str, file: Path, examples: int) -> float:
    """Median seconds that one target takes, after a first one that warms up."""
    taken = []
    with isolated(mode) as readers:  # type: ignore[arg-type]  # a mode by name
        for _ in range(_REPEATS + 1):
            start = time.perf_counter()
            (target,) = one_ahead(registry.find([str(file)], readers=readers).targets)
            search.run(target, Settings(max_examples=examples))
            taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


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


def main() -> int:
    """Print the cost of each mode, the result of the fuzz, and what is left of processes that breed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="300 points only")
    counts = (300,) if parser.parse_args().quick else (300, 10_000)
    with tempfile.TemporaryDirectory() as scratch, jax.enable_x64(True):
        folder = Path(scratch)
        for kind, (module, array) in _KINDS.items():
            file = folder / f"{kind}.py"
            file.write_text(_PAIR.format(module=module, array=array))
            for examples in counts:
                times = {mode: round(seconds(mode, file, examples), 3) for mode in ("none", "process", "hardened")}
                print(json.dumps({"bench": "isolation", "pair": kind, "points": examples, **times}))
        left = {name: left_behind(name, folder) for name in ("daemon", "fork_bomb")}
    taken = fuzz(np.random.default_rng(0))
    print(json.dumps({"bench": "breeders", "repeats": _BREEDERS, "left": left}))
    print(json.dumps({"bench": "frames", "frames": _FRAMES, "taken under the right nonce": taken}))
    return int(any(left.values()))


if __name__ == "__main__":
    sys.exit(main())
