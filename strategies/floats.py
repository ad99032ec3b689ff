"""The floats around a point at which a residual nearly vanishes: which of them to try, the best fit first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

_FINEST = 5  # cells of which two are moved together
_PLACES = 6
_FARTHEST = 8.0
_NEGLIGIBLE = 1e-14
_MOST_ULPS = 2.0**20
_NEAREST, _ALONG = 6, 6
_MOST_BESIDE = 2.0**10


def ulps(cells: np.ndarray) -> np.ndarray:
    """Distance to the next float of each cell, next to 0 that of a small number."""
    return np.asarray(np.spacing(np.maximum(np.abs(cells), _NEGLIGIBLE)))


def steps(cells: np.ndarray, residual: float, slopes: np.ndarray) -> Iterator[np.ndarray]:
    """Steps of c cells by a few floats that may cancel a residual.

    Parameters
    ----------
    cells
        Where the residual is nearly zero, shape (c,).
    residual
        Its value.
    slopes
        Its slopes (c,), none of them zero.

    Yields
    ------
    numpy.ndarray
        A step (c,). First those of one or two cells that cancel the residual best by its slopes, then each cell to the
        next float either way: a distance may have any slope next to its zero.
    """
    if not len(cells):
        return
    ulp = ulps(cells)
    order = np.argsort(np.abs(slopes) * ulp, kind="stable")[:_FINEST]
    first, second = (np.array(column) for column in zip(*itertools.product(order, order), strict=True))
    counts = np.zeros((2 * _PLACES + 1, len(first), len(cells)))
    pairs = np.arange(len(first))
    effect = slopes * ulp
    for number, places in enumerate(range(-_PLACES, _PLACES + 1)):
        counts[number, pairs, first] = places
        with np.errstate(all="ignore"):  # slopes may be as small as they like
            rest = -(residual + places * effect[first]) / effect[second]
        counts[number, pairs, second] += np.clip(np.rint(rest), -_MOST_ULPS, _MOST_ULPS)
    counts = np.unique(counts.reshape(-1, len(cells)), axis=0)
    counts = counts[np.any(counts != 0, axis=1)]
    left = np.abs(residual + counts @ effect) / abs(residual)
    # Far moves, of slopes that were taken elsewhere, lead elsewhere.
    fits = (left < 0.5) & (np.abs(counts * effect).max(axis=1) <= _FARTHEST * abs(residual))
    counts, left = counts[fits], left[fits]
    counts = counts[np.lexsort((np.abs(counts).sum(axis=1), np.rint(8.0 * left)))]
    yield from counts[:_NEAREST] * ulp
    # Along the boundary other roundings on the way have their say.
    along = counts[_NEAREST:][np.abs(counts[_NEAREST:] * effect).max(axis=1, initial=0.0) >= 2.0 * abs(residual)]
    yield from along[np.linspace(0, len(along) - 1, _ALONG if len(along) else 0).astype(int)] * ulp
    if abs(residual) > _MOST_BESIDE * np.max(np.abs(effect)):
        return
    for column in order:
        for sign in (1.0, -1.0):
            step = np.zeros(len(cells))
            step[column] = sign * ulp[column]
            yield step
