"""What isolation costs, and whether frames can break the parent: seconds a target by mode, and 100,000 bad frames."""

from __future__ import annotations

import contextlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from jacfuzz import registry, search
from jacfuzz.evaluation.worker import FrameError, Item, read_item
from jacfuzz.isolation.remote import isolated
from jacfuzz.settings import Settings

_FRAMES = 100_000
_REPEATS = 5
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
            (target,) = registry.find([str(file)], readers=readers).targets
            search.run(target, Settings(max_examples=examples))
            taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def main() -> int:
    """Print the cost of each mode and the result of the fuzz."""
    with tempfile.TemporaryDirectory() as folder:
        for kind, (module, array) in _KINDS.items():
            file = Path(folder) / f"{kind}.py"
            file.write_text(_PAIR.format(module=module, array=array))
            for examples in (300, 10_000):
                times = {mode: seconds(mode, file, examples) for mode in ("none", "process", "hardened")}
                print(kind, examples, {mode: round(value, 2) for mode, value in times.items()})
    taken = fuzz(np.random.default_rng(0))
    print(f"{_FRAMES} frames: {taken} well-formed ones under the right nonce, all others refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
