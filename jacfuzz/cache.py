"""How jax compiles in runs of our own: quickly, and kept in the user's cache folder from run to run."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
from pathlib import Path

from platformdirs import user_cache_dir

_MOST_BYTES, _MOST_FILES = 200_000_000, 200
ALWAYS = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}
"""Variables that have jax keep all that it compiles, once it has a folder for it."""
_HASTE = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
_ALIKE = "--xla_cpu_multi_thread_eigen=false"  # as on workers: what is kept serves both
_LAST_KNOWN = (0, 10)  # jaxlib; a flag that XLA does not know ends the process


def compile_in_haste() -> None:
    """Have XLA, once jax is imported here or in a worker, compile twice as fast what runs operation by operation.

    Results differ in the last place at most. Flags that are set already win.
    """
    version = tuple(map(int, importlib.metadata.version("jaxlib").split(".")[:2]))
    if version <= _LAST_KNOWN:
        os.environ["XLA_FLAGS"] = f"{_HASTE} {_ALIKE} {os.environ.get('XLA_FLAGS', '')}".strip()


def keep_compiled() -> None:
    """Have jax, once it is imported here or in a worker, read and write compiled functions in the cache folder.

    For runs of our own only: whoever imports jacfuzz has settings of his own, and isolated processes, which could write
    what others execute, get a folder for each file and run. A file that another worker has half written, or that is
    damaged, is compiled anew. Variables that are set already stay as they are.
    """
    folder = Path(user_cache_dir("jacfuzz", appauthor=False)) / "compiled"
    with contextlib.suppress(OSError):  # no cache then
        folder.mkdir(parents=True, exist_ok=True)
        _prune(folder)
        for name, value in {**ALWAYS, "JAX_COMPILATION_CACHE_DIR": str(folder)}.items():
            os.environ.setdefault(name, value)


def compiled_by(digest: str) -> Path | None:
    """Return the folder in which isolated processes keep what they compile of a file; None where there can be none.

    Parameters
    ----------
    digest
        Of what the file holds: what its code may have left there, no other file's processes execute.
    """
    folder = Path(user_cache_dir("jacfuzz", appauthor=False)) / "isolated" / digest
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = list(folder.parent.iterdir())
        if len(kept) > _MOST_FILES:
            for path in _older_half(kept):
                shutil.rmtree(path, ignore_errors=True)
        os.utime(folder)
    except OSError:
        return None
    return folder


def _prune(folder: Path) -> None:
    """Delete the older half of what is too much."""
    files = list(folder.iterdir())
    if sum(path.stat().st_size for path in files) > _MOST_BYTES:
        for path in _older_half(files):
            path.unlink(missing_ok=True)  # another run may be faster


def _older_half(paths: list[Path]) -> list[Path]:
    """Return those that were changed before the others."""
    return sorted(paths, key=lambda path: path.stat().st_mtime)[: len(paths) // 2]
