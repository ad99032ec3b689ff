"""What findings look like when jac returned something odd: readable, and never an error of ours."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz.report.text import finding_text, matrices
from jacfuzz.result import Finding, TargetResult

RESULT = TargetResult("a.md::Sort", "Sort", "a.md", 7, "fail", points=20)
SHAPE = Finding("shape", "The Jacobian has shape (1, 1); expected (2, 1).", "x", point={"x": [1.0]})

NUMBERS = st.floats() | st.integers() | st.booleans() | st.complex_numbers()
ANYTHING = st.recursive(NUMBERS | st.none() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3))


@given(ANYTHING, ANYTHING, ANYTHING, st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=2))
def test_whatever_jac_returned_is_written_or_left_out(candidate: Any, reference: Any, x: Any, cells: Any) -> None:
    finding = dataclasses.replace(SHAPE, candidate=candidate, reference=reference, point={"x": x}, cells=cells)
    assert finding.message in " ".join(finding_text(RESULT, finding).split())


@pytest.mark.parametrize(
    "candidate", [None, "text", [[1.0]], [[1.0], [2.0, 3.0]], [], [[None], [1.0]], [[1.0, 1.0], [1.0, 1.0]]]
)
def test_matrices_of_other_shapes_are_not_set_side_by_side(candidate: Any) -> None:
    finding = dataclasses.replace(SHAPE, candidate=candidate, reference=[[1.0], [1.0]])
    assert matrices(finding) == ""


@pytest.mark.parametrize(("value", "text"), [(True, "True"), (1 + 2j, "1+2j"), (-0.0, "0"), (1 / 3, "0.3333")])
def test_a_cell_is_written_short(value: Any, text: str) -> None:
    finding = dataclasses.replace(SHAPE, kind="value", cells=[[0, 0]], candidate=[[value]], reference=[[1.0]])
    assert matrices(finding).splitlines()[1].split() == ["[0]", f">{text}", "1"]
