"""Checking functions at hand: ``check``, ``assert_jacobian`` and ``load``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz import registry, search
from jacfuzz.errors import JacobianError, LoadError, UsageError
from jacfuzz.evaluation.arrays import NotAnArrayError, take
from jacfuzz.loading.constants import read_constants
from jacfuzz.loading.direct import describe
from jacfuzz.loading.functions import name_of
from jacfuzz.report.text import result_text
from jacfuzz.result import Finding, Note, TargetResult, Verdict
from jacfuzz.settings import Settings
from jacfuzz.signature import ArrayType
from jacfuzz.target import Interval, Kinks, Place, Target, Unloadable


@dataclass(frozen=True)
class Report:
    """What ``check`` found; prints as text.

    Attributes
    ----------
    result
        The result as reports and JSON lines see it.
    """

    result: TargetResult

    @property
    def verdict(self) -> Verdict:
        """``pass``, ``fail``, ``error`` or ``unsure``."""
        return self.result.verdict

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The failures, each shrunk to a minimal input."""
        return self.result.findings

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is worth saying and no failure."""
        return self.result.notes

    def __str__(self) -> str:
        return result_text(self.result)

    __repr__ = __str__


def check(
    f: Callable[..., Any],
    jac: Callable[..., Any],
    *,
    at: Any = None,
    domain: Mapping[str, Interval] | None = None,
    edges: Mapping[str, Sequence[Any]] | None = None,
    kinks: Kinks = "any",
    max_examples: int = 300,
    seed: int = 0,
    shrink: bool = True,
) -> Report:
    """Fuzz a Jacobian.

    Parameters
    ----------
    f
        Takes one or several arrays and returns one. Plain functions, lambdas, jitted functions and partials of NumPy,
        jax, torch or plain Python code.
    jac
        Takes the same and returns the Jacobian, of shape ``f(x).shape + x.shape``; a tuple of them for several
        arguments.
    at
        One example value per argument, in a tuple or list; for one argument also the value itself. Gives the shapes
        where f is not annotated, and is itself tried first.
    domain
        Closed interval per argument name, None for an open end.
    edges
        Values or arrays per argument name that are always tried.
    kinks
        What passes at a non-differentiable point: ``"any"`` legal Jacobian, legal ``"rows"``, or what ``"jax"`` gives.
    max_examples
        Generic points, beside every stratum.
    seed
        Same seed, same verdict.
    shrink
        Whether failures are shrunk.

    Returns
    -------
    Report
        Never raises for a wrong Jacobian; see ``assert_jacobian``.

    Raises
    ------
    UsageError
        If f or jac is no function, or ``at``, ``domain``, ``edges`` or ``kinks`` cannot be meant so.
    LoadError
        If the shape of an argument is neither annotated nor given.
    """
    for name, function in (("f", f), ("jac", jac)):
        if not callable(function):
            raise UsageError(f"{name} is {type(function).__name__}, expected a function")
    with _float64():
        target = _target(f, jac, at, domain or {}, edges or {}, kinks)
        return Report(search.run(target, Settings(max_examples=max_examples, seed=seed, shrink=shrink)))


def assert_jacobian(f: Callable[..., Any], jac: Callable[..., Any], **options: Any) -> None:
    """Raise ``JacobianError`` unless ``check(f, jac, **options)`` passes; the message is the report.

    Raises
    ------
    JacobianError
        If the verdict is anything but ``pass``.
    """
    __tracebackhide__ = True
    report = check(f, jac, **options)
    if report.verdict != "pass":
        raise JacobianError(f"\n{report}")


def load(path: str, title: str | None = None) -> Target:
    """Load one pair of a file, module or the catalogue; its ``f`` and ``jac`` can be called.

    Parameters
    ----------
    path
        A path, ``module:name``, the name of a catalogue entry, or the id that a report gives (``path::title``).
    title
        Which pair; needed where there are several.

    Raises
    ------
    LoadError
        If there is no such pair, or it cannot be loaded; the message lists what there is.
    """
    source, _, rest = path.partition("::")
    wanted = title or rest
    with _float64():
        targets = registry.find([source]).targets
    chosen = [target for target in targets if not wanted or wanted in (target.title, target.id.partition("::")[2])]
    exact = [target for target in chosen if target.id == path]
    found = exact or chosen
    if len(found) != 1:
        titles = "\n".join(f"  {target.id}" for target in targets)
        problem = "holds several pairs" if found else f"holds no pair {wanted!r}"
        raise LoadError(f"{source} {problem}; give one of these ids:\n{titles}")
    if isinstance(found[0], Unloadable):
        raise LoadError(found[0].message)
    return found[0]


@contextlib.contextmanager
def _float64() -> Iterator[None]:
    """Run jax in float64, and leave its configuration as it was."""
    import jax

    with jax.enable_x64(True):
        yield


def _target(
    f: Callable[..., Any],
    jac: Callable[..., Any],
    at: Any,
    domain: Mapping[str, Interval],
    edges: Mapping[str, Sequence[Any]],
    kinks: Kinks,
) -> Target:
    examples = _examples(at)
    try:
        signature, array_type = describe(f, jac, tuple(example.shape for example in examples))
    except LoadError as error:
        # The comment that gives shapes in a file has no place beside functions at hand.
        problem = str(error).partition(", or add the line")[0]
        raise type(error)(f"{problem}, or give an example, `at=(x, ...)`") from None
    names = [argument.name for argument in signature.arguments]
    try:
        said = read_constants({"DOMAIN": domain, "EDGES": edges, "KINKS": kinks}, tuple(names), "in this call")
    except LoadError as error:
        raise UsageError(str(error)) from None
    if examples and len(examples) != len(names):
        raise UsageError(f"at has {len(examples)} values, but f takes {len(names)} arguments: {', '.join(names)}")
    tried = {name: said.edges.get(name, ()) for name in names}
    for name, example in zip(names, examples, strict=False):
        tried[name] = (example, *tried[name])
    title = name_of(f)
    return Target(
        id=title,
        title=title,
        place=Place("<python>"),
        f=f,
        jac=jac,
        signature=signature,
        array_type=_library_of(at) or array_type,
        domain=said.domain,
        edges=tried,
        kinks=said.kinks,
    )


def _library_of(at: Any) -> ArrayType | None:
    """Kind of array that the examples are, where they are of a library that NumPy code knows nothing of."""
    modules = {type(value).__module__.partition(".")[0] for value in _values(at)}
    if "torch" in modules:
        return "torch"
    return "jax" if modules & {"jax", "jaxlib"} else None


def _values(at: Any) -> Sequence[Any]:
    return () if at is None else at if isinstance(at, (tuple, list)) else (at,)


def _examples(at: Any) -> tuple[np.ndarray, ...]:
    try:
        return tuple(np.asarray(take(value), dtype=float) for value in _values(at))
    except NotAnArrayError as error:
        raise UsageError(f"at holds {error}; expected one array or number per argument") from None
