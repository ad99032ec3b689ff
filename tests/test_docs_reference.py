"""The reference lists what there is, and nothing else."""

import dataclasses
import inspect
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

import jacfuzz
from jacfuzz import adapters, config, forms, plugin
from jacfuzz.api import Report
from jacfuzz.cli.main import cli
from jacfuzz.report.events import RunFinished
from jacfuzz.report.jsonl import JsonLinesReport
from jacfuzz.result import Finding, Note, TargetResult

REFERENCE = (Path(__file__).parents[1] / "docs" / "reference.md").read_text()
CODE = re.compile(r"`([^`]+)`")


def section(heading: str) -> str:
    """Return the text under a heading, up to the next one."""
    (found,) = re.findall(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", REFERENCE, re.MULTILINE | re.DOTALL)
    return str(found)


def rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the table under a heading."""
    for line in section(heading).split("\n"):
        if line.startswith("| `") or re.match(r"\| \d", line):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names(heading: str) -> set[str]:
    """Return what the first column of a table lists."""
    listed = [name for row in rows(heading) for name in CODE.findall(row[0])]
    assert len(listed) == len(set(listed)), "listed twice"
    return set(listed)


def options(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a command by the ways they are written."""
    found = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {flag: option for option in found for flag in (*option.opts, *option.secondary_opts)}


def exported(package: Any) -> set[str]:
    """Return the public functions and classes that a package imports for its users."""
    public = {name: value for name, value in vars(package).items() if not name.startswith("_")}
    return {name for name, value in public.items() if not inspect.ismodule(value)}


class TestCommandLine:
    def test_every_command_has_its_section(self) -> None:
        headings = set(re.findall(r"^### `jacfuzz ([a-z]+)`$", REFERENCE, re.MULTILINE))
        assert headings == set(cli.commands)

    @pytest.mark.parametrize("command", cli.commands)
    def test_its_options_are_those_of_help(self, command: str) -> None:
        assert names(f"`jacfuzz {command}`") == set(options(cli.commands[command]))

    @pytest.mark.parametrize("command", cli.commands)
    def test_choices_and_defaults_are_said(self, command: str) -> None:
        known = options(cli.commands[command])
        for cells in rows(f"`jacfuzz {command}`"):
            option, text = known[CODE.findall(cells[0])[-1]], cells[1]
            if isinstance(option.type, click.Choice):
                assert set(option.type.choices) <= set(CODE.findall(text)), text
            default = re.search(r"\[default: (\d+)\]", option.help or "")
            assert default is None or "as of `check`" in text or default[1] in text, text

    def test_exit_codes_are_those_of_help(self) -> None:
        told = re.findall(r"\b(\d+) [a-z]", str(cli.help).partition("Exit codes:")[2])
        assert [row[0] for row in rows("Exit codes")] == told


def test_pytest_options() -> None:
    assert names("pytest") == {"--jacfuzz", *(name for name, _ in plugin._OPTIONS)}


class TestConfiguration:
    def test_keys_and_defaults(self) -> None:
        def value(cell: str) -> Any:
            found = CODE.findall(cell)
            return tomllib.loads(f"x = {found[0]}")["x"] if found else None

        listed = {CODE.findall(cells[0])[0].replace("-", "_"): value(cells[1]) for cells in rows("`[tool.jacfuzz]`")}
        assert listed == config._DEFAULTS | {"report_dir": str(config._DEFAULTS["report_dir"])}

    @pytest.mark.parametrize("table", config._TABLES)
    def test_keys_of_a_table(self, table: str) -> None:
        assert names(f"`[tool.jacfuzz.{table}]`") == set(config._TABLES[table])


class TestPython:
    def test_names(self) -> None:
        assert names("In Python") == {*jacfuzz.__all__, *jacfuzz._PACKAGES}
        assert all(hasattr(jacfuzz, name) for name in names("In Python"))

    def test_parameters_of_check(self) -> None:
        assert names("`check`") == set(inspect.signature(jacfuzz.check).parameters)

    def test_attributes_of_a_report(self) -> None:
        assert names("`Report`") == {name for name in dir(Report) if name[0] != "_"} | {"result"}

    def test_forms(self) -> None:
        listed = names("`forms`")
        assert listed == {name for name in exported(forms) if issubclass(getattr(forms, name), forms.Form)} - {"Form"}
        others = set(CODE.findall(section("`forms`").partition("\n\n`Form`")[2])) | {"Form"}
        assert exported(forms) - listed <= others

    def test_adapters(self) -> None:
        assert names("`adapters`") == exported(adapters)


class TestJsonLines:
    @staticmethod
    def fields(data: type[Any]) -> set[str]:
        return {field.name for field in dataclasses.fields(data)}

    def test_of_a_target(self) -> None:
        result = TargetResult("id", "title", "file", 1, "pass")
        assert names("One line per target") == set(result.to_dict())

    def test_of_findings_and_notes(self) -> None:
        assert names("A finding") == self.fields(Finding)
        assert names("A note") == self.fields(Note)

    def test_of_the_last_line(self, tmp_path: Path) -> None:
        path = tmp_path / "jacfuzz.jsonl"
        JsonLinesReport(path).handle(RunFinished(0, 0.0, 0))
        last: Mapping[str, Any] = json.loads(path.read_text())
        assert names("The last line") == set(last)
