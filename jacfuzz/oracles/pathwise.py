"""jax code whose Python branches on values, at many points at once: one run a path where that pays.

Under ``jax.vmap`` a value that decides has no truth of its own. Here it has the one that most points of the run hold,
as it has a truth when jax differentiates a single point; the points that hold another are left to the runs to come. A
path that is met again is traced with what was decided on it, and later points are asked whether they decide so, too:
that takes a thirtieth of the time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

import numpy as np

from jacfuzz.evaluation.compiled import room_for
from jacfuzz.tracing.jaxpr_programs import Program
from jacfuzz.tracing.residuals import Log

_GROUP = "points of one path"
_ROOM = 128
_FEWEST = 4  # points of one path for which a run pays: it takes as long as three of a point each
_OFTEN, _MOST_PATHS = 2, 64
_DECIDES = "biu"  # kinds of numbers


class _Taken(NamedTuple):
    """What a run gives at all of its points, and the mask of those that went its way."""

    results: Any
    followed: np.ndarray


class Pathwise:
    """A function of one point as a function of K points.

    Parameters
    ----------
    function
        jax code; its Python may branch on numbers that it computed, whole or true and false.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        import jax

        self._function = function
        self._batched = jax.vmap(function, axis_name=_GROUP)
        self._met: Counter[tuple[Any, ...]] = Counter()
        self._paths: defaultdict[tuple[Any, ...], list[_Path]] = defaultdict(list)

    def __call__(self, values: tuple[np.ndarray, ...], cells: int) -> Any:
        """Return what the function gives at K points, uncompiled, with a leading axis K.

        Parameters
        ----------
        values
            One array (K, *shape) per argument.
        cells
            Numbers that the function gives at a point, or takes if these are more.
        """
        import jax

        room = room_for(cells, _ROOM)
        shapes = (room, *((value.shape[1:], value.dtype.str) for value in values))
        left, found, order = np.arange(len(values[0])), [], []

        def keep(run: np.ndarray, taken: _Taken) -> np.ndarray:
            chosen = np.flatnonzero(taken.followed[: len(run)])
            found.append(jax.tree.map(lambda result: np.asarray(result)[chosen], taken.results))
            order.append(run[chosen])
            return chosen

        def filled(run: np.ndarray) -> tuple[np.ndarray, ...]:
            return tuple(value[np.resize(run, room)] for value in values)

        for path in self._paths[shapes]:
            runs = [left[start : start + room] for start in range(0, len(left), room)]
            left = np.concatenate([left[:0], *(np.delete(run, keep(run, path(filled(run)))) for run in runs)])
        while len(left):
            run = left[:room]
            chosen = keep(run, self._run(filled(run), shapes))
            left = np.concatenate([np.delete(run, chosen), left[room:]])
            if len(chosen) < _FEWEST <= len(run):
                break
        if len(left):
            found.append(one_by_one(self._function, tuple(value[left] for value in values)))
            order.append(left)
        back = np.argsort(np.concatenate(order))
        return jax.tree.map(lambda *arrays: np.concatenate(arrays)[back], *found)

    def _run(self, values: tuple[np.ndarray, ...], shapes: tuple[Any, ...]) -> _Taken:
        """Go the way of most points; keep the path where points have gone it before."""
        most = _Majority(len(values[0]))
        with _deciding(most):
            taken = _Taken(self._batched(*values), most.followed)
        key = (*shapes, *((decision.shape, decision.tobytes()) for decision in most.decisions))
        self._met[key] += 1
        if self._met[key] == _OFTEN and len(self._paths[shapes]) < _MOST_PATHS:
            path = _path(self._batched, values, most, taken)
            self._paths[shapes] += [path] if path is not None else []
        return taken


def one_by_one(function: Callable[..., Any], values: tuple[np.ndarray, ...]) -> Any:
    """Return what a function of one point gives at K points, at least one, each of them alone; see ``Pathwise``."""
    import jax
    import jax.numpy as jnp

    found = [function(*map(jnp.asarray, point)) for point in zip(*values, strict=True)]
    return jax.tree.map(lambda *results: np.stack(list(map(np.asarray, results))), *found)


class _Path:
    """A path, traced: its operations one after the other, as NumPy and jax do them, and the numbers that decide.

    Parameters
    ----------
    program
        Gives the results' leaves and after them the numbers that decide, at all points of a room.
    structure
        The tree of the results.
    decisions
        What these numbers are on this path.
    """

    def __init__(self, program: Program, structure: Any, decisions: Sequence[np.ndarray]) -> None:
        self._program, self._structure, self._decisions = program, structure, decisions

    def __call__(self, values: tuple[np.ndarray, ...]) -> _Taken:
        import jax

        found = self._program.results(values, Log())
        leaves = found[: len(found) - len(self._decisions)]
        followed = np.ones(len(values[0]), dtype=bool)
        for held, decision in zip(found[len(leaves) :], self._decisions, strict=True):
            followed &= (held == decision).reshape(len(held), -1).all(axis=1)
        return _Taken(jax.tree.unflatten(self._structure, leaves), followed)


def _path(
    batched: Callable[..., Any], values: tuple[np.ndarray, ...], most: _Majority, expected: _Taken
) -> _Path | None:
    """Trace a path with what was decided on it; None where that gives something else, or nothing."""
    import jax

    given = _Given(most.answers)

    def traced(*arguments: Any) -> Any:
        return batched(*arguments), given.deciding

    try:
        with _deciding(given):
            closed, shape = jax.make_jaxpr(traced, return_shape=True)(*values)
        path = _Path(Program(closed), jax.tree.structure(shape[0]), most.decisions)
        taken = path(values)
        leaves = zip(jax.tree.leaves(taken.results), jax.tree.leaves(expected.results), strict=True)
        same = all(np.array_equal(_of(one, expected), _of(other, expected), equal_nan=True) for one, other in leaves)
    except Exception:  # strangers' code, which may ask in another order when it is traced
        return None
    return path if same and np.array_equal(taken.followed, expected.followed) else None


def _of(result: Any, taken: _Taken) -> np.ndarray:
    chosen: np.ndarray = np.asarray(result)[taken.followed]
    return chosen


class _Decider(Protocol):
    """Says what a number holds that Python branches on."""

    def decide(self, held: Any, axis: int | None) -> Any:
        """Return it, of numbers at many points along an axis; None where it is no decision."""


class _Majority:
    """What most of the points hold that went the same way so far."""

    def __init__(self, room: int) -> None:
        self.followed = np.ones(room, dtype=bool)
        self.answers: list[np.ndarray | None] = []

    @property
    def decisions(self) -> list[np.ndarray]:
        """What was decided."""
        return [answer for answer in self.answers if answer is not None]

    def decide(self, held: Any, axis: int | None) -> Any:
        from jax._src import core  # no public name

        known: Any = core.to_concrete_value
        held = known(held)
        if held is None or axis is None:
            return held
        held = np.moveaxis(np.asarray(held), axis, 0)
        followed = self.followed
        values = held[followed]
        if held.dtype.kind not in _DECIDES:  # often whole results, whose kind jax asks for
            self.answers.append(values[0] if (values == values[0]).all() else None)
            return self.answers[-1]
        _, first, number, count = np.unique(
            values.reshape(len(values), -1), axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        most = int(np.argmax(count))
        value = values[first[most]]
        followed[followed] = number.reshape(-1) == most
        self.answers.append(value)
        return value


class _Given:
    """What was answered before, in this order; the numbers that decide are kept to be asked later."""

    def __init__(self, answers: Sequence[np.ndarray | None]) -> None:
        self._left = iter(answers)
        self.deciding: list[Any] = []

    def decide(self, held: Any, axis: int | None) -> Any:
        import jax.numpy as jnp

        if axis is None:
            return None
        answer = next(self._left)
        if answer is not None:
            self.deciding.append(jnp.moveaxis(held, axis, 0))
        return answer


_DECIDER: ContextVar[_Decider] = ContextVar("decider")


@contextmanager
def _deciding(decider: _Decider) -> Iterator[None]:
    """Let somebody decide what the points of a group hold: jax asks traced values."""
    from jax._src.interpreters.batching import BatchTracer  # no public name

    token = _DECIDER.set(decider)
    inherited = {name: getattr(BatchTracer, name) for name in _ASKED}
    for name, answer in _ASKED.items():
        setattr(BatchTracer, name, answer)
    try:
        yield
    finally:
        for name, answer in inherited.items():
            setattr(BatchTracer, name, answer)
        _DECIDER.reset(token)


def _held(tracer: Any) -> Any:
    in_group = tracer._trace.axis_data.name == _GROUP
    return _DECIDER.get().decide(tracer.val, tracer.batch_dim) if in_group else None


def _as_array(tracer: Any, *_: Any, **__: Any) -> np.ndarray:
    """Return what most of the points hold, where jax wants it for NumPy, as it does masks."""
    import jax

    held = _held(tracer)
    if held is None or held.dtype.kind not in _DECIDES:
        raise jax.errors.TracerArrayConversionError(tracer)
    return np.asarray(held)


_ASKED = {"to_concrete_value": _held, "__array__": _as_array}
