"""Known findings: excused as long as the code is the same and still fails at the stored point; else stale."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jacfuzz import records
from jacfuzz.errors import UsageError
from jacfuzz.result import Finding, Note, TargetResult

_VERSION = 1


@dataclass(frozen=True)
class Known:
    """A finding that maintainers know of.

    Attributes
    ----------
    id, kind
        The target, and the kind of its finding.
    source
        Object id of the file that was judged; another text is another matter.
    point
        Where it fails, nested lists by argument; empty where the kind has no point.
    """

    id: str
    kind: Any
    source: str
    point: Mapping[str, Any]


def read(path: Path) -> tuple[Known, ...]:
    """Read a baseline.

    Raises
    ------
    UsageError
        If the file is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != _VERSION:
            raise ValueError(f"version {content['version']}")
        return tuple(Known(**entry) for entry in content["known"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} is no baseline ({type(error).__name__}: {error}); write one with --write-baseline"
        ) from None


def write(path: Path, results: Iterable[TargetResult], sources: Mapping[str, str]) -> None:
    """Write the findings of a run as known ones.

    Parameters
    ----------
    path
        The file.
    results
        Of the run.
    sources
        Object ids by file.
    """
    known = [
        dataclasses.asdict(Known(result.id, finding.kind, sources.get(result.file, ""), finding.point))
        for result in results
        for finding in result.findings
        if result.verdict == "fail"
    ]
    path.write_text(json.dumps({"version": _VERSION, "known": known}, indent=1) + "\n", encoding="utf-8")


def remember(known: Sequence[Known], folder: Path) -> None:
    """Save the stored points as failures, so that the search tries them first."""
    for id in dict.fromkeys(entry.id for entry in known):
        findings = tuple(Finding(entry.kind, "", point=dict(entry.point)) for entry in known if entry.id == id)
        records.save(folder, TargetResult(id, id, "", 1, "fail", findings))


def excuse(result: TargetResult, known: Sequence[Known], sources: Mapping[str, str]) -> TargetResult:
    """Turn the known findings of a result into notes; it passes if none is left."""
    if result.verdict != "fail":
        return result
    kinds = {entry.kind for entry in known if _is_of(entry, result, sources)}
    left = tuple(finding for finding in result.findings if finding.kind not in kinds)
    notes = tuple(
        Note("known", f"known, by the baseline: {finding.message}")
        for finding in result.findings
        if finding.kind in kinds
    )
    return dataclasses.replace(result, verdict="fail" if left else "pass", findings=left, notes=(*result.notes, *notes))


def stale(
    known: Sequence[Known], results: Sequence[TargetResult], sources: Mapping[str, str], files: Iterable[str], name: str
) -> list[TargetResult]:
    """Return a failed result for every entry that no longer holds.

    Parameters
    ----------
    known
        The baseline.
    results
        Of the run, before anything was excused.
    sources
        Object ids of the judged files.
    files
        All files of the repository.
    name
        Of the baseline.
    """
    there = set(files)
    found = []
    for entry in known:
        file = entry.id.partition("::")[0]
        if file in sources:
            fails = any(_is_of(entry, r, sources) and any(f.kind == entry.kind for f in r.findings) for r in results)
            if fails:
                continue
            reason = "it was written for another text" if sources[file] != entry.source else "it no longer fails there"
        elif file in there:
            continue  # not judged this time
        else:
            reason = "there is no such file"
        message = f"{name}: the entry {entry.kind} of {entry.id} is stale: {reason}; delete it from the baseline"
        finding = Finding(kind="rule", message=message)
        found.append(TargetResult(f"{name}::{entry.id} {entry.kind}", entry.id, name, 1, "fail", (finding,)))
    return found


def _is_of(entry: Known, result: TargetResult, sources: Mapping[str, str]) -> bool:
    return entry.id == result.id and sources.get(result.file) == entry.source
