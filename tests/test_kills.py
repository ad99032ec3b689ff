"""Runs that are killed: what they had shown is on disk and replays, and none of their processes goes on."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ci" / "bench"))

from kills import many


def test_killed_runs_lose_nothing_and_leave_nothing() -> None:
    found = list(many(5))
    assert sum(after.shown for after in found)
    assert not [after for after in found if after.lost or after.mute or after.left]
