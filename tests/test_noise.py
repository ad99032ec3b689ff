"""Functions whose values are right to a stated error only: a solver's tolerance, a sample."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jacfuzz import check
from jacfuzz.errors import UsageError
from jacfuzz.evaluation.evaluate import evaluate
from jacfuzz.isolation.remote import isolated
from jacfuzz.target import Target

AT = np.array([0.5, 0.7])
NOISE = 1e-6

Function = Callable[[np.ndarray], np.ndarray]


def repeatable(x: np.ndarray) -> np.ndarray:
    """Sines with an error that looks random and is the same at every call."""
    digest = hashlib.md5(np.ascontiguousarray(x).tobytes(), usedforsecurity=False).digest()[:4]
    return np.sin(x) * (1 + NOISE * (int.from_bytes(digest) / 2**31 - 1))


def sampled() -> Function:
    """Sines with another error at every call."""
    rng = np.random.default_rng(0)
    return lambda x: np.sin(x) * (1 + NOISE * rng.uniform(-1, 1))


def jac(x: np.ndarray) -> np.ndarray:
    return np.diag(np.cos(x))


@pytest.mark.parametrize("f", [repeatable, sampled()], ids=["repeatable", "sampled"])
@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [(jac, "pass"), (lambda x: 1.1 * jac(x), "fail"), (lambda x: -jac(x), "fail"), (lambda x: 0 * jac(x), "fail")],
    ids=["right", "a factor", "the sign", "zero"],
)
def test_what_such_values_show_is_judged_and_no_more(f: Function, wrong: Function, verdict: str) -> None:
    report = check(f, wrong, at=AT, noise=NOISE, max_examples=20)
    assert report.verdict == verdict
    assert {finding.kind for finding in report.findings} <= {"value"}
    assert any("computed to a relative 1e-06" in note.text for note in report.notes)


@pytest.mark.parametrize("f", [repeatable, sampled()], ids=["repeatable", "sampled"])
def test_noise_that_is_not_stated_passes_nothing(f: Function) -> None:
    assert check(f, jac, at=AT, max_examples=20).verdict in ("fail", "unsure")


def test_a_jacobian_may_not_change_from_call_to_call() -> None:
    rng = np.random.default_rng(0)
    report = check(np.sin, lambda x: jac(x) * (1 + NOISE * rng.uniform(-1, 1)), at=AT, noise=NOISE, max_examples=20)
    assert [finding.kind for finding in report.findings] == ["nondeterministic"]
    assert "jac gives different answers" in report.findings[0].message


@pytest.mark.parametrize("noise", [-1e-3, 0.5, float("nan"), "1e-3", None])
def test_what_is_no_relative_error_is_refused(noise: object) -> None:
    with pytest.raises(UsageError, match=r"noise is .*; expected .* a number from 0 to 0.01"):
        check(np.sin, jac, at=AT, noise=noise)  # type: ignore[arg-type]


def test_it_is_stated_in_a_file_as_well(tmp_path: Path) -> None:
    path = tmp_path / "waves.py"
    path.write_text(
        "import numpy as np\nfrom jacfuzz import make_target\n"
        "waves = make_target(np.sin, lambda x: np.diag(np.cos(x)), at=np.ones(2), noise=1e-5)\n"
    )
    with isolated("process") as readers:
        (target,) = readers.file(path, None).targets
        assert isinstance(target, Target)
        assert target.noise == 1e-5
        assert np.asarray(evaluate(target, (AT[None],)).primals[0]) == pytest.approx(np.sin(AT))
