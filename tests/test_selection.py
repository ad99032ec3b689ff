"""``-k`` expressions."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz.errors import UsageError
from jacfuzz.selection import matches

NAME = "answers.md::Problem 12: Sort"


@pytest.mark.parametrize(
    "expression",
    ["", "   ", "sort", "SORT", "not relu", "sort and 12", "relu or sort", "(sort)", '"12: sort"', "'problem 12'",
     "not (relu or product)", "relu and sort or 12", "12 or relu and product", "not not sort", "answers.md::"],
)  # fmt: skip
def test_it_matches(expression: str) -> None:
    assert matches(expression, NAME)


@pytest.mark.parametrize("expression", ["relu", "not sort", "sort and relu", "(12 or sort) and relu", '"sort 12"'])
def test_it_does_not_match(expression: str) -> None:
    assert not matches(expression, NAME)


@pytest.mark.parametrize("expression", ["(", ")", "and", "sort and", "or sort", "(sort", "sort)", "sort relu", "not"])
def test_what_cannot_be_read_is_named(expression: str) -> None:
    with pytest.raises(UsageError) as caught:
        matches(expression, NAME)
    assert repr(expression) in str(caught.value)
    assert "join words with and, or, not" in str(caught.value)


WORDS = st.text("abcxyz", min_size=1, max_size=3)


@given(WORDS, WORDS, st.text("abcxyz", max_size=6))
def test_the_words_mean_what_they_mean_in_python(one: str, other: str, text: str) -> None:
    first, second = one in text, other in text
    assert matches(one, text) is first
    assert matches(f"{one} and {other}", text) is (first and second)
    assert matches(f"{one} or {other}", text) is (first or second)
    assert matches(f"not {one} or {other}", text) is (not first or second)
    assert matches(f"not ({one} or {other})", text) is (not (first or second))


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(expression: str) -> None:
    with contextlib.suppress(UsageError):
        matches(expression, NAME)
