"""Mistakes as people make them, with what a diagnosis should say: catalogue pairs spoilt in a known way.

A mistake is right where `condition` is false, and spoilt by `change` where it is true. Where two descriptions are the
same mistake (a cumulative sum without its diagonal is one shifted by a row) either is right.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacfuzz import load
from jacfuzz.result import Finding
from jacfuzz.target import Target

Change = Callable[..., np.ndarray]
_STATEMENT = re.compile(r"wrong exactly where|wrong only at|explains 100 %|Its values|It holds the diagonal")


@dataclass(frozen=True)
class Mistake:
    """A spoilt pair and the words that name its mistake."""

    name: str
    target: Target
    words: str

    def named_by(self, findings: tuple[Finding, ...]) -> str:
        """Return ``right``, ``wrong`` or ``silent``: what the findings say of the kind of mistake."""
        said = [f"{finding.condition} {finding.diagnosis}" for finding in findings]
        stated = [text for text in said if _STATEMENT.search(text)]
        if any(re.search(self.words, text) for text in said):
            return "right"
        return "wrong" if stated else "silent"


def spoilt(entry: str, change: Callable[..., Any]) -> Target:
    """Return the catalogue pair with ``change(jacobians, *arguments)`` for its answer."""
    target = load(entry)

    def jac(*arguments: Any) -> Any:
        answer = target.jac(*arguments)
        several = isinstance(answer, tuple)
        spoilt = change(tuple(map(np.array, answer)) if several else (np.array(answer),), *arguments)
        return spoilt if several else spoilt[0]

    return dataclasses.replace(target, id=f"{entry}::spoilt", title=f"spoilt {entry}", jac=jac)


def first(change: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Any]:
    """Spoil the first argument's Jacobian."""
    return lambda jacobians, *arguments: (change(jacobians[0]), *jacobians[1:])


def where(condition: Callable[..., Any], change: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Any]:
    """Spoil it at the points where a condition on the arguments holds."""
    return lambda jacobians, *arguments: first(change)(jacobians) if condition(*arguments) else jacobians


def _mistake(kind: str, entry: str, words: str, change: Callable[..., Any]) -> Mistake:
    return Mistake(f"{kind}, {entry}", spoilt(entry, change), words)


def _row(index: int, factor: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(jacobian: np.ndarray) -> np.ndarray:
        jacobian[index : index + 1 or None] *= factor
        return jacobian

    return change


def _swapped(jacobian: np.ndarray) -> np.ndarray:
    jacobian[:2] = jacobian[:2][::-1].copy()
    return jacobian


def _square(jacobian: np.ndarray) -> np.ndarray:
    half = jacobian.ndim // 2
    return np.transpose(jacobian, (*range(half, jacobian.ndim), *range(half)))


def _shift(jacobian: np.ndarray, axis: int) -> np.ndarray:
    result = np.roll(jacobian, 1, axis)
    np.moveaxis(result, axis, 0)[:1] = 0
    return result


def _on_diagonal(jacobian: np.ndarray) -> np.ndarray:
    return np.eye(*jacobian.shape) == 1


STRUCTURES: tuple[tuple[str, tuple[str, ...], str, Callable[..., Any]], ...] = (
    ("transposed", ("sort",), r"transposed", first(_square)),
    ("direction reversed", ("cumsum", "running_mean"), r"opposite direction", first(np.transpose)),
    (
        "sign",
        ("cumsum", "mean_reduce", "softmax", "product", "log_sum_exp"),
        r"has the wrong sign;",
        first(np.negative),
    ),
    (
        "sign of the first row",
        ("cumsum", "softmax", "layer_norm"),
        r"wrong sign in the first row|first index of output axis 0",
        first(_row(0, -1)),
    ),
    ("sign of the last row", ("sort", "running_mean"), r"wrong sign in the last row", first(_row(-1, -1))),
    (
        "sign of the first column",
        ("cumsum", "softmax"),
        r"wrong sign in the first column",
        first(lambda j: j * np.where(np.arange(j.shape[1]) == 0, -1, 1)),
    ),
    ("twice", ("rosenbrock", "softmax", "matmul", "cosine"), r"is twice what it should be;", first(lambda j: 2 * j)),
    ("half", ("euclidean_norm", "layer_norm", "cumsum"), r"is half of what it should be;", first(lambda j: j / 2)),
    ("not averaged", ("mean", "mean_reduce"), r"n times too large", lambda js, x: (js[0] * x.shape[0],)),
    ("averaged", ("cumsum", "log_sum_exp", "softmax"), r"n times too small", first(lambda j: j / max(j.shape[-1], 1))),
    ("window not averaged", ("running_mean",), r"3 times too large \(WIDTH\)|3 times what", first(lambda j: 3 * j)),
    ("rows shifted", ("cumsum", "sort", "softmax"), r"rows shifted by \+1", first(lambda j: _shift(j, 0))),
    ("columns shifted", ("running_mean", "layer_norm"), r"columns shifted by \+1", first(lambda j: _shift(j, 1))),
    ("entries shifted", ("product",), r"columns shifted by \+1, cyclically", first(lambda j: np.roll(j, 1, 1))),
    ("rows reversed", ("cumsum", "softmax", "repeat", "sort"), r"rows reversed", first(lambda j: j[::-1])),
    (
        "columns reversed",
        ("layer_norm", "running_mean", "product"),
        r"(columns|rows) reversed",
        first(lambda j: j[:, ::-1]),
    ),
    ("rows swapped", ("cumsum", "softmax", "sort"), r"first two rows swapped", first(_swapped)),
    (
        "diagonal missing",
        ("cumsum", "softmax", "layer_norm"),
        r"is 0 on the diagonal|lacks an identity|rows shifted",
        first(lambda j: j * ~_on_diagonal(j)),
    ),
    (
        "off-diagonal missing",
        ("softmax", "cumsum", "layer_norm"),
        r"is 0 off the diagonal",
        first(lambda j: j * _on_diagonal(j)),
    ),
    (
        "sign off the diagonal",
        ("softmax",),
        r"wrong sign off the diagonal",
        first(lambda j: np.where(_on_diagonal(j), j, -j)),
    ),
    (
        "other argument",
        ("elementwise_product",),
        r"is the one of y",
        lambda js, *a: (js[1], *js[1:]) if len(js) > 1 else js,
    ),
    ("arguments exchanged", ("elementwise_product",), r"is the one of y", lambda js, *a: js[::-1]),
    (
        "extra term",
        ("elementwise_product",),
        r"extra term equal to the Jacobian of y",
        lambda js, *a: (js[0] + js[1], js[1]),
    ),
    (
        "missing term",
        ("elementwise_product",),
        r"lacks a term equal to the Jacobian of y",
        lambda js, *a: (js[0] - js[1], js[1]),
    ),
    ("extra identity", ("softmax", "layer_norm"), r"extra identity", first(lambda j: j + np.eye(*j.shape))),
    ("missing identity", ("rosenbrock_gradient",), r"lacks an identity|is 0 on", first(lambda j: j - np.eye(*j.shape))),
    ("one-hot misplaced", ("index",), r"columns shifted|wrong place", first(lambda j: np.roll(j, 1, 1))),
    ("all zero", ("softmax", "matmul", "product"), r"Jacobian is 0;", first(lambda j: 0 * j)),
    (
        "signs lost",
        ("softmax", "layer_norm", "rosenbrock"),
        r"lost its signs|wrong sign off the diagonal",
        first(np.abs),
    ),
    ("integers", ("euclidean_norm", "product"), r"cut off to integers|is 0;", first(np.trunc)),
    ("wrong shape, transposed", ("repeat",), r"axes are transposed", first(np.transpose)),
    ("wrong shape, one row", ("repeat",), r"broadcast|another arrangement|diagonal", first(lambda j: j[:1])),
    ("wrong shape, diagonal only", ("relu", "cosine"), r"diagonal only", first(np.diagonal)),
)


def _twice(jacobian: np.ndarray) -> np.ndarray:
    return 2 * jacobian


def _shuffled(jacobian: np.ndarray) -> np.ndarray:
    return jacobian + 0.25 + np.arange(jacobian.size).reshape(jacobian.shape) ** 2 / 7


def _nan(jacobian: np.ndarray) -> np.ndarray:
    return jacobian * np.nan


CONDITIONS: tuple[tuple[str, tuple[str, ...], str, Callable[..., Any]], ...] = (
    ("a zero", ("product", "cumsum", "softmax"), r"one or more x_i = 0", lambda x, *a: (x == 0).any()),
    ("exactly one zero", ("product", "cumsum"), r"exactly one x_i = 0", lambda x, *a: (x == 0).sum() == 1),
    ("two zeros", ("product", "cumsum"), r"two or more x_i = 0", lambda x, *a: (x == 0).sum() > 1),
    ("a tie", ("cumsum", "softmax", "product"), r"two entries of x are equal", lambda x, *a: len(set(x.flat)) < x.size),
    ("a negative", ("cumsum", "softmax", "cosine"), r"some x_i < 0", lambda x, *a: (x < 0).any()),
    ("a positive", ("cumsum", "identity"), r"some x_i > 0", lambda x, *a: (x > 0).any()),
    ("large", ("cumsum", "cosine", "identity"), r"some \|x_i\| > 6", lambda x, *a: (abs(x) > 6).any()),
    ("above three", ("cumsum", "softmax"), r"some x_i > 3", lambda x, *a: (x > 3).any()),
    ("one entry", ("cumsum", "product", "cosine"), r"n = 1", lambda x, *a: x.size == 1),
    ("more than two entries", ("cumsum", "softmax", "cosine"), r"n > 2", lambda x, *a: len(x) > 2),
    ("not square", ("mean_reduce", "transpose"), r"n != m", lambda x, *a: x.shape[0] != x.shape[1]),
    ("more rows", ("mean_reduce", "transpose"), r"n > m", lambda x, *a: x.shape[0] > x.shape[1]),
    ("not sorted", ("cumsum", "cosine"), r"x is not sorted", lambda x, *a: (np.diff(x) < 0).any()),
)

_LINES: tuple[tuple[str, tuple[str, ...], str, Callable[[np.ndarray], np.ndarray]], ...] = (
    (
        "first row odd",
        ("cumsum", "softmax"),
        r"first index of output axis 0",
        lambda j: np.concatenate([_shuffled(j[:1]), j[1:]]),
    ),
    (
        "last row odd",
        ("cumsum", "softmax"),
        r"last index of output axis 0",
        lambda j: np.concatenate([j[:-1], _shuffled(j[-1:])]),
    ),
)


def mistakes() -> list[Mistake]:
    """Return all mistakes, structures first."""
    found = [_mistake(kind, entry, words, change) for kind, entries, words, change in STRUCTURES for entry in entries]
    for kind, entries, words, condition in CONDITIONS:
        for number, entry in enumerate(entries):
            change = (_shuffled, _twice, _nan)[number % 3]
            found.append(_mistake(kind, entry, words, where(condition, change)))
    found += [
        _mistake(kind, entry, words, first(change)) for kind, entries, words, change in _LINES for entry in entries
    ]
    return found
