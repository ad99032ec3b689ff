"""Saved failures: one readable JSON file per target, hex floats, tried first next time."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jacfuzz.errors import LoadError
from jacfuzz.result import Note, TargetResult
from jacfuzz.target import Point

FOLDER = ".jacfuzz"
_VERSION = 1


@dataclass(frozen=True)
class Record:
    """One saved failure: the target's id and title, the kind of finding, its message and its minimal point."""

    id: str
    title: str
    kind: str
    message: str
    point: Point


def save(folder: Path, result: TargetResult) -> Path | None:
    """Save the findings of a failed target that have a point; None where there is none.

    What was saved of the target before is replaced. A target that passes keeps its file, so that a failure that was
    fixed is tried first for ever. A stub saves nothing: it is no failure.
    """
    findings = [finding for finding in result.findings if finding.point and result.verdict == "fail"]
    if not findings:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    content = {
        "version": _VERSION,
        "id": result.id,
        "title": result.title,
        "failures": [
            {
                "kind": finding.kind,
                "message": finding.message,
                "point": {name: _encode(value) for name, value in finding.point.items()},
            }
            for finding in findings
        ],
    }
    path = _path(folder, result.id)
    replace_file(path, json.dumps(content, indent=1) + "\n")
    return path


def kept(folder: Path | None, result: TargetResult) -> TargetResult:
    """Save the failures of a result and return it, with a note where they cannot be saved; None is no folder."""
    try:
        if folder is not None:
            save(folder, result)
    except OSError as error:  # a full disk costs the replay, not the verdict
        reason = error.strerror or type(error).__name__
        note = Note("records", f"its failures could not be saved for replay: {folder}: {reason}")
        return dataclasses.replace(result, notes=(*result.notes, note))
    return result


def replace_file(path: Path, text: str) -> None:
    """Write a file as a whole or not at all, whatever ends this process meanwhile."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def points(folder: Path, target_id: str) -> list[Point]:
    """Return the saved points of a target, none where nothing is saved or the file cannot be read."""
    path = _path(folder, target_id)
    try:
        return [record.point for record in _read(path)] if path.exists() else []
    except LoadError:  # ``saved`` says so; a run goes on without
        return []


def saved(folder: Path) -> list[Record]:
    """Return all saved failures.

    Raises
    ------
    LoadError
        If a file of the folder is no record; the message names it.
    """
    return [record for path in sorted(folder.glob("*.json")) for record in _read(path)]


def _path(folder: Path, target_id: str) -> Path:
    slug = re.sub(r"[^\w.-]+", "-", target_id.rsplit("/", 1)[-1]).strip("-")[:60]
    return folder / f"{slug}-{hashlib.sha256(target_id.encode()).hexdigest()[:8]}.json"


def _read(path: Path) -> list[Record]:
    try:
        content = json.loads(path.read_text())
        return [
            Record(
                content["id"],
                content["title"],
                failure["kind"],
                failure["message"],
                {name: _decode(value) for name, value in failure["point"].items()},
            )
            for failure in content["failures"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LoadError(f"{path} is no saved failure ({type(error).__name__}: {error}); delete it") from None


def _encode(value: Any) -> dict[str, Any]:
    array = np.asarray(value)
    cells = [float(cell).hex() if array.dtype.kind == "f" else cell for cell in array.reshape(-1).tolist()]
    return {"shape": list(array.shape), "dtype": array.dtype.name, "cells": cells}


def _decode(value: Mapping[str, Any]) -> np.ndarray:
    cells = [float.fromhex(cell) if isinstance(cell, str) else cell for cell in value["cells"]]
    return np.array(cells, dtype=value["dtype"]).reshape(value["shape"])
