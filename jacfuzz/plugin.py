"""pytest plugin: ``pytest --jacfuzz PATH`` gives an item a target.

Imported by every pytest run on the machine, so it imports nothing else at the top: a run without ``--jacfuzz`` pays
for this file alone.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from jacfuzz.search import Watch
    from jacfuzz.settings import Settings
    from jacfuzz.target import Target, Unloadable

RESULT = "jacfuzz_result"
"""Attribute of a report that carries the result of its target, also home from a worker."""

PROGRESS = "jacfuzz_progress"
"""Attribute of a report that a worker sends in between: points, strata that had any, what failed first."""

_PAUSE = 0.2  # seconds between two such reports, unless something fails

_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--jacfuzz-max-examples", {"type": int, "default": 300, "help": "generic points per target"}),
    ("--jacfuzz-seed", {"type": int, "default": 0, "help": "same seed, same verdicts"}),
    ("--jacfuzz-no-shrink", {"action": "store_true", "help": "report failures as they were found"}),
    ("--jacfuzz-no-catalogue", {"action": "store_true", "help": "titles and names claim no puzzle"}),
    ("--jacfuzz-select", {"default": "", "metavar": "EXPR", "help": "only targets whose id matches, as -k of jacfuzz"}),
    ("--jacfuzz-order", {"default": "", "metavar": "NUMBERS", "help": "numbers of the targets, as workers take them"}),
    ("--jacfuzz-records", {"default": ".jacfuzz", "metavar": "DIR", "help": "folder of saved failures, tried first"}),
    (
        "--jacfuzz-isolation",
        {"default": "process", "choices": ("none", "process", "hardened"), "help": "as --isolation"},
    ),
    ("--jacfuzz-python", {"default": "", "metavar": "PATH", "help": "as --python: interpreter of their environment"}),
    ("--jacfuzz-progress", {"action": "store_true", "help": "workers tell in between how far a target is"}),
    ("--jacfuzz-until", {"type": float, "default": None, "help": "start no target after this time since the epoch"}),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("jacfuzz", "fuzzing of hand-written Jacobians")
    group.addoption(
        "--jacfuzz", action="append", default=[], metavar="PATH", help="check the pairs in PATH; repeatable"
    )
    for name, attributes in _OPTIONS:
        group.addoption(name, **attributes)


def pytest_configure(config: pytest.Config) -> None:
    """Leave out the project's own tests unless they are asked for."""
    if config.getoption("--jacfuzz") and config.args_source != pytest.Config.ArgsSource.ARGS:
        config.args[:] = []


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add an item per target, in the order of the sources or in that given."""
    names = config.getoption("--jacfuzz")
    if not names:
        return
    import contextlib

    import jax

    from jacfuzz import registry
    from jacfuzz.errors import JacfuzzError
    from jacfuzz.isolation.remote import isolated
    from jacfuzz.runner import siblings_of
    from jacfuzz.selection import matches

    try:
        with jax.enable_x64(True):
            processes = contextlib.ExitStack()  # until the session ends
            config.add_cleanup(processes.close)
            where = isolated(config.getoption("--jacfuzz-isolation"), python=config.getoption("--jacfuzz-python"))
            readers = processes.enter_context(where)
            catalogue = not config.getoption("--jacfuzz-no-catalogue")
            targets = registry.find(names, catalogue=catalogue, readers=readers).targets
        chosen = [target for target in targets if matches(config.getoption("--jacfuzz-select"), target.id)]
    except JacfuzzError as error:
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(str(error)) from None
        # The usage error of an xdist worker is lost on its way home; a failed collection is told.
        report = pytest.CollectReport("--jacfuzz", "failed", longrepr=str(error), result=[])
        config.hook.pytest_collectreport(report=report)
        return
    order = [int(number) for number in config.getoption("--jacfuzz-order").split()] or range(len(chosen))
    for target in [chosen[number] for number in order]:
        item = TargetItem.from_parent(session, name=target.id, nodeid=target.id)
        item.target, item.siblings = target, siblings_of(target, targets)
        items.append(item)


class TargetFailedError(Exception):
    """A target did not pass; carries the text to show."""


class TargetItem(pytest.Item):
    """One target as a pytest item."""

    target: Target | Unloadable
    siblings: tuple[Target | Unloadable, ...]
    result: dict[str, Any] | None = None

    def runtest(self) -> None:
        """Judge the target; anything but a pass fails, a stub is skipped."""
        import time
        import warnings

        import jax

        from jacfuzz import records, search
        from jacfuzz.report.text import result_text

        until = self.config.getoption("--jacfuzz-until")
        remaining = None if until is None else until - time.time()
        if remaining is not None and remaining <= 0:
            pytest.skip("the time is over")
        deadline = None if remaining is None else time.monotonic() + remaining
        settings = self._settings()
        with jax.enable_x64(True), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = search.run(self.target, settings, self.siblings, deadline, self._watch())
        result = records.kept(settings.records, result)
        self.result = result.to_dict()
        if result.verdict == "stub":
            pytest.skip("not filled in yet")
        if result.verdict != "pass":
            raise TargetFailedError(result_text(result))

    def _watch(self) -> Watch:
        """Return what follows the search: a worker tells its controller, where that asks for it."""
        import time

        told = (time.monotonic(), "")

        def tell(points: int, strata: int, failure: str) -> None:
            nonlocal told
            now = time.monotonic()
            if asked and (failure != told[1] or now > told[0] + _PAUSE):
                told = now, failure
                report = pytest.TestReport(self.nodeid, self.location, {}, "passed", None, "setup")
                setattr(report, PROGRESS, (points, strata, failure))
                self.ihook.pytest_runtest_logreport(report=report)

        asked = self.config.getoption("--jacfuzz-progress") and hasattr(self.config, "workerinput")
        return tell

    def _settings(self) -> Settings:
        from jacfuzz.settings import Settings

        option = self.config.getoption
        records = option("--jacfuzz-records")
        return Settings(
            max_examples=option("--jacfuzz-max-examples"),
            seed=option("--jacfuzz-seed"),
            shrink=not option("--jacfuzz-no-shrink"),
            records=Path(records) if records else None,
        )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the findings, or a defect of ours in one line, instead of a traceback."""
        if isinstance(excinfo.value, TargetFailedError):
            return str(excinfo.value)
        if self.config.getoption("fulltrace", default=False):
            return super().repr_failure(excinfo, style)
        return f"{excinfo.exconly()}\nThis is a defect of jacfuzz; please report it with what --full-trace shows."

    def reportinfo(self) -> tuple[str, int, str]:
        """Give the place of the target's block."""
        place = self.target.place
        return place.file, place.line - 1, self.target.title


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report carry the result home, also from an xdist worker."""
    report = yield
    if isinstance(item, TargetItem) and call.when == "call" and item.result is not None:
        setattr(report, RESULT, item.result)
    return report
