"""The page of a run: what is in it, and what strangers' text cannot do to it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import math
import random
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pages
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from results import ALL, HOSTILE, RUN, SOURCE, SOURCES, VALUE, dressed, result

from jacfuzz.cleaning import visible
from jacfuzz.cli.main import cli
from jacfuzz.findings import MOST_OTHER_CELLS, MOST_OTHERS
from jacfuzz.report.events import RunStarted, TargetFinished
from jacfuzz.report.html.page import HtmlReport, page
from jacfuzz.report.html.source import source_lines
from jacfuzz.result import TargetResult


class Parsed(HTMLParser):
    """Tags with their attributes, and all texts; pictures that wait as text are read like the rest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == ("script", {**self.tags[-1][1], "type": "text/html"}):
            inner = Parsed(data)
            self.tags += inner.tags
            self.texts += inner.texts
        else:
            self.texts.append(data)

    def of(self, tag: str, css: str = "") -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag and css in ["", *(found.get("class") or "").split()]]


def parsed(*results: TargetResult, sources: dict[str, str] | None = None) -> Parsed:
    return Parsed(page(results, RUN, sources or {}))


class TestStructure:
    def test_the_overview_has_a_row_per_target_worst_first_and_a_column_per_stratum(self) -> None:
        found = parsed(*ALL)
        rows = [row["data-verdict"] for row in found.of("tr") if "data-verdict" in row]
        assert rows == ["fail", "fail", "error", "unsure", "stub", "pass"]
        assert len(found.of("th", "turned")) == 1 + len({"generic", "one zero", "own boundary"})
        assert "300" in found.texts

    def test_the_strata_of_failing_points_are_marked(self) -> None:
        assert len(parsed(result("fail", "Sort", VALUE)).of("td", "failed")) == 1
        assert not parsed(result("fail", "Sort", dataclasses.replace(VALUE, stratum="saved"))).of("td", "failed")

    def test_every_finding_has_its_heat_maps_ready_but_not_laid_out(self) -> None:
        text = page(ALL, RUN, {})
        outside = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
        assert not Parsed(outside).of("table", "heat")
        assert len(Parsed(text).of("table", "heat")) == 3 * 3  # Sort at two points, Late at one

    def test_a_slider_only_where_there_are_several_points(self) -> None:
        assert [slider["max"] for slider in parsed(*ALL).of("input") if slider["type"] == "range"] == ["1"]

    def test_a_scale_that_is_all_zero_is_left_out(self) -> None:
        zeros = dataclasses.replace(VALUE, candidate=[[0.0, math.nan]], reference=[[0.0, 0.0]], others=[])
        assert not parsed(result("fail", "Sort", zeros)).of("span", "scale")
        assert parsed(result("fail", "Sort", VALUE)).of("span", "scale")

    def test_a_stub_s_findings_are_not_told(self) -> None:
        found = parsed(result("stub", "Todo", VALUE))
        assert VALUE.message not in found.texts
        assert not found.of("td", "failed")

    def test_links_lead_somewhere_and_nothing_leads_outside(self) -> None:
        found = parsed(*ALL, sources=SOURCES)
        ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        links = [link["href"] or "" for link in found.of("a")]
        assert links
        assert {link.removeprefix("#") for link in links} <= set(ids)
        assert not {tag for tag, _ in found.tags} & {"img", "link", "iframe", "object", "embed", "base"}
        assert not any("src" in attributes for _, attributes in found.tags)
        assert not re.search(r"url\(|@import|https?:", page(ALL, RUN, SOURCES))

    def test_only_our_script_may_run(self) -> None:
        text = page(ALL, RUN, {})
        (script,) = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        (policy,) = [meta["content"] for meta in Parsed(text).of("meta") if "http-equiv" in meta]
        assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"

    def test_everything_that_acts_is_reached_by_key(self) -> None:
        found = parsed(*ALL, sources=SOURCES)
        assert all(button["type"] == "button" for button in found.of("button"))
        assert len(found.of("summary")) == len(found.of("details"))
        assert all("aria-label" in field for field in found.of("input"))

    def test_a_listener_writes_it_at_the_end_into_a_new_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "run.html"
        report = HtmlReport(path, SOURCES)
        for event in (RunStarted(1, 7), TargetFinished(ALL[1]), RUN):
            report.handle(event)
        assert path.read_text(encoding="utf-8") == page([ALL[1]], RUN, SOURCES)


class TestSource:
    def test_lines_are_numbered_as_in_the_file_and_the_jacobian_is_marked(self) -> None:
        lines = source_lines(SOURCE, ALL[1])  # the pair starts on line 7 of the file, its third line
        assert [line.number for line in lines] == list(range(5, 12))
        assert [line.text for line in lines if line.marked] == ["def jac(x):"]

    def test_of_index_functions(self) -> None:
        lines = source_lines("def fb_id(x):\n    f = lambda o: x[0]\n    dx = lambda i, o: 1\n    return f, dx", ALL[1])
        assert [(line.number, line.marked) for line in lines] == [(7, False), (8, False), (9, True), (10, False)]

    def test_of_a_cell_are_numbered_from_1_and_an_error_is_marked_where_it_is(self) -> None:
        broken = dataclasses.replace(ALL[3], cell=2, line=4)
        assert [line.number for line in source_lines(SOURCE, broken) if line.marked] == [4]

    def test_an_error_in_a_page_has_no_known_numbers(self) -> None:
        assert {(line.number, line.marked) for line in source_lines(SOURCE, ALL[3])} == {(0, False)}

    def test_without_a_pair_there_are_no_numbers(self) -> None:
        assert {line.number for line in source_lines("x = 1\ny = (", ALL[1])} == {0}


class TestEscaping:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_shown_as_text(self, text: str) -> None:
        self.check(text)

    @settings(max_examples=30, deadline=None)
    @given(st.text(min_size=1))
    def test_any_text_is(self, text: str) -> None:
        self.check(text)

    @staticmethod
    def check(text: str) -> None:
        expected, calm = page([dressed("x")], RUN, {"x": "x"}), page([dressed(text)], RUN, {text: f"x{text}"})
        calm.encode()
        plain, found = Parsed(expected), Parsed(calm)
        assert [(tag, set(attributes)) for tag, attributes in found.tags if tag != "span"] == [
            (tag, set(attributes)) for tag, attributes in plain.tags if tag != "span"
        ]  # a source has a span a line
        assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)
        assert "\u202e" not in calm
        if text.strip() and "\n" not in text and "::" not in text and "##[" not in text:
            assert visible(text).strip() in "".join(found.texts)


def many() -> list[TargetResult]:
    """200 targets with 40 findings on large matrices, no two numbers alike."""
    draw = random.Random(3)

    names = ("generic", "one zero", "tie", "tiny", "huge", "sorted", "reversed")

    def matrix(size: int) -> list[list[float]]:
        return [[draw.gauss(0, 1) for _ in range(size)] for _ in range(size)]

    def other(stratum: str) -> dict[str, Any]:
        side = math.isqrt(MOST_OTHER_CELLS)
        found = {"point": {"x": [draw.random() for _ in range(side)]}, "cells": [[0, 0]], "stratum": stratum}
        return {**found, "candidate": matrix(side), "reference": matrix(side)}

    strata = {
        name: draw.randrange(400) for name in ("generic", "one zero", "tie", "tiny", "huge", "sorted", "reversed")
    }
    findings = [
        dataclasses.replace(
            VALUE,
            candidate=matrix(50),
            reference=matrix(50),
            cells=[[row, column] for row in range(4) for column in range(10)],
            point={"x": [draw.random() for _ in range(50)]},
            others=[other(stratum) for stratum in names[:MOST_OTHERS]],
        )
        for _ in range(40)
    ]
    failed = [result("fail", f"Target {number}", finding, strata=strata) for number, finding in enumerate(findings)]
    return failed + [result("pass", f"Target {number}", strata=strata) for number in range(40, 200)]


def test_200_targets_and_40_findings_fit_in_3_megabytes() -> None:
    results = many()
    text = page(results, RUN, {each.id: SOURCE * 4 for each in results})
    assert text.count("<tr data-verdict=") == 200
    assert text.count('<details class="target"') == 40
    assert len(text.encode()) < 3_000_000


def test_the_command_line_writes_it_with_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.md").write_text(pages.page({"Square": pages.WRONG}))
    options = ["--html", "new/run.html", "-n", "5", "-w", "0", "--no-shrink", "--isolation", "none"]
    assert CliRunner().invoke(cli, ["check", "wrong.md", *options], standalone_mode=False).return_value == 1
    found = Parsed(Path("new/run.html").read_text(encoding="utf-8"))
    assert "Square" in found.texts
    assert [span for span in found.of("span", "marked") if span["data-number"]]
