"""While one target is judged the processes of the next one of its file make themselves ready."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contributions import GOOD, row

from jacfuzz.ahead import one_ahead
from jacfuzz.evaluation.evaluate import evaluate
from jacfuzz.evaluation.hosted import Hosted, host_of
from jacfuzz.isolation.remote import isolated
from jacfuzz.registry import find
from jacfuzz.target import Place, Target


class _Noted:
    """A host that notes what it is told to be ready for."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def begin(self, batches: Sequence[tuple[np.ndarray, ...]], later: Sequence[tuple[np.ndarray, ...]] = ()) -> None:
        self.shapes += [value.shape[1:] for batch in (*batches, *later) for value in batch]


def _targets(*files: str) -> tuple[list[Target], list[Any]]:
    hosts: list[Any] = [_Noted() for _ in files]
    (model,) = find(["softmax"]).targets
    assert isinstance(model, Target)
    targets = [
        dataclasses.replace(model, place=Place(file), f=Hosted(host, "f"), jac=Hosted(host, "jac"))
        for file, host in zip(files, hosts, strict=True)
    ]
    return targets, hosts


def test_only_the_next_target_of_the_same_file_is_begun() -> None:
    targets, hosts = _targets("a.py", "a.py", "a.py", "b.py")
    begun = [[bool(host.shapes) for host in hosts] for _ in one_ahead(targets)]
    yes, no = True, False
    assert not list(one_ahead([]))
    assert begun == [[yes, yes, no, no], [yes, yes, yes, no], [yes, yes, yes, no], [yes, yes, yes, yes]]


def test_shapes_are_those_of_the_menu() -> None:
    targets, (host,) = _targets("a.py")
    assert list(one_ahead(targets)) == targets
    assert {(1,), (2,), (3,)} <= set(host.shapes)
    assert (0,) not in host.shapes


@pytest.mark.parametrize("python", ["numpy", "jax.numpy"])
def test_what_ends_a_process_that_makes_itself_ready_costs_no_point(tmp_path: Path, python: str) -> None:
    deadly = "import os, jax\ndef out(x):\n    if isinstance(x, jax.core.Tracer):\n        os._exit(3)\n---\nout(x)\n"
    text = row("", deadly + GOOD).source.replace("return x**2", "out(x)\n    return x**2")
    array = "jnp" if python == "jax.numpy" else "np"
    text = text.replace("import numpy as np", f"import numpy as np, jax, {python} as {array}")
    text = text.replace("np.ndarray", "jax.Array") if array == "jnp" else text
    (tmp_path / "solution.py").write_text(text)
    with isolated("process") as readers:
        (target,) = one_ahead(readers.file(tmp_path / "solution.py", None).targets)
        assert isinstance(target, Target)
        points = np.random.default_rng(0).standard_normal((30, 3))
        found = evaluate(target, (points,))
        host: Any = host_of(target)
        assert host.derivatives((points,), 3, compiled=True) is None
    assert not found.died
    np.testing.assert_allclose(np.array(found.primals, dtype=float), points**2)
