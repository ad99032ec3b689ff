"""A run on pytest-xdist workers, kept apart from the user's own pytest configuration and plugins."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from jacfuzz.prefork import ONE_THREAD
from jacfuzz.report.costs import spread
from jacfuzz.report.events import Listener
from jacfuzz.result import Finding, TargetResult
from jacfuzz.runner import Run
from jacfuzz.settings import Settings
from jacfuzz.target import Loaded

# The attributes in which the plugin sends a result home, and how far it is; pytest wants to be the first to import it.
_RESULT, _PROGRESS = "jacfuzz_result", "jacfuzz_progress"
_CRASHED = "???"  # what xdist puts in place of the phase in the report of an item whose worker died


class WorkerError(RuntimeError):
    """A worker failed for a reason that is no target's."""


def run_on_workers(
    loaded: Loaded,
    names: Sequence[str],
    settings: Settings,
    listeners: Sequence[Listener],
    workers: int,
    command: str | None,
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
    command
        Starts one; None for Python itself.
    options
        Further options of the pytest plugin that select the same targets.

    Returns
    -------
    int
        Exit code, as of ``runner.run``.

    Raises
    ------
    WorkerError
        If a target has no result for a reason that is nobody's wish; silence would look like a pass.
    """
    run = Run(dataclasses.replace(settings, records=None), listeners, fail_fast)  # the workers save
    controller = _Controller(run, loaded)
    run.begin(len(loaded.targets), loaded.skipped)
    with _apart() as folder:
        arguments = [
            *(argument for name in names for argument in ("--jacfuzz", name)),
            *_settings_options(settings),
            *("--jacfuzz-order", " ".join(map(str, spread([target.id for target in loaded.targets], workers)))),
            *("--jacfuzz-progress", *options),
            *("--tx", f"{workers}*popen{f'//python={command}' if command else ''}", "--dist", "worksteal"),
            *("--max-worker-restart", str(len(loaded.targets))),
            *("-p", "xdist.plugin", "-p", "jacfuzz.plugin", "-p", "no:terminal", "-p", "no:cacheprovider"),
            *("-p", "no:faulthandler"),  # its dump of our own stack helps nobody; the finding names the block
            *("-p", "no:unraisableexception"),  # collects garbage for half a second
            *("-c", str(folder / "pytest.ini"), "--rootdir", os.getcwd(), "--noconftest"),
        ]
        code = pytest.main(arguments, plugins=[controller])
    interrupted = code == pytest.ExitCode.INTERRUPTED and not controller.stopped
    defect = controller.defect
    if not defect and controller.waiting and not interrupted and not controller.stopped:
        missing = ", ".join(sorted(controller.waiting))
        defect = f"the workers gave no result for {missing} (pytest ended with {code!r}); try --workers 0"
    exit_code = run.finish(len(loaded.targets), interrupted=interrupted, defect=bool(defect))
    if defect:
        raise WorkerError(defect)
    return exit_code


def _settings_options(settings: Settings) -> list[str]:
    options = ["--jacfuzz-max-examples", str(settings.max_examples), "--jacfuzz-seed", str(settings.seed)]
    if not settings.shrink:
        options.append("--jacfuzz-no-shrink")
    options += ["--jacfuzz-records", "" if settings.records is None else str(settings.records)]
    if settings.max_time is not None:
        options += ["--jacfuzz-until", str(time.time() + settings.max_time)]
    return options


@contextlib.contextmanager
def _apart() -> Iterator[Path]:
    """Give a folder with an empty pytest configuration, and an environment without plugins, options and threads."""
    changed = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": None, "PYTEST_PLUGINS": None, **ONE_THREAD}
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
    """Plugin of the controlling process: from pytest's reports to results.

    Attributes
    ----------
    waiting
        Ids of the targets that nothing is known of yet.
    stopped
        Whether the run asked to stop at a result.
    defect
        The first defect of ours, "" for none.
    """

    def __init__(self, run: Run, loaded: Loaded) -> None:
        self._run = run
        self._targets = {target.id: target for target in loaded.targets}
        self.waiting = set(self._targets)
        self.stopped = False
        self.defect = ""

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep what went wrong in pytest or a worker outside any target; True keeps its traceback off the screen."""
        self.defect = self.defect or excinfo.exconly().strip().splitlines()[-1]
        return True

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell that a worker begins with a target."""
        if nodeid in self._targets:
            self._run.start(self._targets[nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a report carries, how far a target is or its result; a worker that died leaves none."""
        content, progress = getattr(report, _RESULT, None), getattr(report, _PROGRESS, None)
        if progress is not None:
            self._run.progress(report.nodeid, *progress)
        elif content is not None:
            self._add(TargetResult.from_dict(content))
        elif report.when == _CRASHED:
            target = self._targets[report.nodeid]
            message = (
                f"{target.place}: the process died while f or jac ran (os._exit, a fault in C code, or out of memory)"
            )
            place = target.place
            finding = Finding(kind="crash", message=message)
            self._add(
                TargetResult(target.id, target.title, place.file, place.line, "fail", (finding,), cell=place.cell)
            )
        elif report.failed:
            self.defect = self.defect or str(report.longrepr).splitlines()[0]
        elif report.skipped:  # the time is over
            self.waiting.discard(report.nodeid)

    def _add(self, result: TargetResult) -> None:
        self.waiting.discard(result.id)
        if self._run.add(result):
            self.stopped = True
            pytest.exit("a target did not pass")
