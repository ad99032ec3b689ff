"""Which shapes to try: a small menu of layouts per signature.

Few shapes keep compiled references few; each menu has every axis at 1, at 0 and unequal to its neighbours, since
wrong index arithmetic shows on non-square shapes only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jacfuzz.errors import AnnotationError
from jacfuzz.signature import ArraySpec, Axis, Dims, Signature

_MOST_CELLS = 400
_MOST_UNIONS = 8
_VARIADIC = ((), (2,), (2, 3))
_LONG = 7  # longer than most windows and what code spells out cell by cell; some f take n! steps


@dataclass(frozen=True)
class Layout:
    """Shapes of all arguments at once, with the axis sizes that gave them.

    Attributes
    ----------
    specs
        The member of each argument's union that this layout follows.
    shapes
        One shape per argument.
    dims
        Axis sizes by name; a tuple for a variadic name.
    """

    specs: tuple[ArraySpec, ...]
    shapes: tuple[tuple[int, ...], ...]
    dims: Dims

    @property
    def size(self) -> int:
        """Cells of all arguments together."""
        return sum(math.prod(shape) for shape in self.shapes)


def layouts(signature: Signature) -> tuple[Layout, ...]:
    """Return the menu of layouts, smallest first and empty arrays last.

    Raises
    ------
    AnnotationError
        If no choice of sizes satisfies the signature.
    """
    found: dict[tuple[tuple[int, ...], ...], Layout] = {}
    unions = itertools.product(*(argument.specs for argument in signature.arguments))
    for specs in itertools.islice(unions, _MOST_UNIONS):
        for sizes in _assignments(_free_names(specs, signature.sizes)):
            for layout in _solve(specs, {**sizes, **signature.sizes}):
                found.setdefault(layout.shapes, layout)
    menu = [layout for layout in found.values() if layout.size <= _MOST_CELLS] or list(found.values())
    if not menu:
        raise AnnotationError("no sizes satisfy the axes of the signature; check its arithmetic such as `n-1`")
    return tuple(sorted(menu, key=lambda layout: (layout.size == 0, layout.size)))


def several_first(menu: Sequence[Layout]) -> tuple[Layout, ...]:
    """Return the layouts of a menu in another order: those of one cell and none last.

    Once jax code has been called at several cells as its author calls it (``evaluation/proof.py``), it need not be at
    one.
    """
    return tuple(sorted(menu, key=lambda layout: layout.size <= 1))


def _free_names(specs: tuple[ArraySpec, ...], sizes: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Names to choose one size for, and names that stand for several axes, each in order of appearance."""
    single: dict[str, None] = {}
    variadic: dict[str, None] = {}
    for position, spec in enumerate(specs):
        for index, axis in enumerate(spec.axes):
            if axis.variadic:
                variadic[_key(axis, position, index)] = None
            elif axis.kind == "anonymous":
                single[_key(axis, position, index)] = None
            else:
                single.update(dict.fromkeys(sorted(axis.names() - set(sizes))))
    return list(single), list(variadic)


def _key(axis: Axis, position: int, index: int) -> str:
    # Anonymous axes share nothing, so each gets a name that no annotation can spell.
    return axis.text or f"{position}.{index}"


def _assignments(names: tuple[list[str], list[str]]) -> Iterator[Dims]:
    single, variadic = names
    count = len(single)
    rising = tuple(range(2, 2 + count))
    choices = [(size,) * count for size in (1, 2, 3)]
    choices += [rising, rising[::-1], tuple(2 * size for size in rising)[::-1], tuple(2 * size for size in rising)]
    if count == 1:
        choices.append((_LONG,))
    else:
        choices.append(rising[1:] + rising[:1])  # of three the middle one is the largest
        choices += [tuple(1 if i == j else 3 for j in range(count)) for i in range(count)]
        choices += [tuple(0 if i == j else 2 for j in range(count)) for i in range(count)]
    choices.append((0,) * count)
    for number, sizes in enumerate(dict.fromkeys(choices)):
        named = dict(zip(single, sizes, strict=True))
        options = _VARIADIC if variadic and number in (1, 3) else (_VARIADIC[number % len(_VARIADIC)],)
        for option in options:
            yield {**named, **dict.fromkeys(variadic, option)}


def _solve(specs: tuple[ArraySpec, ...], dims: Dims) -> Iterator[Layout]:
    """Layouts under bound names: as they are, and with the broadcastable axes of one argument at 1."""
    broadcastable = [i for i, spec in enumerate(specs) if any(axis.broadcastable for axis in spec.axes)]
    for squeezed in (None, *broadcastable):
        shapes: list[tuple[int, ...]] = []
        for position, spec in enumerate(specs):
            try:
                shape = _shape(spec, position, dims, squeeze=position == squeezed)
            except (KeyError, ZeroDivisionError):
                return
            if any(size < 0 for size in shape):
                return
            shapes.append(shape)
        public = {name: size for name, size in dims.items() if name.isidentifier()}
        yield Layout(specs, tuple(shapes), public)


def _shape(spec: ArraySpec, position: int, dims: Dims, squeeze: bool) -> tuple[int, ...]:
    shape: list[int] = []
    for index, axis in enumerate(spec.axes):
        size: int | tuple[int, ...]
        if axis.kind == "fixed":
            size = axis.size
        elif axis.kind == "symbolic":
            size = axis.symbolic_size(dims)
        else:
            size = dims[_key(axis, position, index)]
        sizes = size if isinstance(size, tuple) else (size,)
        shape.extend(1 if squeeze and axis.broadcastable else one for one in sizes)
    return tuple(shape)
