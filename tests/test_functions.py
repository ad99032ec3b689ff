"""Functions at hand: fixed arguments, Python numbers, open domains, compiled code, targets given to ``check``."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special
from judging import said

import jacfuzz
from jacfuzz import forms, make_target
from jacfuzz.errors import LoadError, UsageError
from jacfuzz.functions import with_arguments
from jacfuzz.interval import closed

X = np.array([0.4, 1.5])
check = functools.partial(jacfuzz.check, max_examples=1, shrink=False)


def power(x: Any, n: Any, *, scale: Any) -> Any:
    return scale * x**n


def power_jac(x: Any, n: Any, *, scale: Any) -> Any:
    return np.diag(scale * n * x ** (n - 1))


class TestFixedArguments:
    def test_a_tuple_comes_after_the_arrays(self) -> None:
        target = make_target(lambda x, a, b: a * x + b, lambda x, a, b: a * np.eye(2), at=X, args=(2.0, 3.0))
        assert target.signature.differentiable == ("x",)
        assert said(target) == set()

    def test_a_dict_goes_by_name_and_fills_keyword_only_parameters(self) -> None:
        assert said(make_target(power, power_jac, at=X, args={"n": 3, "scale": 2.0})) == set()
        assert said(make_target(power, lambda x, n, scale: power_jac(x, n, scale=1), at=X, args={"n": 3, "scale": 2}))

    def test_they_come_after_the_vectors_of_a_form_too(self) -> None:
        target = make_target(lambda x, a: a * x**2, forms.JVP(lambda x, v, a: 2 * a * x * v), at=X, args=(3.0,))
        assert said(target) == set()
        assert said(make_target(lambda x, a: a * x**2, forms.JVP(lambda x, v, a: 2 * x * v), at=X, args=(3.0,)))

    def test_functions_of_any_number_of_arguments(self) -> None:
        target = make_target(lambda x, *rest: rest[1] * x, lambda x, *rest: rest[1] * np.eye(2), at=X, args=(1, 2.0))
        assert said(target) == set()
        assert with_arguments(lambda *all: sum(all), (1, 2))(3) == 6

    def test_a_missing_keyword_says_so(self) -> None:
        with pytest.raises(LoadError, match="f requires the keyword `scale`"):
            make_target(power, power_jac, at=(X, 3.0))

    def test_none_leaves_the_function_as_it_is(self) -> None:
        assert with_arguments(power, ()) is power


class TestNumbers:
    def test_a_python_number_stands_for_python_numbers(self) -> None:
        given: set[type] = set()

        def jac(x: Any) -> Any:
            given.add(type(x))
            return math.exp(x)

        assert check(lambda x: math.exp(x), jac, at=1.0).verdict == "pass"
        assert all(issubclass(kind, float) for kind in given)  # one of them notes where jac branches

    def test_arguments_of_different_rank(self) -> None:
        def f(a: Any, x: Any, m: Any) -> Any:
            return a * m @ x

        def jac(a: Any, x: Any, m: Any) -> Any:
            return m @ x, a * m, a * np.einsum("ij,k->ijk", np.eye(3), x)

        assert said(make_target(f, jac, at=(2.0, X, np.ones((3, 2))))) == set()
        assert said(make_target(f, lambda a, x, m: (m @ x, m, jac(a, x, m)[2]), at=(2.0, X, np.ones((3, 2)))))


class TestCompiledCode:
    @pytest.mark.parametrize(
        ("f", "slope", "domain"),
        [
            (scipy.special.expit, lambda x: scipy.special.expit(x) * scipy.special.expit(-x), "[-5, 5]"),
            (scipy.special.j0, lambda x: -scipy.special.j1(x), "[-5, 5]"),
            (scipy.special.gammaln, scipy.special.digamma, "(0, 10]"),
        ],
    )
    def test_functions_of_scipy(self, f: Callable[..., Any], slope: Callable[..., Any], domain: str) -> None:
        (name,) = (argument.name for argument in make_target(f, slope, at=0.5).signature.arguments)
        assert said(make_target(f, slope, at=0.5, domain={name: domain})) == set()
        assert said(make_target(f, lambda x: 1.01 * slope(x), at=0.5, domain={name: domain}))

    def test_writing_in_place(self) -> None:
        def f(x: Any) -> Any:
            out = np.empty(2)
            np.multiply(x, x, out=out)
            out[1] += x[0]
            return out

        assert said(make_target(f, lambda x: np.array([[2 * x[0], 0.0], [1.0, 2 * x[1]]]), at=X)) == set()
        assert said(make_target(f, lambda x: np.diag(2 * x), at=X))


class TestDomains:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("[0, 1]", (0.0, 1.0)),
            (" [-1.5,2e3] ", (-1.5, 2000.0)),
            ("(0, 1]", (1e-150, 1.0)),
            ("[0, 1)", (0.0, 1 - 2**-53)),
            ("(0, inf)", (1e-150, None)),
            ("(-inf, inf)", (None, None)),
        ],
    )
    def test_text(self, text: str, expected: Any) -> None:
        assert closed(text) == expected

    @pytest.mark.parametrize("text", ["0, 1", "[0; 1]", "(a, b)", "(1, 0)", "(0, 0)", "[nan, 1]", ""])
    def test_what_is_no_interval(self, text: str) -> None:
        with pytest.raises(UsageError, match="interval"):
            make_target(np.sqrt, np.sqrt, at=1.0, domain={"x": text})

    def test_an_open_end_is_not_tried(self) -> None:
        seen: list[float] = []

        def jac(x: Any) -> Any:
            seen.append(float(x))
            return 1 / x

        assert check(lambda x: math.log(x), jac, at=1.0, domain={"x": "(0, 10)"}).verdict == "pass"
        assert 0.0 < min(seen) < max(seen) < 10.0


class TestTargetsGivenToCheck:
    def test_they_are_judged(self) -> None:
        assert check(make_target(np.sin, forms.Diagonal(np.cos), at=X)).verdict == "pass"
        with pytest.raises(jacfuzz.JacobianError):
            jacfuzz.assert_jacobian(make_target(np.sin, np.cos, at=X), max_examples=1, shrink=False)

    def test_they_have_their_own_options(self) -> None:
        target = make_target(np.sin, forms.Diagonal(np.cos), at=X)
        for options in ({"at": X}, {"args": (1,)}, {"domain": {"x": (0, 1)}}, {"kinks": "rows"}):
            with pytest.raises(UsageError, match="a target has its own"):
                check(target, **options)
        with pytest.raises(UsageError, match="a target has its own"):
            check(target, np.cos)

    def test_a_missing_jac_says_so(self) -> None:
        with pytest.raises(UsageError, match="jac is missing"):
            check(np.sin)

    def test_a_file_may_hold_them(self, tmp_path: Any) -> None:
        page = tmp_path / "pairs.py"
        page.write_text(
            "import numpy as np\nfrom jacfuzz import forms, make_target\n"
            "sine = make_target(np.sin, forms.Diagonal(np.cos), at=np.ones(2))\n"
        )
        loaded = jacfuzz.load(str(page))
        assert np.array_equal(loaded.jac(np.zeros(2)), np.eye(2))
