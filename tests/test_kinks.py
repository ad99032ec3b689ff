"""Kinks, and what only looks like one: the verdict at each is the one that mathematics gives."""

from collections.abc import Iterator
from typing import get_args

import jax
import numpy as np
import pytest
from kink_cases import CASES, KINKS, Label, label_of, right

from jacfuzz.judge import Judge

SOME_TRACED = set(list(KINKS)[::8])
"""Compiling takes most of the time; ``ci/bench/kinks.py`` judges every case in every form."""


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def test_the_table_is_large_and_has_every_label() -> None:
    assert len(KINKS) >= 70
    assert {case.label for case in CASES} == set(get_args(Label))
    assert {len(kink.point) for kink in KINKS.values()} == {1, 2, 3, 4, 5, 6}
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("form", ["jax", "opaque"])
@pytest.mark.parametrize("name", ["sort of two pairs", "largest eigenvalue, two alike", "jump beside a smooth output"])
def test_every_form_is_the_same_function(name: str, form: str) -> None:
    case = next(case for case in CASES if case.function == name)
    (point,) = case.values[0]
    assert np.array_equal(np.asarray(case.target(form).f(point)), KINKS[name].f(np, point))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_the_label_is_right(number: int) -> None:
    case = CASES[number]
    form = "jax" if case.function in SOME_TRACED else case.forms[-1]
    verdict = Judge(case.target(form), seed=number % 2).batch(case.values)[0]
    assert right(case, label_of(verdict)), verdict


def test_where_f_and_the_point_are_zero_nothing_looks_random() -> None:
    case = next(case for case in CASES if case.name.startswith("product of relus at the origin: value"))
    for seed in range(12):
        assert label_of(Judge(case.target("opaque"), seed).batch(case.values)[0]) == "value"
