"""What jax compiled is kept in the user's cache folder, for runs of our own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jacfuzz import cache

NAMES = ("JAX_COMPILATION_CACHE_DIR", *cache.ALWAYS)
PAIR = """
import jax.numpy as jnp
from jaxtyping import Array, Float

def f(x: Float[Array, "2"]) -> Float[Array, "2"]:
    return 3 * x

def jac(x: Float[Array, "2"]) -> Float[Array, "2 2"]:
    return 3 * jnp.eye(2)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cache, "user_cache_dir", lambda *_, **__: str(tmp_path))
    for name in NAMES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return tmp_path / "compiled"


def test_jax_is_told_of_a_folder_of_our_own(folder: Path) -> None:
    cache.keep_compiled()
    assert os.environ["JAX_COMPILATION_CACHE_DIR"] == str(folder)
    assert folder.is_dir()


def test_settings_of_the_user_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "mine")
    cache.keep_compiled()
    assert os.environ["JAX_COMPILATION_CACHE_DIR"] == "mine"


def test_without_a_folder_there_is_no_cache(folder: Path) -> None:
    folder.parent.joinpath("compiled").write_text("a file")
    cache.keep_compiled()
    assert "JAX_COMPILATION_CACHE_DIR" not in os.environ


def test_the_oldest_half_of_too_much_is_deleted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MOST_BYTES", 30)
    folder.mkdir()
    for age in range(4):
        (folder / str(age)).write_bytes(b"1234567890")
        os.utime(folder / str(age), (1000 + age, 1000 + age))
    cache.keep_compiled()
    assert sorted(path.name for path in folder.iterdir()) == ["2", "3"]


@pytest.mark.parametrize(("version", "taken"), [("0.10.2", True), ("0.9", True), ("0.11.0", False), ("1.0.0", False)])
def test_flags_are_given_only_to_a_compiler_that_is_known_to_take_them(
    version: str, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    monkeypatch.setenv("XLA_FLAGS", "--xla_mine=1")
    cache.compile_in_haste()
    flags = os.environ["XLA_FLAGS"].split()
    assert flags[-1] == "--xla_mine=1"  # the last of two wins
    assert (len(flags) > 1) == taken


def test_a_damaged_file_is_compiled_anew(tmp_path: Path) -> None:
    (tmp_path / "pair.py").write_text(PAIR)
    start = [sys.executable, "-c", "from jacfuzz.cli import main; main()"]
    command = [*start, "check", "pair.py", "-n", "20", "-w", "0", "--isolation", "none"]
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    compiled = tmp_path / "cache" / "jacfuzz" / "compiled"
    for _ in range(2):
        assert subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode == 0
        files = list(compiled.iterdir())
        assert files
        for path in files:
            path.write_bytes(path.read_bytes()[:100])


def test_of_the_files_that_code_was_compiled_of_the_last_ones_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "user_cache_dir", lambda *_, **__: str(tmp_path))
    monkeypatch.setattr(cache, "_MOST_FILES", 4)
    for number in range(4):
        folder = cache.compiled_by(f"{number}")
        assert folder == tmp_path / "isolated" / f"{number}"
        os.utime(folder, (number, number))
    assert cache.compiled_by("0") == tmp_path / "isolated" / "0"  # used again
    assert cache.compiled_by("4") is not None
    assert sorted(path.name for path in (tmp_path / "isolated").iterdir()) == ["0", "3", "4"]


def test_without_a_cache_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(cache, "user_cache_dir", lambda *_, **__: str(tmp_path / "file"))
    assert cache.compiled_by("0") is None
