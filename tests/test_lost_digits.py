"""Right Jacobians where f's own values are coarse, random or wavy: none of them is called wrong, wrong ones are."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from boundary_pairs_third import area_below, area_below_jac
from pairs import pair
from scipy import special

from jacfuzz import check, forms
from jacfuzz.judge import Judge

Numbers = Callable[[Any], Any]
HUBER = 1.345


def opaque(f: Numbers) -> Numbers:
    """Hide f from every tracer, as a compiled extension does."""
    return lambda x: np.array([float(f(float(value))) for value in x])


def chirp(x: Any) -> Any:
    return np.cos(np.exp(x)) / np.exp(0.5 * x)


def chirp_slope(x: Any) -> Any:
    return -np.sin(np.exp(x)) * np.exp(0.5 * x) - 0.5 * chirp(x)


def link(p: Any) -> Any:
    return np.log(p / (p + 0.75))


def link_slope(p: Any) -> Any:
    return 0.75 / (p * (p + 0.75))


def rational(x: Any) -> Any:
    return (1 + 1e-5 / np.exp(x)) ** -np.exp(x)


def rational_slope(x: Any) -> Any:
    base = 1 + 1e-5 / np.exp(x)
    return rational(x) * (1e-5 / base - np.exp(x) * np.log(base))


def huber(x: float) -> float:
    return x if abs(x) <= HUBER else HUBER * float(np.sign(x))


def huber_slope(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) <= HUBER, 1.0, 0.0)


def entropy_slope(x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.where(x > 0, -np.log(x) - 1, np.nan)


PAIRS: dict[str, tuple[Numbers, Numbers, tuple[float, float]]] = {
    "waves shorter than every step": (opaque(chirp), chirp_slope, (-10.0, 25.0)),
    "steps of a logarithm next to 1": (lambda x: link(x), link_slope, (1e-150, 1e9)),
    "the same, opaque": (opaque(link), link_slope, (1e-150, 1e9)),
    "a kink beside a tiny number": (opaque(huber), huber_slope, (-5.0, 5.0)),
    "a grid of a large number": (lambda x: (1e12 + x) - 1e12, np.ones_like, (-100.0, 100.0)),
    "a power of what rounds to 1": (lambda x: rational(x), rational_slope, (-20.0, 40.0)),
    "little more than 1": (opaque(lambda x: np.log(1 + x)), lambda x: 1 / (1 + x), (0.0, 1e-9)),
    "what is left of 1": (opaque(lambda x: np.sqrt(1 + x) - 1), lambda x: 0.5 / np.sqrt(1 + x), (0.0, 1e-8)),
    "a narrow domain": (lambda x: np.log(1 + x), lambda x: 1 / (1 + x), (-1e-12, 1e-12)),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("seed", range(2))
def test_a_right_jacobian_is_not_called_wrong(name: str, seed: int) -> None:
    f, slope, domain = PAIRS[name]
    report = check(f, forms.Diagonal(slope), at=np.array([HUBER, 2.5e-6]), domain={"x": domain}, seed=seed)
    assert not report.findings, report


@pytest.mark.parametrize("name", ["waves shorter than every step", "the same, opaque", "a kink beside a tiny number"])
def test_a_slope_that_is_off_by_a_thousandth_is_found(name: str) -> None:
    f, slope, domain = PAIRS[name]
    wrong = forms.Diagonal(lambda x: 1.001 * slope(x))
    assert check(f, wrong, at=np.array([0.3, 0.7]), domain={"x": domain}).verdict == "fail"


def test_an_open_end_at_zero_is_no_subnormal_number() -> None:
    seen: list[float] = []

    def f(x: np.ndarray) -> np.ndarray:
        seen.extend(x.tolist())
        return np.sqrt(x)

    check(f, lambda x: np.diag(0.5 / np.sqrt(x)), at=np.ones(2), domain={"x": "(0, inf)"})
    assert min(value for value in seen if value > 0) > 1e-300


ENDS: dict[str, tuple[Numbers, Numbers, tuple[Any, Any]]] = {
    "infinite at both ends": (special.logit, lambda x: 1 / (x * (1 - x)), (1e-150, 1 - 1e-16)),
    "infinite slope at an end": (special.entr, lambda x: -np.log(x) - 1, (1e-150, None)),
    "infinite slope, and infinite beyond": (special.entr, entropy_slope, (None, None)),
}


@pytest.mark.parametrize("name", ENDS)
def test_ends_of_a_domain_do_not_make_a_right_jacobian_unsure(name: str) -> None:
    f, slope, domain = ENDS[name]
    report = check(f, forms.Diagonal(slope), at=np.array([0.3, 0.7]), domain={"x": domain})
    assert report.verdict == "pass", report


@pytest.mark.parametrize("name", ENDS)
def test_a_wrong_jacobian_is_found_between_the_ends_of_a_domain(name: str) -> None:
    f, slope, domain = ENDS[name]
    wrong = forms.Diagonal(lambda x: slope(x) + 1e-5)
    assert check(f, wrong, at=np.array([0.3, 0.7]), domain={"x": domain}).verdict == "fail"


def test_a_rounded_constant_may_cancel() -> None:
    root = np.sqrt(3.0)
    at = 1 / root
    assert check(lambda x: x**3 - x, lambda x: (root * x - 1) * (root * x + 1), at=at).verdict == "pass"
    wrong = check(lambda x: x**3 - x, lambda x: (root * x - 1) * (root * x + 1) + 1e-7, at=at)
    assert wrong.verdict == "fail"


def test_a_rounded_constant_may_cancel_where_f_is_large() -> None:
    a, b, c, log = 8.0, 2354.7, -40.0, float(np.log(10))

    def pressure(t: Any) -> Any:
        return 10 ** (a - b / (t + c))

    def slope(t: Any) -> Any:
        return log * b * pressure(t) / (t + c) ** 2

    def curvature(t: Any) -> Any:
        return log * b * (log * b / (t + c) - 2) * pressure(t) / (t + c) ** 3

    at = log * b / 2 - c
    options: dict[str, Any] = {"at": at, "edges": {"t": [at]}, "domain": {"t": (300.0, 6000.0)}}
    assert check(slope, curvature, **options).verdict == "pass"
    assert check(slope, lambda t: curvature(t) * (1 + 1e-6), **options).verdict == "fail"


def sawtooth(x: np.ndarray) -> np.ndarray:
    return np.abs((x - 0.35) % 2.0 - 1.0)


def sawtooth_jac(x: np.ndarray) -> np.ndarray:
    return np.diag(np.where((x - 0.35) % 2.0 > 1.0, 1.0, -1.0))


@pytest.mark.parametrize("size", [1e16, -(2.0**60), -1.97e119, 1e300])
def test_periods_that_are_narrower_than_the_gaps_between_floats_are_nobody_s_fault(size: float) -> None:
    with jax.enable_x64(True):
        points = np.array([[size, 4.0, 1.625], [0.3, 4.0, 1.625]])
        statuses = [verdict.status for verdict in Judge(pair(sawtooth, sawtooth_jac, x="3"), 0).batch((points,))]
        assert statuses[0] != "fail"
        assert statuses[1] == "pass"
        wrong = Judge(pair(sawtooth, lambda x: -sawtooth_jac(x), x="3"), 0).batch((points[1:],))
        assert wrong[0].status == "fail"


STEEP = np.array([[-42380621.275954224, -49886589.8563276], [3e6, -1e5]])


@pytest.mark.parametrize(("scale", "statuses"), [(1.0, {"pass"}), (1.0 + 1e-6, {"fail"})])
def test_rounded_constants_in_a_chord_of_a_steep_line_are_no_wrong_formula(scale: float, statuses: set[str]) -> None:
    with jax.enable_x64(True):
        judge = Judge(pair(area_below, lambda line: scale * area_below_jac(line), x="2"), 0)
        assert {judge.batch((point[None],))[0].status for point in STEEP} == statuses


@pytest.mark.parametrize("row", [[1e200], [1e160, 1.0], [1e155, 2e155], [-1e155, 2e155, 3.0]])
def test_a_slope_that_an_overflow_has_made_0_is_found(row: list[float]) -> None:
    def norm(x: np.ndarray) -> Any:
        size = np.max(np.abs(x))
        return size * np.sqrt(np.sum((x / size) ** 2)) if size else 0.0

    def right(x: np.ndarray) -> np.ndarray:
        size = np.max(np.abs(x))
        return x / size / np.sqrt(np.sum((x / size) ** 2))

    def overflows(x: np.ndarray) -> np.ndarray:
        return x / np.sqrt(np.sum(x * x))

    with np.errstate(all="ignore"), jax.enable_x64(True):
        statuses = [Judge(pair(norm, jac, x="n"), 0).batch((np.array([row]),))[0].status for jac in (right, overflows)]
    assert statuses == ["pass", "fail"]


@pytest.mark.parametrize("row", [[20.0], [37.0], [1e6, 20.0 - 1e6], [700.0]])
def test_a_slope_that_f_does_not_show_may_be_0(row: list[float]) -> None:
    def f(x: np.ndarray) -> Any:
        return np.tanh(np.sum(x))

    with jax.enable_x64(True):
        verdict = Judge(pair(f, lambda x: (1 - f(x) ** 2) * np.ones_like(x), x="n"), 0).batch((np.array([row]),))[0]
    assert verdict.status == "pass"
