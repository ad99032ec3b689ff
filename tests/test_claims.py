"""What a heading or a function's name claims: the words decide, and what is ambiguous claims nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from jacfuzz.claims import Entry, by_function, by_heading, plain_words
from jacfuzz.registry import Catalogue
from jacfuzz.target import IndexShapes, Naming


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue()


def heading(text: str, arguments: int = 1) -> Naming:
    return Naming(text, "", arguments)


def function(name: str, arguments: int, out_rank: int | None) -> Naming:
    return Naming("", name, arguments, out_rank)


def claimed(catalogue: Catalogue, naming: Naming) -> str | None:
    claim = catalogue.claim(naming, {})
    return claim.entry if claim else None


def test_every_title_claims_its_own_entry(catalogue: Catalogue) -> None:
    for entry in catalogue.entries:
        for title in entry.titles:
            assert claimed(catalogue, heading(f"Problem 7: {title}")) == entry.name


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Problem 12: Sort", "sort"),
        ("Problem 3: Sort", "sort"),
        ("problem 11 : SORT", "sort"),
        ("### **Problem 12: Sort**", "sort"),
        ("Problem 16.5: View + Reshape", "view_reshape"),
        ("Problem 16: View", "view"),
        ("Problem 16: Transpose", "transpose"),
        ("Problem 8.5/9: Index", "index"),
        ("Problem 15: 1D Convolution (second form in the prose)", "convolution_1d"),
        ("Problem 15: 1-D Convolution (with (nested) remarks)", "convolution_1d"),
        ("Problem 20: 2D Conv", "convolution_2d"),
        ("Problem 13: Element-wise mean", "elementwise_mean"),
        ("Problem 6: Repeat & Scale", "repeat_and_scale"),
        ("Problem 18: Mean Reduce", "mean_reduce"),
        ("Problem 18: Mean", "mean"),
    ],
)
def test_words_claim_whatever_the_number_case_and_punctuation(catalogue: Catalogue, text: str, entry: str) -> None:
    assert claimed(catalogue, heading(text)) == entry


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sort",
        "12: Sort",
        "Problem 12",
        "Problem 12:",
        "Problem 12: (Sort)",
        "Problem 12 Sort",
        "Problem 12 - Sort",
        "Problem: Sort",
        "Problem Sort: 12",
        "Problem twelve: Sort",
        "Exercise 12: Sort",
        "My Problem 12: Sort",
        "Problem 12: Sorted",
        "Problem 12: Not Sort",
        "Problem 12: Sort and Mean",
        "Problem 12: Sort: a second try",
        "Problem 12: Sort\nProblem 13: Mean",
        "Problem 15: Convolution",
        "Problem 16: Softmax",
        "Problem 16: Determinant",
    ],
)
def test_other_headings_claim_nothing(catalogue: Catalogue, text: str) -> None:
    assert claimed(catalogue, heading(text)) is None


def test_extras_are_never_claimed(catalogue: Catalogue) -> None:
    extras = [entry for entry in catalogue.entries if not entry.titles]
    assert {"softmax", "layer_norm", "rosenbrock_gradient"} <= {entry.name for entry in extras}
    for entry in extras:
        assert not entry.index_shapes
        assert claimed(catalogue, heading(f"Problem 1: {entry.title}")) is None
        assert claimed(catalogue, function(f"fb_{entry.name}", 1, 1)) is None


@pytest.mark.parametrize(
    ("name", "arguments", "out_rank", "entry"),
    [
        ("fb_mean", 1, 1, "mean"),
        ("fb_mean", 2, 2, "mean_reduce"),
        ("fb_conv", 2, 1, "convolution_1d"),
        ("fb_conv", 2, 2, "convolution_2d"),
        ("fb_sort", 1, 1, "sort"),
        ("fb_mm", 2, 2, "matmul"),
        ("fb_mean", 2, 1, None),
        ("fb_mean", 3, 2, None),
        ("fb_conv", 2, None, None),
        ("fb_sort", 2, 1, None),
        ("fb_sorted", 1, 1, None),
        ("sort", 1, 1, None),
    ],
)
def test_function_names_are_told_apart_by_arity(
    catalogue: Catalogue, name: str, arguments: int, out_rank: int | None, entry: str | None
) -> None:
    naming = function(name, arguments, out_rank)
    assert claimed(catalogue, naming) == entry
    assert (catalogue.shapes(naming) is None) == (entry is None)


def test_heading_wins_the_claim_and_the_function_gives_the_shapes(catalogue: Catalogue) -> None:
    naming = Naming("Problem 12: Sort", "fb_neg", 1, 1)
    assert claimed(catalogue, naming) == "sort"
    assert catalogue.shapes(naming) == IndexShapes(((50,),), (50,))


def test_a_heading_that_claims_nothing_leaves_it_to_the_function(catalogue: Catalogue) -> None:
    assert claimed(catalogue, Naming("My notes", "fb_sort", 1, 1)) == "sort"
    assert catalogue.shapes(heading("Problem 12: Sort")) is None


def test_what_two_entries_answer_to_claims_nothing() -> None:
    one = Entry("one", "One", "", Path("one.py"), "one", ("Same", "First"), {"fb_s": IndexShapes(((2,),), (2,))})
    two = dataclasses.replace(one, name="two", titles=("same!",))
    assert by_heading("Problem 1: Same", (one, two)) is None
    assert by_heading("Problem 1: First", (one, two)) is one
    assert by_function(function("fb_s", 1, 1), (one, two)) is None
    assert by_function(function("fb_s", 1, 1), (one,)) is one


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("View + Reshape", "view and reshape"),
        ("  Mean   Reduce!  ", "mean reduce"),
        ("mean_reduce", "mean reduce"),
        ("Mean (of (all) entries) Reduce", "mean reduce"),
        ("1\u2010D Convolution", "1d convolution"),
        ("Mean \u2013 Reduce", "mean reduce"),
        ("\uff33ort", "sort"),
    ],
)
def test_plain_words(text: str, words: str) -> None:
    assert plain_words(text) == words
