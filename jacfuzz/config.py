"""Options of a run: the command line goes before ``[tool.jacfuzz]`` of the nearest pyproject.toml before defaults."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from jacfuzz.errors import UsageError

_DEFAULTS: dict[str, Any] = {
    "max_examples": 300,
    "max_time": None,
    "seed": 0,
    "workers": "auto",
    "report": "",
    "report_dir": Path("."),
    "no_shrink": False,
    "no_catalogue": False,
    "isolation": "process",
}
_TABLES = {"rules": ("lines", "columns", "allow"), "gate": ("paths", "harness")}


def options(given: Mapping[str, Any], start: Path | None = None) -> dict[str, Any]:
    """Return every configurable option.

    Parameters
    ----------
    given
        Options of the command line; None, "" and False mean not given.
    start
        Folder to look for pyproject.toml in, and in its parents; the current one where not given.

    Raises
    ------
    UsageError
        If the file has an unknown key or a value that cannot be used; the message names both.
    """
    path = _nearest(start or Path.cwd())
    return _chosen(given, _read(path)[0] if path else {})


def options_of(text: bytes, where: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return every configurable option, and the tables ``rules`` and ``gate``, from a pyproject.toml at hand.

    Parameters
    ----------
    text
        Its content.
    where
        What messages call it.
    given
        Options of the command line, as for ``options``.

    Raises
    ------
    UsageError
        As ``options`` does.
    """
    found, tables = _parsed(text, where)
    return _chosen(given, found), tables


def _chosen(given: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {**_DEFAULTS, **found}
    chosen.update(
        # A seed of 0 is given, though 0 == False.
        {
            name: value
            for name, value in given.items()
            if name in _DEFAULTS and value not in (None, "") and value is not False
        }
    )
    if chosen["workers"] != "auto" and not str(chosen["workers"]).isdecimal():
        raise UsageError(f"workers is {chosen['workers']!r}; expected auto or a number such as 2")
    return {**chosen, "workers": str(chosen["workers"]), "report_dir": Path(chosen["report_dir"])}


def _nearest(start: Path) -> Path | None:
    return next((folder / "pyproject.toml" for folder in (start, *start.parents) if _is_file(folder)), None)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    return _parsed(path.read_bytes(), str(path))


def _parsed(text: bytes, where: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Options and tables of ``[tool.jacfuzz]``, both checked."""
    try:
        tools = tomllib.loads(text.decode()).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{where} cannot be read: {error}") from None
    content = tools.get("jacfuzz", {}) if isinstance(tools, dict) else tools
    if not isinstance(content, dict):
        raise UsageError(f"{where}: [tool.jacfuzz] is {type(content).__name__}; expected a table of options")
    content = dict(content)
    tables = {
        name: _table(content.pop(name), known, f"{where}: [tool.jacfuzz.{name}]")
        for name, known in _TABLES.items()
        if name in content
    }
    return _table(content, _DEFAULTS, f"{where}: [tool.jacfuzz]"), tables


def _table(content: Any, known: Iterable[str], where: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise UsageError(f"{where} is {type(content).__name__}; expected a table")
    found: dict[str, Any] = {}
    for key, value in content.items():
        name = key.replace("-", "_")
        if name not in known:
            names = ", ".join(option.replace("_", "-") for option in known)
            raise UsageError(f"{where} has the unknown key {key!r}; expected some of {names}")
        found[name] = _checked(value, name, f"{where} {key}")
    return found


def _is_file(folder: Path) -> bool:
    return (folder / "pyproject.toml").is_file()


def _checked(value: Any, name: str, where: str) -> Any:
    if name == "report" and isinstance(value, list):
        value = ",".join(map(str, value))
    rules: dict[str, tuple[Callable[[Any], bool], str]] = {
        "max_examples": (lambda v: type(v) is int and v >= 1, "a whole number of at least 1"),
        "max_time": (lambda v: type(v) in (int, float) and v > 0, "a positive number of seconds"),
        "seed": (lambda v: type(v) is int, "a whole number"),
        "workers": (lambda v: v == "auto" or (type(v) is int and v >= 0), '"auto" or a whole number'),
        "report": (lambda v: isinstance(v, str), "text such as jsonl,junit, or a list"),
        "report_dir": (lambda v: isinstance(v, str), "a path"),
        "no_shrink": (lambda v: isinstance(v, bool), "true or false"),
        "no_catalogue": (lambda v: isinstance(v, bool), "true or false"),
        "isolation": (lambda v: v in ("none", "process", "hardened"), '"none", "process" or "hardened"'),
        "lines": (lambda v: type(v) is int and v >= 1, "a whole number of at least 1"),
        "columns": (lambda v: type(v) is int and v >= 1, "a whole number of at least 1"),
        "allow": (_is_texts, 'a list such as ["numpy.where", ".shape"]'),
        "paths": (_is_texts, 'a list such as ["puzzles"]'),
        "harness": (_is_texts, 'a list such as ["ci", "references"]'),
    }
    fits, expected = rules[name]
    if not fits(value):
        raise UsageError(f"{where} is {value!r}; expected {expected}")
    return value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)
