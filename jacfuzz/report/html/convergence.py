"""How difference quotients of f come closer to the reference as the step shrinks, and not to the candidate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jacfuzz.report.matrix import comparable, number_text
from jacfuzz.result import Finding

WIDTH, HEIGHT = 420, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 92, 12, 34
_FEWEST = 4
_ROUND_OFF = 1e-16
_SAME = 1e-12


@dataclass(frozen=True)
class Tick:
    """A place on an axis and its label."""

    place: float
    label: str


@dataclass(frozen=True)
class Curve:
    """A polyline in the units of the drawing, named at its end."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Convergence:
    """A log-log plot: the distance of the quotient from a value, over the step, from coarse to fine."""

    title: str
    curves: tuple[Curve, ...]
    steps: tuple[Tick, ...]
    distances: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    bottom: int = HEIGHT - _BOTTOM
    right: int = WIDTH - _RIGHT


def convergence(finding: Finding) -> Convergence | None:
    """Return the plot of a finding; None where it has too few quotients, or none to compare them with."""
    if len(finding.quotients) < _FEWEST or not finding.cells or not comparable(finding):
        return None
    cell = finding.cells[0]
    values = {"to reference": _at(finding.reference, cell), "to candidate": _at(finding.candidate, cell)}
    known = {name: value for name, value in values.items() if isinstance(value, (int, float)) and math.isfinite(value)}
    if "to reference" not in known:
        return None
    steps = [step for step, _ in finding.quotients]
    away = {name: [abs(slope - value) for _, slope in finding.quotients] for name, value in known.items()}
    size = max(abs(value) for value in known.values()) or 1.0
    if len(known) == 1 and max(away["to reference"]) <= _SAME * size:
        return None  # one flat line: f is linear there
    low, high = _decades([max(gap, _ROUND_OFF * size) for gaps in away.values() for gap in gaps])
    coarse, fine = math.log10(steps[0]), math.log10(steps[-1])

    def across(step: float) -> float:
        return _LEFT + (coarse - math.log10(step)) / (coarse - fine) * (WIDTH - _LEFT - _RIGHT)

    def down(gap: float) -> float:
        share = (math.log10(max(gap, _ROUND_OFF * size)) - low) / (high - low)
        return _TOP + (1 - share) * (HEIGHT - _TOP - _BOTTOM)

    curves = [
        Curve(name, tuple((round(across(h), 1), round(down(gap), 1)) for h, gap in zip(steps, gaps, strict=True)))
        for name, gaps in away.items()
    ]
    return Convergence(
        _title(finding, values),
        _apart(curves),
        tuple(Tick(round(across(10.0**n), 1), _power(n)) for n in range(math.floor(coarse), math.ceil(fine) - 1, -2)),
        tuple(Tick(round(down(10.0**n), 1), _power(n)) for n in range(low, high + 1, max((high - low) // 4, 1))),
    )


def _title(finding: Finding, values: dict[str, Any]) -> str:
    right, given = (number_text(values[f"to {name}"]) for name in ("reference", "candidate"))
    return (
        f"Central differences of f for J[{', '.join(map(str, finding.cells[0]))}]; reference {right}, candidate {given}"
    )


def _at(value: Any, cell: Sequence[int]) -> Any:
    for index in cell:
        value = value[index]
    return value


def _decades(sizes: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
    return low, max(high, low + 2)


def _power(exponent: int) -> str:
    digits = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "1" if exponent == 0 else f"10{digits}"


def _apart(curves: list[Curve]) -> tuple[Curve, ...]:
    """Leave out the candidate's curve where it lies on the reference's, digits that no picture shows apart."""
    return tuple(curve for number, curve in enumerate(curves) if not number or curve.points != curves[0].points)
