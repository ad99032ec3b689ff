"""Results as pages are made from, plain ones and such as say hostile things."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from jacfuzz.report.events import RunFinished
from jacfuzz.result import Finding, Note, TargetResult, Verdict

RUN = RunFinished(1, 2.5, 7)
OTHER = {
    "point": {"x": [0.0, 2.0, 3.0]},
    "cells": [[0, 1]],
    "candidate": [[1.0, 2.0, 0.0]],
    "reference": [[1.0, 0.5, 0.0]],
    "stratum": "tie",
}
VALUE = Finding(
    kind="value",
    message="The Jacobian differs from the derivative of f: J[0, 1] is 5, expected 0.",
    argument="x",
    cells=[[0, 1], [1, 1]],
    candidate=[[1.0, 5.0], [0.0, math.nan]],
    reference=[[1.0, 0.0], [0.0, -math.inf]],
    point={"x": [0.0, 1.0]},
    dims={"n": 2},
    reproduce="import jacfuzz\nprint(1 < 2)",
    stratum="one zero",
    points=3,
    axes=["i", "j"],
    others=[OTHER],
    quotients=[[4.0**-k, 16.0**-k] for k in range(1, 8)],
)
SOURCE = "import numpy as np\n\ndef f(x):\n    return x\n\ndef jac(x):\n    return 1\n"


def result(verdict: Verdict, title: str, *findings: Finding, **rest: Any) -> TargetResult:
    strata = {"generic": 12, "one zero": 8}
    return TargetResult(
        f"a.md::{title}", title, "a.md", 7, verdict, findings, **{"points": 20, "strata": strata, **rest}
    )


ALL = [
    result("pass", "Double", strata={"generic": 300, "own boundary": 5}),
    result("fail", "Sort", VALUE),
    result("fail", "Late", dataclasses.replace(VALUE, kind="kink", others=[])),
    result("error", "Broken", Finding("protocol", "a.md, line 9: SyntaxError; correct it"), points=0, strata={}),
    result("stub", "Todo", VALUE),
    result("unsure", "Rounded", notes=(Note("unsure", "no generic point passed: f is coarse"),)),
]
SOURCES = {"a.md::Sort": SOURCE}


HOSTILE = (
    "</script><script>alert(1)</script>",
    "</template></style><img src=x onerror=alert(1)>",
    '"><a href="javascript:alert(1)">',
    "{{ 7 * 7 }}{% raw %}",
    "'&lt;&amp;\"<!--",
    "\u202egnp.exe",
    "\ud800 alone",
    "\x1b[31m\x00\u2028",
    "日本 😀",
)


def dressed(text: str) -> TargetResult:
    """A result that says one text wherever a stranger may say something."""
    finding = dataclasses.replace(
        VALUE, message=text, argument=text, point={text: [0.0, 1.0]}, dims={text: 2}, stratum=text, reproduce=text,
        axes=[text, text], others=[{**OTHER, "stratum": text, "point": {text: [1.0, 2.0, 3.0]}}],
    )  # fmt: skip
    return TargetResult(
        text, text, text, 7, "fail", (finding,), (Note(text, text),), 20, strata={text: 3, "generic": 17}
    )
