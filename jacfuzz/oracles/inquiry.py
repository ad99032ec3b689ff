"""What several measures ask of f near one point, put as one question: where f lives elsewhere, each costs a message."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

import numpy as np

from jacfuzz.oracles.rows import RowFunction

Inquiry: TypeAlias = Generator[np.ndarray, np.ndarray, np.ndarray]
"""A measure of f: yields rows (B, N), is sent f's values (B, m) there, as often as it likes, and returns its result."""


def ask(function: RowFunction, index: int, *inquiries: Inquiry) -> list[np.ndarray]:
    """Answer inquiries about f near point ``index`` of a batch, and return their results."""
    questions = together(*inquiries)
    with np.errstate(all="ignore"):
        try:
            nodes = next(questions)
            while True:
                nodes = questions.send(function(nodes, np.full(len(nodes), index)))
        except StopIteration as stop:
            return list(stop.value)


def together(*inquiries: Inquiry) -> Generator[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Put the questions of some inquiries at once; they begin in their order, so that a shared rng draws alike."""
    results: list[np.ndarray] = [np.empty(0)] * len(inquiries)
    asked: dict[int, np.ndarray] = {}

    def go_on(number: int, values: np.ndarray | None) -> None:
        try:
            asked[number] = next(inquiries[number]) if values is None else inquiries[number].send(values)
        except StopIteration as stop:
            results[number] = stop.value

    for number in range(len(inquiries)):
        go_on(number, None)
    while asked:
        numbers, nodes = list(asked), list(asked.values())
        asked.clear()
        values = yield np.concatenate(nodes)
        ends = np.cumsum([len(part) for part in nodes])[:-1]
        for number, part in zip(numbers, np.split(values, ends), strict=True):
            go_on(number, part)
    return results


def values_at(rows: np.ndarray) -> Inquiry:
    """Ask for f at rows alone."""
    return (yield rows)


def on_both_sides(row: np.ndarray, directions: np.ndarray, steps: np.ndarray) -> Inquiry:
    """Ask for f at L steps ahead of a point and behind it along directions (D, N), (2, L, D, m); NaN if infinite."""
    offsets = np.concatenate([steps, -steps])[:, None, None] * directions
    values = yield (row + offsets).reshape(-1, len(row))
    table = values.reshape(2, len(steps), len(directions), -1)
    return np.where(np.isfinite(table), table, np.nan)
