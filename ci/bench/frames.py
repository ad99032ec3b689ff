"""100,000 random and mutated frames sent by processes that lie: no crash, no hang, no pass.

A pair whose Jacobian has the wrong sign is judged again and again. What its processes answer is honest about f alone,
claims that AD gives the same wrong Jacobian, and is damaged on the way: bytes, tags, shapes, numbers, order, ends.
Prints a line of JSON; exit code 1 where a point passed, or an answer took longer than its limits allow.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence

import jax
import numpy as np

from jacfuzz import registry
from jacfuzz.evaluation.evaluate import pair_of
from jacfuzz.evaluation.hosted import Hosted
from jacfuzz.evaluation.worker import Item, Pair, Tag, handlers, quiet, read_item
from jacfuzz.isolation.conversation import Worker
from jacfuzz.isolation.host import RemoteHost
from jacfuzz.isolation.limits import Limits
from jacfuzz.isolation.task import Part, Task
from jacfuzz.judge import Judge
from jacfuzz.target import Target

_LIMITS = Limits(first=0.05, call=0.05, answer=1 << 16)
_POINTS = np.array([[0.3, -0.7, 1.1], [-1.2, 0.4, -0.2], [100.0, 2.0, -3.0]])
_KNOWN = 0.5  # of hosts know the shape of f before, and ask ahead
_MOST_SECONDS = 30.0  # for one judgement; none takes two
_DAMAGE, _HANGS_UP = 0.1, 0.95
_TAGS = [tag for name, tag in vars(Tag).items() if name.isupper()]


class Liars:
    """Stands in for a nursery: its processes are threads that answer as the module says.

    Attributes
    ----------
    limits
        As of a nursery.
    frames
        How many were sent.
    damaging
        Whether they are damaged on the way.
    """

    def __init__(self, pair: Pair, rng: np.random.Generator) -> None:
        self.limits = _LIMITS
        self.frames = 0
        self.damaging = True
        self._pair = pair
        self._rng = rng

    def start(self, task: Task) -> Worker:
        """Start a process, so to speak."""
        requests, to_worker = os.pipe()
        from_worker, answers = os.pipe()
        thread = threading.Thread(target=self._live, args=(requests, answers), daemon=True)
        thread.start()

        def end(_: Worker) -> int:
            thread.join()
            return 0

        return Worker(0, (to_worker, from_worker, os.memfd_create("log")), self.limits, lambda _: None, end)

    def use(self, worker: Worker) -> None:
        """Nothing is to be noted."""

    def take(self, task: Task, part: Part) -> None:
        """None rests."""

    def rest(self, workers: Sequence[Worker], task: Task) -> None:
        """End processes."""
        for worker in workers:
            worker.close()

    def _live(self, requests: int, answers: int) -> None:
        known = handlers(self._pair)
        with contextlib.suppress(EOFError, OSError), os.fdopen(requests, "rb") as source, os.fdopen(answers, "wb", 0):

            def read(count: int) -> bytes:
                data = source.read(count)
                if len(data) < count:
                    raise EOFError
                return data

            while True:
                nonce = read(16)
                items = [read_item(read, nonce, sys.maxsize)]
                while items[-1].tag != Tag.END:
                    items.append(read_item(read, nonce, sys.maxsize))
                arrays = [item.array for item in items[1:-1] if item.array is not None]
                tag, told = items[0].tag, iter(list[list[Item]]())
                if tag in known:
                    told = known[tag](items[0].text, arrays)
                if tag == Tag.AHEAD:
                    *asked, count = json.loads(items[0].text)
                    told = known[Tag.PRIMALS](json.dumps(asked), arrays)
                    arrays = [array[:count] for array in arrays]
                if tag in (Tag.DERIVATIVES, Tag.AHEAD):
                    lie = [Item(Tag.PRIMAL, array=arrays[0] ** 2), Item(Tag.JACOBIAN, array=_wrong(arrays[0]))]
                    told = itertools.chain(told, [lie])
                frames = [item for part in told for item in part]
                whole = [item.encoded(nonce) for item in (*frames, Item(Tag.END))]
                sent = list(self._damaged([*frames, Item(Tag.END)], nonce)) if self.damaging else whole
                self.frames += len(sent)
                os.write(answers, b"".join(sent))
                if sent != whole and self._rng.random() < _HANGS_UP:  # silence takes its time
                    return

    def _damaged(self, items: list[Item], nonce: bytes) -> Iterator[bytes]:
        rng = self._rng
        if rng.random() < _DAMAGE:  # lost, doubled or in another order
            items = [items[index] for index in rng.integers(0, len(items), rng.integers(0, len(items) + 2))]
        for item in items:
            frame = item.encoded(nonce)
            if rng.random() > _DAMAGE:
                yield frame
                continue
            match rng.integers(5):
                case 0:  # any bytes in place of some
                    changed = bytearray(frame)
                    for place in rng.integers(0, len(frame), rng.integers(1, 5)):
                        changed[place] = rng.integers(256)
                    yield bytes(changed)
                case 1:  # any bytes at all, under the right nonce or not
                    yield nonce[: 16 * rng.integers(2)] + rng.bytes(int(rng.integers(100)))
                case 2:
                    yield frame[: rng.integers(len(frame))]
                case 3:
                    yield dataclasses.replace(item, tag=int(rng.choice(_TAGS))).encoded(nonce)
                case _:
                    shape = tuple(rng.integers(0, 4, rng.integers(0, 4)))
                    array = rng.standard_normal(shape) * 10.0 ** rng.integers(-300, 300)
                    yield dataclasses.replace(item, array=array).encoded(nonce)


def _wrong(points: np.ndarray) -> np.ndarray:
    return -2 * points[:, :, None] * np.eye(points.shape[1])


@dataclasses.dataclass
class Outcome:
    """Frames that were sent, seconds of the slowest judgement, and how often each verdict was given."""

    frames: int = 0
    slowest: float = 0.0
    verdicts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    @property
    def passed(self) -> int:
        """Points that passed."""
        return self.verdicts["pass"] + self.verdicts["kink"]


def judged(wanted: int) -> Outcome:
    """Judge until so many frames were sent."""
    (model,) = registry.find(["softmax"]).targets
    assert isinstance(model, Target)
    lie = dataclasses.replace(model, f=lambda x: x**2, jac=lambda x: -2 * np.diag(x))
    rng = np.random.default_rng(0)
    outcome = Outcome()
    with jax.enable_x64(True), quiet():
        while outcome.frames < wanted:
            liars = Liars(pair_of(lie), rng)
            host = RemoteHost(liars, Task("serve"), "lie", 1)  # type: ignore[arg-type]  # all of a nursery that it needs
            target = dataclasses.replace(model, f=Hosted(host, "f"), jac=Hosted(host, "jac"))
            if rng.random() < _KNOWN:
                liars.damaging = False
                host.evaluate((_POINTS,))
                liars.damaging = True
            start = time.monotonic()
            verdicts = Judge(target, seed=int(rng.integers(1 << 30))).batch((_POINTS,))
            host.close()
            outcome.slowest = max(outcome.slowest, time.monotonic() - start)
            outcome.verdicts.update(verdict.status for verdict in verdicts)
            outcome.frames += liars.frames
    return outcome


def main() -> int:
    """Print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 frames")
    parser.add_argument("--frames", type=int, default=100_000)
    given = parser.parse_args()
    found = judged(2000 if given.quick else given.frames)
    told = {"frames": found.frames, "slowest": round(found.slowest, 2), "verdicts": found.verdicts}
    print(json.dumps({"bench": "frames", **told, "passed": found.passed}))
    return int(found.passed > 0 or found.slowest > _MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
