"""A run on pytest-xdist workers, kept apart from the user's own pytest configuration and plugins."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from jacfuzz.report.events import Listener
from jacfuzz.result import Finding, TargetResult
from jacfuzz.runner import Run
from jacfuzz.settings import Settings
from jacfuzz.target import Loaded

# A worker per processor: threads of their own would only get in each other's way.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip(),
}
_RESULT = "jacfuzz_result"  # the attribute in which the plugin sends a result home
_CRASHED = "???"  # what xdist puts in place of the phase in the report of an item whose worker died


def run_on_workers(
    loaded: Loaded,
    names: Sequence[str],
    settings: Settings,
    listeners: Sequence[Listener],
    workers: int,
    *,
    options: Sequence[str] = (),
    fail_fast: bool = False,
) -> int:
    """Judge targets on worker processes.

    Parameters
    ----------
    loaded
        The targets, as this process loaded them.
    names
        What they were loaded from; every worker loads it for itself.
    settings, listeners, fail_fast
        As for ``runner.run``.
    workers
        How many.
    options
        Further options of the pytest plugin that select the same targets.

    Returns
    -------
    int
        Exit code, as of ``runner.run``.
    """
    run = Run(settings, listeners, fail_fast)
    run.begin(len(loaded.targets), loaded.skipped)
    with _apart() as folder:
        arguments = [
            *(argument for name in names for argument in ("--jacfuzz", name)),
            *_settings_options(settings),
            *options,
            *(["--exitfirst"] if fail_fast else []),
            *("-n", str(workers), "--dist", "worksteal"),
            *("-p", "xdist.plugin", "-p", "jacfuzz.plugin", "-p", "no:terminal", "-p", "no:cacheprovider"),
            *("-c", str(folder / "pytest.ini"), "--rootdir", os.getcwd(), "--noconftest"),
        ]
        code = pytest.main(arguments, plugins=[_Controller(run, loaded)])
    return run.finish(len(loaded.targets), interrupted=code == pytest.ExitCode.INTERRUPTED and not fail_fast)


def _settings_options(settings: Settings) -> list[str]:
    options = ["--jacfuzz-max-examples", str(settings.max_examples), "--jacfuzz-seed", str(settings.seed)]
    if not settings.shrink:
        options.append("--jacfuzz-no-shrink")
    if settings.records is not None:
        options += ["--jacfuzz-records", str(settings.records)]
    if settings.max_time is not None:
        options += ["--jacfuzz-until", str(time.time() + settings.max_time)]
    return options


@contextlib.contextmanager
def _apart() -> Iterator[Path]:
    """Give a folder with an empty pytest configuration, and an environment without plugins, options and threads."""
    changed = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": None, "PYTEST_PLUGINS": None, **_ONE_THREAD}
    before = {name: os.environ.get(name) for name in changed}
    with tempfile.TemporaryDirectory(prefix="jacfuzz-") as folder:
        (Path(folder) / "pytest.ini").write_text("[pytest]\n")
        _set(changed)
        try:
            yield Path(folder)
        finally:
            _set(before)


def _set(variables: dict[str, Any]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


class _Controller:
    """Plugin of the controlling process: from pytest's reports to results."""

    def __init__(self, run: Run, loaded: Loaded) -> None:
        self._run = run
        self._targets = {target.id: target for target in loaded.targets}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result that a report carries; a worker that died leaves none."""
        content = getattr(report, _RESULT, None)
        if content is not None:
            self._run.add(TargetResult.from_dict(content))
        elif report.when == _CRASHED:
            target = self._targets[report.nodeid]
            message = (
                f"{target.place}: the process died while f or jac ran (os._exit, a fault in C code, or out of memory)"
            )
            place = target.place
            finding = Finding(kind="crash", message=message)
            self._run.add(
                TargetResult(target.id, target.title, place.file, place.line, "fail", (finding,), cell=place.cell)
            )
