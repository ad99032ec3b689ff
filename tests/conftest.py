"""Settings of all tests: pytest's own plugin for testing plugins; what jax compiles is compiled once for all."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = "pytester"

settings.register_profile("tests", deadline=None)  # how long a test takes depends on what else the machine does
settings.load_profile("tests")

# Before jax is imported. Many tests judge the same functions, on several workers.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"jacfuzz-tests-{os.getuid()}"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


@pytest.fixture(autouse=True, scope="session")
def _own_cache_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
