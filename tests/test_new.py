"""``jacfuzz new``: a puzzle that loads, is not filled in, and replaces nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from jacfuzz import registry
from jacfuzz.cli.main import cli
from jacfuzz.errors import UsageError
from jacfuzz.target import Target


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["log_sum", "log_sum.py"])
def test_the_template_loads_as_a_stub_of_free_size(name: str) -> None:
    done = CliRunner().invoke(cli, ["new", name])
    assert "jacfuzz check log_sum.py" in done.output
    assert done.output.count("\n") == 5
    (target,) = registry.find(["log_sum.py"]).targets
    assert isinstance(target, Target)
    assert (target.stub, dict(target.signature.sizes)) == (True, {})
    assert Path("log_sum.py").read_text().startswith('"""Log sum: ')


def test_a_file_that_is_there_stays_as_it_is() -> None:
    Path("mine.py").write_text("mine")
    done = CliRunner().invoke(cli, ["new", "mine"])
    assert isinstance(done.exception, UsageError)
    assert "is there already and stays as it is" in str(done.exception)
    assert Path("mine.py").read_text() == "mine"


@pytest.mark.parametrize("name", ["Upper", "two words", "1st", "class", "_hidden", "-x", "", "absent/mine"])
def test_a_name_that_cannot_be_used_is_refused(name: str) -> None:
    done = CliRunner().invoke(cli, ["new", "--", name])
    assert isinstance(done.exception, UsageError)
    assert not list(Path().iterdir())
