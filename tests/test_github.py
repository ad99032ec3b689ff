"""What GitHub Actions is told: commands that a stranger's text cannot forge, and a summary it cannot leave."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jacfuzz.cleaning import clean
from jacfuzz.report.events import RunFinished, RunStarted, TargetFinished
from jacfuzz.report.github import GitHubReport, commands, summary
from jacfuzz.report.plain import harmless
from jacfuzz.result import Finding, TargetResult


def failed(title: str, message: str = "wrong", file: str = "a.py") -> TargetResult:
    return TargetResult(f"{file}::{title}", title, file, 3, "fail", (Finding("value", message),))


def test_an_annotation_is_one_line_with_its_parts_escaped() -> None:
    (line,) = commands([failed("a,b:c", "100%\nof it", "x:y,z.py")])
    assert line == "::error file=x%3Ay%2Cz.py,line=3,title=jacfuzz fail%3A a%2Cb%3Ac::100%25%0Aof it"


@given(st.text(), st.text(), st.text(min_size=1))
def test_no_text_makes_a_second_line(title: str, message: str, file: str) -> None:
    (line,) = commands([harmless(failed(title, message, file))])
    assert len(line.splitlines()) == 1


@given(st.text() | st.sampled_from(["::error::x", "a ::stop-commands::x", "\n::set-env", "##[error]x", "\x1b[2J"]))
def test_cleaned_text_holds_no_command_and_no_control_character(text: str) -> None:
    cleaned = clean(text)
    assert all(character.isprintable() or character in "\n\t" for character in cleaned)
    assert "##[" not in cleaned
    assert not any(word.startswith("::") for word in cleaned.split())


def test_ten_annotations_worst_first_and_none_for_a_pass(tmp_path: Path) -> None:
    told: list[str] = []
    report = GitHubReport(told.append, tmp_path / "summary.md")
    report.handle(RunStarted(14, 0))
    stop = told[0].removeprefix("::stop-commands::")
    for number in range(12):
        report.handle(TargetFinished(TargetResult("s", f"stub {number}", "a.py", 1, "stub")))
    report.handle(TargetFinished(TargetResult("p", "good", "a.py", 1, "pass")))
    report.handle(TargetFinished(failed("bad")))
    report.handle(RunFinished(1, 1.0, 0))
    assert told[1] == f"::{stop}::"
    assert len(told[2:]) == 10
    assert "title=jacfuzz fail%3A bad" in told[2]
    text = (tmp_path / "summary.md").read_text()
    assert text.count("| stub |") == 12
    assert "seed 0" in text


def test_a_title_cannot_leave_its_cell_nor_a_message_its_fence() -> None:
    text = summary([failed("a`|<b>\n| x", "~~~~\n# Passed")], RunFinished(1, 1.0, 0))
    (row,) = [line for line in text.splitlines() if line.startswith("| fail")]
    assert row.count("|") == 5
    assert "<b>" not in row
    fences = [index for index, line in enumerate(text.splitlines()) if line.strip().startswith("~~~")]
    assert len(fences) == 2


def test_a_summary_too_long_for_github_is_cut() -> None:
    text = summary([failed(str(number), "word " * 20_000) for number in range(20)], RunFinished(1, 1.0, 0))
    assert len(text.encode()) < 2**20
    assert text.rstrip().endswith("the JSON-lines report holds it.")
