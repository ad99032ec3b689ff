"""One target's result as a piece of HTML for a notebook: no script, since notebooks that are not trusted run none."""

from __future__ import annotations

from jacfuzz.report.html.files import environment, text_of
from jacfuzz.report.html.page import shown
from jacfuzz.report.plain import harmless
from jacfuzz.report.text import headline, notes_of
from jacfuzz.result import TargetResult


def result_html(result: TargetResult) -> str:
    """Return the verdict and every finding with its pictures."""
    told = harmless(result)
    return (
        environment()
        .get_template("fragment.html")
        .render(
            result=told,
            headline=headline(told),
            findings=[shown(finding) for finding in told.findings],
            notes=[note.text for note in notes_of(told)],
            style=text_of("heat.css") + text_of("fragment.css"),
        )
    )
