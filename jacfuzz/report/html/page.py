"""The page of a run: one file that needs no network."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished
from jacfuzz.report.html.convergence import Convergence, convergence
from jacfuzz.report.html.files import environment, text_of
from jacfuzz.report.html.heat import Figure, figure
from jacfuzz.report.html.source import Line, source_lines
from jacfuzz.report.jsonl import versions
from jacfuzz.report.plain import harmless
from jacfuzz.report.text import notes_of, place_of
from jacfuzz.result import Finding, TargetResult, severity
from jacfuzz.strategies.strata import STRATA

_SHADES = 5
_LONGEST_POINT = 240


@dataclass(frozen=True)
class Count:
    """How many points of a stratum a target had, how deep that is shaded (0 to 5), and whether one of them failed."""

    points: int
    shade: int
    failed: bool


@dataclass(frozen=True)
class Scene:
    """One failing point: where it is, and its heat maps."""

    stratum: str
    point: str
    figure: Figure


@dataclass(frozen=True)
class Shown:
    """A finding with its pictures: of the minimal point first, then of the others that were kept."""

    finding: Finding
    scenes: tuple[Scene, ...]
    convergence: Convergence | None


@dataclass(frozen=True)
class Section:
    """All that the page says of one target."""

    anchor: str
    result: TargetResult
    place: str
    counts: tuple[Count, ...]
    findings: tuple[Shown, ...]
    notes: tuple[str, ...]
    source: tuple[Line, ...]


class HtmlReport:
    """Writes the page when the run is over.

    Parameters
    ----------
    path
        The file; its folder is made.
    sources
        Source text of the targets by id.
    """

    def __init__(self, path: Path, sources: Mapping[str, str]) -> None:
        self._path = path
        self._sources = sources
        self._results: list[TargetResult] = []

    def handle(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RunStarted():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.touch()  # what cannot be written is told before the work, not after it
            case TargetFinished(result=result):
                self._results.append(result)
            case RunFinished():
                write_html(self._path, self._results, event, self._sources)


def write_html(
    path: Path, results: Sequence[TargetResult], run: RunFinished, sources: Mapping[str, str] | None = None
) -> None:
    """Write the page of a run.

    Parameters
    ----------
    path
        The file.
    results
        Of all targets; the page sorts them, worst first.
    run
        How it ended.
    sources
        Source text by the targets' ids; targets without are shown without.
    """
    path.write_text(page(results, run, sources or {}), encoding="utf-8")


def page(results: Sequence[TargetResult], run: RunFinished, sources: Mapping[str, str]) -> str:
    """Return the page of a run as text; arguments as for ``write_html``."""
    told = [(harmless(result), sources.get(result.id, "")) for result in results]
    told.sort(key=lambda pair: severity(pair[0].verdict))
    worst = [result for result, _ in told]
    strata = _strata(worst)
    sections = [_section(f"t{number}", *pair, strata) for number, pair in enumerate(told, start=1)]
    script = text_of("page.js")
    verdicts = Counter(result.verdict for result in worst)
    return (
        environment()
        .get_template("page.html")
        .render(
            sections=sections,
            strata=strata,
            run=run,
            points=sum(result.points for result in worst),
            verdicts=sorted(verdicts.items(), key=lambda item: severity(item[0])),
            versions=versions(),
            style=text_of("heat.css") + text_of("page.css"),
            script=script,
            digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def shown(finding: Finding) -> Shown:
    """Return a finding with its pictures."""
    return Shown(finding, tuple(_scenes(finding)), convergence(finding))


def _section(anchor: str, result: TargetResult, source: str, strata: Sequence[str]) -> Section:
    findings = result.findings if result.verdict != "stub" else ()
    failed = {finding.stratum for finding in findings}
    failed |= {other["stratum"] for finding in findings for other in finding.others}
    return Section(
        anchor,
        result,
        place_of(result),
        tuple(_count(result.strata.get(name, 0), name in failed) for name in strata),
        tuple(map(shown, findings)),
        tuple(note.text for note in notes_of(result)),
        tuple(source_lines(source, result)) if source.strip() else (),
    )


def _strata(results: Sequence[TargetResult]) -> list[str]:
    """Names of all strata that any target had, in the order in which they are tried."""
    met = {name for result in results for name in result.strata}
    known = [stratum.name for stratum in STRATA if stratum.name in met]
    return [*known, *sorted(met - set(known))]


def _count(points: int, failed: bool) -> Count:
    return Count(points, min(math.ceil(math.log2(points + 1) / 2), _SHADES), failed)


def _scenes(finding: Finding) -> Iterator[Scene]:
    """Yield the minimal point, then the others that look different from it."""
    seen: list[Figure] = []
    for at in (finding, *(dataclasses.replace(finding, dims={}, **other) for other in finding.others)):
        drawn = figure(at)
        if drawn is not None and drawn not in seen:
            seen.append(drawn)
            yield Scene(at.stratum, point_text(at.point), drawn)


def point_text(point: Mapping[str, Any]) -> str:
    """Return a point as assignments, cut where it is long."""
    text = "; ".join(f"{name} = {_value_text(value)}" for name, value in point.items())
    return text if len(text) <= _LONGEST_POINT else f"{text[: _LONGEST_POINT - 1]}…"


def _value_text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value_text, value))}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
