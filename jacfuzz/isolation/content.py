"""What a file held when it was first read: all processes of a run execute that and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jacfuzz.errors import LoadError


def digest_of(content: bytes) -> str:
    """Return what tells a content from all others."""
    return hashlib.sha256(content).hexdigest()


def content_of(task: Mapping[str, Any]) -> bytes | None:
    """Return what the file of a task holds; None where there is nothing to be read.

    Raises
    ------
    LoadError
        If that is not what the digest says: whoever wrote to it meanwhile, other code than that would be judged.
    """
    if not task["digest"]:
        return None
    content = Path(task["name"]).read_bytes()
    if digest_of(content) != task["digest"]:
        raise LoadError(f"{task['name']} was changed while it was judged; check it again, and let nothing write to it")
    return content
