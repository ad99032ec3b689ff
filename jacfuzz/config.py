"""Options of a run: the command line goes before ``[tool.jacfuzz]`` of the nearest pyproject.toml before defaults."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
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
}


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
    chosen = {**_DEFAULTS, **_from_file(start or Path.cwd())}
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


def _from_file(start: Path) -> dict[str, Any]:
    path = next((folder / "pyproject.toml" for folder in (start, *start.parents) if _is_file(folder)), None)
    if path is None:
        return {}
    try:
        tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    content = tools.get("jacfuzz", {}) if isinstance(tools, dict) else tools
    if not isinstance(content, dict):
        raise UsageError(f"{path}: [tool.jacfuzz] is {type(content).__name__}; expected a table of options")
    found: dict[str, Any] = {}
    for key, value in content.items():
        name = key.replace("-", "_")
        if name not in _DEFAULTS:
            known = ", ".join(option.replace("_", "-") for option in _DEFAULTS)
            raise UsageError(f"{path}: [tool.jacfuzz] has the unknown key {key!r}; expected some of {known}")
        found[name] = _checked(value, name, f"{path}: [tool.jacfuzz] {key}")
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
    }
    fits, expected = rules[name]
    if not fits(value):
        raise UsageError(f"{where} is {value!r}; expected {expected}")
    return value
