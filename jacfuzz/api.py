"""Checking functions at hand: ``check``, ``assert_jacobian`` and ``load``."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jacfuzz import registry, search
from jacfuzz.errors import JacobianError, LoadError, UsageError
from jacfuzz.forms import Form
from jacfuzz.functions import Args, make_target
from jacfuzz.hints import explained
from jacfuzz.report.text import result_text
from jacfuzz.result import Finding, Note, TargetResult, Verdict
from jacfuzz.settings import Settings
from jacfuzz.target import Interval, Kinks, Target, Unloadable


@dataclass(frozen=True)
class Report:
    """What ``check`` found; prints as text, and shows as heat maps in a notebook.

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

    def _repr_html_(self) -> str:
        from jacfuzz.report.html.fragment import result_html

        return result_html(self.result)

    def show(self) -> None:
        """Plot the findings with matplotlib.

        Raises
        ------
        UsageError
            If matplotlib is not installed.
        """
        from jacfuzz.report.plot import plot

        plot(self.result)


def check(
    f: Callable[..., Any] | Target,
    jac: Callable[..., Any] | Form | None = None,
    *,
    at: Any = None,
    args: Args = (),
    domain: Mapping[str, Interval | str] | None = None,
    edges: Mapping[str, Sequence[Any]] | None = None,
    kinks: Kinks = "any",
    noise: float = 0.0,
    max_examples: int = 300,
    max_time: float | None = None,
    seed: int = 0,
    shrink: bool = True,
) -> Report:
    """Fuzz a Jacobian.

    Parameters
    ----------
    f
        Takes one or several arrays and returns one. Plain functions, lambdas, jitted functions and partials of NumPy,
        jax, torch or plain Python code. Or a target, of ``make_target`` or ``jacfuzz.adapters``, without ``jac``.
    jac
        Takes the same and returns the Jacobian, of shape ``f(x).shape + x.shape``; a tuple of them for several
        arguments. Stated otherwise: in its form, such as ``forms.VJP(my_vjp)``; see ``jacfuzz.forms``.
    at
        One example value per argument, in a tuple or list; for one argument also the value itself. Gives the shapes
        where f is not annotated, is itself tried first, and further points are drawn at its scale too. A Python number
        stands for a Python number.
    args
        Further arguments of f and jac that are fixed: a tuple, passed after the others, or a dict, passed by name.
    domain
        Interval per argument name: a pair is closed, with None for no end; text such as ``"(0, 1]"`` or
        ``"(0, inf)"`` may leave its ends out.
    edges
        Values or arrays per argument name that are always tried.
    kinks
        What passes at a non-differentiable point: ``"any"`` legal Jacobian, legal ``"rows"``, or what ``"jax"`` gives.
    noise
        Relative error of f's values, at most 0.01, where f is computed to that only: by a solver with a tolerance, by
        sampling. What such values cannot show is not held against jac.
    max_examples
        Generic points, beside every stratum.
    max_time
        Seconds after which no further points are tried; the verdict is of those that were, and a note says so.
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
        If f or jac is no function, an option cannot be meant so, or f has no derivative of the stated form.
    LoadError
        If the shape of an argument is neither annotated nor given.
    """
    with _float64():
        if isinstance(f, Target):
            if jac is not None or at is not None or args or domain or edges or kinks != "any" or noise:
                raise UsageError(
                    "a target has its own jac, at, args, domain, edges, kinks and noise; give check nothing but it"
                )
            target = f
        elif jac is None:
            raise UsageError("jac is missing; write check(f, jac), or check(target)")
        else:
            target = make_target(f, jac, at=at, args=args, domain=domain, edges=edges, kinks=kinks, noise=noise)
        settings = Settings(max_examples=max_examples, seed=seed, max_time=max_time, shrink=shrink)
        deadline = None if max_time is None else time.monotonic() + max_time
        result = search.run(target, settings, deadline=deadline)
        return Report(explained(result, target))


def assert_jacobian(
    f: Callable[..., Any] | Target, jac: Callable[..., Any] | Form | None = None, **options: Any
) -> None:
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


def load(path: str, title: str | None = None, *, readers: registry.Readers | None = None) -> Target:
    """Load one pair of a file, module or the catalogue; its ``f`` and ``jac`` can be called.

    Parameters
    ----------
    path
        A path, ``module:name``, the name of a catalogue entry, or the id that a report gives (``path::title``).
    title
        Which pair; needed where there are several.
    readers
        How files and modules are loaded; in this process where not given.

    Raises
    ------
    LoadError
        If there is no such pair, or it cannot be loaded; the message lists what there is.
    """
    source, _, rest = path.partition("::")
    wanted = title or rest
    with _float64():
        targets = registry.find([source], readers=readers).targets
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
