"""The recorder: values to the bit, residuals that vanish on boundaries, and what it cannot see said."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from boundary_cases import Case
from boundary_suite import CASES

from jacfuzz.loading.indexed import dense_f
from jacfuzz.strategies.strata import MAGIC
from jacfuzz.tracing.jax_recorder import JaxRecorder
from jacfuzz.tracing.recorded import NumPyNumber, PythonNumber, plain, recorded
from jacfuzz.tracing.recorder import Recorder, record
from jacfuzz.tracing.residuals import Recording

NUMPY = [case for case in CASES if case.kind == "numpy"]
JAX = [case for case in CASES if case.kind == "jax"]


def points(case: Case, count: int = 12) -> np.ndarray:
    """Ordinary points, every other one with magic values in half of its cells."""
    rng = np.random.default_rng(case.n)
    rows = 2.0 * rng.standard_normal((count, case.n))
    rows[::2] = np.where(rng.random(rows[::2].shape) < 0.5, rng.choice(MAGIC, rows[::2].shape), rows[::2])
    return rows


def function_of(case: Case) -> Callable[..., Any]:
    return case.f if case.index is None else dense_f(case.f, case.name, case.index)


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a call gives, or the type of what it raises."""
    try:
        with np.errstate(all="ignore"):
            return function(*arguments)
    except Exception as error:
        return type(error)


def vanishing(recording: Recording) -> list[str]:
    """Names of the operations that are on a boundary."""
    return [
        label.site.operation for label, value in zip(recording.labels, recording.residuals, strict=True) if value == 0.0
    ]


@pytest.mark.parametrize("case", NUMPY, ids=lambda case: case.name)
def test_recorded_values_are_the_bits_of_plain_values(case: Case) -> None:
    function = function_of(case)
    recorder = Recorder(function)
    for row in points(case):
        given = row.copy()
        with np.errstate(all="ignore"):
            recording = recorder([given])
        expected = outcome(function, row.copy())
        assert np.array_equal(given, row)
        if isinstance(expected, type):
            assert type(recording.raised) is expected
        else:
            assert type(recording.value) is type(expected)
            assert np.asarray(recording.value).tobytes() == np.asarray(expected).tobytes()


@pytest.mark.parametrize("case", JAX, ids=lambda case: case.name)
def test_recorded_values_of_jax_are_those_of_the_function(case: Case) -> None:
    with jax.enable_x64(True):
        recorder = JaxRecorder(case.f)
        for row in points(case, 4):
            assert recorder([row]).unseen == ()
            assert recorder.fits([row])


BOUNDARIES: list[tuple[str, Callable[..., Any], list[float]]] = [
    ("maximum", lambda x: np.maximum(x, 1.0), [1.0, 3.0]),
    ("less", lambda x: np.where(x < 2.0, x, 0.0), [2.0, 5.0]),
    ("greater", lambda x: x[0] if x[0] > x[1] else x[1], [4.0, 4.0]),
    ("less", lambda x: sorted(x)[0], [4.0, 4.0]),
    ("greater", lambda x: max(x), [4.0, 4.0]),
    ("absolute", lambda x: abs(x[0] - 1.0), [1.0, 2.0]),
    ("absolute", lambda x: np.abs(x - 1.0), [1.0, 2.0]),
    ("sign", np.sign, [0.0, 2.0]),
    ("sort", lambda x: np.sort(x), [3.0, 3.0]),
    ("argsort", lambda x: x[np.argsort(x)], [3.0, 3.0]),
    ("argmax", lambda x: x[x.argmax()], [3.0, 3.0]),
    ("max", lambda x: x.max(), [3.0, 3.0]),
    ("min", lambda x: np.min(x), [3.0, 3.0]),
    ("median", lambda x: np.median(x), [3.0, 3.0]),
    ("quantile", lambda x: np.quantile(x, 0.3), [3.0, 3.0]),
    ("partition", lambda x: np.partition(x, 1), [3.0, 3.0]),
    ("unique", lambda x: np.unique(x), [3.0, 3.0]),
    ("floor", np.floor, [2.0, 0.5]),
    ("round", lambda x: np.round(x), [0.5, 0.2]),
    ("rint", lambda x: round(x[0], 1) + x[1], [0.25, 0.2]),
    ("remainder", lambda x: x % 1.5, [3.0, 0.2]),
    ("floor_divide", lambda x: x // 1.5, [3.0, 0.2]),
    ("trunc", lambda x: x[int(x[0])], [1.0, 0.2]),
    ("astype", lambda x: x.astype(int) * x, [1.0, 0.2]),
    ("astype", lambda x: x[0].astype(int) * x, [1.0, 0.2]),
    ("prod", lambda x: np.prod(x), [0.0, 0.2]),
    ("cumprod", lambda x: np.cumprod(x), [0.0, 0.2]),
    ("divide", lambda x: 1.0 / (x - 2.0), [2.0, 0.2]),
    ("reciprocal", lambda x: np.reciprocal(x), [0.0, 0.2]),
    ("sqrt", lambda x: np.sqrt(x - 1.0), [1.0, 2.0]),
    ("sqrt", lambda x: math.sqrt(x[0] - 1.0), [1.0, 2.0]),
    ("log", lambda x: np.log(x), [0.0, 2.0]),
    ("power", lambda x: x**1.5, [0.0, 2.0]),
    ("clip", lambda x: x.clip(0.0, 2.0), [0.5, 2.0]),
    ("clip", lambda x: np.clip(x, None, 2.0), [0.5, 2.0]),
    ("arctan2", lambda x: np.arctan2(x[0], x[1]), [0.0, 0.0]),
    ("norm", lambda x: np.linalg.norm(x), [0.0, 0.0]),
    ("hypot", lambda x: math.hypot(x[0], x[1]), [0.0, 0.0]),
    ("det", lambda x: np.linalg.det(np.diag(x)), [0.0, 1.0]),
    ("solve", lambda x: np.linalg.solve(np.diag(x), x), [0.0, 1.0]),
    ("exp", lambda x: np.exp(x), [np.log(np.finfo(float).max), 1.0]),
    ("searchsorted", lambda x: np.searchsorted(np.array([0.0, 1.0]), x) * x, [1.0, 0.2]),
    ("interp", lambda x: np.interp(x, [0.0, 1.0], [2.0, 0.0]), [1.0, 0.2]),
    ("histogram", lambda x: np.histogram(x, [0.0, 1.0])[0] * x[:1], [1.0, 0.2]),
    ("greater", lambda x: np.piecewise(x, [x > 0.5], [lambda t: t * 2.0, lambda t: t]), [0.5, 0.2]),
    ("absolute", lambda x: np.piecewise(x, [x > 0.5], [lambda t: abs(t - 1.0), lambda t: t]), [1.0, 0.2]),
    ("logical_not", lambda x: x if x[0] else -x, [0.0, 1.0]),
    ("greater", lambda x: np.vectorize(lambda t: t if t > 0.5 else 0.0)(x), [0.5, 2.0]),
    ("maximum", lambda x: np.maximum.accumulate(x), [2.0, 2.0]),
    ("maximum", lambda x: np.maximum(x, [1.0, 9.0]), [1.0, 2.0]),
    ("maximum", lambda x: x * np.maximum([x[0], x[1]], 3.0), [1.0, 3.0]),
    ("maximum", lambda x: np.maximum.outer(x, [1.0, 9.0]), [1.0, 2.0]),
    ("maximum", lambda x: x * np.maximum.reduce([x[0], x[1]]), [3.0, 3.0]),
    ("max", lambda x: x * np.max([x[0], x[1]]), [3.0, 3.0]),
    ("max", lambda x: x * np.max(x, initial=3.0), [3.0, 2.0]),
    ("norm", lambda x: x * np.linalg.norm([x[0] - 1.0, x[1] - 1.0]), [1.0, 1.0]),
    ("absolute", lambda x: x * np.abs(np.fft.fft([x[0], x[1]])), [1.0, -1.0]),
    ("norm", lambda x: np.linalg.norm(np.diag(x), 2), [1.0, 1.0]),
    ("norm", lambda x: np.linalg.norm(np.outer([1.0, 2.0], x), 1), [1.0, -1.0]),
    ("norm", lambda x: np.linalg.norm(x[None], np.inf, axis=1), [1.0, -1.0]),
    ("qr", lambda x: np.linalg.qr(np.stack([np.array([1.0, 0.0]), x, x]))[1], [0.0, 0.0]),
    ("eigvals", lambda x: np.linalg.eigvals(np.diag(x)), [1.0, 1.0]),
    ("histogram2d", lambda x: np.histogram2d(x, x[::-1], [[0.0, 3.0]] * 2)[0], [3.0, 1.0]),
    ("union1d", lambda x: np.union1d(x, [1.0]), [1.0, 2.0]),
    ("remainder from the nearest", lambda x: math.remainder(x[0], 2.0) * x, [1.0, 0.5]),
    ("absolute", lambda x: np.abs(x.view(np.ndarray)), [0.0, 1.0]),
    ("absolute", lambda x: np.abs(x + 1j * x[::-1]), [0.0, 0.0]),
    ("gammaln", lambda x: math.lgamma(x[0]) * x, [-1.0, 1.0]),
]


@pytest.mark.parametrize(("operation", "function", "point"), BOUNDARIES)
def test_a_residual_vanishes_on_the_boundary_and_none_elsewhere(
    operation: str, function: Callable[..., Any], point: list[float]
) -> None:
    assert operation in vanishing(record(function, [np.array(point)]))
    assert operation not in vanishing(record(function, [np.array([1.8125, 0.4375])]))


JAX_BOUNDARIES: list[tuple[str, Callable[..., Any], list[float]]] = [
    ("maximum", jax.jit(lambda x: jnp.maximum(x, 1.0)), [1.0, 3.0]),
    ("maximum", jax.nn.relu6, [0.0, 2.0]),
    ("greater", lambda x: jax.lax.cond(x[0] > 2.0, lambda y: y, lambda y: 2.0 * y, x), [2.0, 3.0]),
    ("less", lambda x: jax.lax.while_loop(lambda y: y[0] < 4.0, lambda y: 2.0 * y, x), [1.0, 3.0]),
    (
        "maximum",
        lambda x: jax.lax.scan(lambda c, a: (jnp.maximum(c, a), c), jnp.zeros(()), x, reverse=True)[1],
        [0.0, -1.0],
    ),
    ("sort", lambda x: jnp.sort(x), [3.0, 3.0]),
    ("top_k", lambda x: jax.lax.top_k(x, 1)[0], [3.0, 3.0]),
    ("argmax", lambda x: x[jnp.argmax(x)], [3.0, 3.0]),
    ("reduce_window_max", lambda x: jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (2,), (1,), "SAME"), [3.0, 3.0]),
    ("reduce_window_min", lambda x: jax.lax.reduce_window(x, jnp.inf, jax.lax.min, (2,), (2,), "VALID"), [3.0, 3.0]),
    ("scatter-max", lambda x: jnp.full(2, 3.0).at[0].max(x[0]), [3.0, 1.0]),
    ("convert_element_type", lambda x: jax.lax.dynamic_slice(x, (x[0].astype(int),), (1,)), [1.0, 0.3]),
    ("clamp", lambda x: jax.lax.clamp(1.0, x, 9.0), [1.0, 2.0]),
    ("less_equal", lambda x: jnp.searchsorted(jnp.array([0.0, 1.0]), x) * x, [1.0, 0.3]),
    ("lu", lambda x: jnp.linalg.solve(jnp.diag(x), x), [0.0, 1.0]),
    ("svd", lambda x: jnp.linalg.svd(jnp.diag(x))[1], [1.0, 1.0]),
    ("eigh", lambda x: jnp.linalg.eigh(jnp.diag(x))[0], [1.0, 1.0]),
    ("absolute", lambda x: jnp.abs(x[0] + 1j * x[1]), [0.0, 0.0]),
    ("maximum", lambda x: jnp.maximum(x + 0.0 * jax.random.normal(jax.random.key(0), (2,)), 1.0), [1.0, 2.0]),
]


@pytest.mark.parametrize(("operation", "function", "point"), JAX_BOUNDARIES)
def test_a_residual_of_jax_vanishes_on_the_boundary_and_none_elsewhere(
    operation: str, function: Callable[..., Any], point: list[float]
) -> None:
    with jax.enable_x64(True):
        recorder = JaxRecorder(function)
        on, off = recorder([np.array(point)]), recorder([np.array([1.8125, 0.4375])])
        assert operation in vanishing(on)
        assert operation not in vanishing(off)
        assert on.unseen == off.unseen == ()
        assert recorder.fits([np.array(point)])


@pytest.mark.parametrize(("numpy", "of_jax", "sign"), [(np.max, jnp.max, 1.0), (np.argmin, jnp.argmin, -1.0)])
def test_what_an_entry_lacks_to_the_best_other_tells_who_wins(
    numpy: Callable[..., Any], of_jax: Callable[..., Any], sign: float
) -> None:
    """Below zero only for the winner, and without a kink where it changes."""
    values = sign * np.array([[1.0, 4.0, 2.5], [0.0, -3.0, -0.5]])
    lacking = [3.0, -1.5, 1.5, -0.5, 3.0, 0.5]
    assert record(lambda x: numpy(x, axis=1), [values]).residuals.tolist() == lacking
    assert JaxRecorder(lambda x: of_jax(x, axis=1))([values]).residuals.tolist() == lacking


def test_of_a_jaxpr_only_what_leads_to_residuals_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = JaxRecorder(lambda x: jnp.sin(x).sum() + jnp.maximum(jnp.cos(x), 1.0))
    point = [np.array([0.0, 2.0], dtype=np.float32)]
    first = recorder(point)
    monkeypatch.setattr(jax.lax.sin_p, "bind", None)
    assert [site.operation for site in first.sites] == ["maximum"]
    assert recorder(point).unseen == ()
    monkeypatch.setattr(jax.lax.cos_p, "bind", None)
    assert recorder(point).unseen == ("code that runs in jax only (TypeError)",)


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (lambda x: jax.pure_callback(np.sign, x, x), "pure_callback"),
        (lambda x: jax.lax.reduce(x, 0.0, lambda a, b: jnp.maximum(a, b) + 0.0 * a, (0,)), "reduce"),
        (lambda x: x if x[0] > 0 else -x, "cannot trace"),
        (lambda x: jax.lax.while_loop(lambda y: y[0] < 4.0, lambda y: 1.0 * y, x), "LongLoopError"),
    ],
)
def test_what_of_jax_cannot_be_seen_is_said(function: Callable[..., Any], named: str) -> None:
    recording = JaxRecorder(function)([np.array([1.5, 2.5], dtype=np.float32)])
    assert any(named in what for what in recording.unseen), recording.unseen
    assert not recording.branchless


def test_a_program_that_is_run_otherwise_does_not_fit() -> None:
    calls: list[None] = []

    def function(x: Any) -> Any:
        calls.append(None)
        return jnp.maximum(x, float(len(calls)))

    recorder = JaxRecorder(function)
    assert recorder([np.array([1.5])]).sites
    assert not recorder.fits([np.array([1.5])])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.linalg.qr(np.outer(x, x)[:, :1])[1],
        lambda x: np.linalg.lstsq(np.outer(x, x)[:, :1], x, rcond=None)[0],
        lambda x: np.interp(x, [0.0, 1.0], [2.0, 0.0], period=3.0),
        lambda x: np.sort(x + 0j),
        lambda x: np.max(np.array([], dtype=float), initial=1.0) * x,
    ],
)
def test_arguments_that_no_rule_takes_change_nothing(function: Callable[..., Any]) -> None:
    x = np.array([1.5, 2.5])
    recording = record(function, [x])
    assert recording.raised is None
    assert recording.value.tobytes() == np.asarray(function(x)).tobytes()


@pytest.mark.parametrize(
    ("function", "count"),
    [(lambda x: 3.0 * x / 2.0, 0), (lambda x: x * (x / 2.0), 1), (lambda x: 2.0 / (3.0 * x), 1)],
)
def test_a_product_with_a_constant_is_no_boundary(function: Callable[..., Any], count: int) -> None:
    with jax.enable_x64(True):
        assert len(record(function, [np.array([1.5])]).sites) == count
        assert len(JaxRecorder(function)([np.array([1.5])]).sites) == count


def test_arrays_written_in_place_stay_recorded() -> None:
    def function(x: np.ndarray) -> np.ndarray:
        y = np.zeros(3)
        y[1:] = x
        y += 1.0
        y.sort()
        return y

    assert "sort" in vanishing(record(function, [np.array([2.0, 2.0])]))


def _imports_within(x: np.ndarray) -> Any:
    import math as local

    return local.exp(x[0]) + x[1]


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (lambda x: scipy.linalg.expm(np.diag(x)), "expm"),
        (lambda x: np.linalg.cond(np.diag(x)) * x, "cond"),
        (lambda x: np.array([entry * 2.0 for entry in x.flat]), ".flat"),
        (lambda x: np.array([len(set(x)) * x[0]]), "set"),
        (lambda x: np.array(list(np.nditer(x))), "nditer"),
        (lambda x: np.asarray(np.matrix(x)), "matrix"),
        (lambda x: x * (f"{x[0]:.1f}" == "0.2"), "text"),
        (lambda x: np.interp(x, [0.0, 1.0], [2.0, 0.0], period=3.0), "interp"),
        (lambda x: np.sqrt(x + 0j).real, "sqrt of complex numbers"),
        (lambda x: np.frombuffer(x.tobytes()) * 2.0, "without its record"),
        (_imports_within, "import math"),
        (lambda x: x * 2.0 if type(x) is np.ndarray else x, "other values"),
        (lambda x: np.abs(np.outer(x, np.ones(500))), "some cells of absolute"),
        (scipy.special.expit, "type ufunc"),
    ],
)
def test_what_cannot_be_seen_is_said(function: Callable[..., Any], named: str) -> None:
    unseen = record(function, [np.array([1.5, 2.5])]).unseen
    assert any(named in what for what in unseen), unseen


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.diag((x > 0).astype(float)),
        lambda x: x[0] if x[0] > 2.0 else 1.0,
        lambda x: np.where((x > 1.0) & (x < 2.0), x, 0.0),
        lambda x: np.eye(2),
        lambda x: scipy.special.expit(x),
        lambda x: np.sum(x)[None],
        lambda x: float(x[0]) * x.mean() + math.fsum(x),
        lambda x: [entry.item() for entry in x],
        lambda x: np.fromiter((entry * 2.0 for entry in x), float),
    ],
)
def test_nothing_is_unseen_where_all_is_seen(function: Callable[..., Any]) -> None:
    assert record(function, [np.array([1.5, 2.5])]).unseen == ()


def test_what_is_raised_keeps_the_residuals_before_it() -> None:
    def function(x: np.ndarray) -> np.ndarray:
        if x[0] < 1.0:
            raise ValueError("too small")
        return x

    recording = record(function, [np.array([0.5])])
    assert isinstance(recording.raised, ValueError)
    assert recording.residuals.tolist() == [-0.5]


@pytest.mark.parametrize("number", [NumPyNumber(2.5), PythonNumber(2.5)], ids=["numpy", "python"])
def test_recorded_numbers_stand_in_for_plain_ones(number: Any) -> None:
    assert isinstance(number, float)
    assert type(plain(number * 2)) is type(plain(number))
    assert pickle.loads(pickle.dumps(number)) == 2.5
    assert f"{number:.1f}" == "2.5"
    assert np.asarray(number).item() == 2.5
    assert np.clip(number, 0.0, 1.0) == 1.0
    assert number.__eq__([1.0]) is NotImplemented
    assert number != None  # noqa: E711


def test_every_method_of_numpys_numbers_survives_on_recorded_ones() -> None:
    number = NumPyNumber(2.5)
    for name in dir(np.float64):
        if name[0] != "_" and callable(getattr(number, name)):
            assert outcome(getattr(number, name)) is not NotImplemented


def test_recordings_of_different_paths_are_compared_by_place() -> None:
    def function(x: np.ndarray) -> Any:
        return abs(x[0]) if x[1] > 0.0 else x[0]

    first, second = record(function, [np.array([2.0, 1.0])]), record(function, [np.array([2.0, -1.0])])
    assert first.like(first).tolist() == [1.0, 2.0]
    assert np.array_equal(second.like(first), [-1.0, np.nan], equal_nan=True)
    assert first.at(first.labels[1:]).tolist() == [2.0]
    assert "line" in str(first.labels[0])


def test_lists_of_recorded_numbers_are_plain_again() -> None:
    values = [1.5, (2.5, np.arange(2.0))]
    again = plain(recorded(values))
    assert type(again[1][1]) is np.ndarray
    assert again[:1] == values[:1]
