"""What hardened processes can still do here: a process of ours tries from inside."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jacfuzz.errors import IsolationError
from jacfuzz.evaluation.hosted import DiedError
from jacfuzz.evaluation.worker import Tag, hardened
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.task import Task


@dataclass(frozen=True)
class Trial:
    """What came of a trial.

    Attributes
    ----------
    refusals
        Per attempt (open, write, socket, ...) what refused it, "" where nothing did.
    own
        Per namespace (net, ipc) whether the process has one of its own, which is more than is asked for.
    """

    refusals: Mapping[str, str]
    own: Mapping[str, bool]

    @property
    def allowed(self) -> tuple[str, ...]:
        """Attempts that nothing refused."""
        return tuple(name for name, refusal in self.refusals.items() if not refusal)


def trial(nursery: Nursery) -> Trial:
    """Have a process of the nursery try what strangers' code may not do.

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
    found = json.loads(b"".join(part.tobytes() for part in parts))
    here = hardened.namespaces()
    return Trial(found["refusals"], {kind: found["namespaces"][kind] != here[kind] for kind in here})


def require_refusals(nursery: Nursery) -> None:
    """Go on only where every attempt is refused.

    Raises
    ------
    IsolationError
        Naming what was not.
    """
    allowed = trial(nursery).allowed
    if allowed:
        raise IsolationError(f"hardened isolation does not refuse {', '.join(allowed)} here; see `jacfuzz doctor`")
