"""The package as installed: its names, its version, and what importing it costs."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

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
