"""The other checkers, each as its users call it: its defaults, at one point.

A rival takes a pair of NumPy functions and a point and says whether it accepts the Jacobian. An exception of any kind
counts as a rejection, since it tells the user as much.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.evaluation.evaluate import quiet
from jacfuzz.tracing.rebind import to_jax

Function: TypeAlias = Callable[..., Any]
Point: TypeAlias = tuple[np.ndarray, ...]

_GOOD = 1e-5
"""SciPy leaves the judgement to its caller; its manual calls an error "of the order of 1e-6 or lower" good."""


@dataclass(frozen=True)
class Case:
    """What is checked: f and jac, both NumPy, at a point."""

    f: Function
    jac: Function
    point: Point

    def value(self, *arrays: Any) -> np.ndarray:
        """Value of f as an array of floats."""
        return np.asarray(self.f(*map(np.array, arrays)), dtype=float)

    def jacobians(self, *arrays: Any) -> tuple[np.ndarray, ...]:
        """One Jacobian per argument, as arrays of floats."""
        answer = self.jac(*map(np.array, arrays))
        return tuple(np.asarray(j, dtype=float) for j in (answer if isinstance(answer, tuple) else (answer,)))


Rival: TypeAlias = Callable[[Case], bool]


def accepts(rival: Rival, case: Case) -> bool:
    """Ask one rival."""
    with quiet():
        try:
            return rival(case)
        except Exception:
            return False


def _check_grads(mode: str) -> Rival:
    """``jax.test_util.check_grads`` of a function whose ``custom_jvp`` is J."""

    def check(case: Case) -> bool:
        import jax
        from jax.test_util import check_grads

        value = case.value(*case.point)
        result = jax.ShapeDtypeStruct(value.shape, value.dtype)
        shapes = tuple(jax.ShapeDtypeStruct(value.shape + array.shape, float) for array in case.point)

        @jax.custom_jvp
        def function(*arrays: Any) -> Any:
            return jax.pure_callback(case.value, result, *arrays)

        @function.defjvp
        def rule(primals: Any, tangents: Any) -> Any:
            jacobians = jax.pure_callback(case.jacobians, shapes, *primals)
            products = [jax.numpy.tensordot(j, t, t.ndim) for j, t in zip(jacobians, tangents, strict=True)]
            return function(*primals), sum(products)

        check_grads(function, case.point, order=1, modes=(mode,))
        return True

    return check


def _gradcheck(fast: bool) -> Rival:
    """``torch.autograd.gradcheck`` of an autograd function whose backward pass is J."""

    def check(case: Case) -> bool:
        import torch

        class Pair(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, *tensors: Any) -> Any:
                ctx.save_for_backward(*tensors)
                return torch.from_numpy(np.atleast_1d(case.value(*(t.detach().numpy() for t in tensors))))

            @staticmethod
            def backward(ctx: Any, *cotangents: Any) -> Any:
                jacobians = case.jacobians(*(t.detach().numpy() for t in ctx.saved_tensors))
                output = case.value(*case.point).ndim
                cotangent = cotangents[0].numpy().reshape(case.value(*case.point).shape)
                return tuple(torch.from_numpy(np.tensordot(cotangent, j, output)) for j in jacobians)

        inputs = tuple(torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in case.point)
        return bool(torch.autograd.gradcheck(Pair.apply, inputs, fast_mode=fast))

    return check


def _flat(case: Case) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray], np.ndarray]:
    """Flatten f and J to functions of one vector, as SciPy wants them, and the point."""
    ends = np.cumsum([array.size for array in case.point])[:-1]

    def arrays(vector: np.ndarray) -> list[np.ndarray]:
        parts = np.split(vector, ends)
        return [part.reshape(array.shape) for part, array in zip(parts, case.point, strict=True)]

    def jacobian(vector: np.ndarray) -> np.ndarray:
        cells = case.value(*case.point).size
        return np.concatenate([j.reshape(cells, -1) for j in case.jacobians(*arrays(vector))], axis=1)

    start = np.concatenate([array.ravel() for array in case.point])
    return lambda vector: case.value(*arrays(vector)).ravel(), jacobian, start


def _check_grad(case: Case) -> bool:
    """``scipy.optimize.check_grad`` for every row of J."""
    from scipy.optimize import check_grad

    f, jacobian, start = _flat(case)
    return all(
        check_grad(lambda x, row=row: f(x)[row], lambda x, row=row: jacobian(x)[row], start) <= _GOOD
        for row in range(len(f(start)))
    )


def _approx_derivative(case: Case) -> bool:
    """``approx_derivative`` and the comparison that SciPy's own ``check_derivative`` makes with it."""
    from scipy.optimize._numdiff import approx_derivative

    f, jacobian, start = _flat(case)
    numerical = np.atleast_2d(approx_derivative(f, start))
    return bool(np.max(np.abs(jacobian(start) - numerical) / np.maximum(1, np.abs(numerical))) <= _GOOD)


def _puzzle_check(case: Case) -> bool:
    """The check of the puzzle notebooks: ``isclose`` with forward-mode AD, which broadcasts."""
    import jax

    function = to_jax(case.f)
    references = jax.jacfwd(function, tuple(range(len(case.point))))(*case.point)
    answers = case.jacobians(*case.point)
    return all(np.isclose(r, j).all() for r, j in zip(references, answers, strict=True))


def rivals() -> Mapping[str, Rival]:
    """All checkers that are installed here, by name."""
    torch = {
        "torch gradcheck, slow": _gradcheck(fast=False),
        "torch gradcheck, fast": _gradcheck(fast=True),
    }
    return {
        "jax check_grads, fwd": _check_grads("fwd"),
        "jax check_grads, rev": _check_grads("rev"),
        **(torch if importlib.util.find_spec("torch") else {}),
        "scipy check_grad": _check_grad,
        "scipy approx_derivative": _approx_derivative,
        "puzzle notebook": _puzzle_check,
    }
