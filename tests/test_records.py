"""Saved failures: plain JSON, exact numbers, tried first next time."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays
from pairs import pair

from jacfuzz import records, search
from jacfuzz.errors import LoadError
from jacfuzz.result import Finding, TargetResult, Verdict
from jacfuzz.settings import Settings


def result(*findings: Finding, id: str = "a.md::Sort", verdict: Verdict = "fail") -> TargetResult:
    return TargetResult(id, "Sort", "a.md", 3, verdict, findings)


def finding(**point: Any) -> Finding:
    return Finding("value", "J[0] is 1, expected 2.", "x", point=point)


NUMBERS = arrays.arrays(np.float64, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))


@given(NUMBERS, NUMBERS)
def test_points_come_back_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, x: Any, y: Any) -> None:
    folder = tmp_path_factory.mktemp("records")
    # A list of no rows has lost how long they were; it fits no argument then.
    x, y = (np.asarray(value.tolist()) for value in (x, y))
    records.save(folder, result(finding(x=x.tolist(), y=y.tolist())))
    (point,) = records.points(folder, "a.md::Sort")
    for given_, found in ((x, point["x"]), (y, point["y"])):
        assert found.shape == given_.shape
        assert found.dtype == np.float64
        assert np.array_equal(found, given_, equal_nan=True)
        assert np.array_equal(np.signbit(found[~np.isnan(found)]), np.signbit(given_[~np.isnan(given_)]))


@pytest.mark.parametrize("value", [3, [1, 2], True, [[False], [True]]])
def test_whole_numbers_and_truth_values_keep_their_kind(tmp_path: Path, value: Any) -> None:
    records.save(tmp_path, result(finding(x=value)))
    (point,) = records.points(tmp_path, "a.md::Sort")
    assert point["x"].tolist() == value
    assert point["x"].dtype == np.asarray(value).dtype


def test_a_file_is_plain_json_with_hex_floats(tmp_path: Path) -> None:
    path = records.save(tmp_path, result(finding(x=[0.1, 2.0])))
    assert path is not None
    content = json.loads(path.read_text())
    assert (content["id"], content["title"]) == ("a.md::Sort", "Sort")
    (failure,) = content["failures"]
    assert (failure["kind"], failure["message"]) == ("value", "J[0] is 1, expected 2.")
    assert failure["point"]["x"]["cells"] == [(0.1).hex(), (2.0).hex()]


def test_what_has_no_point_or_did_not_fail_saves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    assert records.save(folder, result(Finding("shape", "no point"))) is None
    assert records.save(folder, result()) is None
    assert records.save(folder, result(finding(x=1.0), verdict="stub")) is None
    assert not folder.exists()


def test_a_failure_stays_until_another_replaces_it(tmp_path: Path) -> None:
    records.save(tmp_path, result(finding(x=1.0), finding(x=2.0)))
    records.save(tmp_path, result(verdict="pass"))
    assert [point["x"] for point in records.points(tmp_path, "a.md::Sort")] == [1.0, 2.0]
    records.save(tmp_path, result(finding(x=3.0)))
    assert [point["x"] for point in records.points(tmp_path, "a.md::Sort")] == [3.0]


def test_targets_stay_apart_whatever_their_ids(tmp_path: Path) -> None:
    ids = ["a.md::Sort", "a.md::Sort#2", "b/a.md::Sort", "a.md::sort", "日本", "../../up", "a" * 500, "", "a/b: c?*\\"]
    for number, target_id in enumerate(ids):
        path = records.save(tmp_path, result(finding(x=float(number)), id=target_id))
        assert path is not None
        assert path.parent == tmp_path
    for number, target_id in enumerate(ids):
        assert [point["x"] for point in records.points(tmp_path, target_id)] == [float(number)]
    assert sorted(record.id for record in records.saved(tmp_path)) == sorted(ids)


def test_the_folder_is_kept_out_of_version_control(tmp_path: Path) -> None:
    records.save(tmp_path / "records", result(finding(x=1.0)))
    assert (tmp_path / "records" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "{}", '{"id": "a", "title": "t", "failures": 3}',
     '{"id": "a", "title": "t", "failures": [{"kind": "value", "message": "", "point": {"x": 3}}]}',
     '{"id": "a", "title": "t", "failures": [{"kind": "value", "message": "", "point": '
     '{"x": {"shape": [3], "dtype": "float64", "cells": ["0x1p0"]}}}]}',
     '{"id": "a", "title": "t", "failures": [{"kind": "value", "message": "", "point": '
     '{"x": {"shape": [], "dtype": "nothing", "cells": ["zero"]}}}]}'],
)  # fmt: skip
def test_a_damaged_file_is_named_and_a_run_goes_on_without(tmp_path: Path, text: str) -> None:
    path = records.save(tmp_path, result(finding(x=1.0)))
    assert path is not None
    path.write_text(text)
    assert records.points(tmp_path, "a.md::Sort") == []
    with pytest.raises(LoadError) as caught:
        records.saved(tmp_path)
    assert str(path) in str(caught.value)
    assert "delete it" in str(caught.value)


def test_nothing_saved_is_nothing(tmp_path: Path) -> None:
    assert records.points(tmp_path / "none", "a") == []
    assert records.saved(tmp_path / "none") == []


def test_saved_points_are_tried_first(tmp_path: Path) -> None:
    seen: list[list[float]] = []

    def jac(x: np.ndarray) -> np.ndarray:
        seen.append(x.tolist())
        return np.eye(3)

    target = pair(lambda x: x, jac, x="3")
    records.save(tmp_path, result(finding(x=[7.0, 8.0, 9.0]), id=target.id))
    with jax.enable_x64(True):
        found = search.run(target, Settings(max_examples=1, records=tmp_path))
    assert seen[0] == [7.0, 8.0, 9.0]
    assert found.strata["saved"] == 1


def test_a_saved_point_that_no_longer_fits_is_passed_over(tmp_path: Path) -> None:
    target = pair(lambda x: x, lambda x: np.eye(3), x="3")
    records.save(tmp_path, dataclasses.replace(result(finding(y=1.0)), id=target.id))
    with jax.enable_x64(True):
        found = search.run(target, Settings(max_examples=1, records=tmp_path))
    assert found.verdict == "pass"
    assert "saved" not in found.strata


def test_a_folder_that_cannot_be_written_to_costs_a_note(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = records.kept(tmp_path / "file", result(finding(x=1.0)))
    assert (told.verdict, len(told.findings)) == ("fail", 1)
    (note,) = told.notes
    assert (note.kind, "could not be saved" in note.text, "file: File exists" in note.text) == ("records", True, True)
    assert not records.kept(None, result(finding(x=1.0))).notes
    assert not records.kept(tmp_path / "folder", result(finding(x=1.0))).notes
    assert len(records.saved(tmp_path / "folder")) == 1


def test_a_record_of_the_first_version_is_read(tmp_path: Path) -> None:
    point = {"x": {"shape": [2], "dtype": "float64", "cells": ["0x1.8000000000000p+0", "-inf"]}}
    failure = {"kind": "value", "message": "The Jacobian differs", "point": point}
    content = {"version": 1, "id": "a.md::Sort", "title": "Sort", "failures": [failure]}
    (tmp_path / "a.md-Sort-0.json").write_text(json.dumps(content))
    (record,) = records.saved(tmp_path)
    assert (record.id, record.title, record.kind, record.message) == (
        "a.md::Sort",
        "Sort",
        "value",
        "The Jacobian differs",
    )
    np.testing.assert_array_equal(record.point["x"], [1.5, -np.inf])
