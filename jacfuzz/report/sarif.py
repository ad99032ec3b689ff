"""SARIF 2.1.0 for code scanning: a result per finding, with fingerprints that outlast a change of seed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from jacfuzz.report.events import Event, RunFinished, RunStarted, TargetFinished
from jacfuzz.report.jsonl import versions
from jacfuzz.result import Kind, TargetResult

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_UNSURE = "unsure"
_RULES = {name: f"JF{number:03}" for number, name in enumerate((*get_args(Kind), _UNSURE), start=1)}


class SarifReport:
    """Writes the file when the run is over.

    Parameters
    ----------
    path
        The file; its folder is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: list[dict[str, Any]] = []

    def handle(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case RunStarted():
                self._path.parent.mkdir(parents=True, exist_ok=True)
            case TargetFinished(result=result):
                self._results += _results(result)
            case RunFinished():
                self._path.write_text(json.dumps(_document(self._results, event), indent=1) + "\n", encoding="utf-8")


def _document(results: list[dict[str, Any]], run: RunFinished) -> dict[str, Any]:
    rules = [{"id": id, "name": name, "shortDescription": {"text": name}} for name, id in _RULES.items()]
    driver = {"name": "jacfuzz", "version": versions().get("jacfuzz", "0"), "rules": rules}
    invocation = {"executionSuccessful": not run.interrupted and run.exit in (0, 1, 4), "exitCode": run.exit}
    content = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [content]}


def _results(result: TargetResult) -> list[dict[str, Any]]:
    if result.verdict == "unsure":
        why = "; ".join(note.text for note in result.notes if note.kind == _UNSURE)
        return [_result(result, _UNSURE, why or "the verdict is unsure", "warning")]
    if result.verdict == "stub":
        return []
    return [_result(result, finding.kind, finding.message, "error") for finding in result.findings]


def _result(result: TargetResult, kind: str, message: str, level: str) -> dict[str, Any]:
    rule = _RULES[kind]
    place = {"artifactLocation": {"uri": quote(Path(result.file).as_posix())}, "region": {"startLine": result.line}}
    fingerprint = hashlib.sha256(f"{result.id}\n{rule}".encode()).hexdigest()[:32]
    return {
        "ruleId": rule,
        "ruleIndex": list(_RULES).index(kind),
        "level": level,
        "message": {"text": message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"target/v1": fingerprint},
    }
