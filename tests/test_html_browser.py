"""The page of a run in a headless browser: opened, clicked through, by key, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, installed
from results import ALL, HOSTILE, RUN, SOURCES, dressed

from jacfuzz.report.html.page import page


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = installed()
    if program is None:
        pytest.skip("no Chromium or Chrome is installed")
    folder = tmp_path_factory.mktemp("browser")
    with Browser(program, folder / "profile") as found:
        yield found


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Browser:
    path = tmp_path / "run.html"
    path.write_text(page([*ALL, dressed(HOSTILE[0]), dressed(HOSTILE[1])], RUN, SOURCES), encoding="utf-8")
    browser.complaints.clear()
    browser.call("Emulation.clearDeviceMetricsOverride")
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    browser.open(path)
    return browser


class TestInABrowser:
    def test_pictures_appear_when_a_finding_is_opened(self, opened: Browser) -> None:
        count = "[...document.querySelectorAll('details.target')].map(d => d.querySelectorAll('.stage table').length)"
        assert opened.run(count)[:2] == [3, 0]
        opened.run("document.querySelectorAll('summary')[1].click()")
        opened.run("new Promise(requestAnimationFrame)")
        assert opened.run(count)[:2] == [3, 3]
        assert opened.complaints == []

    def test_the_slider_moves_by_key_through_the_failing_points(self, opened: Browser) -> None:
        told = (
            "document.querySelector('.slider output').textContent + ' ' + document.querySelector('.point').textContent"
        )
        assert opened.run(told) == "minimal point x = [0, 1]"
        opened.run("document.querySelector('.slider input').focus()")
        opened.press("ArrowRight", 39)
        assert opened.run(told) == "another failing point: tie x = [0, 2, 3]"

    def test_tab_reaches_all_controls(self, opened: Browser) -> None:
        met = set()
        for _ in range(40):
            opened.press("Tab", 9)
            met.add(opened.run("document.activeElement.className.split(' ')[0] || document.activeElement.tagName"))
        assert {"BUTTON", "chip", "INPUT", "frame", "A", "SUMMARY", "copy"} <= met

    def test_chips_and_search_filter_both_lists(self, opened: Browser) -> None:
        shown = "[...document.querySelectorAll('[data-name]')].filter(e => !e.hidden).map(e => e.dataset.name)"
        opened.run("document.querySelector('.chip.fail').click()")
        assert not {"a.md::sort", "a.md::late"} & set(opened.run(shown))
        opened.run("document.querySelector('.chip.fail').click()")
        opened.run("search.value = 'SORT'; search.dispatchEvent(new Event('input'))")
        assert opened.run(shown) == ["a.md::sort"] * 2

    def test_a_link_opens_its_target(self, opened: Browser) -> None:
        opened.run("document.querySelector('.overview a[href=\"#t2\"]').click()")
        opened.run("new Promise(resolve => setTimeout(resolve))")
        assert opened.run("document.getElementById('t2').open")

    def test_copying_says_what_it_did(self, opened: Browser) -> None:
        opened.run("copy(document.querySelector('.copy'))")
        assert opened.run("document.querySelector('.copy').textContent") in ("Copied", "Selected")

    def test_light_and_dark(self, opened: Browser) -> None:
        paper = "getComputedStyle(document.body).backgroundColor"
        light = opened.run(paper)
        opened.run("theme.click()")
        dark = opened.run(paper)
        assert light != dark
        opened.run("theme.click()")
        assert opened.run(paper) == light
        opened.run("delete document.documentElement.dataset.theme")
        opened.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        assert opened.run(paper) == dark

    def test_a_phone_scrolls_down_only(self, opened: Browser) -> None:
        opened.call("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=2, mobile=True)
        opened.run("document.querySelectorAll('details').forEach(target => { target.open = true; })")
        opened.run("new Promise(requestAnimationFrame)")
        assert opened.run("document.documentElement.scrollWidth") == 390

    def test_strangers_text_runs_nothing(self, opened: Browser) -> None:
        opened.run("document.querySelectorAll('details').forEach(target => { target.open = true; })")
        opened.run("new Promise(requestAnimationFrame)")
        assert opened.run("document.querySelectorAll('script:not([type])').length") == 1
        assert opened.run("document.images.length") == 0
        assert opened.complaints == []
