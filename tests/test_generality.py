"""A Jacobian that is right at the sizes its block states, and wrong at others: said, with the condition."""

from __future__ import annotations

from pathlib import Path

import pytest

from jacfuzz.generality import other_sizes, sizes_note
from jacfuzz.loading.file import load_file
from jacfuzz.loading.resized import resized, written_sizes
from jacfuzz.result import Note
from jacfuzz.target import Target

HEAD = "import numpy as np\nfrom jaxtyping import Float\n"

TRANSPOSED = """
R = 3
C = 3
rows = np.arange(R)[:, None]
cols = np.arange(C)
def f(x: Float[np.ndarray, "R C"]) -> Float[np.ndarray, "P Q"]:
    return 2.0 * x
P, Q = 3, 3
def jac(x: Float[np.ndarray, "R C"]) -> Float[np.ndarray, "P Q R C"]:
    first = np.arange(P)[:, None, None]
    second = np.arange(Q)[:, None, None, None]
    return 2.0 * (first == cols) * (second == rows)
"""

FLATTENED = """
R, C, N = 3, 3, 9
def f(x: Float[np.ndarray, "R C"]) -> Float[np.ndarray, "N"]:
    return x.reshape((N,))
def jac(x: Float[np.ndarray, "R C"]) -> Float[np.ndarray, "N R C"]:
    return np.eye(N).reshape(N, {}, C)
"""

HALVES = """
n = 6
def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x + x[::-1]
def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return {}
"""
EVEN_ONLY = "np.where(np.eye(n) + np.eye(n)[::-1] > 0, 1.0, 0.0)"
EVERYWHERE = "np.eye(n) + np.eye(n)[::-1]"

DOTTED = """
n = 4
m = 4
def f(x: Float[np.ndarray, "n"], y: Float[np.ndarray, "m"]) -> Float[np.ndarray, "n m"]:
    return np.outer(x, y)
def jac(x: Float[np.ndarray, "n"], y: Float[np.ndarray, "m"]):
    dx = np.einsum("io,p->opi", np.eye(n), y)
    return dx, {}
"""

WINDOW = """
I = 9
W = 3
O = 7
def f(x: Float[np.ndarray, "I"], w: Float[np.ndarray, "W"]) -> Float[np.ndarray, "O"]:
    return np.array([x[o : o + W] @ w for o in range(O)])
def jac(x: Float[np.ndarray, "I"], w: Float[np.ndarray, "W"]):
    dx, dw = np.zeros((O, I)), np.zeros((O, W))
    for o in range(O):
        dx[o, o : o + W] = w
        dw[o] = x[o : o + W]
    return dx, dw
"""


def loaded(tmp_path: Path, code: str) -> Target:
    path = tmp_path / "block.py"
    path.write_text(HEAD + code)
    (target,) = load_file(path).targets
    assert isinstance(target, Target)
    return target


def noted(tmp_path: Path, code: str) -> Note | None:
    target = loaded(tmp_path, code)
    return sizes_note(other_sizes(target), target.signature)


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        (TRANSPOSED, "for square shapes (R = C)"),
        (FLATTENED.format(3), "for R = 3"),
        (HALVES.format(EVEN_ONLY), "for even n"),
        (HALVES.format("(np.eye(6) + np.eye(6)[::-1])[:n, :n]"), "for n = 6"),
        (DOTTED.format('np.einsum("i,po->iop", x, np.eye(n))'), "where n = m"),
        (DOTTED.format('np.einsum("i,po->iop", x, np.eye(n)[:m, :m])'), "where n >= m"),
    ],
)
def test_the_condition_is_named(tmp_path: Path, code: str, condition: str) -> None:
    note = noted(tmp_path, code)
    assert note is not None
    assert note.text.startswith(f"right only {condition}: wrong at ")


@pytest.mark.parametrize(
    "code",
    [
        FLATTENED.format("R"),
        HALVES.format(EVERYWHERE),
        DOTTED.format('np.einsum("i,po->iop", x, np.eye(m))'),
        WINDOW,
        HALVES.format(EVERYWHERE).replace("n = 6\n", "").replace("eye(n)", "eye(len(x))"),
    ],
)
def test_what_is_right_at_all_sizes_gives_no_note(tmp_path: Path, code: str) -> None:
    assert noted(tmp_path, code) is None


def test_sizes_at_which_f_does_not_work_are_no_evidence(tmp_path: Path) -> None:
    code = HALVES.format("np.eye(6) + np.eye(6)[::-1]").replace("return x +", "return x[np.arange(6)] + 0 * x[5] +")
    assert noted(tmp_path, code) is None


def test_what_follows_from_a_size_is_made_anew_and_the_target_stays_as_it_is(tmp_path: Path) -> None:
    target = loaded(tmp_path, TRANSPOSED)
    assert written_sizes(target) == {"C": 3, "P": 3, "Q": 3, "R": 3}
    twin = resized(target, {"R": 2, "C": 5})
    assert twin is not None
    assert twin.signature.sizes == {"C": 5, "P": 3, "Q": 3, "R": 2}
    assert twin.jac.__globals__["rows"].shape == (2, 1)
    assert target.jac.__globals__["rows"].shape == (3, 1)


def test_calls_of_a_block_are_not_made_again(tmp_path: Path) -> None:
    calls = "\ncalls = []\ncalls.append(0)\nbefore = calls\n"
    twin = resized(loaded(tmp_path, HALVES.format(EVERYWHERE) + calls), {"n": 4})
    assert twin is not None
    assert twin.f.__globals__["before"] == []


def test_code_that_cannot_be_executed_again_has_no_twin(tmp_path: Path) -> None:
    code = HALVES.format(EVERYWHERE) + "table = np.ones((2, 3)).reshape(n, 1)\n"
    target = loaded(tmp_path, code)
    assert resized(target, {"n": 4}) is None
    assert resized(target, {"n": 6}) is not None
