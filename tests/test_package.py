"""The package as installed: its names, its version, and what importing it costs."""

from __future__ import annotations

import importlib
import importlib.metadata
import subprocess
import sys
from typing import Any

import pytest

import jacfuzz

HEAVY = ("jax", "hypothesis", "numpy", "scipy", "torch")


def test_public_names_are_sorted_and_importable() -> None:
    assert jacfuzz.__all__ == sorted(jacfuzz.__all__)
    for name in jacfuzz.__all__:
        assert getattr(jacfuzz, name).__name__ == name


def test_public_names_are_documented() -> None:
    assert all(getattr(jacfuzz, name).__doc__ for name in jacfuzz.__all__)


def test_other_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        _ = jacfuzz.chek


def test_the_version_is_the_distribution_s() -> None:
    assert jacfuzz.__version__ == importlib.metadata.version("jacfuzz")


def test_the_entry_points_are_declared() -> None:
    points = {
        (point.group, point.name): point.value for point in importlib.metadata.distribution("jacfuzz").entry_points
    }
    assert points["console_scripts", "jacfuzz"] == "jacfuzz.cli:main"
    assert points["pytest11", "jacfuzz"] == "jacfuzz.plugin"


@pytest.mark.parametrize("module", ["jacfuzz", "jacfuzz.cli", "jacfuzz.plugin"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    """People's own test runs import the plugin, and ``--help`` the command line."""
    code = f"import {module}, sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("jacfuzz.isolation.forkserver, jacfuzz.processors", ("numpy", "jax")),  # so that processes begin at once
        ("jacfuzz.isolation.child, jacfuzz.isolation.zygote", ("hypothesis", "scipy")),
        ("jacfuzz.search, jacfuzz.runner", ("scipy", "beartype")),
        ("jacfuzz.strategies", ("hypothesis",)),
    ],
)
def test_importing_a_part_loads_what_it_needs_at_once(modules: str, absent: tuple[str, ...]) -> None:
    code = f"import {modules}, sys; print(*[name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_strategies_have_no_other_name() -> None:
    strategies: Any = importlib.import_module("jacfuzz.strategies")
    assert callable(strategies.arguments)
    with pytest.raises(AttributeError, match="no attribute 'argument'"):
        strategies.argument  # noqa: B018  # what is tested is that it is not there
