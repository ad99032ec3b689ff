"""What hardened processes can still do here: a process of ours tries from inside."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from jacfuzz.errors import IsolationError
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import Tag
from jacfuzz.isolation.nursery import Nursery, Task


def refusals(nursery: Nursery) -> dict[str, str]:
    """Return per attempt (open, write, socket, ...) what refused it, "" where nothing did.

    Raises
    ------
    IsolationError
        If the process cannot give up its rights.
    """
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text("secret")
        worker = nursery.start(Task("probe"))
        try:
            parts = [item.array for item in worker.ask(Tag.PROBE, str(secret)) if item.array is not None]
        except DiedError as error:
            raise IsolationError(f"hardened isolation is not to be had here: the trial {error.problem.text}") from None
        finally:
            worker.close()
    found: dict[str, str] = json.loads(b"".join(part.tobytes() for part in parts))
    return found


def require_refusals(nursery: Nursery) -> None:
    """Go on only where every attempt is refused.

    Raises
    ------
    IsolationError
        Naming what was not.
    """
    allowed = [name for name, refusal in refusals(nursery).items() if not refusal]
    if allowed:
        raise IsolationError(f"hardened isolation does not refuse {', '.join(allowed)} here; see `jacfuzz doctor`")
