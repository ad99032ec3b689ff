"""Options: command line before ``[tool.jacfuzz]`` before defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jacfuzz.config import options
from jacfuzz.errors import UsageError
from jacfuzz.settings import Settings


def read(folder: Path, text: str, **given: Any) -> dict[str, Any]:
    (folder / "pyproject.toml").write_text(text)
    return options(given, folder)


def test_defaults_are_those_of_settings(tmp_path: Path) -> None:
    chosen = options({}, tmp_path)
    settings = Settings()
    assert (chosen["max_examples"], chosen["seed"], chosen["max_time"]) == (
        settings.max_examples,
        settings.seed,
        settings.max_time,
    )
    assert (chosen["workers"], chosen["report"], chosen["report_dir"]) == ("auto", "", Path("."))


def test_the_file_goes_before_defaults_and_the_command_line_before_both(tmp_path: Path) -> None:
    text = '[tool.jacfuzz]\nmax-examples = 7\nseed = 5\nreport = ["jsonl", "junit"]\nworkers = 3\nno-shrink = true\n'
    chosen = read(tmp_path, text, seed=9, max_examples=None, report="", no_shrink=False)
    assert (chosen["max_examples"], chosen["seed"], chosen["report"]) == (7, 9, "jsonl,junit")
    assert (chosen["workers"], chosen["no_shrink"]) == ("3", True)


@pytest.mark.parametrize(("key", "file", "line"), [("seed", 5, 0), ("workers", 3, "0"), ("max_examples", 9, 1)])
def test_a_small_number_on_the_command_line_is_given(tmp_path: Path, key: str, file: int, line: Any) -> None:
    assert read(tmp_path, f"[tool.jacfuzz]\n{key} = {file}\n", **{key: line})[key] == line


def test_underscores_and_dashes_are_the_same(tmp_path: Path) -> None:
    assert read(tmp_path, "[tool.jacfuzz]\nmax_time = 2.5\n")["max_time"] == 2.5
    assert read(tmp_path, "[tool.jacfuzz]\nmax-time = 2.5\n")["max_time"] == 2.5


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert read(tmp_path, "[tool.jacfuzz]\nseed = 1\n")["seed"] == 1
    assert options({}, inner)["seed"] == 1
    (inner.parent / "pyproject.toml").write_text("")
    assert options({}, inner)["seed"] == 0


def test_options_of_other_kinds_are_left_out(tmp_path: Path) -> None:
    assert "expression" not in options({"expression": "sort", "quiet": True}, tmp_path)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("max-examples = 0", "max-examples is 0; expected a whole number of at least 1"),
        ("max-examples = true", "expected a whole number"),
        ('max-examples = "many"', "max-examples is 'many'; expected a whole number"),
        ("max-time = -1", "max-time is -1; expected a positive number of seconds"),
        ("max-time = nan", "expected a positive number of seconds"),
        ("seed = 1.5", "seed is 1.5; expected a whole number"),
        ('workers = "some"', """workers is 'some'; expected "auto" or a whole number"""),
        ("workers = -1", "workers is -1"),
        ("report = 3", "report is 3; expected text such as jsonl,junit"),
        ("report-dir = 3", "report-dir is 3; expected a path"),
        ("no-shrink = 1", "no-shrink is 1; expected true or false"),
        ("no-catalogue = 'yes'", "no-catalogue is 'yes'; expected true or false"),
        ("max-exmaples = 3", "unknown key 'max-exmaples'; expected some of max-examples, "),
    ],
)
def test_what_the_file_may_not_say_is_refused_by_name(tmp_path: Path, line: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, f"[tool.jacfuzz]\n{line}\n")
    assert str(caught.value).startswith(f"{tmp_path / 'pyproject.toml'}: [tool.jacfuzz] ")
    assert expected in str(caught.value)


@pytest.mark.parametrize("text", ["[tool", "[tool]\njacfuzz = 3\n", "tool = 3\n"])
def test_a_file_of_another_form_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        read(tmp_path, text)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"pyproject\.toml cannot be read"):
        options({}, tmp_path)


@pytest.mark.parametrize("workers", ["x", "-1", "1.5"])
def test_workers_are_a_number_or_auto(tmp_path: Path, workers: str) -> None:
    with pytest.raises(UsageError, match="expected auto or a number such as 2"):
        options({"workers": workers}, tmp_path)


@pytest.mark.parametrize("wrong", [{"max_examples": 0}, {"max_time": 0.0}])
def test_settings_are_validated(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Settings(**wrong)
