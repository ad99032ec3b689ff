"""What a diagnosis says of spoilt pairs: the right mistake, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from mistakes import Mistake, mistakes
from pairs import pair

from jacfuzz import check, search
from jacfuzz.result import Finding
from jacfuzz.settings import Settings

FEW = Settings(max_examples=20, shrink=False)
SAMPLE = (
    "transposed, sort",
    "twice, cosine",
    "a zero, product",
    "not square, mean_reduce",
    "wrong shape, transposed, repeat",
)


@pytest.fixture(autouse=True)
def _float64():  # type: ignore[no-untyped-def]  # a generator fixture
    with jax.enable_x64(True):
        yield


def only(f: Callable[..., Any], jac: Callable[..., Any], **axes: Any) -> Finding:
    (finding,) = search.run(pair(f, jac, **axes), FEW).findings
    return finding


def test_the_labelled_set_is_large_and_its_names_differ() -> None:
    names = [mistake.name for mistake in mistakes()]
    assert len(set(names)) == len(names) >= 80


@pytest.mark.parametrize("mistake", [one for one in mistakes() if one.name in SAMPLE], ids=lambda one: one.name)
def test_a_mistake_is_named(mistake: Mistake) -> None:
    assert mistake.named_by(search.run(mistake.target, FEW).findings) == "right"


def test_a_tiny_cell_that_is_off_is_not_in_the_wrong_place() -> None:
    finding = only(lambda x: 1e-150 * x**2, lambda x: np.diag(1e-150 * x * np.abs(x)), x="n")
    assert "wrong place" not in finding.diagnosis


def test_one_cell_of_one_value_is_thin_evidence() -> None:
    finding = only(lambda x: x, lambda x: np.array(2.0), x="")
    assert (finding.condition, "explains" in finding.diagnosis) == ("", False)


def test_noise_is_not_explained() -> None:
    finding = only(
        lambda x: x, lambda x: np.eye(len(x)) + np.sin(np.arange(len(x) ** 2) ** 2 + 1).reshape(len(x), -1), x="3"
    )
    assert (finding.condition, finding.diagnosis) == ("", "")


def test_lost_digits_are_explained_by_no_transform() -> None:
    finding = only(lambda x: x**2 / 2, lambda x: np.diag((x + 1e9) - 1e9), x="2")
    assert "loses" in finding.message
    assert "explains" not in finding.message


def test_rounding_is_no_defect_of_ad_and_a_wrong_rule_within_f_is() -> None:
    @jax.custom_jvp
    def cube(x: Any) -> Any:
        return x**3

    cube.defjvp(lambda primals, tangents: (cube(*primals), 2 * primals[0] * tangents[0]))
    for f, jac, told in ((np.tanh, lambda x: 1 - np.tanh(x) ** 2, []), (cube, lambda x: 3 * x**2, [True])):
        notes = check(f, lambda x, diagonal=jac: np.diag(diagonal(x)), at=np.ones(2)).notes
        assert ["does not fit f's own values" in note.text for note in notes if note.kind == "ad artefact"] == told


def test_what_overflows_loses_no_digits() -> None:
    finding = only(np.cosh, lambda x: np.diag((np.exp(x) - np.exp(-x)) / 2), x="2")
    assert (finding.kind, "digits" in finding.message) == ("nonfinite", False)


def test_evidence_is_counted() -> None:
    finding = only(lambda x: x**2, lambda x: np.diag(x), x="n")
    assert "is half of what it should be; this explains 100 % of" in finding.diagnosis


def test_a_condition_gives_the_counts_of_both_sides() -> None:
    finding = only(lambda x: x**2, lambda x: np.diag(np.where((x > 3).any(), 7.5, 2) * x), x="n")
    assert finding.condition.startswith("wrong exactly where some x_i > 3 (wrong at all ")


def test_arguments_of_several_ranks_and_empty_ones_are_no_error() -> None:
    finding = only(lambda x, y: x.sum() + y, lambda x, y: (2 * np.ones(x.shape), np.array(1.0)), x="*b", y="")
    assert finding.argument == "x"


def test_what_is_right_at_zero_only_is_said_to_be_wrong_elsewhere() -> None:
    finding = only(lambda x: x * (x @ x), lambda x: np.outer(x, x) + 0.7 * (x @ x) * np.eye(len(x)), x="n")
    assert finding.condition.startswith("wrong exactly where some x_i is not 0 (wrong at all ")
