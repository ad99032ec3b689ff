"""Every wrong Jacobian in tests/mutants is found, by the kind it deserves, whatever the seed."""

from collections.abc import Iterator
from pathlib import Path

import jax
import pytest

from jacfuzz import search
from jacfuzz.loading import load_file
from jacfuzz.settings import Settings
from jacfuzz.target import Target

MUTANTS = {
    "transposed": {"value"},
    "sign": {"value"},
    "missing_factor": {"value"},
    "off_by_one_index": {"value"},
    "missing_diagonal": {"value"},
    "wrong_at_one_zero": {"value"},
    "wrong_at_two_zeros": {"value"},
    "wrong_at_ties": {"kink"},
    "wrong_relu_branch": {"value"},
    "wrong_beyond_six": {"value"},
    "wrong_only_for_non_square": {"value"},
    "broadcastable_wrong_shape": {"shape"},
}
FOLDER = Path(__file__).parent / "mutants"


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def test_no_mutant_is_forgotten() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == set(MUTANTS)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_killed(name: str, seed: int) -> None:
    (target,) = load_file(FOLDER / f"{name}.py").targets
    assert isinstance(target, Target)
    result = search.run(target, Settings(max_examples=50, seed=seed, shrink=False))
    assert result.verdict == "fail"
    assert {finding.kind for finding in result.findings} == MUTANTS[name]
