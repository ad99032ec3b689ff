"""The command line: exit codes, messages, what each command prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner
from pages import DOUBLE, PAIR_OF_NUMBERS, STUB, WRONG, block, page

from jacfuzz.cli.main import cli, main


@dataclass(frozen=True)
class Done:
    """What one call of the command line gave."""

    code: int
    out: str
    err: str


Call: TypeAlias = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Call ``jacfuzz`` as from the shell, in a folder of its own with three pages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jacfuzz.cache.keep_compiled", lambda: None)  # the environment is that of all tests
    Path("good.md").write_text(page({"Double": DOUBLE}))
    Path("wrong.md").write_text(page({"Double": DOUBLE, "Square": WRONG}))
    Path("stub.md").write_text(page({"Todo": STUB}))

    def run(*arguments: str) -> Done:
        quick = ("--max-examples", "20", "--workers", "0", "--isolation", "none") if arguments[0] == "check" else ()
        monkeypatch.setattr(sys, "argv", ["jacfuzz", arguments[0], *quick, *arguments[1:]])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        text = capsys.readouterr()
        assert "Traceback" not in text.out + text.err
        return Done(int(caught.value.code or 0), text.out, text.err)

    return run


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_help_is_there_for_every_command() -> None:
    for name in ("", "check", "replay", "list", "show"):
        done = CliRunner().invoke(cli, [*filter(None, [name]), "--help"])
        assert done.exit_code == 0
        assert done.output.startswith("Usage: ")
    assert all(name in CliRunner().invoke(cli, ["-h"]).output for name in ("check", "replay", "list", "show"))


def test_help_as_a_process_loads_nothing_heavy() -> None:
    code = (
        "import sys; from jacfuzz.cli import main; sys.argv = ['jacfuzz', '--help']\n"
        "try: main()\n"
        "finally: print(*[name for name in ('jax', 'hypothesis', 'numpy') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Fuzz hand-written Jacobians" in done.stdout
    assert done.stderr.strip() == ""


def test_the_version(call: Call) -> None:
    assert call("--version").out.startswith("jacfuzz, version ")


def test_the_module_runs_like_the_script() -> None:
    done = subprocess.run([sys.executable, "-m", "jacfuzz", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("jacfuzz, version ")


class TestExitCodes:
    @pytest.mark.parametrize(
        ("paths", "code"), [(["good.md"], 0), (["wrong.md"], 1), (["stub.md"], 4), (["good.md", "stub.md"], 0)]
    )
    def test_follow_the_verdicts(self, call: Call, paths: list[str], code: int) -> None:
        assert call("check", *paths).code == code

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["-n", "0"], "'-n' / '--max-examples': 0 is not in the range"),
            (["--max-time", "0"], "0.0 is not in the range"),
            (["--seed", "x"], "'x' is not a valid integer"),
            (["--report", "jsonl,html"], "--report 'html' is unknown; expected some of jsonl, junit"),
            (["--bogus"], "No such option '--bogus'"),
            (["-k", "(a"], "-k '(a' cannot be read"),
        ],
    )
    def test_2_for_options_that_cannot_be_used(self, call: Call, arguments: list[str], message: str) -> None:
        done = call("check", "good.md", *arguments)
        assert done.code == 2
        assert message in done.err

    def test_2_for_a_configuration_that_cannot_be_used(self, call: Call) -> None:
        Path("pyproject.toml").write_text("[tool.jacfuzz]\nsead = 3\n")
        done = call("check", "good.md")
        assert (done.code, "unknown key 'sead'" in done.err) == (2, True)

    def test_2_where_a_report_cannot_be_written(self, call: Call) -> None:
        done = call("check", "good.md", "--report", "jsonl", "--report-dir", "wrong.md")
        assert done.code == 2
        assert "wrong.md" in done.err
        assert "internal error" not in done.err

    def test_4_where_nothing_is_chosen(self, call: Call) -> None:
        done = call("check", "good.md", "-k", "absent")
        assert (done.code, "matches none of 1 targets" in done.err) == (4, True)

    def test_3_for_a_defect_of_ours_in_one_line(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError("unforeseen")

        monkeypatch.setattr("jacfuzz.runner.run", broken)
        done = call("check", "good.md")
        assert done.code == 3
        assert done.err.splitlines() == [
            "jacfuzz: internal error, ZeroDivisionError: unforeseen; please report it with the command and the file"
        ]

    def test_130_when_interrupted_and_what_was_found_is_told(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        from jacfuzz import search

        real = search.run

        def impatient(target: Any, *rest: Any) -> Any:
            if target.title == "Square":
                raise KeyboardInterrupt
            return real(target, *rest)

        monkeypatch.setattr("jacfuzz.search.run", impatient)
        done = call("check", "wrong.md")
        assert done.code == 130
        assert "PASS   Double" in done.out
        assert "not all targets were judged" in done.out


class TestNames:
    def test_a_missing_file_gets_a_suggestion(self, call: Call) -> None:
        done = call("check", "god.md")
        assert done.code == 2
        assert done.err.splitlines() == [
            "jacfuzz: god.md: no such file or folder, and no entry of the catalogue; did you mean good.md? "
            "`jacfuzz list` names all entries"
        ]

    def test_a_missing_entry_gets_a_suggestion(self, call: Call) -> None:
        assert "did you mean softmax?" in call("check", "sofmax").err

    def test_an_empty_folder_is_4(self, call: Call) -> None:
        Path("empty").mkdir()
        done = call("check", "empty")
        assert done.code == 4
        assert done.err.startswith("jacfuzz: empty: no .py, .ipynb or .md file in this folder; give ")

    @pytest.mark.parametrize("name", ["nomodule:f", "math:sin", "good.txt.gz", "good.md/x"])
    def test_other_names_that_stand_for_nothing_are_2(self, call: Call, name: str) -> None:
        done = call("check", name)
        assert done.code in (1, 2)
        assert name.partition(":")[0] in done.out + done.err
        assert len(done.err.splitlines()) <= 1

    def test_a_file_of_another_kind_names_the_kinds(self, call: Call) -> None:
        Path("data.csv").write_text("1,2\n")
        done = call("check", "data.csv")
        assert (done.code, "expected .py, .ipynb, .md" in done.err) == (2, True)


class TestOptions:
    def test_reports_are_written_where_asked(self, call: Call) -> None:
        done = call("check", "wrong.md", "--report", "jsonl, junit,jsonl", "--report-dir", "out/deep")
        *targets, run = lines(Path("out/deep/jacfuzz.jsonl"))
        assert [(target["id"], target["verdict"]) for target in targets] == [
            ("wrong.md::Double", "pass"), ("wrong.md::Square", "fail"),
        ]  # fmt: skip
        assert run["exit"] == done.code == 1
        assert Path("out/deep/jacfuzz.xml").exists()

    def test_k_chooses_by_id(self, call: Call) -> None:
        assert call("check", "wrong.md", "-k", "double").code == 0
        assert call("check", "wrong.md", "-k", "not double and square").code == 1

    def test_x_stops_at_the_first_that_does_not_pass(self, call: Call) -> None:
        done = call("check", "wrong.md", "good.md", "-x")
        assert "1 fail, 1 pass" in done.out
        assert "not all targets were judged" in done.out

    def test_quiet_is_one_line_and_verbose_counts_strata(self, call: Call) -> None:
        assert call("check", "wrong.md", "-q").out.count("\n") == 1
        assert "all zero" in call("check", "good.md", "-v").out

    def test_the_file_s_options_hold_and_the_command_line_goes_before(self, call: Call) -> None:
        Path("pyproject.toml").write_text('[tool.jacfuzz]\nseed = 5\nreport = "jsonl"\n')
        assert "seed 5" in call("check", "good.md").out
        assert Path("jacfuzz.jsonl").exists()
        assert "seed 0" in call("check", "good.md", "--seed", "0").out

    def test_no_shrink_keeps_the_first_point(self, call: Call) -> None:
        Path("wrong.md").write_text(page({"Square": block("x**2", "np.diag(x)", PAIR_OF_NUMBERS)}))
        points = []
        for options in (["--no-shrink"], []):
            call("check", "wrong.md", "--report", "jsonl", *options)
            points.append(lines(Path("jacfuzz.jsonl"))[0]["findings"][0]["point"]["x"])
        assert sorted(points[1]) == [0.0, 1.0]
        assert points[0] != points[1]

    def test_max_time_cuts_short_and_says_so(self, call: Call) -> None:
        done = call("check", "wrong.md", "--max-time", "1e-9")
        assert "not all targets were judged" in done.out
        assert done.code != 0

    def test_entries_of_the_catalogue_are_names(self, call: Call) -> None:
        assert call("check", "relu").code == 0


class TestReplay:
    def test_a_failure_is_saved_and_replayed_until_it_is_fixed(self, call: Call) -> None:
        assert call("check", "wrong.md", "stub.md").code == 1
        still = call("replay")
        assert still.code == 1
        assert still.out.startswith("STILL FAILS  wrong.md::Square  shape\n")
        assert "Todo" not in still.out
        Path("wrong.md").write_text(page({"Square": WRONG.replace("return 2 * x", "return np.diag(2 * x)")}))
        fixed = call("replay")
        assert (fixed.code, fixed.out.split()) == (0, ["FIXED", "wrong.md::Square", "shape"])

    @pytest.mark.parametrize(
        ("text", "cause"),
        [
            (page({"Other": DOUBLE}), "holds no pair 'Square'"),
            (page({"Square": WRONG.replace("x**2", "x**2 / 0 * 0")}), "at the saved point"),
            (page({"Square": WRONG.replace("x: ", "z, x: ")}), "annot"),
        ],
    )
    def test_what_can_no_longer_be_judged_is_an_error(self, call: Call, text: str, cause: str) -> None:
        call("check", "wrong.md")
        Path("wrong.md").write_text(text)
        done = call("replay", "wrong.md::Square")
        assert done.code == 1
        assert done.out.startswith("ERROR        wrong.md::Square")
        assert cause in done.out

    def test_an_id_or_a_path_chooses(self, call: Call) -> None:
        call("check", "wrong.md")
        assert call("replay", "wrong.md").code == 1
        assert call("replay", "good.md").code == 4

    def test_nothing_saved_is_4(self, call: Call) -> None:
        done = call("replay")
        assert (done.code, "no saved failure in .jacfuzz; run `jacfuzz check` first" in done.err) == (4, True)


class TestIsolation:
    SPY = page({"Square": f"import os\nos.mkdir(f'{{os.getpid()}}.pid')\n{WRONG}"})

    def test_no_command_runs_the_code_of_a_file_here(self, call: Call) -> None:
        call("check", "wrong.md")
        Path("wrong.md").write_text(self.SPY)
        assert call("list", "wrong.md").out == "wrong.md::Square\n"
        assert "def jac" in call("show", "wrong.md::Square").out
        assert call("replay").out.startswith("STILL FAILS")
        pids = [path.stem for path in Path().glob("*.pid")]
        assert len(pids) >= 3
        assert str(os.getpid()) not in pids

    def test_none_runs_it_here(self, call: Call) -> None:
        Path("spy.md").write_text(self.SPY)
        call("list", "spy.md", "--isolation", "none")
        assert [path.stem for path in Path().glob("*.pid")] == [str(os.getpid())]

    def test_the_configuration_counts_and_entries_run_here(self, call: Call) -> None:
        Path("pyproject.toml").write_text('[tool.jacfuzz]\nisolation = "hardened"\n')
        Path("spy.md").write_text(self.SPY)
        assert call("list", "spy.md").out == "spy.md::Square\n"
        assert not list(Path().glob("*.pid"))
        assert call("show", "softmax").code == 0

    @pytest.mark.parametrize("arguments", [("check", "good.md", "--power"), ("list", "good.md", "--isolation", "none")])
    def test_another_interpreter_needs_processes(self, call: Call, arguments: tuple[str, ...]) -> None:
        done = call(*arguments, "--python", sys.executable)
        assert (done.code, "--python" in done.err) == (2, True)


class TestListAndShow:
    def test_list_names_the_entries_with_a_line_each(self, call: Call) -> None:
        out = call("list").out.splitlines()
        assert len(out) > 20
        assert all(len(line.split(maxsplit=1)) == 2 for line in out)

    def test_list_names_the_pairs_of_a_file(self, call: Call) -> None:
        assert call("list", "wrong.md").out.splitlines() == ["wrong.md::Double", "wrong.md::Square"]

    @pytest.mark.parametrize("name", ["wrong.md::Square", "softmax"])
    def test_show_tells_what_is_tried(self, call: Call, name: str) -> None:
        done = call("show", name)
        assert done.code == 0
        assert "shapes tried:" in done.out
        assert "def jac" in done.out

    def test_show_of_several_lists_the_ids(self, call: Call) -> None:
        done = call("show", "wrong.md")
        assert done.code == 1
        assert done.err.splitlines()[1:] == ["  wrong.md::Double", "  wrong.md::Square"]


def test_as_a_process_outside_a_terminal_nothing_is_coloured(call: Call, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from jacfuzz.cli import main; main()", "check", "wrong.md", "-n", "20"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ})
    assert (done.returncode, done.stderr) == (1, "")
    assert "\x1b" not in done.stdout
    assert "FAIL   Square" in done.stdout
