"""Primitives of jax as NumPy runs them: the plain ones to the bit, the close ones to the last digits."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax import lax

from jacfuzz.evaluation import compiled
from jacfuzz.evaluation.compiled import Compiled
from jacfuzz.oracles import interpreted
from jacfuzz.oracles.interpreted import Interpreted
from jacfuzz.tracing import close_primitives, plain_primitives
from jacfuzz.tracing.close_primitives import close_primitive
from jacfuzz.tracing.gathering import gathered
from jacfuzz.tracing.jaxpr_programs import Program
from jacfuzz.tracing.plain_primitives import plain_primitive
from jacfuzz.tracing.residuals import Log


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


NUMBERS = np.array([[0.0, -0.0, 0.5, -1.25], [2.0, 2.0, -3.5, 1e3], [np.nan, np.inf, -np.inf, 1e-9]])
INSIDE = np.array([[0.0, 0.25, -0.5, 0.75], [0.125, -0.9, 0.5, 0.5], [1.0, -1.0, 0.3, 0.6]])
WHOLE = np.array([[3, -1, 0, 2], [5, 5, -7, 1], [0, 0, 1, 1]])
Function = Callable[..., Any]

PLAIN: dict[str, tuple[Function, ...]] = {
    "broadcast_in_dim": (lambda x: lax.broadcast_in_dim(x, (4, 2, 3), (2, 0)),),
    "iota": (lambda x: x + lax.broadcasted_iota(float, (3, 4), 1),),
    "reshape": (lambda x: lax.reshape(x, (2, 6)),),
    "squeeze": (lambda x: lax.squeeze(x[:1], (0,)),),
    "expand_dims": (lambda x: lax.expand_dims(x, (1,)),),
    "transpose": (lambda x: lax.transpose(x, (1, 0)),),
    "rev": (lambda x: lax.rev(x, (1,)),),
    "split": (lambda x: lax.split(x, (1, 0, 3), 1), lambda x: lax.split(x, (2, 1), 0)),
    "pad": (
        lambda x: lax.pad(x, 7.0, ((1, 2, 0), (0, 0, 2))),
        lambda x: lax.pad(x, 7.0, ((-1, 1, 1), (2, -3, 0))),
    ),
    "sort": (
        lambda x: lax.sort(x, dimension=0),
        lambda x: lax.sort((x[:, ::-1], x, x + 1), dimension=1, num_keys=2),
        lambda x: jnp.argsort(x, axis=0),
    ),
    "gather": (
        lambda x: x[jnp.array([2, 0, -1])],
        lambda x: x[jnp.array([2, 0]), jnp.array([1, 3])],
        lambda x: x[:, jnp.array([[5, 0], [1, -9]])],
        lambda x: x.at[jnp.array([4, 1, -7])].get(mode="fill"),
        lambda x: x.at[jnp.array([4, 1])].get(mode="fill", fill_value=9.0),
        lambda x: (x > 0).at[jnp.array([4, 1])].get(mode="fill"),
        lambda x: jnp.take_along_axis(x, jnp.array([[3, 1], [0, 0], [2, 9]]), 1),
        lambda x: jnp.take_along_axis(x, jnp.array([[2, 1, 0, 1]]), 0, mode="clip"),
        lambda x: jax.vmap(lambda row, place: lax.dynamic_slice(row, (place,), (2,)))(x, jnp.array([3, 0, 1])),
        lambda x: jax.vmap(lambda row, place: row[place], (0, None))(x, jnp.array([1, 1, 0])),
    ),
    "concatenate": (lambda x: lax.concatenate([x, x], 1),),
    "slice": (lambda x: lax.slice(x, (0, 1), (3, 4), (2, 1)),),
    "select_n": (lambda x: lax.select_n(x > 0, x, 2 * x),),
    "convert_element_type": (lambda x: lax.convert_element_type(x, bool),),
    "reduce_max": (lambda x: lax.reduce_max(x, (0,)),),
    "reduce_min": (lambda x: lax.reduce_min(x, (0, 1)),),
    "reduce_and": (lambda x: lax.reduce_and(x > 0, (0,)),),
    "reduce_or": (lambda x: lax.reduce_or(x > 0, (1,)),),
    "clamp": (lambda x: lax.clamp(-1.0, x, 1.0),),
    "copy": (lambda x: lax.copy_p.bind(x),),
    "stop_gradient": (lambda x: lax.stop_gradient(x),),
    "square": (lambda x: lax.square(x),),
    "add": (lambda x: lax.add(x, x[::-1]),),
    "add_any": (lambda x: jax.jvp(lambda y: y * y, (x,), (x,))[1],),
    "sub": (lambda x: lax.sub(x, x[::-1]),),
    "mul": (lambda x: lax.mul(x, x[::-1]),),
    "div": (lambda x: lax.div(x, x[::-1]),),
    "neg": (lambda x: lax.neg(x),),
    "max": (lambda x: lax.max(x, x[::-1]),),
    "min": (lambda x: lax.min(x, x[::-1]),),
    "abs": (lambda x: lax.abs(x),),
    "sign": (lambda x: lax.sign(x),),
    "sqrt": (lambda x: lax.sqrt(x),),
    "floor": (lambda x: lax.floor(x),),
    "ceil": (lambda x: lax.ceil(x),),
    "gt": (lambda x: x > x[::-1],),
    "ge": (lambda x: x >= x[::-1],),
    "lt": (lambda x: x < x[::-1],),
    "le": (lambda x: x <= x[::-1],),
    "eq": (lambda x: x == x,),
    "ne": (lambda x: x != x[::-1],),
    "and": (lambda x: (x > 0) & (x < 2),),
    "or": (lambda x: (x > 0) | (x < -2),),
    "xor": (lambda x: (x > 0) ^ (x < 2),),
    "not": (lambda x: ~(x > 0),),
}
CLOSE: dict[str, tuple[Function, ...]] = {
    "rsqrt": (lambda x: lax.rsqrt(x),),
    "integer_pow": (lambda x: lax.integer_pow(x, 3), lambda x: lax.integer_pow(x, -2)),
    "reduce_sum": (lambda x: lax.reduce_sum(x, (0, 1)),),
    "reduce_prod": (lambda x: lax.reduce_prod(x, (1,)),),
    "cumsum": (lambda x: lax.cumsum(x, 1), lambda x: lax.cumsum(x, 0, reverse=True)),
    "cumprod": (lambda x: lax.cumprod(x, 1),),
    "cummax": (lambda x: lax.cummax(x, 0),),
    "cummin": (lambda x: lax.cummin(x, 0, reverse=True),),
    "dot_general": (
        lambda x: lax.dot_general(x, x, (((1,), (1,)), ((), ()))),
        lambda x: lax.dot_general(x, x, (((1,), (1,)), ((0,), (0,)))),
        lambda x: lax.dot_general(x[None], x, (((), ()), ((1,), (0,)))),
    ),
    **{name: (getattr(lax, name),) for name in close_primitives._ELEMENTARY.split() if name not in ("atan2", "pow")},
    "atan2": (lambda x: lax.atan2(x, x[::-1]),),
    "pow": (lambda x: lax.pow(x, x[::-1]),),
}
OF_ONE = [(name, function) for table in (PLAIN, CLOSE) for name, functions in table.items() for function in functions]


def test_every_primitive_of_the_tables_is_tried() -> None:
    assert PLAIN.keys() == plain_primitives._BY_NUMPY.keys()
    assert CLOSE.keys() == close_primitives._CLOSE.keys()


@pytest.mark.parametrize(("name", "function"), OF_ONE, ids=[name for name, _ in OF_ONE])
@pytest.mark.parametrize("x", [NUMBERS, INSIDE], ids=["numbers", "inside"])
def test_numpy_gives_what_jax_does(name: str, function: Function, x: np.ndarray) -> None:
    rules = plain_primitive if name in PLAIN else close_primitive
    closed = jax.make_jaxpr(function)(x)
    program = Program(closed, rules=rules)
    assert not program.needs_jax
    with np.errstate(all="ignore"):
        found = program.results((x,), Log())
    expected = list(map(np.asarray, jax.tree.leaves(function(jnp.asarray(x)))))
    assert [one.dtype for one in found] == [one.dtype for one in expected]
    for one, other in zip(found, expected, strict=True):
        if name in PLAIN:
            np.testing.assert_array_equal(one, other)
        else:
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_sums_of_whole_numbers_stay_whole() -> None:
    def f(x: Any) -> Any:
        return x.sum(0), jnp.cumsum(x, 1), jnp.sort(x, 1), lax.integer_pow(x, 2), x @ x.T

    program = Program(jax.make_jaxpr(f)(WHOLE), rules=close_primitive)
    assert not program.needs_jax
    for one, other in zip(program.results((WHOLE,), Log()), f(jnp.asarray(WHOLE)), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=3).flatmap(
        lambda shape: st.tuples(
            st.just(tuple(shape)),
            st.tuples(*[st.tuples(st.integers(-2, 3), st.integers(-2, 3), st.integers(0, 2)) for _ in shape]),
        )
    )
)
def test_padding(given: tuple[tuple[int, ...], tuple[tuple[int, int, int], ...]]) -> None:
    shape, widths = given
    x = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    try:
        expected = lax.pad(x, -1.0, widths)
    except ValueError:  # more is cut off than is there
        return
    found = plain_primitives.padded([x, np.float64(-1)], {"padding_config": widths})
    np.testing.assert_array_equal(found, expected)


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3).flatmap(
        lambda shape: st.tuples(
            st.just(tuple(shape)),
            st.lists(st.integers(0, len(shape) - 1), unique=True, min_size=1),
            st.tuples(*[st.integers(1, size) for size in shape]),
            st.integers(1, 3),
            st.sampled_from(list(lax.GatherScatterMode)[:2]),
            st.randoms(use_true_random=False),
        )
    )
)
def test_windows(given: tuple[Any, ...]) -> None:
    shape, moving, sizes, count, mode, random = given
    x = np.arange(np.prod(shape)).reshape(shape)
    corners = np.array([[random.randint(-2, 4) for _ in moving] for _ in range(count)])
    offsets = random.sample(range(len(shape) + 1), len(shape))
    numbers = lax.GatherDimensionNumbers(tuple(sorted(offsets)), (), tuple(moving))
    expected = lax.gather(x, corners, numbers, sizes, mode=mode)
    parameters = {"dimension_numbers": numbers, "slice_sizes": sizes, "mode": mode, "fill_value": None}
    np.testing.assert_array_equal(gathered([x, corners], parameters), expected)


def test_what_is_needed_no_more_is_given_back() -> None:
    def f(x: Any) -> Any:
        for _ in range(50):
            x = jnp.sin(x) + 1.0
        return x

    x = np.ones(100_000)
    program = Program(jax.make_jaxpr(f)(x), rules=close_primitive)
    program.results((x,), Log())
    tracemalloc.start()
    try:
        program.results((x,), Log())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * x.nbytes


FUNCTIONS: dict[str, Function] = {
    "softmax": lambda x: jax.nn.softmax(x),
    "sum of squares": lambda x: jnp.sum(x**2) * x,
    "sorted": lambda x: jnp.sort(x),
    "loop": lambda x: lax.fori_loop(0, 3, lambda i, y: jnp.sin(y), x),
    "solve": lambda x: jnp.linalg.solve(jnp.diag(x + 5), x),
    "product": lambda x: jnp.prod(x) + jnp.where(x > 0, x, 0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_derivative_is_the_same_compiled_or_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreted, "_WORTH_COMPILING", 60)
    monkeypatch.setattr(interpreted, "_RUNS_WORTH_COMPILING", 1)

    def both(x: Any) -> Any:
        return FUNCTIONS[name](x), {"jacobian": jax.jacfwd(FUNCTIONS[name])(x)}

    points = (np.random.default_rng(0).standard_normal((70, 3)),)
    points[0][:5] = 0.0
    function, expected = Interpreted(both), Compiled(both)(points, 9)
    for _ in range(6):  # after some it is compiled
        found = function(points, 9)
        assert found[1].keys() == expected[1].keys()
        for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_it_is_compiled_once_that_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    for owner, name, who in ((Compiled, "_of_room", "jax"), (interpreted._Traced, "__call__", "NumPy")):
        real = getattr(owner, name)

        def noted(*given: Any, real: Function = real, who: str = who) -> Any:
            runs.append(who)
            return real(*given)

        monkeypatch.setattr(owner, name, noted)
    monkeypatch.setattr(interpreted, "_WORTH_COMPILING", 2)
    monkeypatch.setattr(interpreted, "_RUNS_WORTH_COMPILING", 0)
    function = Interpreted(lambda x: jnp.exp(x) + 1)
    for _ in range(4):
        function((np.ones((5, 2)),), 2)
    assert runs == ["NumPy", "NumPy", "jax", "jax"]


def test_options_that_jax_does_not_know_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_HASTE", {"of_another_version": 1})
    function = Compiled(lambda x: 2 * x)
    for _ in range(2):
        np.testing.assert_array_equal(function((np.ones((3, 2)),), 2), 2 * np.ones((3, 2)))
