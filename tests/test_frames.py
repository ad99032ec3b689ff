"""Frames that lie, or are damaged, make nothing pass."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ci" / "bench"))

from frames import judged


def test_damaged_frames_and_liars_make_nothing_pass() -> None:
    outcome = judged(500)
    assert outcome.verdicts["fail"] > 0
    assert outcome.passed == 0
