"""The benchmark's parts: mutants are single changes, equivalence errs towards counting, rivals see gross errors."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from jacfuzz.registry import Catalogue
from jacfuzz.target import Target

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ci" / "bench"))

from equivalence import ALGEBRA, standing
from mutants import OPERATORS, Mutant, mutants
from rivals import Case, accepts, rivals

NAMES = [entry.name for entry in Catalogue().entries if entry.module.startswith("jacfuzz.targets.")]


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def entry(name: str) -> Target:
    (target,) = Catalogue().load(name)
    assert isinstance(target, Target)
    return target


def mutants_of(target: Target) -> list[Mutant]:
    return mutants(Path(target.place.file).read_text(encoding="utf-8"))


def body(line: str) -> set[str]:
    """Statements that the mutants of a one-line jac have in its place."""
    return {mutant.after for mutant in mutants(f"def jac(x):\n    {line}")}


@pytest.mark.parametrize("name", NAMES)
def test_every_mutant_is_one_changed_statement(name: str) -> None:
    target = entry(name)
    found = mutants_of(target)
    original = ast.parse(Path(target.place.file).read_text(encoding="utf-8"))
    (jac,) = (node for node in original.body if isinstance(node, ast.FunctionDef) and node.name == "jac")
    statements = [ast.unparse(node) for node in jac.body]
    assert len({mutant.source for mutant in found}) == len(found) > 0
    for mutant in found:
        (changed,) = ast.parse(mutant.source).body
        assert isinstance(changed, ast.FunctionDef)
        assert ast.unparse(changed.args) == ast.unparse(jac.args)
        pairs = zip(statements, map(ast.unparse, changed.body), strict=True)
        assert [pair for pair in pairs if pair[0] != pair[1]] == [(mutant.before, mutant.after)]
        assert callable(mutant.function(target.jac))


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("return x[1:]", {"return x[2:]", "return x[0:]", "return x[1:-1]"}),
        ("return x > 0", {"return x >= 0", "return x < 0"}),
        ("return x + y", {"return x", "return y", "return x - y"}),
        ("return -x", {"return x"}),
        ("return f(x, axis=0)", {"return f(x, axis=1)"}),
        ("return x.T", {"return x"}),
        ("return 3 * WIDTH", {"return 4 * WIDTH", "return 3 * (WIDTH + 1)"}),
        ("return np.where(x > 0, x, 1)", {"return x", "return 1"}),
        ("return np.argsort(x, kind='stable')", {"return np.argsort(x)"}),
        ("return np.einsum('oi,jp->opij', a, b)", {"return np.einsum('oi,jp->opji', a, b)"}),
    ],
)
def test_the_usual_slips_are_among_them(line: str, changed: set[str]) -> None:
    assert changed <= body(line)


def test_every_operator_has_mutants_in_the_catalogue() -> None:
    assert {mutant.operator for name in NAMES for mutant in mutants_of(entry(name))} == set(OPERATORS)


def test_no_written_proof_is_about_a_mutant_that_is_gone() -> None:
    assert set(ALGEBRA) <= {f"{name}: {mutant}" for name in NAMES for mutant in mutants_of(entry(name))}


@pytest.mark.parametrize(
    ("name", "changed", "kind"),
    [
        ("sort", lambda x: np.eye(len(x))[np.argsort(x, kind="stable")] * 1.0, "equivalent by exhaustion"),
        ("sort", lambda x: np.eye(len(x))[np.argsort(np.round(x), kind="stable")], "error"),
        ("product", lambda x: np.prod(x) / x[None], "error"),
        ("product", lambda x: x[:, 7], "stillborn"),
        ("relu", lambda x: np.diag((x >= 0) * 1.0), "error"),
        ("euclidean_norm", lambda x: x[None] / np.sqrt(np.sum(x**2)), "error"),
        ("view_reshape", lambda x: np.eye(x.size).reshape(x.size, *x.shape[::-1]), "error"),
    ],
)
def test_what_differs_anywhere_on_the_grid_is_an_error(name: str, changed: Callable[..., Any], kind: str) -> None:
    assert standing(entry(name), "no written proof", changed) == kind


@pytest.mark.parametrize("rival", rivals())
def test_rivals_tell_right_from_grossly_wrong(rival: str) -> None:
    target, point = entry("matmul"), (np.array([[0.5, -1.5, 2.0]]), np.array([[1.0, 2.0], [-0.5, 3.0], [0.25, 1.0]]))
    assert accepts(rivals()[rival], Case(target.f, target.jac, point))
    assert not accepts(rivals()[rival], Case(target.f, lambda x, y: tuple(2 * j for j in target.jac(x, y)), point))
    assert not accepts(rivals()[rival], Case(target.f, lambda x, y: 1 / 0, point))
