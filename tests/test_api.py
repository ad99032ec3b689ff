"""Functions at hand: ``check``, ``assert_jacobian``, ``load``, and the reproductions that people paste."""

import functools
import math
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Float
from pages import DOUBLE, PAIR_OF_NUMBERS, WRONG, block, page

import jacfuzz
from jacfuzz import assert_jacobian, load, search
from jacfuzz.errors import JacobianError, LoadError, UsageError
from jacfuzz.settings import Settings

check = functools.partial(jacfuzz.check, max_examples=20)
TWO = np.array([1.0, 2.0])


def cube(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2"]:
    return x**3


def cube_jac(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2 2"]:
    return np.diag(3 * x**2)


def halved(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2 2"]:
    return np.diag(1.5 * x**2)


def scaled(factor: float, x: Any) -> Any:
    return factor * x


def scaled_jac(factor: float, x: Any) -> Any:
    return factor * jnp.eye(2)


class Doubling:
    """A callable object."""

    def __call__(self, x: Any) -> Any:
        return 2 * x

    def jac(self, x: Any) -> Any:
        return 2 * np.eye(2)


class TestRightPairsOfAnyKindPass:
    def test_annotated_functions(self) -> None:
        report = check(cube, cube_jac)
        assert report.verdict == "pass"
        assert report.findings == ()
        assert report.result.points > 20

    def test_lambdas_with_an_example(self) -> None:
        assert check(lambda x: np.sin(x), lambda x: np.diag(np.cos(x)), at=TWO).verdict == "pass"

    def test_several_arguments(self) -> None:
        assert check(lambda x, y: x * y, lambda x, y: (np.diag(y), np.diag(x)), at=(TWO, TWO)).verdict == "pass"

    def test_numbers(self) -> None:
        assert check(lambda x: math.exp(-(x**2)), lambda x: -2 * x * math.exp(-(x**2)), at=1.0).verdict == "pass"

    def test_jitted_functions(self) -> None:
        f: Callable[..., Any] = jax.jit(lambda x: jnp.tanh(x))
        assert check(f, jax.jit(jax.jacrev(f)), at=jnp.ones(2)).verdict == "pass"

    def test_partials(self) -> None:
        f, jac = functools.partial(scaled, 3.0), functools.partial(scaled_jac, 3.0)
        assert check(f, jac, at=TWO).verdict == "pass"

    def test_callable_objects_and_methods(self) -> None:
        assert check(Doubling(), Doubling().jac, at=TWO).verdict == "pass"

    def test_torch(self) -> None:
        torch = pytest.importorskip("torch")
        report = check(lambda x: torch.exp(x), lambda x: torch.diag(torch.exp(x)), at=TWO)  # f names the library
        assert report.verdict == "pass"
        assert check(lambda x: x.exp(), lambda x: x.exp().diag(), at=torch.ones(2)).verdict == "pass"  # the example


class TestWrongPairs:
    def test_the_report_names_everything(self) -> None:
        report = check(cube, halved)
        assert report.verdict == "fail"
        (finding,) = report.findings
        assert (finding.kind, finding.argument) == ("value", "x")
        assert str(report) == repr(report)
        for part in ("FAIL", "cube", "candidate   reference", "print(cube(x))", "print(halved(x))"):
            assert part in str(report)
        assert "jacfuzz replay" not in str(report)

    def test_the_reproduction_runs_as_pasted(self, capsys: pytest.CaptureFixture[str]) -> None:
        exec(check(cube, halved).findings[0].reproduce, {"cube": cube, "halved": halved})
        assert capsys.readouterr().out

    def test_many_equal_cells_are_reproduced_in_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        def doubled(x: Any) -> Any:
            return 2 * x

        def wrong(x: Any) -> Any:
            return np.eye(len(x))

        reproduce = check(doubled, wrong, at=np.ones(20), max_examples=1).findings[0].reproduce
        assert max(map(len, reproduce.splitlines())) < 80
        exec(reproduce, {"doubled": doubled, "wrong": wrong})
        assert capsys.readouterr().out

    def test_the_example_is_tried_first(self) -> None:
        seen: list[Any] = []

        def jac(x: Any) -> Any:
            seen.append(x.tolist())
            return np.eye(2)

        check(lambda x: x, jac, at=np.array([5.0, 7.0]))
        assert seen[0] == [5.0, 7.0]

    def test_edges_are_tried(self) -> None:
        def jac(x: Any) -> Any:
            # Neither a comparison nor a number that the code's own boundaries could be read off.
            return np.eye(2) * (1 + ("1234.5" in map(str, x.tolist())))

        assert check(lambda x: x, jac, at=TWO).verdict == "pass"
        assert check(lambda x: x, jac, at=TWO, edges={"x": [1234.5]}).verdict == "fail"

    def test_the_domain_is_kept(self) -> None:
        seen: list[Any] = []

        def jac(x: Any) -> Any:
            seen.append(x)
            return np.diag(1 / x)

        assert check(lambda x: np.log(x), jac, at=TWO, domain={"x": (0.5, 4.0)}).verdict == "pass"
        assert all((x >= 0.5).all() and (x <= 4.0).all() for x in seen)

    def test_kinks_are_as_strict_as_asked(self) -> None:
        # At 0 the slope 0.5 is an element of the Clarke generalized Jacobian and nothing that AD gives.
        def relu(x: Any) -> Any:
            return np.where(x > 0, x, 0.0)

        def jac(x: Any) -> Any:
            return np.diag(np.where(x == 0, 0.5, x > 0))

        assert check(relu, jac, at=TWO).verdict == "pass"
        assert check(relu, jac, at=TWO, kinks="jax").verdict == "fail"

    def test_assert_jacobian_says_what_check_says(self) -> None:
        assert_jacobian(cube, cube_jac, max_examples=20)
        with pytest.raises(JacobianError) as caught:
            assert_jacobian(cube, halved, max_examples=20)
        assert isinstance(caught.value, AssertionError)
        for part in ("differs from the derivative of f", "Reproduce with"):
            assert part in str(caught.value)

    def test_the_same_seed_gives_the_same_report(self) -> None:
        first, second = (check(cube, halved, seed=4).result.to_dict() for _ in range(2))
        assert first | {"seconds": 0} == second | {"seconds": 0}

    def test_when_its_time_is_over_it_judges_by_what_was_tried_and_says_so(self) -> None:
        cut, whole = (check(cube, cube_jac, max_time=seconds) for seconds in (1e-9, 1e9))
        assert cut.verdict == "unsure"  # no generic point was tried
        assert [note.text for note in cut.notes if note.kind == "time"] == [
            "cut short by max-time; the same seed may judge other points next time"
        ]
        assert 0 < cut.result.points < whole.result.points
        assert (whole.verdict, whole.notes) == ("pass", ())
        assert check(cube, halved, at=TWO, max_time=1e-9).verdict == "fail"

    def test_without_shrinking_the_first_point_is_kept(self) -> None:
        points = [check(cube, halved, shrink=shrink).findings[0].point["x"] for shrink in (True, False)]
        assert sorted(points[0]) == [0.0, 1.0]
        assert points[0] != points[1]


class TestWhatCannotBeChecked:
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"f": 3}, "f is int, expected a function"),
            ({"jac": np.eye(2)}, "jac is ndarray, expected a function"),
            ({"at": (TWO, TWO)}, "at has 2 values, but f takes 1 arguments: x"),
            ({"at": "abc"}, "at holds text"),
            ({"at": ([[1.0], [1.0, 2.0]],)}, "at holds list that is no rectangular array"),
            ({"domain": {"y": (0, 1)}}, "in this call: domain= names 'y'; expected arguments of f: x"),
            ({"edges": {"y": [0]}}, "in this call: edges= names 'y'; expected arguments of f: x"),
            ({"max_examples": 0}, "max_examples is 0; expected at least 1"),
            ({"max_time": 0}, "max_time is 0; expected a positive number of seconds"),
            ({"kinks": "some"}, "in this call: kinks= is 'some'; expected "),
            ({"domain": {"x": (1, 0)}}, "whose low end is above its high end; swap them"),
            ({"domain": {"x": 3}}, "domain= of x is 3; expected (low, high)"),
            ({"edges": {"x": 3}}, "edges= of x is 3; expected a list"),
        ],
    )
    def test_a_call_that_cannot_be_meant_is_refused(self, given: dict[str, Any], message: str) -> None:
        with pytest.raises(UsageError) as caught:
            check(**{"f": lambda x: 2 * x, "jac": lambda x: 2 * np.eye(2), "at": TWO, **given})
        assert message in str(caught.value)

    def test_an_unknown_shape_names_the_argument_and_both_remedies(self) -> None:
        with pytest.raises(LoadError) as caught:
            check(lambda x: x, lambda x: x)
        for part in ("argument `x`", "has no annotation", "give an example, `at=(x, ...)`"):
            assert part in str(caught.value)

    def test_f_that_raises_everywhere_is_an_error_with_its_cause(self) -> None:
        report = check(lambda x: x.absent, lambda x: x, at=TWO)
        assert report.verdict == "error"
        assert "has no attribute 'absent'" in report.findings[0].message
        with pytest.raises(JacobianError, match="absent"):
            assert_jacobian(lambda x: x.absent, lambda x: x, at=TWO)


@pytest.mark.parametrize("enabled", [False, True])
@pytest.mark.parametrize("jac", [cube_jac, halved, lambda x: x.absent])
def test_every_global_is_left_as_it_was(enabled: bool, jac: Callable[..., Any]) -> None:
    def state() -> tuple[Any, ...]:
        # The words of np.random's state, not the object; filters by value.
        random = np.random.get_state(legacy=False)  # noqa: NPY002
        return (
            jax.config.read("jax_enable_x64"),
            np.geterr(),
            list(warnings.filters),
            repr(random),
            Path.cwd(),
            [*sys.path],
        )

    with jax.enable_x64(enabled):
        before = state()
        check(cube, jac)
        assert state() == before


class TestLoad:
    @pytest.fixture
    def path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.chdir(tmp_path)
        Path("pairs.md").write_text(page({"Double": DOUBLE, "Square": WRONG}))
        return "pairs.md"

    def test_by_id_and_by_title_the_functions_can_be_called(self, path: str) -> None:
        for pair in (load(f"{path}::Double"), load(path, "Double")):
            assert pair.f(TWO).tolist() == [2.0, 4.0]
            assert pair.jac(TWO).tolist() == [[2.0, 0.0], [0.0, 2.0]]

    def test_an_entry_of_the_catalogue(self) -> None:
        assert load("softmax").title == "Softmax"

    def test_several_and_none_list_the_ids(self, path: str) -> None:
        for wanted, problem in ((path, "holds several pairs"), (f"{path}::Cube", "holds no pair 'Cube'")):
            with pytest.raises(LoadError) as caught:
                load(wanted)
            assert problem in str(caught.value)
            assert f"  {path}::Double\n  {path}::Square" in str(caught.value)

    def test_what_cannot_be_loaded_says_why(self, path: str) -> None:
        Path(path).write_text(page({"Broken": "def f(x:\n"}))
        with pytest.raises(LoadError, match="SyntaxError"):
            load(f"{path}::Broken")

    def test_a_missing_file_is_a_usage_error(self) -> None:
        with pytest.raises(UsageError, match="no such file"):
            load("absent.md")


PASTED = {
    "numpy": block("x**2", "np.diag(x)", PAIR_OF_NUMBERS),
    "empty": block("x", "np.eye(max(len(x), 1))", 'Float[Array, "n"]'),
    'quotes "and" it\'s': WRONG,
    "jax": "import jax\nimport jax.numpy as jnp\n\n\n"
    + block("jnp.sin(x)", "jnp.diag(jnp.sin(x))", 'Float[jax.Array, "2"]'),
}


def test_the_reproductions_of_a_file_run_as_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my pairs.md").write_text(page(PASTED))
    parts = []
    for title in PASTED:
        pair = load("my pairs.md", title)
        with jax.enable_x64(True):
            (finding,) = search.run(pair, Settings(max_examples=20)).findings
        assert "load('my pairs.md::" in finding.reproduce or 'load("my pairs.md::' in finding.reproduce
        parts.append(finding.reproduce)
    done = subprocess.run([sys.executable, "-c", "\n".join(parts)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) >= 2 * len(PASTED)


def test_a_reproduction_keeps_names_and_dtypes_of_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("named.py").write_text(
        "import numpy as np\nfrom jaxtyping import Float, Int\n\n\n"
        'def f(pair: Float[np.ndarray, "2"], i: Int[np.ndarray, "0"]) -> Float[np.ndarray, ""]:\n'
        "    return np.sum(pair * pair) + np.sum(pair[i])\n\n\n"
        'def jac(pair: Float[np.ndarray, "2"], i: Int[np.ndarray, "0"]) -> Float[np.ndarray, "2"]:\n'
        "    return np.ones(2) + np.bincount(i, minlength=2)\n"
    )
    (finding,) = search.run(load("named.py", "named"), Settings(max_examples=20)).findings
    done = subprocess.run([sys.executable, "-c", finding.reproduce], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("[1. 1.]\n")
