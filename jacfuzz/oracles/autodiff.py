"""Forward-mode AD of f: the screen that every point passes through.

``jax.jacfwd`` in float64 where f is jax code or NumPy code that runs with ``np`` bound to ``jax.numpy``;
``torch.autograd`` where f is torch code. AD is a screen, not the truth: it is believed only where the traced f gives
f's own value, and what differs from it is settled by differences of the untouched f.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.evaluation.compiled import Compiled
from jacfuzz.evaluation.evaluate import quiet
from jacfuzz.evaluation.frame import Frame
from jacfuzz.evaluation.hosted import host_of
from jacfuzz.oracles.interpreted import Interpreted
from jacfuzz.oracles.pathwise import Pathwise, one_by_one
from jacfuzz.target import Target
from jacfuzz.tracing.rebind import to_jax

_SAME_VALUE = 1e-9
_Way: TypeAlias = Callable[[int, tuple[np.ndarray, ...]], "Derivatives"]


@dataclass(frozen=True)
class Derivatives:
    """f and its Jacobian at B rows.

    Attributes
    ----------
    primals
        f's values (B, m) as the traced code gives them.
    jacobians
        (B, m, N).
    """

    primals: np.ndarray
    jacobians: np.ndarray

    def believed(self, primals: np.ndarray) -> np.ndarray:
        """Mask (B,) of the rows at which the traced f gives f's own value."""
        scale = np.maximum(np.abs(primals), np.abs(self.primals))
        same = np.abs(primals - self.primals) <= _SAME_VALUE * scale + np.finfo(float).tiny
        return np.asarray(same.all(axis=1))


class ForwardMode:
    """Forward-mode AD of one target at rows of one frame.

    The cheapest way that works is kept per frame: traced and batched, else uncompiled at all points of one path
    (Python control flow on values), else one by one, else none.

    Parameters
    ----------
    target
        The pair.
    compiled
        Whether f may be compiled. A compiler may round a number twice where AD compares it with itself: the derivative
        of a maximum asks which of its arguments equals it, and where it is fused into other operations than they are,
        it may equal none.
    """

    def __init__(self, target: Target, *, compiled: bool = True) -> None:
        self._target = target
        self._compiles = compiled
        self._ways: dict[Frame, tuple[_Way, ...]] = {}

    def __call__(
        self, frame: Frame, rows: np.ndarray, origin: tuple[np.ndarray, ...], index: np.ndarray, cells: int
    ) -> Derivatives | None:
        """Return f and its Jacobian at rows (B, N), or None where f cannot be traced.

        Parameters
        ----------
        frame
            Shapes of the arguments.
        rows, origin, index
            Rows (B, N); row b takes its other arguments from point ``index[b]`` of the batch ``origin``.
        cells
            Number of cells m of f's result.
        """
        if not len(rows):
            return None
        values = frame.values(rows, origin, index)
        host = host_of(self._target)
        if host is not None:
            hosted = host.derivatives(values, cells, compiled=self._compiles)
            return None if hosted is None or hosted[1].shape[2] != rows.shape[1] else Derivatives(*hosted)
        ways = self._ways.get(frame, self._all)
        for number, way in enumerate(ways):
            try:
                with quiet():
                    found = way(cells, values)
            except (Exception, SystemExit):  # this way cannot trace f; the next may
                continue
            if found.jacobians.shape == (len(rows), cells, rows.shape[1]):
                self._ways[frame] = ways[number:]
                return found
        self._ways[frame] = ()
        return None

    def along(
        self, frame: Frame, rows: np.ndarray, origin: tuple[np.ndarray, ...], index: np.ndarray, directions: np.ndarray
    ) -> Derivatives | None:
        """Return f and its derivatives along directions (B, D, N) at rows (B, N), as ``jacobians`` (B, m, D).

        None where jax cannot trace f, f lives elsewhere, or may not be compiled.
        """
        if not self._compiles or host_of(self._target) is not None or self._target.array_type == "torch":
            return None
        count, ways = directions.shape[:2]
        flat = frame.values(directions.reshape(count * ways, -1), origin, np.repeat(index, ways))
        tangents = tuple(
            part.reshape(count, ways, *part.shape[1:])
            for part, varies in zip(flat, frame.differentiable, strict=True)
            if varies
        )
        try:
            with quiet():
                primals, products = self._products((*frame.values(rows, origin, index), *tangents), directions[0].size)
        except (Exception, SystemExit):  # not traceable
            return None
        return Derivatives(primals.reshape(count, -1), np.swapaxes(products.reshape(count, ways, -1), 1, 2))

    @functools.cached_property
    def _products(self) -> Compiled:
        return Compiled(_along(to_jax(self._target.f), self._target.signature.varying))

    @functools.cached_property
    def _all(self) -> tuple[_Way, ...]:
        differentiable = self._target.signature.varying
        if self._target.array_type == "torch":
            return (functools.partial(_torch, self._target.f, differentiable),)
        both = _twice(to_jax(self._target.f), differentiable)
        uncompiled = functools.partial(_pathwise, Pathwise(both)), functools.partial(_eager, both)
        if self._target.calls > 1 or not self._compiles:
            return uncompiled  # index functions unroll to one operation a cell: compiling costs more than it saves
        return functools.partial(_batched, Interpreted(both)), *uncompiled


def _twice(function: Callable[..., Any], differentiable: tuple[bool, ...]) -> Callable[..., Any]:
    """Return f and its Jacobians for one point, from one trace: what ``jax.jacfwd`` does, from ready unit vectors.

    Those it makes itself are a third of a short trace.
    """
    import jax

    def both(*arguments: Any) -> tuple[Any, Any]:
        of_varied, point = _of_varied(function, differentiable, arguments)
        sizes = [int(np.prod(np.shape(part))) for part in point]
        stops = np.cumsum(sizes).tolist()
        unit = np.eye(sum(sizes))
        tangents = [
            unit[:, stop - size : stop].reshape(-1, *np.shape(part)).astype(part.dtype)
            for part, size, stop in zip(point, sizes, stops, strict=True)
        ]

        push = functools.partial(_push, of_varied, point)
        primal, columns = jax.vmap(push, out_axes=(None, -1))(*tangents)
        jacobians = tuple(
            columns[..., stop - size : stop].reshape(*primal.shape, *np.shape(part))
            for part, size, stop in zip(point, sizes, stops, strict=True)
        )
        return primal, jacobians

    return both


def _push(function: Callable[..., Any], point: tuple[Any, ...], *tangents: Any) -> tuple[Any, Any]:
    """Return a function's value and its derivative along a direction, given by argument."""
    import jax

    primal, along = jax.jvp(function, point, tangents)
    return primal, along


def _of_varied(
    function: Callable[..., Any], differentiable: tuple[bool, ...], arguments: Sequence[Any]
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return f as a function of the arguments that vary, in float64, and these."""
    import jax.numpy as jnp

    def of_varied(*varied: Any) -> Any:
        left = iter(varied)
        full = [next(left) if varies else a for a, varies in zip(arguments, differentiable, strict=True)]
        return jnp.asarray(function(*full), dtype=float)

    return of_varied, tuple(a for a, varies in zip(arguments, differentiable, strict=True) if varies)


def _along(function: Callable[..., Any], differentiable: tuple[bool, ...]) -> Callable[..., Any]:
    """Return f and its derivatives along D directions, given after the arguments with a leading axis D each."""
    import jax

    def products(*given: Any) -> tuple[Any, Any]:
        arguments, tangents = given[: len(differentiable)], given[len(differentiable) :]
        of_varied, point = _of_varied(function, differentiable, arguments)
        primal, push = jax.linearize(of_varied, *point)
        return primal, jax.vmap(push)(*tangents)

    return products


def _batched(both: Interpreted, cells: int, values: tuple[np.ndarray, ...]) -> Derivatives:
    return _collect(*both(values, _numbers(cells, values)))


def _pathwise(both: Pathwise, cells: int, values: tuple[np.ndarray, ...]) -> Derivatives:
    return _collect(*both(values, _numbers(cells, values)))


def _numbers(cells: int, values: tuple[np.ndarray, ...]) -> int:
    """Entries of f's Jacobian at a point."""
    return int(max(cells, 1) * sum(value[0].size for value in values))


def _eager(both: Callable[..., Any], cells: int, values: tuple[np.ndarray, ...]) -> Derivatives:
    return _collect(*one_by_one(both, values))


def _torch(
    function: Callable[..., Any], differentiable: tuple[bool, ...], cells: int, values: tuple[np.ndarray, ...]
) -> Derivatives:
    """Return what autograd gives; no values where it sees no way back, so that its zeros are not believed."""
    import torch

    primals: list[np.ndarray] = []
    jacobians: list[np.ndarray] = []
    for index in range(len(values[0])):
        arguments = tuple(torch.tensor(value[index]) for value in values)
        for argument, varies in zip(arguments, differentiable, strict=True):
            argument.requires_grad_(varies)
        primal = function(*arguments).reshape(-1)
        tracked = [argument for argument, varies in zip(arguments, differentiable, strict=True) if varies]
        value = primal.detach().numpy()
        primals.append(value if primal.requires_grad else np.full(value.shape, np.nan))
        jacobians.append(_torch_jacobian(primal, tracked))
    return Derivatives(np.stack(primals), np.stack(jacobians))


def _torch_jacobian(primal: Any, arguments: list[Any]) -> np.ndarray:
    """Jacobian of all cells in one batched backward pass; zero for what autograd does not see to be used."""
    import torch

    cells = len(primal)
    if not primal.requires_grad:
        return np.zeros((cells, sum(argument.numel() for argument in arguments)))
    gradients = torch.autograd.grad(
        primal, arguments, torch.eye(cells, dtype=primal.dtype), is_grads_batched=True, allow_unused=True
    )
    return np.concatenate(
        [
            np.zeros((cells, argument.numel())) if gradient is None else gradient.numpy().reshape(cells, -1)
            for argument, gradient in zip(arguments, gradients, strict=True)
        ],
        axis=1,
    )


def _collect(primals: np.ndarray, parts: Sequence[np.ndarray]) -> Derivatives:
    count, cells = len(primals), int(np.prod(primals.shape[1:]))
    flat = [part.reshape(count, cells, int(np.prod(part.shape[primals.ndim :]))) for part in parts]
    return Derivatives(primals.reshape(count, cells), np.concatenate(flat, axis=2))
