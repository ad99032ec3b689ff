"""Functions of nested dicts, lists and tuples of arrays: parameters as jax users keep them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from jacfuzz.adapters.base import remade
from jacfuzz.errors import UsageError
from jacfuzz.forms import WrongForm
from jacfuzz.forms.base import one_or_tuple
from jacfuzz.functions import Args, make_target, with_arguments
from jacfuzz.target import Target


def pytree(f: Callable[..., Any], jac: Callable[..., Any], at: Any, args: Args = (), **options: Any) -> Target:
    """Make a target of a function of one pytree, whose Jacobian is a pytree of the same structure.

    Every leaf becomes an argument, named by its path: ``{"layer": {"w": ..., "b": ...}}`` gives ``layer_b`` and
    ``layer_w``. Leaf by leaf the Jacobian has shape ``f(tree).shape + leaf.shape``.

    Parameters
    ----------
    f, jac
        Both take the pytree.
    at
        An example of it; its leaves are floating-point arrays or numbers.
    args, **options
        As of ``check``: ``domain``, ``edges``, ``kinks``, the latter by the names of the leaves.

    Raises
    ------
    UsageError
        If the example has no leaves.
    """
    import jax

    trees: Any = jax.tree_util
    found, structure = trees.tree_flatten_with_path(at)
    if not found:
        raise UsageError("the example `at` has no leaves; give arrays or numbers in dicts, lists or tuples")
    names = _names([trees.keystr(path) for path, _ in found])
    value, derivative = with_arguments(f, args), with_arguments(jac, args)

    def flat(*leaves: Any) -> Any:
        return value(structure.unflatten(leaves))

    def jacobians(*leaves: Any) -> Any:
        result = derivative(structure.unflatten(leaves))
        parts, own = trees.tree_flatten(result)
        if own != structure:
            raise WrongForm(f"jac returned {own}, expected the structure of its argument, {structure}")
        return one_or_tuple(parts)

    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    flat.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    target = make_target(flat, jacobians, at=tuple(leaf for _, leaf in found), **options)
    return remade(target, f, "pytree", f, jac, "tree", args="args" if args else "")


def _names(paths: list[str]) -> list[str]:
    """Return a name per path, ``layer_w`` for ``['layer']['w']``; numbered where two would be the same."""
    names = [re.sub(r"\W+", "_", path).strip("_") for path in paths]
    proper = [name if name.isidentifier() else f"leaf_{name}".rstrip("_") for name in names]
    return [name if proper.count(name) == 1 else f"{name}_{number}" for number, name in enumerate(proper)]
