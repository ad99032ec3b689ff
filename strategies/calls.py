"""Arguments of a function for people's own Hypothesis tests."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from jacfuzz.evaluation.arrays import give
from jacfuzz.evaluation.evaluate import array_types
from jacfuzz.loading.direct import describe
from jacfuzz.strategies.points import points
from jacfuzz.target import Interval, Place, Target


def arguments(
    f: Callable[..., Any], *, domain: Mapping[str, Interval] | None = None
) -> dict[str, st.SearchStrategy[Any]]:
    """Strategies for all array arguments of a function, by name, for use as ``@given(**arguments(f))``.

    The values of one example belong together: axis names have one size in all of them. The strata of ``jacfuzz check``
    are drawn too, so a few hundred examples reach a zero in a product, ties in a sort and the kink of a ReLU. Failures
    shrink to small shapes, zeros and small integers.

    Parameters
    ----------
    f
        A function whose positional arguments bear jaxtyping annotations, e.g. ``x: Float[np.ndarray, "n m"]``.
    domain
        Closed interval per argument name; None for an open end.

    Returns
    -------
    dict
        One strategy per argument, giving the kind of array that is annotated (float64).

    Raises
    ------
    LoadError
        If an argument has no annotation that says its shape.
    """
    signature, array_type = describe(f, f)
    target = Target(
        id="arguments",
        title="arguments",
        place=Place("<python>"),
        f=f,
        jac=f,
        signature=signature,
        array_type=array_type,
        domain=domain or {},
    )
    # One shared draw gives all arguments of an example; the key is this call's own.
    whole = st.shared(points(target), key=object())
    return {
        argument.name: whole.map(operator.itemgetter(argument.name)).map(functools.partial(give, array_type=kind))
        for argument, kind in zip(signature.arguments, array_types(target), strict=True)
    }
