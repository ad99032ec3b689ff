"""Which pairs the executed blocks hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard

from jacfuzz.loading.captures import Call
from jacfuzz.loading.execute import Failure, Run
from jacfuzz.loading.functions import name_of
from jacfuzz.loading.names import Names, same_function
from jacfuzz.loading.statements import INDEX_PREFIX
from jacfuzz.target import Target

CONSTANTS = ("DOMAIN", "EDGES", "KINKS")


@dataclass
class Pair:
    """Functions that belong together: ``f, jac``, or one index function.

    Attributes
    ----------
    functions
        Two in the array format, one in the index format.
    run
        The block they were found in.
    call
        The call of the notebook's checker that names them.
    constants
        ``DOMAIN`` and its like, as far as they belong to this pair.
    alone
        Whether the block holds no other pair.
    """

    functions: tuple[Callable[..., Any], ...]
    run: Run
    call: Call | None
    constants: Names
    alone: bool = True

    @property
    def line(self) -> int:
        """Line of the first definition, or of the block where the functions come from elsewhere."""
        return min(self._lines, default=self.run.block.line)

    @property
    def last_line(self) -> float:
        """Line of the last definition; what fails after it does not matter to the pair."""
        return max(self._lines, default=math.inf)

    @property
    def name(self) -> str:
        """Name of f, or of the index function."""
        return name_of(self.functions[0])

    @property
    def _lines(self) -> list[int]:
        lines, bound = self.run.lines, self.run.bound
        return [
            lines[name]
            for name in lines.keys() & bound.keys()
            if any(bound[name] is function for function in self.functions)
        ]


@dataclass(frozen=True)
class Broken:
    """A pair whose own definition failed."""

    name: str
    run: Run
    failure: Failure


@dataclass(frozen=True)
class Given:
    """A ready ``Target`` that the file itself made."""

    target: Target
    run: Run


Found: TypeAlias = Pair | Broken | Given


def collect(runs: Iterable[Run]) -> list[Found]:
    """Return what the blocks hold, in order, each pair once.

    A call of the notebook's checker names its functions itself; it may stand in a later block than they do.
    """
    found: list[Found] = []
    given: list[Target] = []
    pending: Names = {}
    for run in runs:
        pending |= {name: run.bound[name] for name in CONSTANTS if name in run.bound}
        here: list[Found] = [Broken(name, run, failure) for name, failure in _broken(run)]
        pairs: list[Pair] = []
        for functions, call in _candidates(run):
            known = _known(functions, [*[item for item in found if isinstance(item, Pair)], *pairs])
            if known is None:
                pairs.append(Pair(functions, run, call, pending))
            elif known.call is None:
                known.call = call
        for pair in pairs:
            pair.alone = len(pairs) == 1
        here += pairs
        for value in run.bound.values():
            if isinstance(value, Target) and not any(value is target for target in given):
                given.append(value)
                here.append(Given(value, run))
        found += here
        if here:
            pending = {}
    return found


def _candidates(run: Run) -> list[tuple[tuple[Callable[..., Any], ...], Call | None]]:
    """Functions by name, then those that calls of the checker name."""
    named: list[tuple[tuple[Callable[..., Any], ...], Call | None]] = []
    f, jac = run.names.get("f"), run.bound.get("jac")
    if _is_function(f) and _is_function(jac) and not _lost(run, "f"):
        named.append(((f, jac), None))
    named += [
        ((value,), None) for name, value in run.bound.items() if name.startswith(INDEX_PREFIX) and _is_function(value)
    ]
    return named + [(call.functions, call) for call in run.calls]


def _is_function(value: Any) -> TypeGuard[Callable[..., Any]]:
    return callable(value) and not isinstance(value, type)


def _known(functions: tuple[Callable[..., Any], ...], pairs: Iterable[Pair]) -> Pair | None:
    for pair in pairs:
        if len(pair.functions) == len(functions) and all(map(same_function, pair.functions, functions)):
            return pair
    return None


def _broken(run: Run) -> list[tuple[str, Failure]]:
    """Names of pairs whose definition failed in this block, so that there is no pair or only a stale one."""
    broken: list[tuple[str, Failure]] = []
    for failure in run.failures:
        for name in sorted(failure.names):
            needed = name == "jac" or name.startswith(INDEX_PREFIX) or (name == "f" and "jac" in run.bound)
            if needed and _lost(run, name):
                broken.append((name, failure))
    return broken[:1] if any(name in ("f", "jac") for name, _ in broken) else broken


def _lost(run: Run, name: str) -> bool:
    """Whether the last definition of a name in a block failed."""
    last = max((failure.place.line for failure in run.failures if name in failure.names), default=0)
    return last > run.lines.get(name, 0)
