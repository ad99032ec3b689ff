"""Exact arithmetic: derivatives without round-off, refused rather than guessed where there is no rule."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import scipy.special
from pairs import pair

from jacfuzz.evaluation.frame import Frame
from jacfuzz.judge import Judge
from jacfuzz.oracles.exact import Exact, Truth
from jacfuzz.tracing.branches import Branches
from jacfuzz.tracing.duals import Dual, lift
from jacfuzz.tracing.exact_numbers import InexactError
from jacfuzz.tracing.operations import OPERATIONS, on_duals

Function = Callable[..., Any]
ELEMENTARY = {name: operation.slope for name, operation in OPERATIONS.items() if operation.slope is not None}
POINT = np.array([1.25, -0.5, 2.5, 0.75])


@pytest.fixture(autouse=True)
def _float64():  # type: ignore[no-untyped-def]  # a generator fixture
    with jax.enable_x64(True):
        yield


def derivative(f: Function, x: np.ndarray, kind: Any = "numpy") -> Truth | None:
    target = pair(f, f, array_type=kind, x=str(len(x)))
    return Exact(target).derivative(Frame((x.shape,), (True,)), (x,), range(len(x)))


def _matrix(x: Any) -> Any:
    """Four by four, its rows to be exchanged when it is factored."""
    return x * jnp.array([[0.5], [2.0], [-1.0], [1.5]]) + 2 * jnp.eye(4)[::-1]


NUMPY: dict[str, Function] = {
    "product": np.prod,
    "sort": np.sort,
    "softmax": lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
    "norm": lambda x: np.linalg.norm(x),
    "determinant": lambda x: np.linalg.det(x.reshape(2, 2)),
    "determinant of five": lambda x: np.linalg.det(np.diag(np.append(x, 2.0)) + np.append(x, 1.0)),
    "solve": lambda x: np.linalg.solve(x.reshape(2, 2) + 3 * np.eye(2), x[:2]),
    "inverse": lambda x: np.linalg.inv(x.reshape(2, 2) + 3 * np.eye(2)),
    "convolve": lambda x: np.convolve(x, x[:2]),
    "variance": np.var,
    "median": np.median,
    "where": lambda x: np.where(x > 1, x**2, np.tanh(x)),
    "in place": lambda x: (lambda y: (y.sort(), y)[1])(x.copy()),
    "written into zeros": lambda x: (lambda y: (y.__setitem__(1, x[0] * x[2]), y)[1])(np.zeros(3)),
    "angles": lambda x: np.arctan2(x, x[0] + 1),
    "python": lambda x: np.array([math.sin(v) * float(v) ** 3 for v in x]),
    "remainder": lambda x: np.mod(x, 0.7),
    "logaddexp": lambda x: np.logaddexp(x, x[0]),
    "cholesky": lambda x: np.linalg.cholesky(np.outer(x[:3], x[:3]) + np.eye(3)),
    "logarithm of a determinant": lambda x: np.linalg.slogdet(x.reshape(2, 2))[1],
    "exponential of a minimum": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
}
JAX: dict[str, Function] = {
    "softplus": jax.nn.softplus,
    "gelu": jax.nn.gelu,
    "log_softmax": jax.nn.log_softmax,
    "median": jnp.median,
    "top k": lambda x: jax.lax.top_k(x, 2)[0],
    "scatter": lambda x: x.at[1].add(2 * x[0]).at[jnp.array([0])].set(x[2]),
    "scan": lambda x: jax.lax.scan(lambda c, v: (c * v + 1, c), 1.0, x)[1],
    "while": lambda x: jax.lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * s[1]), (0, x))[1],
    "cond": lambda x: jax.lax.cond(x[0] > 0.1, lambda x: x * 2, lambda x: x, x),
    "batched product": lambda x: jnp.einsum("bij,bjk->bik", x.reshape(1, 2, 2), x.reshape(1, 2, 2)),
    "convolve": lambda x: jnp.convolve(x, x[:2], "same"),
    "padded": lambda x: jnp.pad(x, 1, mode="edge"),
    "erf": jax.scipy.special.erf,
    "running maximum": jax.lax.cummax,
    "running logsumexp": jax.lax.cumlogsumexp,
    "solve": lambda x: jnp.linalg.solve(_matrix(x), x),
    "solve transposed": lambda x: jnp.linalg.solve(_matrix(x).T, x),
    "inverse": lambda x: jnp.linalg.inv(x.reshape(2, 2)),
    "determinant": lambda x: jnp.linalg.det(_matrix(x)),
    "logarithm of a determinant": lambda x: jnp.linalg.slogdet(_matrix(x))[1],
    "cholesky": lambda x: jnp.linalg.cholesky(_matrix(x) @ _matrix(x).T),
    "interp": lambda x: jnp.interp(x, jnp.array([-1.0, 0.25, 1.0, 2.0]), x),
    "maximum of windows": lambda x: jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (2,), (2,), "SAME"),
    "minimum of windows": lambda x: jax.lax.reduce_window(x, jnp.inf, jax.lax.min, (3,), (1,), "VALID"),
    "sum of windows": lambda x: jax.lax.reduce_window(x**2, 0.0, jax.lax.add, (2,), (1,), "SAME"),
}


@pytest.mark.parametrize("name", NUMPY)
def test_numpy_code_agrees_with_forward_mode(name: str) -> None:
    from jacfuzz.tracing.rebind import to_jax

    truth = derivative(NUMPY[name], POINT)
    assert truth is not None
    if name not in ("in place", "written into zeros", "python"):  # jax cannot run these
        expected = np.asarray(jax.jacfwd(lambda x: jnp.asarray(to_jax(NUMPY[name])(x)))(jnp.asarray(POINT)))
        np.testing.assert_allclose(truth.columns, expected.reshape(truth.columns.shape), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(truth.primal, np.ravel(NUMPY[name](POINT)), rtol=1e-9)


@pytest.mark.parametrize("name", JAX)
def test_jax_code_agrees_with_forward_mode(name: str) -> None:
    truth = derivative(JAX[name], POINT, "jax")
    assert truth is not None
    expected = np.asarray(jax.jit(jax.jacfwd(JAX[name]))(jnp.asarray(POINT)))
    np.testing.assert_allclose(truth.columns, expected.reshape(truth.columns.shape), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("f", "kind"),
    [
        (lambda x: x.astype(np.float32), "numpy"),
        (lambda x: np.fft.fft(x).real, "numpy"),
        (lambda x: jnp.fft.fft(x).real, "jax"),
        (lambda x: x.astype(jnp.float32) * 2, "jax"),
        (lambda x: jnp.linalg.eigvalsh(x.reshape(2, 2)), "jax"),
        (lambda x: jnp.linalg.inv(jnp.stack([x.reshape(2, 2), x.reshape(2, 2)])), "jax"),
        (lambda x: np.sqrt(x), "numpy"),
        (lambda x: 1 / (x - 1.25), "numpy"),
    ],
)
def test_what_has_no_exact_answer_is_refused(f: Function, kind: str) -> None:
    assert derivative(f, POINT, kind) is None


def test_a_sum_that_swallows_a_term_is_computed_again_with_the_digits_that_it_takes() -> None:
    # Near 1 - exp(-x) / 2; with 100 digits the logarithm is 0 at both numbers of digits, which would look stable.
    truth = derivative(lambda x: np.exp(x) * np.log(1 + np.exp(-x)), np.array([400.0]))
    assert truth is not None
    assert truth.columns.item() == pytest.approx(0.5 * math.exp(-400))


def test_what_has_no_answer_at_some_numbers_is_asked_again_at_others() -> None:
    exact, frame = Exact(pair(np.log, np.log, x="1")), Frame(((1,),), (True,))
    rows = [1.5, -1.0, -2.0, -3.0, 2.0, -1.0, -2.0, 3.0]
    found = [exact.derivative(frame, (np.array([row]),), [0]) for row in rows]
    assert [truth is not None for truth in found] == [row > 0 for row in rows]


@pytest.mark.parametrize("name", sorted(ELEMENTARY))
def test_arguments_beyond_all_floats_are_refused_at_once(name: str) -> None:
    with pytest.raises(InexactError, match="beyond all floats"):  # some would need as many digits as 2**a million has
        ELEMENTARY[name](mpmath.ldexp(-1, 10**6))


def test_exponentials_of_exponentials() -> None:
    truth = derivative(lambda x: np.exp(x - np.exp(x)), np.array([3.0, 1e7, -1e7]))
    assert truth is None  # exp(-exp(1e7)) is refused
    truth = derivative(lambda x: np.exp(x - np.exp(x)), np.array([3.0, 700.0, -1e7]))
    assert truth is not None
    np.testing.assert_allclose(np.diag(truth.columns), [(1 - np.exp(3)) * np.exp(3 - np.exp(3)), 0, 0], rtol=1e-14)


def test_some_columns_are_those_of_the_whole_at_the_price_of_one() -> None:
    calls: list[None] = []

    def softmax(x: Any) -> Any:
        calls.append(None)
        return np.exp(x) / np.exp(x).sum()

    target = pair(softmax, softmax, x="4")
    arithmetic, frame = Exact(target), Frame(((4,),), (True,))
    whole = arithmetic.derivative(frame, (POINT,), range(4))
    once = len(calls)
    some = arithmetic.derivative(frame, (POINT,), [2, 0])
    assert whole is not None
    assert some is not None
    np.testing.assert_array_equal(some.columns, whole.columns[:, [2, 0]])
    assert len(calls) == 2 * once
    assert arithmetic.derivative(frame, (POINT,), []) is None


def test_forward_modes_artefacts_do_not_enter() -> None:
    @jax.custom_jvp
    def square(x: Any) -> Any:
        return x * x

    square.defjvp(lambda primals, tangents: (primals[0] ** 2, 7 * tangents[0]))
    truth = derivative(square, POINT, "jax")
    assert truth is not None
    np.testing.assert_array_equal(truth.columns, np.diag(2 * POINT))


@pytest.mark.parametrize("f", [lambda x: np.maximum(x, 0), np.abs, np.sort, lambda x: np.floor(x)])
def test_a_tie_is_said(f: Function) -> None:
    truth = derivative(f, np.array([0.0, 0.0, 1.5]))
    assert truth is not None
    assert truth.tied


def test_a_product_at_a_zero_is_no_tie() -> None:
    truth = derivative(np.prod, np.array([0.0, 2.0, 3.0]))
    assert truth is not None
    assert not truth.tied
    np.testing.assert_array_equal(truth.columns, [[6.0, 0.0, 0.0]])


def test_more_digits_are_taken_until_nothing_changes() -> None:
    truth = derivative(lambda x: (1 - np.cos(x)) / x, np.array([1e-90]))
    assert truth is not None
    np.testing.assert_allclose(truth.columns, [[0.5]], rtol=1e-12)


def test_numbers_that_cancel_to_zero_are_not_taken_for_zero() -> None:
    f = lambda x: 1 - np.tanh(x) ** 2  # noqa: E731  # a table of one
    truth = derivative(f, np.array([300.0]))
    assert truth is None or truth.columns[0, 0] != 0


RIGHT_BEYOND_DIFFERENCES: dict[str, tuple[Function, Function, float]] = {
    "expm1 where it is flat": (np.expm1, lambda x: np.diag(np.exp(x)), -234.0),
    "a difference of squares": (lambda x: (x + 1) ** 2 - (x - 1) ** 2, lambda x: np.diag(4 + 0 * x), 7338543.0),
}


@pytest.mark.parametrize("name", RIGHT_BEYOND_DIFFERENCES)
def test_right_where_the_values_of_f_show_nothing(name: str) -> None:
    f, jac, x = RIGHT_BEYOND_DIFFERENCES[name]
    for seed in range(3):
        verdict = Judge(pair(f, jac, x="1"), seed).batch((np.array([[x]]),))[0]
        assert verdict.status == "pass", verdict


def test_a_formula_off_by_less_than_differences_can_see_is_caught() -> None:
    wrong = Judge(pair(np.exp, lambda x: np.diag(np.exp(x) * (1 + 3e-9)), x="1"), 0).batch((np.array([[0.3]]),))[0]
    assert [failure.kind for failure in wrong.failures] == ["value"]


def test_a_right_formula_that_loses_digits_is_a_note() -> None:
    def f(x: Any) -> Any:
        return np.log(1 + x)

    def jac(x: Any) -> Any:
        return np.diag(((1 + x) - 1) / (x * (1 + x)))

    verdict = Judge(pair(f, jac, x="1"), 0).batch((np.array([[1.1e-9]]),))[0]
    assert verdict.status == "pass"
    assert verdict.digits > 5


@pytest.mark.parametrize("name", ELEMENTARY)
def test_slopes_of_the_table_are_those_of_its_values(name: str) -> None:
    rule = ELEMENTARY[name]
    with mpmath.workdps(40):
        for place in (mpmath.mpf(1) / 3 + (name == "arccosh"), mpmath.mpf(2) / 3 + (name == "arccosh")):
            assert mpmath.almosteq(rule(place)[1], mpmath.diff(lambda x: rule(x)[0], place), 1e-15)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if on_duals(name) is not None])
def test_operations_on_dual_numbers_are_those_of_the_library(name: str) -> None:
    work, of_floats = on_duals(name), getattr(scipy.special, name, getattr(np, name, None))
    if work is None or not isinstance(of_floats, np.ufunc):
        pytest.skip("jax alone has it")
    for numbers in ([1.75, 1.25], [1.25, 2.0], [0.625, -0.375], [-0.625, 0.375]):
        operands = numbers[: of_floats.nin]
        with np.errstate(all="ignore"):
            expected = of_floats(*operands)
        if np.isfinite(expected):
            found = work(*[lift(number, Branches()) for number in operands])
            value = found.value if isinstance(found, Dual) else found
            assert float(value) == pytest.approx(float(expected), rel=1e-14)


def test_the_slope_of_digamma_far_left_of_0_takes_no_step_for_each_unit() -> None:
    with mpmath.workdps(60):
        for place in (mpmath.mpf(-2.25), mpmath.mpf(-1e15) - mpmath.mpf(0.25)):
            assert mpmath.almosteq(ELEMENTARY["digamma"](place)[1], mpmath.diff(mpmath.digamma, place), 1e-15)


def test_functions_at_0_and_1_stay_fractions_where_they_are() -> None:
    assert derivative(lambda x: np.exp(x) - 1, np.zeros(2)) is not None  # 0 by more digits would never be certain
    truth = derivative(lambda x: np.log(x) * np.cos(x - 1), np.ones(1))
    assert truth is not None
    np.testing.assert_array_equal(truth.columns, [[1.0]])
