"""What may be looked at: contributed files are chosen, checked as data, and written to a folder of their own."""

from __future__ import annotations

import importlib.util
import io
import re
import sys
import tokenize
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jacfuzz.errors import LoadError
from jacfuzz.gate.changes import Change, Entry, Repository
from jacfuzz.loading.file import SUFFIXES
from jacfuzz.result import Finding
from jacfuzz.rules import Rules, breaches_of

_MOST_BYTES = 1_000_000
_MOST_BREACHES = 10
_PART = re.compile(r"[^\W_][\w .,()+&'-]*")  # a part of a path: no hidden file, no option, nothing that cannot be seen
_CONFIGURATION = "pyproject.toml"
_NOT_PUZZLES = ("conftest", "setup", "sitecustomize", "usercustomize")


@dataclass(frozen=True)
class Selection:
    """What a change asks to be judged.

    Attributes
    ----------
    entries
        The files, in order.
    harness
        Touched paths that decide how puzzles are judged; where there are any, ``entries`` are all puzzles.
    aside
        Other touched paths: nothing judges them.
    """

    entries: tuple[Entry, ...]
    harness: tuple[str, ...]
    aside: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """A file that is not executed, and why: findings, with the line of the first."""

    path: str
    findings: tuple[Finding, ...]
    line: int = 1


def select(change: Change, paths: Sequence[str], harness: Sequence[str]) -> Selection:
    """Choose the puzzles that a change touches; all of them where it touches the harness.

    Parameters
    ----------
    change
        What lies between the two commits.
    paths
        Folders and files that hold puzzles; ``"."`` for all.
    harness
        Folders and files that decide how puzzles are judged: references, tools, workflows. The configuration,
        ``pyproject.toml``, always does.
    """
    decisive = tuple(path for path in change.touched if _within(path, (_CONFIGURATION, *harness)))
    chosen = [
        entry
        for path, entry in sorted(change.files.items())
        if (decisive or path in change.touched) and _is_puzzle(entry, paths)
    ]
    judged = {entry.path for entry in chosen}
    gone = {path for path in change.touched if path not in change.files}
    aside = tuple(path for path in change.touched if path not in judged | gone and path not in decisive)
    return Selection(tuple(chosen), decisive, aside)


def _within(path: str, places: Sequence[str]) -> bool:
    parents = {str(parent) for parent in (PurePosixPath(path), *PurePosixPath(path).parents)}
    return any(str(PurePosixPath(place)) in parents for place in places)


def _is_puzzle(entry: Entry, paths: Sequence[str]) -> bool:
    """Whether an entry is to be judged; a link or submodule is, to be refused."""
    path = PurePosixPath(entry.path)
    kind = not entry.regular or (path.suffix.lower() in SUFFIXES and not path.name.startswith("_"))
    return kind and _within(entry.path, paths)


def admit(repository: Repository, entry: Entry, rules: Rules | None, folder: Path) -> Refusal | None:
    """Write a file below ``folder`` under its own path, or say why not; nothing is executed.

    Parameters
    ----------
    repository
        Where its content is read from.
    entry
        The file.
    rules
        Of the collection; None for none.
    folder
        An empty folder outside every checkout.
    """
    problem = _name_problem(entry) or _size_problem(entry, repository)
    if problem:
        return Refusal(entry.path, (_finding(f"{entry.path}: {problem}"),))
    content = repository.content(entry.blob)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"got text that is not UTF-8 (at byte {error.start}); save it as UTF-8"
        return Refusal(entry.path, (_finding(f"{entry.path}: {problem}"),))
    if cookie := _cookie(content) if entry.path.endswith(".py") else "":
        return Refusal(entry.path, (_finding(f"{entry.path}: declares the encoding {cookie}; write it in UTF-8"),))
    hidden = next((index for index, character in enumerate(text) if _is_hidden(character)), None)
    if hidden is not None:
        line = text.count("\n", 0, hidden) + 1
        name = unicodedata.name(text[hidden], f"character {ord(text[hidden]):#x}").lower()
        message = f"{entry.path}, line {line}: holds {name}, which cannot be seen; remove it"
        return Refusal(entry.path, (_finding(message),), line)
    refusal = _by_rules(text, entry.path, rules) if rules is not None else None
    if refusal is None:
        path = folder / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return refusal


def _finding(message: str) -> Finding:
    return Finding(kind="rule", message=message)


def _name_problem(entry: Entry) -> str:
    path = PurePosixPath(entry.path)
    if not entry.regular:
        return "is a link or a submodule; contribute a plain file"
    odd = next((part for part in path.parts if not (part.isprintable() and _PART.fullmatch(part))), None)
    if odd is not None:
        return f"the name {odd!r} may not be used; start with a letter, and go on with letters, digits and _"
    if path.suffix.lower() != ".py":
        return ""
    if not path.stem.isidentifier() or path.stem != path.stem.lower():
        return f"the name {path.stem!r} is no Python name in lower case, such as log_sum_exp.py; rename the file"
    if path.stem in _NOT_PUZZLES or _is_installed(path.stem):
        return f"{path.name} stands in the way of a module of that name; rename the file by its mathematics"
    return ""


def _is_installed(name: str) -> bool:
    return name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None


def _size_problem(entry: Entry, repository: Repository) -> str:
    size = repository.size(entry.blob)
    return f"has {size} bytes, of at most {_MOST_BYTES}; make it shorter" if size > _MOST_BYTES else ""


def _cookie(content: bytes) -> str:
    """Return the encoding in which Python would read other code than is looked at here; "" for UTF-8."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        return str(error)
    return "" if encoding in ("utf-8", "utf-8-sig") else encoding


def _is_hidden(character: str) -> bool:
    """Whether a character is a control or a format character, such as one that turns the direction of writing."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in "\t\n\r\f\u200d\ufeff"


def _by_rules(text: str, path: str, rules: Rules) -> Refusal | None:
    try:
        breaches = breaches_of(text, path, rules)
    except LoadError:  # loading says so again, with the verdict error
        return None
    if not breaches:
        return None
    findings = []
    for breach in breaches[:_MOST_BREACHES]:
        cell = f"cell {breach.cell}, " if breach.cell is not None else ""
        place = f"{path}, {cell}line {breach.line}, column {breach.column}"
        findings.append(_finding(f"{place}: breaks the rule {breach.rule}: {breach.text}"))
    if len(breaches) > _MOST_BREACHES:
        findings.append(_finding(f"{path}: {len(breaches) - _MOST_BREACHES} further breaches are not shown"))
    return Refusal(path, tuple(findings), breaches[0].line)
