"""The gate on a scratch repository: what each kind of change is answered with."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema
import pytest
from contributions import ROWS
from junitparser import JUnitXml
from scratch import CONFIGURATION, commit, git, puzzle

from jacfuzz import records
from jacfuzz.cli.main import main
from jacfuzz.gate.changes import Repository

CUBE = puzzle("x**3 + x", "np.diag(3 * x**2 + 1)")
GOOD = puzzle("x**2 + 3 * x", "np.diag(2 * x + 3)")
WRONG = puzzle("x**2 + 5 * x", "np.diag(2 * x + 4)", annotation="3")  # one size: fails sooner
# A page holds answers, which need not be of every size: judged soon.
RIGHT_PAGE = f"```python\n{puzzle('x**2 + 5 * x', 'np.diag(2 * x + 5)', annotation='3')}```\n"
WRONG_AT_ZERO = '''"""Product: the product of all entries."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, ""]:
    return 2 * np.prod(x)


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return 2 * np.prod(x) / x
'''
SARIF = json.loads((Path(__file__).parent / "fixtures" / "sarif-subset.json").read_text())
HOSTILE = (
    "exit_zero_at_once",
    "exit_while_loading",
    "forges_frames",
    "patches_the_harness",
    "prints_a_verdict",
    "kills_its_parent",
    "reads_a_secret",
    "writes_a_file",
)
DUPLICATE = puzzle("-x", "-np.eye(x.shape[0])")
RULE_BROKEN = puzzle("x**2 + 7 * x", "np.diag((f(x + 1e-6) - f(x)) / 1e-6)")


@dataclass(frozen=True)
class Answer:
    """What one run of the gate gave."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "jacfuzz.jsonl").read_text().splitlines()]

    @property
    def verdicts(self) -> dict[str, tuple[str, list[str]]]:
        """Verdict and kinds of findings by file."""
        return {
            line["file"]: (line["verdict"], [finding["kind"] for finding in line["findings"]])
            for line in self.lines
            if line["event"] == "target"
        }

    @property
    def messages(self) -> str:
        return "\n".join(f["message"] for line in self.lines[:-1] for f in line["findings"])

    @property
    def annotations(self) -> list[str]:
        return [line for line in self.out.splitlines() if line.startswith("::error ")]


Gate: TypeAlias = Callable[..., Answer]


@pytest.fixture
def lawless(repository: Path) -> None:
    """A collection without rules: what would break one is executed."""
    git("checkout", "--quiet", "main")
    commit({"pyproject.toml": CONFIGURATION.partition("[tool.jacfuzz.rules]")[0]})
    git("checkout", "--quiet", "change")
    git("merge", "--quiet", "main")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection with one puzzle, on a branch of its own."""
    root = tmp_path / "collection"
    root.mkdir()
    monkeypatch.chdir(root)
    git("init", "--quiet", "-b", "main")
    commit({"pyproject.toml": CONFIGURATION, "puzzles/cube.py": CUBE, "README.md": "Puzzles."})
    git("checkout", "--quiet", "-b", "change")
    return root


@pytest.fixture
def gate(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gate:
    """Commit files on the branch and run the gate as a workflow does."""
    summary, reports = tmp_path / "summary.md", tmp_path / "reports"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    def run(files: Mapping[str, str | bytes | None], *options: str) -> Answer:
        commit(files)
        arguments = [
            "--base",
            "main",
            "--report",
            "jsonl,junit,sarif,github",
            "--report-dir",
            str(reports),
            "--no-shrink",
            *options,
        ]
        monkeypatch.setattr(sys, "argv", ["jacfuzz", "gate", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        text = capsys.readouterr()
        assert "Traceback" not in text.out + text.err
        assert "internal error" not in text.err
        if (reports / "jacfuzz.sarif").exists():
            jsonschema.validate(json.loads((reports / "jacfuzz.sarif").read_text()), SARIF)
        done = Answer(int(caught.value.code or 0), text.out, text.err, reports)
        if done.code < 2:
            agree(done)
        return done

    return run


def agree(done: Answer) -> None:
    """Exit code, annotations, JUnit and JSON lines tell the same."""
    told = Counter(line["verdict"] for line in done.lines if line["event"] == "target")
    assert done.lines[-1]["exit"] == done.code == int(told.total() > told["pass"])
    assert len(done.annotations) == min(10, told.total() - told["pass"])
    if told:
        junit = JUnitXml.fromfile(str(done.folder / "jacfuzz.xml"))
        counts = (junit.tests, junit.failures, junit.errors, junit.skipped)
        assert counts == (told.total(), told["fail"], told["error"] + told["unsure"], told["stub"])


def test_a_good_puzzle_passes(gate: Gate) -> None:
    done = gate({"puzzles/good.py": GOOD})
    assert (done.code, done.verdicts) == (0, {"puzzles/good.py": ("pass", [])})
    assert done.annotations == []
    assert f"seed {int(git('rev-parse', 'HEAD')[:8], 16)}" in done.out
    assert JUnitXml.fromfile(str(done.folder / "jacfuzz.xml")).tests == 1


def test_wrong_only_at_zero_is_found(gate: Gate) -> None:
    done = gate({"puzzles/product_of_all.py": WRONG_AT_ZERO})
    assert done.code == 1
    verdict, kinds = done.verdicts["puzzles/product_of_all.py"]
    assert (verdict, set(kinds) <= {"value", "nonfinite"}) == ("fail", True)
    assert len(done.annotations) == 1
    assert done.annotations[0].startswith("::error file=puzzles/product_of_all.py,line=")
    (target,) = done.lines[:-1]
    (record, *_) = records.saved(Path(".jacfuzz"))
    assert (record.id, record.kind) == (target["id"], target["findings"][0]["kind"])
    junit = JUnitXml.fromfile(str(done.folder / "jacfuzz.xml"))
    assert (junit.tests, junit.failures) == (1, 1)


def test_a_duplicate_names_its_twin(gate: Gate) -> None:
    done = gate({"puzzles/minus.py": DUPLICATE})
    assert (done.code, done.verdicts) == (1, {"puzzles/minus.py": ("fail", ["duplicate"])})
    assert "the function of negation" in done.messages


def test_a_puzzle_that_is_edited_or_renamed_is_no_twin_of_itself(gate: Gate) -> None:
    git("checkout", "--quiet", "main")
    commit({"targets/negation.py": DUPLICATE})
    git("checkout", "--quiet", "change")
    git("merge", "--quiet", "main")
    edited = gate({"targets/negation.py": DUPLICATE + "\n# shorter\n"}, "targets")
    assert (edited.code, edited.verdicts) == (0, {"targets/negation.py": ("pass", [])})
    renamed = gate({"targets/negation.py": None, "targets/minus.py": DUPLICATE}, "targets")
    assert (renamed.code, renamed.verdicts) == (0, {"targets/minus.py": ("pass", [])})


def test_a_broken_rule_is_told_before_anything_runs(gate: Gate, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    done = gate({"puzzles/difference.py": RULE_BROKEN + f"\n\nnp.save({str(mark)!r}, np.ones(1))\n"})
    assert (done.code, done.verdicts["puzzles/difference.py"][0]) == (1, "fail")
    assert set(done.verdicts["puzzles/difference.py"][1]) == {"rule"}
    assert "puzzles/difference.py, line 12, column 21: breaks the rule derivative" in done.messages
    assert not list(tmp_path.glob("ran*"))


def test_a_syntax_error_is_an_error_with_its_line(gate: Gate) -> None:
    done = gate({"puzzles/broken.py": GOOD.replace("return x**2", "return x** **2")})
    assert (done.code, done.verdicts["puzzles/broken.py"][0]) == (1, "error")
    assert "line 8" in done.messages
    assert JUnitXml.fromfile(str(done.folder / "jacfuzz.xml")).errors == 1


def test_touching_the_harness_selects_all_by_the_rules_of_the_base(gate: Gate) -> None:
    loose = CONFIGURATION.replace("columns = 60", "columns = 500")
    wide = puzzle("x**2 + 4 * x", "np.diag(2 * x + 4 + 0 * (1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1))")
    done = gate({"pyproject.toml": loose, "puzzles/wide.py": wide})
    assert done.verdicts == {"puzzles/cube.py": ("pass", []), "puzzles/wide.py": ("fail", ["rule"])}
    assert "The harness is touched, so every puzzle is judged; a maintainer reads pyproject.toml" in done.out


def test_a_changed_reference_selects_all(gate: Gate) -> None:
    done = gate({"references/cube.py": "pass\n"})
    assert (done.code, done.verdicts) == (0, {"puzzles/cube.py": ("pass", [])})


def test_a_symbolic_link_is_refused_and_not_followed(gate: Gate, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(GOOD)
    Path("puzzles/link.py").symlink_to(tmp_path / "secret.py")
    done = gate({})
    assert (done.code, done.verdicts) == (1, {"puzzles/link.py": ("fail", ["rule"])})
    assert "is a link or a submodule" in done.messages


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("puzzles/huge.py", "# " + "x" * 1_000_001, "1000003 bytes, of at most 1000000"),
        ("puzzles/binary.py", b"\x00\xff\xfe\x80", "not UTF-8 (at byte 1)"),
        ("puzzles/hidden.py", GOOD.replace("return x**2", "return x\u202e**2"), "line 8: holds right-to-left override"),
        ("puzzles/encoded.py", "# coding: utf-7\n" + GOOD, "declares the encoding utf-7"),
        ("puzzles/unknown.py", "# coding: abacus\n" + GOOD, "declares the encoding unknown encoding"),
        ("puzzles/nothing.py", GOOD + "\x00", "cannot be seen"),
        ("puzzles/numpy.py", GOOD, "stands in the way of a module"),
        ("puzzles/conftest.py", GOOD, "stands in the way of a module"),
        ("puzzles/-x.py", GOOD, "the name '-x.py' may not be used"),
        ("puzzles/a\n::error::b.py", GOOD, "may not be used"),
        ("puzzles/Upper.py", GOOD, "no Python name in lower case"),
    ],
)
def test_what_is_no_puzzle_file_is_refused(gate: Gate, name: str, content: str | bytes, said: str) -> None:
    done = gate({name: content})
    assert done.code == 1
    assert [kinds for _, kinds in done.verdicts.values()] == [["rule"]]
    assert said in done.messages
    assert len(done.annotations) == 1


def test_a_notebook_is_judged(gate: Gate) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "id": "a", "source": WRONG}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    done = gate({"puzzles/answers.ipynb": json.dumps(notebook)})
    assert (done.code, done.verdicts) == (1, {"puzzles/answers.ipynb": ("fail", ["value"])})


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize(
    ("end", "kind", "said"),
    [
        ("raise SystemExit(0)", "raises", "SystemExit: 0"),
        ("import os; os._exit(0)", "crash", "jac ended the process with exit code 0"),
        ("x.resize(9)", "raises", "ValueError: "),
        ("while True: pass", "timeout", "jac gave no answer within 1 s"),
    ],
)
def test_one_bad_contribution_does_not_cost_the_other_its_verdict(gate: Gate, end: str, kind: str, said: str) -> None:
    bad = puzzle("x**2 + 9 * x", "np.diag(2 * x + 9)", annotation="3").replace(
        "    return np.diag", f"    {end}\n    return np.diag"
    )
    done = gate({"puzzles/ends.py": bad, "puzzles/good.md": RIGHT_PAGE}, "--call-time", "1")
    assert done.code == 1
    assert done.verdicts["puzzles/good.md"] == ("pass", [])
    assert done.verdicts["puzzles/ends.py"] == ("fail", [kind])
    assert said in done.messages


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize("mode", ["process", "hardened"])
def test_hostile_contributions_get_their_answers_side_by_side(gate: Gate, mode: str) -> None:
    pages = {f"puzzles/{name}.md": f"```python\n{ROWS[name].source}```\n" for name in HOSTILE}
    done = gate({**pages, "puzzles/last.md": RIGHT_PAGE}, "--isolation", mode, "--call-time", "5", "-n", "1")
    assert done.code == 1
    for name in HOSTILE:
        verdict, kinds = done.verdicts[f"puzzles/{name}.md"]
        assert {verdict, *kinds} & set(getattr(ROWS[name], mode).split()), (name, verdict, kinds)
    assert done.verdicts["puzzles/last.md"] == ("pass", [])


def test_an_empty_change_is_4_unless_allowed(gate: Gate) -> None:
    assert gate({"README.md": "Other words."}).code == 4
    allowed = gate({}, "--allow-empty")
    assert (allowed.code, "judged by nothing: README.md" in allowed.out) == (0, True)


def test_files_that_only_configure_tools_are_never_read(gate: Gate) -> None:
    done = gate({"puzzles/pyproject.toml": "[tool.jacfuzz]\nnonsense = 1\n", "puzzles/good.md": RIGHT_PAGE})
    assert (done.code, done.verdicts) == (0, {"puzzles/good.md": ("pass", [])})
    assert "judged by nothing: puzzles/pyproject.toml" in done.out


def test_a_stub_among_others_is_1(gate: Gate) -> None:
    stub = puzzle("x**2 + 6 * x", "0 * np.eye(x.shape[0])", annotation="3")
    done = gate({"puzzles/good.md": RIGHT_PAGE, "puzzles/todo.py": stub})
    assert (done.code, done.verdicts["puzzles/todo.py"][0]) == (1, "stub")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (puzzle("0 * x + 1", "0 * np.diag(x)"), "a wrong Jacobian passes"),
        (puzzle("x**2 + 2 * x", "np.diag(2 * x + 2)", annotation="3"), "only the shapes (3,) are tried"),
        (puzzle("x**2 + 3 * x", "np.diag(2 * x + 3)") + "raise SystemExit(0)\n", "nothing in a puzzle is passed over"),
        (puzzle("x**2 + 2 * x", "np.diag(2 * x + 2)", title="no title"), "no docstring of title, colon"),
    ],
)
def test_a_right_puzzle_that_is_worth_nothing_is_refused(gate: Gate, text: str, said: str) -> None:
    done = gate({"puzzles/poor.py": text})
    assert (done.code, done.verdicts) == (1, {"puzzles/poor.py": ("fail", ["rule"])})
    assert said in done.messages


def test_known_findings_are_excused_until_they_are_stale(gate: Gate, tmp_path: Path) -> None:
    known = str(tmp_path / "known.json")
    assert gate({"puzzles/wrong.md": RIGHT_PAGE.replace("+ 5)", "+ 4)")}, "--write-baseline", known).code == 1
    excused = gate({}, "--baseline", known)
    assert (excused.code, excused.verdicts) == (0, {"puzzles/wrong.md": ("pass", [])})
    assert "known, by the baseline" in excused.out
    fixed = gate({"puzzles/wrong.md": RIGHT_PAGE}, "--baseline", known)
    assert (fixed.code, fixed.verdicts["puzzles/wrong.md"]) == (1, ("pass", []))
    assert "is stale: it was written for another text" in fixed.messages
    gone = gate({"puzzles/wrong.md": None}, "--baseline", known)
    assert (gone.code, "there is no such file" in gone.messages) == (1, True)


def test_too_little_time_is_a_failure_for_each(gate: Gate) -> None:
    done = gate({"puzzles/good.py": GOOD, "puzzles/other.py": WRONG}, "--max-time", "1e-9")
    assert done.code == 1
    assert all("timeout" in kinds for _, kinds in done.verdicts.values())
    assert len(done.verdicts) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--base", "absent"), "'absent' is no commit"),
        (("--base=--output=x",), "is no commit"),
        (("--base", "main", "--report", "html"), "--report 'html' is unknown"),
        (("--base", "main", "--baseline", "absent.json"), "absent.json is no baseline"),
    ],
)
def test_what_cannot_be_used_is_2(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["jacfuzz", "gate", *options])
    with pytest.raises(SystemExit) as caught:
        main()
    assert (caught.value.code, said in capsys.readouterr().err) == (2, True)


def test_no_common_commit_says_what_to_fetch(repository: Path) -> None:
    git("checkout", "--quiet", "--orphan", "other")
    commit({"a.txt": "a"})
    with pytest.raises(Exception, match="fetch the whole history"):
        Repository(repository).change("main", "HEAD")
