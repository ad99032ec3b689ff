"""Where the functions of whole arrays branch, tie or are singular: one rule per name of NumPy's.

A rule takes the plain arguments and the result, and returns residuals: numbers that are zero exactly on a boundary. It
may raise for arguments that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from jacfuzz.tracing.operations import OPERATIONS

Rule: TypeAlias = Callable[[tuple[Any, ...], Mapping[str, Any], Any], list[Any]]

SEEN_THROUGH = frozenset({"apply_along_axis", "apply_over_axes", "piecewise"})
"""Functions that call functions of the user; their own code runs on recorded arrays."""

SINGULAR = frozenset({"det", "inv", "solve", "slogdet", "pinv", "lstsq", "cholesky", "qr"})
"""Functions of a matrix that raise, or may, where it is singular."""

_SMOOTH = """
add.reduce add.accumulate add.reduceat subtract.reduce sum nansum cumsum nancumsum mean nanmean average dot vdot inner
outer matmul tensordot einsum einsum_path kron cross convolve correlate trace gradient diff ediff1d trapezoid vander
polyval polyadd polymul polyder polyint logaddexp.reduce concatenate stack vstack hstack dstack column_stack
row_stack block append insert delete split array_split hsplit vsplit dsplit tile repeat reshape ravel transpose swapaxes
moveaxis rollaxis squeeze expand_dims broadcast_to broadcast_arrays broadcast_shapes atleast_1d atleast_2d atleast_3d
flip fliplr flipud roll rot90 diag diagonal diagflat tril triu tri take take_along_axis put put_along_axis place putmask
copyto fill_diagonal choose compress extract copy shape ndim size zeros_like ones_like empty_like full_like real imag
iscomplexobj isrealobj result_type can_cast common_type min_scalar_type may_share_memory shares_memory meshgrid ix_
diag_indices_from tril_indices_from triu_indices_from pad resize array_repr array_str array2string real_if_close
nan_to_num linspace logspace geomspace matrix_power multi_dot fft ifft rfft irfft fft2 ifft2 fftshift ifftshift
sliding_window_view as_strided matrix_transpose vecdot permute_dims concat iscomplex isreal unstack
ndindex unravel_index ravel_multi_index select bincount histogram_bin_edges cov i0
item tolist conj conjugate flatten view byteswap getfield setflags to_device
"""

_TIES = "sort argsort median nanmedian partition argpartition percentile nanpercentile quantile nanquantile unique"
_TIES += " unique_values unique_counts unique_inverse unique_all sort_complex"
_HIGHEST = "max amax nanmax argmax nanargmax maximum.reduce fmax.reduce"
_LOWEST = "min amin nanmin argmin nanargmin minimum.reduce fmin.reduce"
_FACTORS = "prod nanprod cumprod nancumprod multiply.reduce multiply.accumulate sinc"
_TRUTH = "nonzero flatnonzero argwhere count_nonzero any all logical_or.reduce logical_and.reduce trim_zeros"
_VALUE = "std nanstd var nanvar"


def residuals_of(name: str, arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any] | None:
    """Return the residuals of a function of arrays; None where no rule says what it means."""
    if arguments and isinstance(arguments[0], np.ndarray) and arguments[0].dtype.kind not in "fc" and name != "where":
        return []
    rule = _RULES.get(name)
    return None if rule is None else rule(arguments, options, result)


def _axis(arguments: tuple[Any, ...], options: Mapping[str, Any], default: int | None, position: int = 1) -> Any:
    if "axis" in options:
        return options["axis"]
    return arguments[position] if len(arguments) > position else default


def _lined_up(values: Any, axis: Any) -> np.ndarray:
    """Array (lines, entries) of what a reduction along some axes looks at together."""
    array: np.ndarray = np.asarray(values, dtype=float)
    if axis is None or array.ndim == 0:
        return array.reshape(1, -1)
    axes = tuple(np.arange(array.ndim)[list(axis) if isinstance(axis, tuple) else [axis]])
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(array, axes, last)
    return moved.reshape(int(np.prod(moved.shape[: moved.ndim - len(axes)])), -1)


def _neighbours(lines: np.ndarray) -> np.ndarray:
    return np.diff(np.sort(lines, axis=1), axis=1)


def _ties(default: int | None, position: int) -> Rule:
    return lambda a, o, r: [_neighbours(_lined_up(a[0], _axis(a, o, default, position)))]


def _rivals(sign: float, default: int | None) -> Rule:
    """What every entry lacks to the best of the others, less than nothing for the winner, and to where it begins."""

    def rule(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
        lines = sign * _lined_up(arguments[0], _axis(arguments, options, default))
        if not lines.shape[1]:
            return []
        best = np.max(lines, axis=1, keepdims=True)
        lacking = best - lines
        if lines.shape[1] > 1:
            next_best = np.partition(lines, -2, axis=1)[:, -2:-1]
            np.put_along_axis(lacking, np.argmax(lines, axis=1)[:, None], next_best - best, axis=1)
        begun = [best - sign * options["initial"]] if "initial" in options else []
        return ([lacking] if lines.shape[1] > 1 else []) + begun

    return rule


def _record(extreme: np.ufunc) -> Rule:
    """Distance of each entry to the extreme of those before it."""

    def rule(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
        lines = _lined_up(arguments[0], options.get("axis", 0))
        return [lines[:, 1:] - extreme.accumulate(lines, axis=1)[:, :-1]]

    return rule


def _clip(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    named = [options.get(f"a_{end}", options.get(end)) for end in ("min", "max")]
    ends = [*arguments[1:3], *named[len(arguments) - 1 :]]
    return [np.asarray(arguments[0] - end) for end in ends if end is not None]


def _round(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    decimals = options.get("decimals", arguments[1] if len(arguments) > 1 else 0)
    scaled = np.asarray(arguments[0]) * 10.0**decimals
    return [(scaled - (np.floor(scaled) + 0.5)) / 10.0**decimals]


def _norm(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    order = options.get("ord", arguments[1] if len(arguments) > 1 else None)
    axis = _axis(arguments, options, None, 2)
    entries = np.asarray(arguments[0], dtype=float)
    if order is None or (axis is None and entries.ndim == 1) or isinstance(axis, int):
        return _vector_norm((entries,), {"ord": order, "axis": axis}, result)
    first, second = axis or (0, 1)
    return _matrix_norm((np.moveaxis(entries, (first, second), (-2, -1)),), {"ord": order}, result)


def _vector_norm(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    order, axis = options.get("ord"), options.get("axis")
    entries = np.asarray(arguments[0], dtype=float)
    if order in (None, 2):
        return [result]
    if order in (np.inf, -np.inf):
        return [result, *_rivals(np.sign(order), None)((np.abs(entries),), {"axis": axis}, None), entries]
    return [result, entries]


def _matrix_norm(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    order = options.get("ord", "fro")
    if order == "fro":
        return [result]
    entries = np.asarray(arguments[0], dtype=float)
    if order in (2, -2, "nuc"):
        return _spectrum(np.linalg.svd(entries, compute_uv=False))
    sums = np.abs(entries).sum(axis=-2 if abs(order) == 1 else -1)
    return [*_rivals(np.sign(order), -1)((sums,), {}, None), entries]


def _spectrum(values: np.ndarray) -> list[Any]:
    """Eigenvalues or singular values, and what tells neighbours apart."""
    return [np.abs(np.diff(values, axis=-1)), np.abs(values) if values.dtype.kind == "c" else values]


def _rank(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    """Determinant of a square matrix; of any other its least singular value."""
    matrix = np.asarray(arguments[0], dtype=float)
    square = matrix.shape[-1] == matrix.shape[-2]
    return [np.linalg.det(matrix) if square else np.linalg.svd(matrix, compute_uv=False)[..., -1]]


def _eigenvalues(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return _spectrum(result if isinstance(result, np.ndarray) else result[1] if len(result) == 3 else result[0])


def _interpolation(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    if "period" in options:
        raise NotImplementedError
    return _against(0, 1)(arguments, options, result)


def _against(first: int, second: int) -> Rule:
    """All differences between the entries of two arguments."""
    return lambda a, o, r: [np.subtract.outer(a[first], a[second])]


def _histogram(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return [np.subtract.outer(arguments[0], result[1])]


def _histogram2d(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return [np.subtract.outer(values, edges) for values, edges in zip(arguments[:2], result[1:], strict=True)]


def _histogramdd(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    columns = np.asarray(arguments[0]).T
    return [np.subtract.outer(values, edges) for values, edges in zip(columns, result[1], strict=True)]


def _union(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return [_neighbours(np.concatenate([np.ravel(part) for part in arguments[:2]])[None])]


def _converted(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    kind = np.dtype(options.get("dtype", arguments[1] if len(arguments) > 1 else float)).kind
    if kind in "iu":
        return [residual(arguments[0]) for residual in OPERATIONS["trunc"].residuals]
    return _entries(arguments, options, result) if kind == "b" else []


def _where(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    condition = np.asarray(arguments[0])
    return [condition] if condition.dtype.kind == "f" else []


def _close(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return [np.subtract(*np.broadcast_arrays(arguments[0], arguments[1]))]


def _angle(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return [np.real(arguments[0]), np.imag(arguments[0])]


def _smooth(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return []


def _entries(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return [np.asarray(arguments[0])]


def _result(arguments: tuple[Any, ...], options: Mapping[str, Any], result: Any) -> list[Any]:
    return [np.std(_lined_up(arguments[0], _axis(arguments, options, None)), axis=1)]


_RULES: dict[str, Rule] = dict.fromkeys(_SMOOTH.split(), _smooth)
_RULES |= dict.fromkeys(_FACTORS.split() + _TRUTH.split(), _entries)
_RULES |= dict.fromkeys(_VALUE.split(), _result)
_RULES |= {name: _rivals(1.0, 0 if "." in name else None) for name in _HIGHEST.split()}
_RULES |= {name: _rivals(-1.0, 0 if "." in name else None) for name in _LOWEST.split()}
_RULES |= {name: _ties(-1, 1) for name in ("sort", "argsort", "sort_complex")}
_RULES |= {name: _ties(-1, 2) for name in ("partition", "argpartition")}
_RULES |= {name: _ties(None, 1) for name in ("median", "nanmedian")}
_RULES |= {name: _ties(None, 2) for name in ("percentile", "nanpercentile", "quantile", "nanquantile")}
_RULES |= {name: _ties(None, 99) for name in _TIES.split() if name.startswith("unique")}
_RULES |= {"maximum.accumulate": _record(np.maximum), "minimum.accumulate": _record(np.minimum)}
_RULES |= {
    "ptp": lambda a, o, r: [*_RULES["max"](a, o, r), *_RULES["min"](a, o, r)],
    "lexsort": lambda a, o, r: [_neighbours(_lined_up(key, -1)) for key in a[0]],
    "clip": _clip,
    "round": _round,
    "around": _round,
    "astype": _converted,
    "is_integer": lambda a, o, r: _converted((a[0], int), {}, r),
    "fix": lambda a, o, r: [residual(a[0]) for residual in OPERATIONS["trunc"].residuals],
    "norm": _norm,
    "vector_norm": _vector_norm,
    "matrix_norm": _matrix_norm,
    **dict.fromkeys(SINGULAR, _rank),
    **dict.fromkeys(("eigvalsh", "eigh", "svd", "svdvals", "eigvals", "eig"), _eigenvalues),
    **dict.fromkeys(("setdiff1d", "union1d", "intersect1d", "setxor1d"), _union),
    "searchsorted": _against(0, 1),
    "digitize": _against(0, 1),
    "interp": _interpolation,
    "isin": _against(0, 1),
    "histogram": _histogram,
    "histogram2d": _histogram2d,
    "histogramdd": _histogramdd,
    "where": _where,
    "isclose": _close,
    "allclose": _close,
    "array_equal": _close,
    "array_equiv": _close,
    "angle": _angle,
    "unwrap": lambda a, o, r: [(np.diff(a[0]) % (2 * np.pi)) - np.pi],
}
