"""The files to copy into a collection do what they say: their own commands are run on a scratch repository."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from scratch import CONFIGURATION, commit, git, puzzle

ROOT = Path(__file__).resolve().parent.parent
WRONG = puzzle("x**2 + 5 * x", "np.diag(2 * x + 4)", annotation="3")
INSTALL = "pip install"


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection that has the workflow's script, and a change with a wrong puzzle checked out."""
    root = tmp_path / "collection"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    git("init", "--quiet", "-b", "main")
    commit({"pyproject.toml": CONFIGURATION, "ci/gate.sh": (ROOT / "ci" / "gate.sh").read_text()})
    git("checkout", "--quiet", "-b", "change")
    commit({"puzzles/wrong.py": WRONG, "conftest.py": "raise SystemExit(0)", "sitecustomize.py": "raise SystemExit(0)"})
    return root


def steps(name: str) -> list[str]:
    """Commands of a workflow in order, without the one that installs the tool."""
    text = (ROOT / "ci" / name).read_text()
    folded = re.sub(r"run: >-\n((?: {10}.*\n)+)", lambda found: f"run: {' '.join(found[1].split())}\n", text)
    commands = re.findall(r"^ +run: (.+)$", folded, re.MULTILINE)
    assert [INSTALL in command for command in commands].count(True) == 1
    return [command for command in commands if INSTALL not in command]


def test_the_gate_s_workflow_judges_a_change_by_its_base(collection: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    environment = {
        **os.environ,
        "BASE": git("rev-parse", "main"),
        "GITHUB_SHA": git("rev-parse", "HEAD"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    *before, judging = steps("github-workflow.yml")
    for command in before:
        subprocess.run(["bash", "-c", command], env=environment, check=True)
    assert not list(collection.glob("*.py"))  # nothing of the change lies in the folder
    done = subprocess.run(["bash", "-c", judging], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "::error file=puzzles/wrong.py" in done.stdout
    assert "| fail | `puzzles/wrong.py::wrong` |" in summary.read_text()
    reports = {path.name for path in (collection / "gate-reports").iterdir()}
    assert reports == {"jacfuzz.jsonl", "jacfuzz.xml", "jacfuzz.sarif"}


def test_the_gate_s_workflow_gives_strangers_nothing() -> None:
    text = (ROOT / "ci" / "github-workflow.yml").read_text()
    code = "\n".join(line.partition("#")[0] for line in text.splitlines())
    assert re.search(r"^on:\n  pull_request:\n", code, re.MULTILINE)
    assert re.search(r"^permissions:\n  contents: read\n\S", code, re.MULTILINE)
    assert "persist-credentials: false" in code
    assert "secrets" not in code
    assert all("${{" not in command for command in steps("github-workflow.yml"))


def test_the_nightly_workflow_keeps_what_it_finds(collection: Path) -> None:
    (command,) = steps("nightly-workflow.yml")
    assert "jacfuzz check targets --seed" in command
    quick = command.replace("check targets", "check puzzles").replace("--max-examples 5000", "--max-examples 20")
    done = subprocess.run(["bash", "-c", quick], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert {path.name for path in (collection / "nightly-reports").iterdir()} == {"jacfuzz.jsonl", "jacfuzz.xml"}
    assert list((collection / ".jacfuzz").glob("*.json"))


def test_the_hook_before_a_commit_judges_the_files_it_is_given(collection: Path) -> None:
    hook = dict(re.findall(r"^[- ] (\w+): (.+)$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE))
    wanted = re.compile(hook["files"])
    assert [bool(wanted.search(path)) for path in ("puzzles/wrong.py", "puzzles/_helper.py", "conftest.py")] == [
        1,
        0,
        0,
    ]
    program, *options = shlex.split(hook["entry"])
    done = subprocess.run([str(shutil.which(program)), *options, "puzzles/wrong.py"], check=False)
    assert done.returncode == 1
