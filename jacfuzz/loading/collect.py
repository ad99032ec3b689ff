"""Which pairs the executed blocks hold."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any, TypeAlias, TypeGuard

from jacfuzz.loading.captures import Call
from jacfuzz.loading.execute import Failure, Run
from jacfuzz.loading.functions import name_of, plain
from jacfuzz.loading.names import Names, same_function
from jacfuzz.loading.statements import INDEX_PREFIX
from jacfuzz.target import Place, Target

Functions: TypeAlias = tuple[Callable[..., Any], ...]

CONSTANTS = ("DOMAIN", "EDGES", "KINKS")
COMPANIONS = ("{}_jac", "jac_{}", "{}_jacobian")
"""What the Jacobian of a function may be called."""


@dataclass
class Pair:
    """Functions that belong together: ``f, jac``, or one index function.

    Attributes
    ----------
    name
        What f or the index function is called in the block.
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

    name: str
    functions: Functions
    run: Run
    call: Call | None
    constants: Names
    alone: bool = True

    @property
    def line(self) -> int:
        """Line of the first definition, or of the block where the functions come from elsewhere."""
        return min(self.lines, default=self.run.block.line)

    @property
    def last_line(self) -> float:
        """Line of the last definition; what fails after it does not matter to the pair."""
        return max(self.lines, default=math.inf)

    @property
    def lines(self) -> list[int]:
        """Lines of the definitions in the block."""
        lines, bound = self.run.lines, self.run.bound
        return [
            lines[name]
            for name in lines.keys() & bound.keys()
            if any(bound[name] is function for function in self.functions)
        ]


@dataclass(frozen=True)
class Broken:
    """A pair that is not whole; the message says why and what to do."""

    run: Run
    place: Place
    message: str


@dataclass(frozen=True)
class Given:
    """A ready ``Target`` that the file itself made, and its name there."""

    target: Target
    run: Run
    name: str


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
        here: list[Found] = [*_broken(run)]
        pairs: list[Pair] = []
        for name, functions, call in _candidates(run):
            known = _known(functions, [*[item for item in found if isinstance(item, Pair)], *pairs])
            if known is None:
                pairs.append(Pair(name, functions, run, call, pending))
            elif known.call is None:
                known.call = call
        for pair in pairs:
            pair.alone = len(pairs) == 1
            pair.constants = _own(pair, pairs)
        here += pairs
        for name, value in run.bound.items():
            if isinstance(value, Target) and not any(value is target for target in given):
                given.append(value)
                here.append(Given(value, run, name))
        found += here
        if here:
            pending = {}
    return found


def _candidates(run: Run) -> list[tuple[str, Functions, Call | None]]:
    """Functions by name, ``g`` and ``g_jac`` among them, then those that calls of the checker name."""
    found: list[tuple[str, Functions, Call | None]] = []
    f, jac = run.names.get("f"), run.bound.get("jac")
    if _is_function(f) and _is_function(jac) and _failure_of(run, "f") is None:
        found.append(("f", (f, jac), None))
    for name, value in run.bound.items():
        if name.startswith(INDEX_PREFIX) and _is_function(value):
            found.append((name, (value,), None))
        elif _is_function(value) and getattr(plain(value), "__annotations__", {}).keys() - {"return"}:
            # Without annotations the names alone would make a pair of any two helpers.
            companions = [run.bound.get(companion.format(name)) for companion in COMPANIONS]
            found += [(name, (value, companion), None) for companion in companions if _is_function(companion)]
    for call in run.calls:
        name = name_of(call.functions[0])
        found.append((name if name.isidentifier() else "f", call.functions, call))
    return found


def _own(pair: Pair, pairs: Sequence[Pair]) -> Names:
    """Return a pair's constants without the arguments that only other pairs of the block have."""
    own = _parameters(pair)
    others = {name for other in pairs for name in _parameters(other)} - own
    return {
        constant: {name: entry for name, entry in value.items() if name not in others}
        if isinstance(value, Mapping)
        else value
        for constant, value in pair.constants.items()
    }


def _parameters(pair: Pair) -> set[str]:
    try:
        return set(inspect.signature(plain(pair.functions[0])).parameters)
    except (TypeError, ValueError):  # compiled code may have no signature
        return set()


def _is_function(value: Any) -> TypeGuard[Callable[..., Any]]:
    return callable(value) and not isinstance(value, type)


def _known(functions: tuple[Callable[..., Any], ...], pairs: Iterable[Pair]) -> Pair | None:
    for pair in pairs:
        if len(pair.functions) == len(functions) and all(map(same_function, pair.functions, functions)):
            return pair
    return None


def _broken(run: Run) -> list[Broken]:
    """Pairs whose definition failed in this block, or that have no f."""
    for name in ("f", "jac"):
        failure = _failure_of(run, name)
        if failure is not None and (name == "jac" or "jac" in run.bound):
            return [_failed(run, failure, name)]
    jac, f = run.bound.get("jac"), run.names.get("f")
    if isinstance(jac, FunctionType) and not _is_function(f) and not any(jac in call.functions for call in run.calls):
        place = run.block.place(run.lines.get("jac"))
        got = f"f is of type {type(f).__name__}" if "f" in run.names else "there is none"
        return [Broken(run, place, f"{place}: jac has no function f beside it ({got}); define f(x) in the same block")]
    names = {name for failure in run.failures for name in failure.names if name.startswith(INDEX_PREFIX)}
    failures = [(name, _failure_of(run, name)) for name in sorted(names)]
    return [_failed(run, failure, name) for name, failure in failures if failure is not None]


def _failed(run: Run, failure: Failure, name: str) -> Broken:
    return Broken(run, failure.place, f"{failure}; correct it, since it defines `{name}`")


def _failure_of(run: Run, name: str) -> Failure | None:
    """Return the failure of the last definition of a name in a block; None where that succeeded."""
    failures = [failure for failure in run.failures if name in failure.names]
    return failures[-1] if failures and failures[-1].place.line > run.lines.get(name, 0) else None
