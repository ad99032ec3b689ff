"""Heat maps and convergence plots of a finding."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from results import VALUE

from jacfuzz.report.html.convergence import convergence
from jacfuzz.report.html.heat import LEVELS, figure, tone


class TestHeat:
    def test_the_three_share_a_scale_and_only_the_candidate_is_marked(self) -> None:
        drawn = figure(VALUE)
        assert drawn is not None
        assert [heat.title for heat in drawn.heats] == ["candidate", "reference", "difference"]
        assert drawn.limit == "5"
        candidate, reference, difference = (heat.lines for heat in drawn.heats)
        assert (candidate[0][1].tone, difference[0][1].tone) == ("p8", "p8")
        assert candidate[0][0].tone == reference[0][0].tone != "z"
        assert drawn.specials == ("inf", "nan")
        marked = [[cell.wrong for line in heat.lines for cell in line] for heat in drawn.heats]
        assert marked == [[False, True, False, True], [False] * 4, [False] * 4]

    def test_rows_and_columns_have_the_names_of_the_signature(self) -> None:
        drawn = figure(VALUE)
        assert drawn is not None
        assert drawn.axes == "row: f[i]; column: x[j]; n = 2"

    @given(st.floats(), st.floats(min_value=0, allow_infinity=False))
    def test_every_number_has_a_tone_of_its_own_kind(self, value: float, limit: float) -> None:
        found = tone(value, limit)
        if math.isnan(value) or math.isinf(value):
            assert found == ("nan" if math.isnan(value) else "inf")
        elif value == 0:
            assert found == "z"
        else:
            assert found[0] == ("p" if value > 0 else "n")
            assert 1 <= int(found[1:]) <= LEVELS

    @given(st.floats(1e-9, 1.0), st.floats(1e-9, 1.0))
    def test_a_larger_number_is_never_paler(self, one: float, other: float) -> None:
        small, large = sorted([one, other])
        assert tone(small, 1.0) <= tone(large, 1.0)

    def test_large_ones_are_cut_around_the_wrong_cells(self) -> None:
        zeros = [[0.0] * 60 for _ in range(60)]
        ones = [[0.0] * 60 for _ in range(59)] + [[0.0] * 59 + [1.0]]
        drawn = figure(dataclasses.replace(VALUE, candidate=ones, reference=zeros, cells=[[59, 59]]))
        assert drawn is not None
        assert drawn.fine
        assert drawn.crop == "20 of 60 rows, 20 of 60 columns"
        assert drawn.heats[0].rows[-1] == "59"
        assert drawn.heats[0].lines[-1][-1].wrong

    def test_without_a_reference_the_candidate_stands_alone(self) -> None:
        drawn = figure(dataclasses.replace(VALUE, reference=None, candidate=[[True], [False]]))
        assert drawn is not None
        assert [(heat.title, len(heat.lines)) for heat in drawn.heats] == [("candidate", 2)]

    @pytest.mark.parametrize("candidate", [None, [], [[1.0], [2.0, 3.0]], "words"])
    def test_what_is_no_matrix_has_none(self, candidate: Any) -> None:
        assert figure(dataclasses.replace(VALUE, candidate=candidate)) is None


class TestConvergence:
    def test_the_curve_to_the_reference_falls_and_the_other_stays(self) -> None:
        drawn = convergence(VALUE)
        assert drawn is not None
        reference, candidate = drawn.curves
        assert reference.points[-1][1] > reference.points[0][1] + 50
        assert abs(candidate.points[-1][1] - candidate.points[0][1]) < 5
        assert all(drawn.left <= x <= drawn.right and 0 <= y <= drawn.bottom for c in drawn.curves for x, y in c.points)

    @pytest.mark.parametrize(
        "change", [{"quotients": []}, {"cells": []}, {"reference": None}, {"reference": [[1.0, math.nan], [0.0, 0.0]]}]
    )
    def test_there_is_none_without_something_to_compare(self, change: dict[str, Any]) -> None:
        assert convergence(dataclasses.replace(VALUE, **change)) is None

    @given(
        st.lists(
            st.tuples(st.floats(1e-12, 1.0), st.floats(-1e12, 1e12)), min_size=4, max_size=14, unique_by=lambda p: p[0]
        )
    )
    def test_any_quotients_stay_inside_the_frame(self, pairs: list[tuple[float, float]]) -> None:
        steps = sorted(pairs, reverse=True)
        drawn = convergence(dataclasses.replace(VALUE, quotients=[list(pair) for pair in steps]))
        assert drawn is not None
        assert all(drawn.left <= x <= drawn.right and 0 <= y <= drawn.height for c in drawn.curves for x, y in c.points)
