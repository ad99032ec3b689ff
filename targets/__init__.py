"""The catalogue: pairs ``f``, ``jac`` whose Jacobians are right everywhere, in the form that contributors use.

One file a pair, named by the mathematics. A file needs a docstring (first line: title, colon, the formula in words),
the functions ``f`` and ``jac``, and annotations that name every axis. Sizes come from the arrays' shapes, so that every
size is tried, 0 and 1 included. Where ``f`` is undefined it raises or returns NaN, and nothing is asked of ``jac``.

Optional module constants about the pair:

``DOMAIN = {"x": (low, high)}``
    Closed interval of every entry of an argument; None is an open end.
``EDGES = {"x": [1.0, -1.0]}``
    Values or arrays that are always tried.
``KINKS = "any" | "rows" | "jax"``
    What passes where f has no derivative.

Optional module constants about the puzzle that the pair belongs to. The first two are written as literals, because they
are read without executing the file:

``TITLES = ("Sort", "Sorting")``
    Words of a heading ``Problem N: words`` that claim the entry, whatever the number, case and punctuation; ``&`` and
    ``+`` count as "and".
``INDEX_SHAPES = {"fb_sort": {"x": (50,), "out": (50,)}}``
    Names of the index functions that pose the puzzle, and the shapes they are called at.
``REFERENCES = (f, scaled)``
    The functions that count as this puzzle, ``(f,)`` unless given; a solution that claims the entry and equals none of
    them solves another puzzle. Positional parameters are arrays; arrays that a reference does not take are ignored.
    Keyword-only parameters are integers, taken by name from the solution's own constants (``O`` and ``P`` in the index
    format: the output's shape); a reference whose parameter has neither constant nor default abstains.
"""
