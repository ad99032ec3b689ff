"""What a run tells people and machines: text, terminal, JSON lines, JUnit."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from jacfuzz.report.events import Event, Listener, RunFinished, RunStarted, TargetFinished
from jacfuzz.report.jsonl import JsonLinesReport
from jacfuzz.report.junit import JUnitReport
from jacfuzz.report.terminal import TerminalReport
from jacfuzz.report.text import finding_text, headline, matrices, result_text
from jacfuzz.result import Finding, Note, TargetResult, Verdict

VALUE = Finding(
    kind="value",
    message="The Jacobian differs from the derivative of f: J[0, 1] is 5, expected 0, at x = [0., 1.].",
    argument="x",
    cells=[[0, 1], [1, 1]],
    candidate=[[1.0, 5.0], [0.0, math.nan]],
    reference=[[1.0, 0.0], [0.0, 1.0]],
    bound=1e-9,
    point={"x": [0.0, 1.0]},
    dims={"n": 2},
    condition="x[0] = 0",
    reproduce="import jacfuzz\nprint(1)",
    points=3,
)
CAUSE = Finding("protocol", "a.md, line 9: SyntaxError; correct it")


def result(verdict: Verdict, title: str = "Sort", *findings: Finding, **rest: Any) -> TargetResult:
    return TargetResult(f"a.md::{title}", title, "a.md", 7, verdict, findings, **{"points": 20, **rest})


PASS = result("pass", "Double", strata={"generic": 12, "tie": 8}, seconds=0.5)
FAIL = result("fail", "Sort", VALUE, notes=(Note("dtype", "bool dtype"),), unsure_points=1, undefined_points=2)
ERROR = result("error", "Broken", CAUSE, points=0)
STUB = result("stub", "Todo", VALUE)
UNSURE = result("unsure", "Rounded", notes=(Note("unsure", "no generic point passed: f is coarse"),))
ALL = (PASS, STUB, FAIL, UNSURE, ERROR)


def tell(listener: Listener, *results: TargetResult, **end: Any) -> None:
    events: list[Event] = [RunStarted(len(results), 5), *map(TargetFinished, results)]
    for event in [*events, RunFinished(**{"exit": 1, "seconds": 1.25, "seed": 5, **end})]:
        listener.handle(event)


class TestText:
    def test_a_headline_says_verdict_kinds_and_counts(self) -> None:
        assert headline(FAIL) == "FAIL   Sort  value  20 points, f undefined at 2, 1 unsure"
        assert headline(ERROR) == "ERROR  Broken"

    def test_a_finding_names_place_count_message_matrices_and_reproduction(self) -> None:
        text = finding_text(FAIL, VALUE)
        assert text.startswith("  value at 3 of 20 points; a.md, line 7\n")
        assert "J[0, 1] is 5" in text
        assert "    import jacfuzz\n    print(1)\n" in text
        assert text.endswith('  or: jacfuzz replay "a.md::Sort"')

    def test_functions_at_hand_cannot_be_replayed(self) -> None:
        assert "jacfuzz replay" not in finding_text(dataclasses.replace(FAIL, file="<python>"), VALUE)

    def test_a_cell_is_named(self) -> None:
        assert "a.ipynb, cell 3, line 7" in finding_text(dataclasses.replace(FAIL, file="a.ipynb", cell=3), VALUE)

    def test_an_error_is_its_message_alone(self) -> None:
        assert finding_text(ERROR, CAUSE) == "  a.md, line 9: SyntaxError; correct it"

    def test_lines_fit_80_columns_whatever_the_message(self) -> None:
        long = dataclasses.replace(VALUE, message="a very long sentence " * 30)
        assert max(map(len, result_text(result("fail", "Sort", long)).splitlines())) <= 80

    def test_code_in_a_message_stays_on_one_line(self) -> None:
        for length in range(40, 80):
            message = f"{'x' * length} add the line `# jacfuzz: shapes x=(50,)`"
            assert "`# jacfuzz: shapes x=(50,)`" in finding_text(ERROR, Finding("protocol", message))

    def test_all_findings_and_notes_are_told(self) -> None:
        text = result_text(dataclasses.replace(FAIL, findings=(VALUE, Finding("shape", "The shape is wrong."))))
        assert "The shape is wrong." in text
        assert "note: bool dtype" in text


class TestMatrices:
    def test_wrong_cells_are_marked_beside_the_reference(self) -> None:
        assert matrices(VALUE).splitlines() == [
            "    candidate   reference",
            "     0     1    0  1",
            "[0]  1    >5    1  0",
            "[1]  0  >nan    0  1",
            "row: index of f's result; column: index of x; n = 2",
        ]

    def test_a_row_is_an_output_cell(self) -> None:
        cube = [[[1.0, 2.0], [3.0, 4.0]]]
        finding = Finding(
            "value", "", "x", [[0, 1, 0]], cube, cube, point={"x": [[0.0, 0.0], [0.0, 0.0]]}
        )  # f has one cell, x four
        assert "[0,1] >3   4" in matrices(dataclasses.replace(finding, point={"x": [0.0, 0.0]}))
        assert "[0]    1     2    >3     4 " in matrices(finding)

    @pytest.mark.parametrize("size", [9, 50])
    def test_large_ones_are_cropped_around_the_wrong_cells(self, size: int) -> None:
        large = [[0.0] * size for _ in range(size)]
        last = size - 1
        finding = dataclasses.replace(VALUE, candidate=large, reference=large, cells=[[last, last]])
        lines = matrices(finding).splitlines()
        assert any(line.startswith(f"[{last}]") and ">0" in line for line in lines)
        assert any(f"of {size} columns shown" in line for line in lines)
        assert len(lines) <= 14
        assert max(map(len, lines)) <= 74

    def test_wrong_cells_beyond_those_listed_are_marked_too(self) -> None:
        ones, zeros = [[1.0] * 8 for _ in range(8)], [[0.0] * 8 for _ in range(8)]
        cells = [[row, column] for row in range(5) for column in range(8)]
        finding = dataclasses.replace(VALUE, candidate=ones, reference=zeros, cells=cells)
        assert all(line.count(">") == 8 for line in matrices(finding).splitlines() if line.startswith("["))

    def test_without_a_reference_there_are_none(self) -> None:
        assert matrices(dataclasses.replace(VALUE, reference=None)) == ""

    @given(st.data())
    def test_any_shape_is_written_or_left_out(self, data: st.DataObject) -> None:
        shape = data.draw(st.lists(st.integers(0, 3), max_size=3))
        rank = data.draw(st.integers(0, len(shape)))

        def filled(sizes: list[int]) -> Any:
            return [filled(sizes[1:]) for _ in range(sizes[0])] if sizes else data.draw(st.floats())

        cells = [[0] * len(shape)] if all(shape) else []
        point = {"x": filled(shape[rank:])}
        finding = Finding("value", "", "x", cells, filled(shape), filled(shape), point=point)
        assert all(len(line) <= 78 for line in matrices(finding).splitlines())


class TestTerminal:
    @staticmethod
    def shown(*results: TargetResult, verbosity: int = 0, skipped: tuple[str, ...] = (), **end: Any) -> str:
        console = Console(file=io.StringIO(), highlight=False)
        report = TerminalReport(console, verbosity)
        report.handle(RunStarted(len(results), 5, skipped))
        for each in results:
            report.handle(TargetFinished(each))
        report.handle(RunFinished(**{"exit": 1, "seconds": 1.25, "seed": 5, **end}))
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    def test_the_worst_comes_first(self) -> None:
        text = self.shown(*ALL)
        titles = [line.split()[:2] for line in text.splitlines() if line.split()[:1] and line[:1].isupper()]
        assert titles == [["FAIL", "Sort"], ["ERROR", "Broken"], ["UNSURE", "Rounded"], ["PASS", "Double"],
                          ["STUB", "Todo"]]  # fmt: skip
        assert text.splitlines()[-1] == ("1 fail, 1 error, 1 unsure, 1 stub, 1 pass, 80 points in 1.2 s, seed 5")

    def test_findings_and_notes_are_told_and_a_stub_s_are_not(self) -> None:
        assert "J[0, 1] is 5" in self.shown(FAIL)
        assert "note: bool dtype" in self.shown(FAIL)
        assert "J[0, 1] is 5" not in self.shown(STUB)

    def test_a_blank_line_parts_two_findings(self) -> None:
        text = self.shown(result("fail", "Sort", VALUE, dataclasses.replace(VALUE, kind="kink")))
        before = text.partition("  kink at")[0]
        assert "J[0, 1] is 5" in before
        assert before.endswith("\n\n")

    def test_quiet_is_one_line(self) -> None:
        assert self.shown(*ALL, verbosity=-1).count("\n") == 1

    def test_verbose_counts_strata(self) -> None:
        assert "generic 12, tie 8" in self.shown(PASS, verbosity=1)
        assert "generic" not in self.shown(PASS)

    def test_skipped_statements_are_listed(self) -> None:
        assert "  a.md, line 3: no module named chalk" in self.shown(
            PASS, skipped=("a.md, line 3: no module named chalk",)
        )

    def test_a_run_cut_short_says_so(self) -> None:
        assert "not all targets were judged" in self.shown(PASS, interrupted=True)
        assert "not all targets" not in self.shown(PASS)

    @pytest.mark.parametrize("title", ["[bold]x[/bold]", "[/nothing]", "[", ":smile:", "日本"])
    @pytest.mark.parametrize("terminal", [False, True])
    def test_titles_and_messages_are_no_markup(self, title: str, terminal: bool) -> None:
        console = Console(file=io.StringIO(), highlight=False, force_terminal=terminal, no_color=True, width=100)
        broken = dataclasses.replace(VALUE, message=f"got {title}; expected")
        tell(TerminalReport(console), result("fail", title, broken, notes=(Note("", title),)))
        assert isinstance(console.file, io.StringIO)
        text = console.file.getvalue()
        assert f"got {title}; expected" in text
        assert f"note: {title}" in text

    def test_a_file_gets_no_progress_bar_and_no_colour(self) -> None:
        assert "\x1b" not in self.shown(*ALL)
        assert "checking" not in self.shown(*ALL)


class TestJsonLines:
    TARGET = "event id title file line cell verdict findings notes points unsure_points undefined_points strata seconds"
    FINDING = (
        "kind message argument cells candidate reference bound point dims condition diagnosis reproduce stratum points "
        "axes others quotients"
    )

    @staticmethod
    def written(folder: Path, *results: TargetResult) -> list[dict[str, Any]]:
        path = folder / "new" / "jacfuzz.jsonl"
        tell(JsonLinesReport(path), *results)

        def refuse(word: str) -> None:
            raise AssertionError(f"{word} is no JSON")

        return [json.loads(line, parse_constant=refuse) for line in path.read_text().splitlines()]

    def test_a_line_per_target_and_one_for_the_run(self, tmp_path: Path) -> None:
        *targets, run = self.written(tmp_path, *ALL)
        assert [target["verdict"] for target in targets] == [each.verdict for each in ALL]
        for target in targets:
            assert next(iter(target)) == "event"
            assert target["event"] == "target"
            assert set(target) == set(self.TARGET.split())
            assert all(set(finding) == set(self.FINDING.split()) for finding in target["findings"])
            assert all(set(note) == {"kind", "text"} for note in target["notes"])
        assert list(run) == ["event", "exit", "seconds", "seed", "versions"]
        assert (run["event"], run["exit"], run["seconds"], run["seed"]) == ("run", 1, 1.25, 5)
        assert {"jacfuzz", "numpy", "jax"} <= set(run["versions"])

    def test_values_are_as_they_were_and_numbers_json_lacks_are_words(self, tmp_path: Path) -> None:
        (finding,) = self.written(tmp_path, FAIL)[0]["findings"]
        assert finding["candidate"] == [[1.0, 5.0], [0.0, "nan"]]
        assert finding["cells"] == [[0, 1], [1, 1]]
        assert finding["point"] == {"x": [0.0, 1.0]}
        assert finding["bound"] == 1e-9
        infinite = dataclasses.replace(VALUE, candidate=[math.inf, -math.inf])
        assert self.written(tmp_path, result("fail", "Sort", infinite))[0]["findings"][0]["candidate"] == [
            "inf",
            "-inf",
        ]

    def test_the_cause_of_an_error_is_its_first_finding(self, tmp_path: Path) -> None:
        assert self.written(tmp_path, ERROR)[0]["findings"][0]["message"] == CAUSE.message

    def test_an_interrupted_run_keeps_what_was_found_and_a_new_one_starts_anew(self, tmp_path: Path) -> None:
        path = tmp_path / "jacfuzz.jsonl"
        for _ in range(2):
            report = JsonLinesReport(path)
            report.handle(RunStarted(2, 0))
            report.handle(TargetFinished(FAIL))
            assert len(path.read_text().splitlines()) == 1

    def test_a_result_survives_the_trip(self) -> None:
        for each in ALL:
            travelled = TargetResult.from_dict(each.to_dict())
            assert result_text(travelled) == result_text(each)


class TestJUnit:
    @staticmethod
    def written(folder: Path, *results: TargetResult) -> ElementTree.Element:
        path = folder / "new" / "jacfuzz.xml"
        tell(JUnitReport(path), *results)
        return ElementTree.parse(path).getroot()

    def test_a_case_per_target_with_its_outcome(self, tmp_path: Path) -> None:
        root = self.written(tmp_path, *ALL)
        (suite,) = root.iter("testsuite")
        assert [suite.get(count) for count in ("tests", "failures", "errors", "skipped")] == ["5", "1", "2", "1"]
        outcomes = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
        assert outcomes == {"Double": [], "Todo": ["skipped"], "Sort": ["failure"], "Rounded": ["error"],
                            "Broken": ["error"]}  # fmt: skip

    def test_a_failure_carries_kinds_message_and_text(self, tmp_path: Path) -> None:
        (failure,) = self.written(tmp_path, FAIL).iter("failure")
        assert failure.get("type") == "value"
        assert failure.get("message") == VALUE.message
        assert "Reproduce with" in (failure.text or "")

    def test_an_unsure_verdict_says_why(self, tmp_path: Path) -> None:
        (error,) = self.written(tmp_path, UNSURE).iter("error")
        assert "f is coarse" in (error.text or "")

    def test_equal_titles_stay_apart(self, tmp_path: Path) -> None:
        again = dataclasses.replace(PASS, id="a.md::Double#2")
        root = self.written(tmp_path, PASS, again)
        assert [case.get("name") for case in root.iter("testcase")] == ["Double", "Double#2"]

    def test_whatever_a_message_holds_the_file_can_be_read(self, tmp_path: Path) -> None:
        for text in ("\x1b[31mred\x1b[0m", "a\x00b", "<&>\"'", "\ud800 alone", "\ufffe\uffff", "a\nb\tc", "日本 😀"):
            odd = dataclasses.replace(VALUE, message=f"got {text}")
            root = self.written(tmp_path, result("fail", text, odd), result("error", text, odd))
            assert len(list(root.iter("testcase"))) == 2
