"""jax code whose Python branches on values, at many points at once: one run a path where that pays.

Under ``jax.vmap`` a value that decides has no truth of its own. Here it has the one that most points of the run hold,
as it has a truth when jax differentiates a single point; the points that hold another are left to the runs to come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from jacfuzz.evaluation.compiled import room_for

_GROUP = "points of one path"
_ROOM = 128
_FEWEST = 4  # points of one path for which a run pays: it takes as long as three of a point each
_DECIDES = "biu"  # kinds of numbers
_FOLLOWED: ContextVar[np.ndarray] = ContextVar("followed")


def pathwise(function: Callable[..., Any], values: tuple[np.ndarray, ...], cells: int) -> Any:
    """Return what a function of one point gives at K points, uncompiled, with a leading axis K.

    Parameters
    ----------
    function
        jax code; its Python may branch on numbers that it computed, whole or true and false.
    values
        One array (K, *shape) per argument.
    cells
        Numbers that the function gives at a point, or takes if these are more.
    """
    import jax

    batched = jax.vmap(function, axis_name=_GROUP)
    room = room_for(cells, _ROOM)
    left, found, order = np.arange(len(values[0])), [], []
    while len(left):
        run = left[:room]
        filled = np.resize(run, room)
        with _deciding(room) as followed:
            results = batched(*(value[filled] for value in values))
        chosen = np.flatnonzero(followed[: len(run)])
        found.append(jax.tree.map(lambda result, chosen=chosen: np.asarray(result)[chosen], results))
        order.append(run[chosen])
        left = np.concatenate([np.delete(run, chosen), left[room:]])
        if len(chosen) < _FEWEST <= len(run):
            break
    if len(left):
        found.append(one_by_one(function, tuple(value[left] for value in values)))
        order.append(left)
    back = np.argsort(np.concatenate(order))
    return jax.tree.map(lambda *arrays: np.concatenate(arrays)[back], *found)


def one_by_one(function: Callable[..., Any], values: tuple[np.ndarray, ...]) -> Any:
    """Return what a function of one point gives at K points, at least one, each of them alone; see ``pathwise``."""
    import jax
    import jax.numpy as jnp

    found = [function(*map(jnp.asarray, point)) for point in zip(*values, strict=True)]
    return jax.tree.map(lambda *results: np.stack(list(map(np.asarray, results))), *found)


@contextmanager
def _deciding(room: int) -> Iterator[np.ndarray]:
    """Let what most points hold decide, and mark those that go this way: jax asks traced values what they hold."""
    from jax._src.interpreters.batching import BatchTracer  # no public name

    followed = np.ones(room, dtype=bool)
    token = _FOLLOWED.set(followed)
    inherited = {name: getattr(BatchTracer, name) for name in _ASKED}
    for name, answer in _ASKED.items():
        setattr(BatchTracer, name, answer)
    try:
        yield followed
    finally:
        for name, answer in inherited.items():
            setattr(BatchTracer, name, answer)
        _FOLLOWED.reset(token)


def _held_by_most(tracer: Any) -> Any:
    """Return what most of the points hold that went the same way so far; None where it is no decision."""
    from jax._src import core  # no public name

    known: Any = core.to_concrete_value
    if tracer._trace.axis_data.name != _GROUP:
        return None
    held = known(tracer.val)
    if held is None or tracer.batch_dim is None:
        return held
    held = np.moveaxis(np.asarray(held), tracer.batch_dim, 0)
    followed = _FOLLOWED.get()
    kinds, first, number, count = np.unique(
        held[followed].reshape(followed.sum(), -1), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    if len(kinds) > 1 and held.dtype.kind not in _DECIDES:
        return None
    most = int(np.argmax(count))
    value = held[followed][first[most]]
    followed[followed] = number.reshape(-1) == most
    return value


def _as_array(tracer: Any, *_: Any, **__: Any) -> np.ndarray:
    """Return what most of the points hold, where jax wants it for NumPy, as it does masks."""
    import jax

    held = _held_by_most(tracer)
    if held is None or held.dtype.kind not in _DECIDES:
        raise jax.errors.TracerArrayConversionError(tracer)
    return np.asarray(held)


_ASKED = {"to_concrete_value": _held_by_most, "__array__": _as_array}
