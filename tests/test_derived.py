"""Boundaries of the code itself in a whole check: found, judged, told; mere advice where another process says them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from pairs import pair

from jacfuzz import search
from jacfuzz.evaluation.boundaries import Boundaries
from jacfuzz.evaluation.hosted import Hosted
from jacfuzz.isolation.remote import isolated
from jacfuzz.settings import Settings
from jacfuzz.strategies.batches import lots
from jacfuzz.strategies.boundaries import boundaries
from jacfuzz.strategies.derived import STRATUM, derived
from jacfuzz.strategies.layouts import layouts
from jacfuzz.target import Target

FEW = Settings(max_examples=40)

HINGE = """
import numpy as np
from jaxtyping import Float

def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.maximum(np.cumsum(x) - 1.28125, 0) ** 2

def jac(x):
    over = np.cumsum(x) - 1.28125
    lower = np.tril(np.ones((len(x), len(x))))
    return np.where((over == 0)[:, None], lower, 2 * np.maximum(over, 0)[:, None] * lower)
"""


def hinge(x: Any) -> Any:
    return np.maximum(np.cumsum(x) - 1.28125, 0) ** 2


def hinge_jac(x: Any) -> Any:
    return 2 * np.maximum(np.cumsum(x) - 1.28125, 0)[:, None] * np.tril(np.ones((len(x), len(x))))


def wrong_on_the_boundary(x: Any) -> Any:
    return np.where((np.cumsum(x) == 1.28125)[:, None], 1.0, hinge_jac(x))


def test_a_jacobian_wrong_on_a_boundary_of_its_own_is_found_and_its_twin_is_not() -> None:
    wrong = search.run(pair(hinge, wrong_on_the_boundary, x="n"), FEW)
    assert wrong.verdict == "fail"
    assert wrong.findings[0].point == {"x": [1.28125]}
    assert wrong.strata[STRATUM] > 0
    assert search.run(pair(hinge, hinge_jac, x="n"), FEW).verdict == "pass"


def test_an_untraced_part_of_the_code_is_told() -> None:
    target = pair(lambda x: scipy.special.dawsn(x), lambda x: np.diag(1.0 - 2.0 * x * scipy.special.dawsn(x)), x="n")
    (note,) = (note for note in search.run(target, FEW).notes if note.kind == "boundaries")
    assert "dawsn" in note.text


def test_boundaries_are_told_with_their_points_and_why_others_have_none() -> None:
    def f(x: Any) -> Any:
        return np.abs(x) + np.minimum(x * x, -3.0)

    target = pair(f, lambda x: np.diag(np.sign(x)), x="n")
    result = search.run(target, FEW)
    (reached,) = (name for name in result.strata if name.endswith(": absolute"))
    assert 0 < result.strata[reached] < result.strata[STRATUM]
    assert any("minimum (it had one sign at all starts)" in note.text for note in result.notes)


def test_another_process_finds_the_points_that_this_one_finds(tmp_path: Path) -> None:
    path = tmp_path / "hinge.py"
    path.write_text(HINGE)
    found = []
    for mode in ("none", "process"):
        with isolated(mode) as readers:
            (target,) = readers.file(path, None).targets
            assert isinstance(target, Target)
            found.append(list(derived(target, layouts(target.signature), 7)))
    for (here, _), (there, _) in zip(*found, strict=True):
        assert here.labels == there.labels
        for one, other in zip(here.values, there.values, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-14, atol=1e-14)  # BLAS rounds by alignment


PRICES, FEES = np.array([0.31, -0.77, 1.3]), np.array([-0.52, 0.9, 0.47])


@pytest.mark.parametrize(
    ("f", "alone"),
    [
        (lambda x: jnp.maximum(jnp.asarray(PRICES) @ x, jnp.asarray(FEES) @ x), True),
        (lambda x: jnp.maximum(x - 0.3, 0.0), False),
        (lambda x: jnp.abs(x).sum(), False),
    ],
    ids=["products", "entries", "sum of what branches"],
)
def test_points_where_sums_of_jax_tie_are_judged_one_by_one(f: Any, alone: bool) -> None:
    """Compiled for many points at once a product may be rounded otherwise, and be no tie."""
    target = pair(f, lambda x: jnp.zeros((*jnp.shape(f(x)), *x.shape)), "jax", x="3")
    with jax.enable_x64(True):
        ((found, batches),) = derived(target, layouts(target.signature), 0)
    on = sum(label.startswith("on ") for label in found.labels)
    assert on > 1
    single = [lot for lot in lots(batches, 64) if len(lot) == 1]
    assert (len(single) >= on) is alone
    assert sum(map(len, lots(batches, 64))) == len(found.labels)


class _Adviser:
    """A host that answers what it is given."""

    def __init__(self, answer: Boundaries | None) -> None:
        self._answer = answer

    def boundaries(self, shapes: Any, seed: int, calls: int, points: int) -> Boundaries | None:
        return self._answer


def _told(values: np.ndarray) -> Boundaries:
    return Boundaries((values,), ("on it",) * len(values), (), (), 1)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        _told(np.zeros((1, 3))),
        _told(np.full((1, 2), np.nan)),
        _told(np.full((1, 2), 11.0)),
        _told(np.zeros((1, 2), int)),
        dataclasses.replace(_told(np.zeros((1, 2))), labels=()),
        dataclasses.replace(_told(np.zeros((1, 2))), values=()),
    ],
    ids=["none", "shape", "nan", "domain", "dtype", "labels", "arguments"],
)
def test_points_that_f_does_not_take_are_no_points(answer: Boundaries | None) -> None:
    host: Any = _Adviser(answer)
    target = dataclasses.replace(pair(Hosted(host, "f"), Hosted(host, "jac"), x="n"), domain={"x": (-10.0, 10.0)})
    layout = next(layout for layout in layouts(target.signature) if layout.size == 2)
    found = boundaries(target, layout, 0)
    assert (found.labels, found.values[0].shape) == ((), (0, 2))
    assert found.unseen == ("the code's own process",)
