"""The whole search on one pair: verdicts, minimal points, messages, determinism."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from pairs import pair

from jacfuzz import records, search, stages
from jacfuzz.result import TargetResult
from jacfuzz.settings import Settings
from jacfuzz.strategies.layouts import layouts
from jacfuzz.target import Claim, Place, Target, Unloadable

FEW = Settings(max_examples=50)


@pytest.fixture(autouse=True)
def _float64():  # type: ignore[no-untyped-def]  # a generator fixture
    with jax.enable_x64(True):
        yield


def divided(x: np.ndarray) -> Any:
    return np.prod(x) / x


def product_jac(x: np.ndarray) -> np.ndarray:
    return np.array([np.prod(np.delete(x, j)) for j in range(len(x))])


def run(f: Callable[..., Any], jac: Callable[..., Any], **rest: Any) -> TargetResult:
    rest = rest if any(name in rest for name in "xyz") else {"x": "n", **rest}
    return search.run(pair(f, jac, **rest), FEW)


def test_a_right_pair_passes_and_every_stratum_is_counted() -> None:
    result = run(np.prod, product_jac)
    assert result.verdict == "pass"
    assert result.findings == ()
    assert {"generic", "one zero", "two zeros", "all zero", "tie", "boundary", "size 0", "size 1"} <= set(result.strata)
    assert result.points >= 50
    assert result.unsure_points == 0


def test_the_product_at_a_zero_is_shrunk_and_explained() -> None:
    result = run(np.prod, divided, source="np.prod(x) / x")
    (finding,) = result.findings
    assert result.verdict == "fail"
    assert finding.kind == "nonfinite"
    x = np.array(finding.point["x"])
    assert x.size <= 2
    assert (x == 0).sum() == 1
    assert np.isin(x[x != 0], [1.0]).all()
    assert "looks like division by x_i" in finding.message
    assert finding.condition.startswith("wrong exactly where one or more x_i = 0 (")
    assert finding.reference is not None


def test_values_shrink_to_plain_numbers() -> None:
    result = run(lambda x: x * x, lambda x: np.diag(np.where(x > 3, x, 2 * x)))
    (finding,) = result.findings
    (entry,) = finding.point["x"]
    assert entry == 4.0


def test_ties_shrink_to_two_equal_entries() -> None:
    result = run(np.sort, lambda x: (np.sort(x)[:, None] == x).astype(float))
    (finding,) = result.findings
    assert finding.kind == "kink"
    assert finding.point["x"] == [0.0, 0.0]
    assert finding.condition.startswith("wrong exactly where two entries of x are equal (")


def test_distinct_kinds_are_distinct_findings() -> None:
    def jac(x: np.ndarray) -> np.ndarray:
        if len(x) == 3:
            return np.ones((1, 3))
        return product_jac(x) + (np.nan if (x == 0).any() else 0)

    result = run(np.prod, jac)
    assert sorted(finding.kind for finding in result.findings) == ["nonfinite", "shape"]


def test_without_shrinking_the_first_point_is_kept() -> None:
    result = search.run(pair(np.prod, divided, x="5"), dataclasses.replace(FEW, shrink=False))
    assert len(result.findings[0].point["x"]) == 5
    assert not np.isin(result.findings[0].point["x"], [0.0, 1.0]).all()


def test_same_seed_same_verdicts_and_counts() -> None:
    first, second = (run(np.prod, divided) for _ in range(2))
    assert dataclasses.replace(first, findings=(), seconds=0) == dataclasses.replace(second, findings=(), seconds=0)
    assert [finding.kind for finding in first.findings] == [finding.kind for finding in second.findings]
    assert [finding.points for finding in first.findings] == [finding.points for finding in second.findings]


def test_other_seeds_try_other_points() -> None:
    seen: list[bytes] = []

    def f(x: np.ndarray) -> np.ndarray:
        seen.append(np.asarray(x).tobytes() if isinstance(x, np.ndarray) else b"")
        return x

    points = []
    for seed in (1, 2):
        seen.clear()
        search.run(pair(f, lambda x: np.eye(3), x="3"), Settings(max_examples=20, seed=seed))
        points.append(set(seen))
    assert len(points[0] & points[1]) < 0.5 * len(points[0])


@pytest.mark.parametrize("calls", [1, 5, 400])
@pytest.mark.parametrize("wanted", [40, 300, 200_000])
def test_as_many_points_are_drawn_as_are_asked_for_and_calls_allow(calls: int, wanted: int) -> None:
    target = dataclasses.replace(pair(lambda x: x, lambda x: np.eye(3), x="3"), calls=calls)
    drawn = sum(map(len, stages.drawn(target, layouts(target.signature), Settings(max_examples=wanted))))
    least = wanted if calls == 1 else min(wanted, max(100_000, 333 * wanted) // calls)
    assert least <= drawn < least + 512


def test_f_that_raises_everywhere_is_an_error_with_its_cause() -> None:
    result = run(lambda x: x.no_such_thing, lambda x: x)
    assert result.verdict == "error"
    assert "no_such_thing" in result.findings[0].message
    assert "at every one of" in result.findings[0].message


def test_f_that_is_nan_everywhere_is_unsure() -> None:
    result = run(lambda x: x * np.nan, lambda x: np.eye(len(x)))
    assert result.verdict == "unsure"
    assert "no generic point passed" in result.notes[-1].text


def windowed(length: int) -> Any:
    """Return the sums of all windows of a length, a function that gives nothing for shorter arguments."""
    return lambda x: np.array([np.sum(x[i : i + length]) for i in range(len(x) - length + 1)], float)


def test_a_jacobian_that_has_cells_at_longer_arguments_only_is_judged_there() -> None:
    result = run(windowed(5), lambda x: np.full((max(len(x) - 4, 0), len(x)), 123.0))
    assert result.verdict == "fail"


def test_a_jacobian_without_a_cell_at_any_size_is_unsure() -> None:
    result = run(windowed(50), lambda x: np.zeros((0, len(x))))
    assert result.verdict == "unsure"
    assert "at no size that was tried has the Jacobian a cell" in result.notes[-1].text


def test_shapes_that_f_does_not_take_are_not_drawn_for_long() -> None:
    def fit(x: np.ndarray, y: np.ndarray) -> Any:
        if len(y) > len(x):
            raise ValueError("y is longer than x")
        return np.sum(x) * np.sum(y)

    def fit_jac(x: np.ndarray, y: np.ndarray) -> Any:
        return np.full(len(x), np.sum(y)), np.full(len(y), np.sum(x))

    few, many = (search.run(pair(fit, fit_jac, x="n", y="m"), Settings(max_examples=n)) for n in (300, 3000))
    assert (few.verdict, many.verdict) == ("pass", "pass")
    assert few.undefined_points == many.undefined_points > 0


def test_too_many_unsettled_points_make_a_target_unsure() -> None:
    # Coarse in float64: differences cannot confirm the slope, and there is no AD of rounded text.
    def f(x: np.ndarray) -> np.ndarray:
        return np.array([float(f"{v:.1f}") for v in x])

    result = run(f, lambda x: np.eye(len(x)) * 0.9)
    assert result.verdict in ("unsure", "fail")


def test_a_stub_is_a_stub_only_while_it_is_wrong() -> None:
    assert run(np.prod, lambda x: 0 * x, stub=True).verdict == "stub"
    assert run(np.prod, lambda x: None, stub=True).verdict == "stub"
    assert run(lambda x: np.zeros(2), lambda x: 0 * np.ones((2, len(x))), stub=True).verdict == "pass"


def test_what_could_not_be_loaded_is_an_error_with_its_message() -> None:
    result = search.run(Unloadable("id", "title", Place("a.md", 7), "a.md, line 7: SyntaxError"), FEW)
    assert (result.verdict, result.line, result.findings[0].message) == ("error", 7, "a.md, line 7: SyntaxError")


def test_nondeterminism_is_one_finding() -> None:
    rng = np.random.default_rng(0)
    result = run(lambda x: x, lambda x: np.eye(len(x)) + rng.random())
    assert [finding.kind for finding in result.findings] == ["nondeterministic"]


def claimed(f: Callable[..., Any], reference: Callable[..., Any]) -> Target:
    return pair(f, lambda x: 2 * np.eye(len(x)), x="n", claim=Claim("double", "Double", (reference,)))


def test_another_function_than_the_title_claims_is_a_mismatch() -> None:
    result = search.run(claimed(lambda x: 2 * x, lambda x: x * x), FEW)
    (finding,) = result.findings
    assert finding.kind == "mismatch"
    assert "Double" in finding.message
    assert "--no-catalogue" in finding.message


@pytest.mark.parametrize("reference", [lambda x: x + x, lambda x: 2 * x])
def test_the_claimed_function_in_another_form_is_no_mismatch(reference: Callable[..., Any]) -> None:
    assert search.run(claimed(lambda x: 2 * x, reference), FEW).verdict == "pass"


def test_without_a_reference_that_fits_nothing_is_claimed() -> None:
    target = dataclasses.replace(claimed(lambda x: 2 * x, abs), claim=Claim("double", "Double", ()))
    assert search.run(target, FEW).verdict == "pass"


def test_the_same_f_earlier_in_the_file_is_noted() -> None:
    first = dataclasses.replace(pair(lambda x: x + x, lambda x: 2 * np.eye(len(x)), x="n"), id="a", title="First")
    other = dataclasses.replace(pair(lambda x: x * 3, lambda x: 3 * np.eye(len(x)), x="n"), id="b", title="Other")
    again = dataclasses.replace(pair(lambda x: 2 * x, lambda x: 2 * np.eye(len(x)), x="n"), id="c", title="Again")
    siblings = (first, other, again)
    notes = [note.text for note in search.run(again, FEW, siblings).notes]
    assert notes == ["same f as First"]
    assert not search.run(first, FEW, siblings).notes


def test_functions_that_agree_on_single_entries_only_are_not_the_same() -> None:
    mean = dataclasses.replace(pair(np.mean, lambda x: np.full(len(x), 1 / len(x)), x="n"), id="a", title="Mean")
    product = dataclasses.replace(pair(np.prod, product_jac, x="n"), id="b", title="Product")
    assert not search.run(product, FEW, (mean, product)).notes


def test_a_saved_point_is_judged_alone_on_replay() -> None:
    target = pair(np.prod, divided, x="n")
    still = search.replay(target, [{"x": np.array([0.0, 2.0])}], FEW)
    assert (still.verdict, still.points, still.strata) == ("fail", 1, {"saved": 1})
    assert search.replay(target, [{"x": np.array([1.0, 2.0])}], FEW).verdict == "pass"


def test_the_reproduction_runs_as_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = run(np.prod, divided).findings
    with np.errstate(all="ignore"):
        exec(finding.reproduce, {"prod": np.prod, "divided": divided})
    assert "nan" in capsys.readouterr().out


def test_index_errors_hint_at_silent_clamping() -> None:
    result = run(lambda x: x, lambda x: x[np.arange(len(x) + 1)])
    assert result.findings[0].kind == "raises"
    assert "clamps" in result.findings[0].diagnosis


def test_nothing_is_printed_by_the_code_under_test(capsys: pytest.CaptureFixture[str]) -> None:
    run(lambda x: (print("f here"), x)[1], lambda x: (print("jac here"), np.eye(len(x)))[1])
    assert capsys.readouterr().out == ""


def test_a_failure_at_an_empty_array_of_two_axes_is_tried_again(tmp_path: Path) -> None:
    def jac(x: np.ndarray) -> np.ndarray:
        if x.shape[0] == 0 < x.shape[1]:
            raise ValueError("nothing to average")
        return 2.0 * np.eye(x.size).reshape(*x.shape, *x.shape)

    target = pair(lambda x: 2.0 * x, jac, x="r c")
    result = search.run(target, FEW)
    assert [finding.kind for finding in result.findings] == ["raises"]
    records.save(tmp_path, result)
    again = search.replay(target, records.points(tmp_path, target.id), FEW)
    assert [finding.kind for finding in again.findings] == ["raises"]
