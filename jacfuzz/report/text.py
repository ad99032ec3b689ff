"""Results as plain text: readable at 80 columns, without colour, in logs."""

from __future__ import annotations

import re
import textwrap

from jacfuzz.report.picture import picture, text_of
from jacfuzz.result import Finding, Note, TargetResult

_WIDTH = 78


def place_of(result: TargetResult) -> str:
    """Return where a target was written, for a person."""
    cell = f", cell {result.cell}" if result.cell is not None else ""
    return f"{result.file}{cell}, line {result.line}"


def result_text(result: TargetResult) -> str:
    """Return all that is said of a target."""
    lines = [headline(result)]
    for finding in result.findings:
        lines += ["", finding_text(result, finding)]
    lines += [wrapped(f"note: {note.text}", "  ") for note in notes_of(result)]
    return "\n".join(lines)


def notes_of(result: TargetResult) -> list[Note]:
    """Return the notes that everybody should read, without those on how the search went."""
    return [note for note in result.notes if note.kind != "boundaries"]


def headline(result: TargetResult) -> str:
    """Return one line: verdict, title, and how much was tried."""
    kinds = ", ".join(finding.kind for finding in result.findings if result.verdict == "fail")
    tried = f"{result.points} points" if result.points else ""
    if result.undefined_points:
        tried += f", f undefined at {result.undefined_points}"
    if result.unsure_points:
        tried += f", {result.unsure_points} unsure"
    parts = [f"{result.verdict.upper():6} {result.title}", kinds, tried]
    return "  ".join(part for part in parts if part)


def finding_text(result: TargetResult, finding: Finding) -> str:
    """Return a finding: place, message, the matrices where they are small, and how to reproduce it."""
    lines = [said(result, finding)]
    if result.verdict == "error":
        return lines[0]
    drawn = matrices(finding)
    if drawn:
        lines += ["", textwrap.indent(drawn, "    ")]
    return "\n".join([*lines, *reproduction_lines(result, finding)])


def said(result: TargetResult, finding: Finding) -> str:
    """Return kind, count and place of a finding, and its message."""
    if result.verdict == "error":
        return wrapped(finding.message, "  ")
    often = f" at {finding.points} of {result.points} points" if finding.points and result.points else ""
    return f"  {finding.kind}{often}; {place_of(result)}\n{wrapped(finding.message, '  ')}"


def reproduction_lines(result: TargetResult, finding: Finding) -> list[str]:
    """Return how to see the finding again; none where it cannot be pasted."""
    if not finding.reproduce:
        return []
    lines = ["", "  Reproduce with:", "", textwrap.indent(finding.reproduce, "    ")]
    if finding.point and result.file != "<python>":
        lines += ["", f'  or: jacfuzz replay "{result.id}"']
    return lines


def matrices(finding: Finding) -> str:
    """Return candidate and reference side by side, wrong cells marked ``>``; "" where they are no matrices."""
    return text_of(picture(finding))


def wrapped(text: str, indent: str) -> str:
    """Fill to the width; code in backticks is not broken, since people paste it."""
    whole = re.sub(r"`[^`\n]+`", lambda code: code.group().replace(" ", "\0"), text)
    return "\n".join(
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in whole.splitlines()
    ).replace("\0", " ")
