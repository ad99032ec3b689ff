"""Verdicts at single points: right Jacobians are never flagged, wrong ones never pass."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from pairs import pair

from jacfuzz.judge import Judge
from jacfuzz.target import Target
from jacfuzz.verdict import PointVerdict

Function = Callable[..., Any]


@pytest.fixture(autouse=True)
def _float64():  # type: ignore[no-untyped-def]  # a generator fixture
    with jax.enable_x64(True):
        yield


def at(target: Target, *point: object) -> PointVerdict:
    values = tuple(np.asarray(value, dtype=float)[None] for value in point)
    return Judge(target, 0).batch(values)[0]


def one(f: Function, jac: Function, x: object, **rest: Any) -> PointVerdict:
    axes = " ".join(str(size) for size in np.asarray(x).shape)
    return at(pair(f, jac, x=axes, **rest), x)


def relu_jac(value_at_zero: float) -> Function:
    return lambda x: np.diag(np.heaviside(x, value_at_zero))


def product_jac(x: np.ndarray) -> np.ndarray:
    return np.array([np.prod(np.delete(x, j)) for j in range(len(x))])


RIGHT: dict[str, tuple[Function, Function, object]] = {
    "product at one zero": (np.prod, product_jac, [0.0, 2.0, 3.0]),
    "product at two zeros": (np.prod, product_jac, [0.0, 0.0, 3.0]),
    "relu at zero, 0": (lambda x: np.maximum(x, 0), relu_jac(0), [0.0, 1.0]),
    "relu at zero, 1": (lambda x: np.maximum(x, 0), relu_jac(1), [0.0, 1.0]),
    "relu at zero, 1/2": (lambda x: np.maximum(x, 0), relu_jac(0.5), [0.0, 1.0]),
    "sort at a tie": (np.sort, lambda x: np.eye(3)[np.argsort(x, kind="stable")], [1.0, 1.0, 0.0]),
    "sort at a tie, the other way": (np.sort, lambda x: np.eye(3)[[2, 1, 0]], [1.0, 1.0, 0.0]),
    "a kink that cancels": (lambda x: np.maximum(x, 0) - np.maximum(-x, 0), lambda x: np.eye(2), [0.0, 1.0]),
    "python floats": (lambda x: np.array([math.cos(v) for v in x]), lambda x: np.diag(-np.sin(x)), [0.5, 20.0]),
    "a branch on a value": (
        lambda x: np.array([v if v > 0 else 0.0 for v in x]),
        lambda x: np.diag((x > 0).astype(float)),
        [0.0, 2.0],
    ),
    "sorted in place": (
        lambda x: (lambda y: (y.sort(), y)[1])(x.copy()),
        lambda x: np.eye(3)[np.argsort(x)],
        [3.0, 1.0, 2.0],
    ),
    "softmax that cancels": (
        lambda x: np.exp(x) / np.exp(x).sum(),
        lambda x: (lambda s: np.diag(s) - np.outer(s, s))(np.exp(x) / np.exp(x).sum()),
        [-9.0, -7.5, 12.0],
    ),
    "large arguments": (np.cos, lambda x: np.diag(-np.sin(x)), [1e6, 1e7]),
    "scalar result": (lambda x: np.sum(x * x), lambda x: 2 * x, [1.0, -2.0]),
    "integer Jacobian": (lambda x: 2 * x, lambda x: 2 * np.eye(2, dtype=int), [1.0, 2.0]),
    "nothing to differentiate": (lambda x: x[:0], lambda x: np.empty((0, 2)), [1.0, 2.0]),
    "a list of lists": (lambda x: x, lambda x: [[1.0, 0.0], [0.0, 1.0]], [1.0, 2.0]),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_pass(name: str) -> None:
    f, jac, x = RIGHT[name]
    verdict = one(f, jac, x)
    assert verdict.status in ("pass", "kink"), verdict


WRONG: dict[str, tuple[Function, Function, object, str]] = {
    "product that divides": (np.prod, lambda x: np.prod(x) / x, [0.0, 2.0], "nonfinite"),
    "product that gives 0": (np.prod, lambda x: np.zeros(2), [0.0, 2.0], "value"),
    "relu at zero, 2": (lambda x: np.maximum(x, 0), relu_jac(2), [0.0, 1.0], "kink"),
    "relu at zero, NaN": (lambda x: np.maximum(x, 0), relu_jac(np.nan), [0.0, 1.0], "nonfinite"),
    "sort that doubles a row": (np.sort, lambda x: (np.sort(x)[:, None] == x).astype(float), [1.0, 1.0], "kink"),
    "a kink that cancels, taken for 0": (
        lambda x: np.maximum(x, 0) - np.maximum(-x, 0),
        lambda x: np.diag((x != 0).astype(float)),
        [0.0, 1.0],
        "value",
    ),
    "a small cell": (np.prod, lambda x: product_jac(x) * [1, 1, 1.00001], [1.0, 1e-8, 1.0], "value"),
    "a relative error of 1e-6": (np.exp, lambda x: np.diag(np.exp(x)) * (1 + 1e-6), [1.0, -3.0], "value"),
    "a spurious off-diagonal": (np.exp, lambda x: np.diag(np.exp(x)) + 1e-6, [1.0, -3.0], "value"),
    "transposed": (lambda x: np.cumsum(x), lambda x: np.triu(np.ones((3, 3))), [1.0, 2.0, 4.0], "value"),
    "python floats": (lambda x: np.array([math.cos(v) for v in x]), lambda x: np.diag(np.sin(x)), [0.5], "value"),
    "one cell for all": (lambda x: np.repeat(x, 3), lambda x: np.ones((1, 1)), [1.0], "shape"),
    "transposed shape": (lambda x: x[:2], lambda x: np.eye(3, 2), [1.0, 2.0, 3.0], "shape"),
    "None": (lambda x: x, lambda x: None, [1.0], "protocol"),
    "text": (lambda x: x, lambda x: "1", [1.0], "protocol"),
    "ragged": (lambda x: x, lambda x: [[1.0], [1.0, 2.0]], [1.0, 2.0], "protocol"),
    "objects": (lambda x: x, lambda x: np.array([[None]]), [1.0], "protocol"),
    "two for one": (lambda x: x, lambda x: (np.eye(1), np.eye(1)), [1.0], "protocol"),
    "complex": (lambda x: x, lambda x: np.eye(1) * 1j, [1.0], "value"),
    "exit": (lambda x: x, lambda x: exit(3), [1.0], "raises"),
    "raises": (lambda x: x, lambda x: np.eye(1)[1], [1.0], "raises"),
    "writes to its argument": (lambda x: 2 * x, lambda x: (x.fill(0.0), 2 * np.eye(2))[1], [1.0, 2.0], "mutates"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_fail_with_their_kind(name: str) -> None:
    f, jac, x, kind = WRONG[name]
    verdict = one(f, jac, x)
    assert [failure.kind for failure in verdict.failures] == [kind], verdict
    assert verdict.status == "fail"


def test_wrong_cells_are_named_exactly() -> None:
    def jac(x: np.ndarray) -> np.ndarray:
        right = np.diag(-np.sin(x))
        right[1, 2] = 7.0
        return right

    (failure,) = one(np.cos, jac, [1.0, 2.0, 3.0]).failures
    assert failure.cells == ((1, 2),)
    assert failure.reference is not None
    assert failure.reference[1, 2] == pytest.approx(0.0)


def test_a_smooth_output_beside_a_kinked_one_is_wrong_in_value() -> None:
    def jac(x: np.ndarray) -> np.ndarray:
        return np.diag([1.0, 3.0])

    (failure,) = one(lambda x: np.array([max(x[0], 0), x[1]]), jac, [0.0, 1.0]).failures
    assert failure.kind == "value"
    assert failure.cells == ((1, 1),)


UNDEFINED: dict[str, tuple[Function, object]] = {
    "nan": (np.log, [-1.0]),
    "inf": (lambda x: 1 / x, [0.0]),
    "raises": (lambda x: x.reshape(5), [1.0]),
    "jump": (np.floor, [2.0]),
    "infinite slope": (lambda x: np.sqrt(np.abs(x)), [0.0]),
}


@pytest.mark.parametrize("name", UNDEFINED)
@pytest.mark.parametrize("jac", [lambda x: np.full((1, 1), np.nan), lambda x: None, lambda x: np.eye(1)[1]])
def test_where_f_is_undefined_jac_may_do_anything(name: str, jac: Function) -> None:
    f, x = UNDEFINED[name]
    assert one(f, jac, x).status == "undefined"


def test_but_it_may_not_write_to_its_argument_even_there() -> None:
    verdict = one(np.log, lambda x: x.fill(1.0), [-1.0])
    assert [failure.kind for failure in verdict.failures] == ["mutates"]


def test_several_arguments_are_judged_apart() -> None:
    target = pair(lambda x, y: x * y, lambda x, y: (np.diag(y), np.diag(y)), x="n", y="n")
    (failure,) = at(target, [1.0, 2.0], [3.0, 4.0]).failures
    assert failure.argument == "y"
    target = pair(lambda x, y: x * y, lambda x, y: np.diag(y), x="n", y="n")
    (failure,) = at(target, [1.0], [3.0]).failures
    assert failure.kind == "protocol"
    assert "one for each of x, y" in failure.text


def test_a_changing_answer_is_nondeterministic() -> None:
    answers = iter(range(100))
    verdict = one(lambda x: x, lambda x: np.eye(1) * next(answers), [1.0])
    assert [failure.kind for failure in verdict.failures] == ["nondeterministic"]


@pytest.mark.parametrize(("kinks", "status"), [("any", "fail"), ("rows", "kink")])
def test_rows_may_be_legal_apart_where_the_target_says_so(kinks: Any, status: str) -> None:
    verdict = one(np.sort, lambda x: np.eye(2)[[0, 0]], [1.0, 1.0], kinks=kinks)
    assert verdict.status == status


def test_kinks_like_jax_takes_only_what_jax_gives() -> None:
    assert one(lambda x: np.maximum(x, 0), relu_jac(0.5), [0.0], kinks="jax").status in ("pass", "kink")
    assert one(lambda x: np.maximum(x, 0), relu_jac(1), [0.0], kinks="jax").status == "fail"


def test_points_next_to_the_end_of_a_domain_are_judged_from_inside() -> None:
    domain = {"x": (0.0, None)}
    jac = lambda x: np.diag(1.5 * np.sqrt(x))  # noqa: E731
    assert one(lambda x: x**1.5, jac, [0.0, 1.0], domain=domain).status == "pass"
    assert one(lambda x: x**1.5, lambda x: jac(x) + 1, [0.0, 1.0], domain=domain).status == "fail"


def test_f_is_never_called_outside_its_domain() -> None:
    seen: list[float] = []

    def f(x: np.ndarray) -> np.ndarray:
        seen.append(float(np.min(np.asarray(x))) if isinstance(x, np.ndarray) else 0.0)
        return np.exp(x) if isinstance(x, np.ndarray) else jnp.exp(x)

    one(f, lambda x: np.diag(np.exp(x)) * 2, [0.0, 1.0], domain={"x": (0.0, 1.0)})
    assert min(seen) >= 0.0


def test_jax_functions_are_judged_like_numpy_ones() -> None:
    right = pair(jnp.tanh, lambda x: jnp.diag(1 - jnp.tanh(x) ** 2), "jax", x="n")
    wrong = pair(jnp.tanh, lambda x: jnp.diag(1 + jnp.tanh(x) ** 2), "jax", x="n")
    assert at(right, [0.5, -1.0]).status == "pass"
    assert at(wrong, [0.5, -1.0]).status == "fail"
    jitted = pair(jax.jit(jnp.tanh), jax.jit(lambda x: jnp.diag(1 - jnp.tanh(x) ** 2)), "jax", x="n")
    assert at(jitted, [0.5, -1.0]).status == "pass"


def test_ad_that_drops_a_tangent_is_found_out_by_differences() -> None:
    def f(x: jax.Array) -> jax.Array:
        return jax.lax.stop_gradient(jnp.cos(x))

    assert at(pair(f, lambda x: jnp.diag(-jnp.sin(x)), "jax", x="n"), [0.5, 1.0]).status == "pass"
    wrong = at(pair(f, lambda x: jnp.zeros((2, 2)), "jax", x="n"), [0.5, 1.0])
    assert [failure.kind for failure in wrong.failures] == ["value"]


def test_bool_jacobians_pass_with_a_note() -> None:
    verdict = one(lambda x: x, lambda x: np.eye(2, dtype=bool), [1.0, 2.0])
    assert verdict.status == "pass"
    assert verdict.notes[0][0] == "dtype"
    assert "bool dtype" in verdict.notes[0][1]


def test_a_batch_gives_each_point_its_own_verdict() -> None:
    target = pair(np.prod, lambda x: np.prod(x) / x, x="2")
    verdicts = Judge(target, 0).batch((np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 4.0]]),))
    assert [verdict.status for verdict in verdicts] == ["pass", "fail", "pass"]
