"""Whole processes: start-up, the first finding, sizes, numbers of points, workers, memory."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from jacfuzz.prefork import ONE_THREAD

_ROOT = Path(__file__).resolve().parents[2]
_EXAMPLE = _ROOT / "docs" / "example.md"
CATALOGUE = _ROOT / "targets"
_HEAVY = ("product", "sort", "relu", "cumsum")
_BATCH, _NUMBERS = 8, 2560
_MEASURING = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], capture_output=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def process_table(quick: bool, file: str | None) -> tuple[Table, dict[str, float]]:
    """Seconds of ``jacfuzz check`` with an empty and with a filled compilation cache, and until the first finding."""
    rounds = 1 if quick else 3
    page = file or str(_EXAMPLE if quick else CATALOGUE)
    table = Table("process", "seconds")
    numbers: dict[str, Any] = {}
    for name, isolation in (("none", "none"), ("process", "process")):
        colds, warms = [], []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as cache:
                colds.append(seconds_of(cache, page, "-n", "1000", "-q", "--isolation", isolation))
                warms.append(seconds_of(cache, page, "-n", "1000", "-q", "--isolation", isolation))
        numbers |= {f"cold, isolation {name}": statistics.median(colds), f"warm, {name}": statistics.median(warms)}
    with tempfile.TemporaryDirectory() as cache:
        numbers["first finding, cold"] = _first_finding(file or str(_EXAMPLE), cache)
        numbers["first finding, warm"] = _first_finding(file or str(_EXAMPLE), cache)
    for name, seconds in numbers.items():
        table.add_row(name, f"{seconds:.1f}")
    return table, {name: round(seconds, 2) for name, seconds in numbers.items()}


def scaling_table(quick: bool, file: str | None) -> tuple[Table, dict[str, Any]]:
    """Sizes, points and workers, each in a process of its own."""
    table = Table("what", "measured")
    numbers: dict[str, Any] = {}
    for n in (10, 100, 1000) if quick else (10, 100, 1000, 2000):
        speedup, memory = _apart(_dense, n)
        numbers[f"dense n={n}"] = {"full_differences_over_ours": round(speedup, 2), "peak_mb": memory}
        table.add_row(f"dense {n} x {n} Jacobian", f"{speedup:.2f} times full differences, peak {memory} MB")
    for points in (1000, 10_000) if quick else (1000, 10_000, 100_000, 1_000_000 // len(_HEAVY)):
        with tempfile.TemporaryDirectory() as cache:
            seconds_of(cache, *_HEAVY, "-n", "20", "-q")  # compiles
            one = seconds_of(cache, *_HEAVY, "-n", str(points), "-q", "-w", "0")
            memory = _peak_of(cache, *_HEAVY, "-n", str(points), "-q", "-w", "0")
        rate = points * len(_HEAVY) / one
        numbers[f"points {points}"] = {"seconds": round(one, 1), "peak_mb": memory}
        table.add_row(f"{points} points on each of {len(_HEAVY)}", f"{rate:.0f} a second; peak {memory} MB")
    points, names = (1000, _HEAVY) if quick else (100_000, ())
    with tempfile.TemporaryDirectory() as cache:
        seconds_of(cache, *names, "-n", "20", "-q")
        one, two = (seconds_of(cache, *names, "-n", str(points), "-q", "-w", str(count)) for count in (1, 2))
    numbers["two_workers"] = round(one / two, 2)
    what = "4 entries" if quick else "the catalogue"
    table.add_row(f"{points} points on each of {what}", f"two workers {one / two:.2f} times as fast, {two:.0f} s")
    return table, numbers


def _command(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("jacfuzz")), "check", *arguments]


def _environment(cache: str) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": cache, "NO_COLOR": "1"}


def seconds_of(cache: str, *arguments: str) -> float:
    """Seconds of a check with a folder as its cache, where it works, too."""
    start = time.perf_counter()
    subprocess.run(_command(*arguments), env=_environment(cache), cwd=cache, capture_output=True, check=False)
    return time.perf_counter() - start


def _peak_of(cache: str, *arguments: str) -> int:
    """Most memory of a process of a check in MB; a small process starts it, for what it starts inherits its peak."""
    command = [sys.executable, "-c", _MEASURING, *_command(*arguments)]
    done = subprocess.run(command, env=_environment(cache), cwd=cache, capture_output=True, text=True, check=True)
    return int(done.stdout) // 1024


def _first_finding(page: str, cache: str) -> float:
    """Seconds until a wrong Jacobian is on the screen of whoever watches."""
    ours, theirs = pty.openpty()
    environment = {**_environment(cache), "TERM": "xterm", "COLUMNS": "120"}
    command = _command(page, "-n", "1000", "--isolation", "none")
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, cwd=cache, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while b"FAIL" not in shown and b"fails: " not in shown:
            shown += os.read(ours, 1 << 16)
        seconds = time.perf_counter() - start
        process.kill()
    os.close(ours)
    return seconds


def _apart(call: Callable[[int], tuple[float, int]], argument: int) -> tuple[float, int]:
    os.environ.update(ONE_THREAD)  # on a machine that does something else, threads of one product wait for each other
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(call, argument).result()


def _dense(n: int) -> tuple[float, int]:
    """Time of full differences over that of the judge, a point, on a dense n x n Jacobian; peak memory in MB."""
    import jax

    from jacfuzz import make_target
    from jacfuzz.judge import Judge

    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((n, n)) / np.sqrt(n)

    def f(x: np.ndarray) -> np.ndarray:
        return np.tanh(matrix @ x)

    def jac(x: np.ndarray) -> np.ndarray:
        return (1 - f(x) ** 2)[:, None] * matrix

    with jax.enable_x64(True):
        judge = Judge(make_target(f, jac, at=(np.ones(n),)), 0)
        points = rng.standard_normal((max(_BATCH, _NUMBERS // n), n))
        judge.batch((points,))
        start = time.perf_counter()
        verdicts = judge.batch((points,))
        ours = (time.perf_counter() - start) / len(points)
    assert all(verdict.status == "pass" for verdict in verdicts), [verdict.status for verdict in verdicts]
    start = time.perf_counter()
    _full_differences(f, points[0])
    return (time.perf_counter() - start) / ours, _peak()


def _peak() -> int:
    """Most memory of this process in MB; what ``getrusage`` says is inherited from the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def _full_differences(f: Callable[[np.ndarray], np.ndarray], point: np.ndarray) -> np.ndarray:
    columns = []
    for cell in range(len(point)):
        step = np.zeros(len(point))
        step[cell] = 2.0**-17
        columns.append((f(point + step) - f(point - step)) / 2.0**-16)
    return np.stack(columns, axis=1)
