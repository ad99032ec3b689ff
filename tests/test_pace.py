"""Slow code: the search takes on few points at a time and ends within a minute, and says so."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jacfuzz import check, pace
from jacfuzz.settings import Settings
from jacfuzz.strategies.batches import Batch, Lot
from jacfuzz.strategies.layouts import Layout


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@given(st.integers(1, 80), st.floats(0, 20), st.floats(0, 20))
def test_a_lot_is_cut_up_at_the_pace_of_its_last_part(count: int, first: float, then: float) -> None:
    clock = Clock()
    lot = Lot((Batch(Layout((), ((),), {}), (np.arange(count),), "generic"),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "time", clock)
        limits = pace.Pace(Settings(), None)
        assert [len(part) for part in limits.parts(lot)] == [size for size in (min(count, 16), count - 16) if size > 0]
        parts = []
        for seconds in (first, then):
            for part in limits.parts(lot[:3]):
                clock.now += seconds * len(part)
                parts.append(part)
            known = seconds
        for part in limits.parts(lot):
            assert len(part) == 1 or known * len(part) <= 5
            clock.now += known * len(part)
            parts.append(part)
    assert np.concatenate([part.values[0] for part in parts]).tolist() == [*range(min(3, count))] * 2 + [*range(count)]


def test_slow_code_is_judged_for_a_minute_and_the_note_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)

    def slow(x: np.ndarray) -> np.ndarray:
        clock.now += 0.08
        return x**2

    report = check(slow, lambda x: np.diag(2 * x), at=np.ones(2))
    assert report.verdict == "pass"
    assert 60 <= clock.now < 75
    (note,) = [note.text for note in report.notes if note.kind == "time"]
    assert "no more was tried after 60 s" in note
    assert "max_time" in note


def test_many_wanted_points_have_more_time() -> None:
    monotonic = SimpleNamespace(monotonic=lambda: 0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "time", monotonic)
        assert "600 s" in pace.Pace(Settings(max_examples=10_000), None).note
