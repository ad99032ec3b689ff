"""Which names a pair is judged in, which statements are skipped, and which calls are read instead of run."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from jacfuzz.loading import load_file
from jacfuzz.target import Loaded, Target, Unloadable

SETUP = "import numpy as np\nfrom jaxtyping import Float\nArray = np.ndarray"
PAIR = """
    def f(x: Float[Array, "n"]) -> Float[Array, "n"]:
        return {k} * x
    def jac(x: Float[Array, "n"]) -> Float[Array, "n n"]:
        return {k} * np.eye(x.shape[0])
"""


def load(folder: Path, *parts: str, name: str = "a.md") -> Loaded:
    """Load a page with a fence per part, or a Python file of all parts."""
    texts = [textwrap.dedent(part).strip("\n") for part in (SETUP, *parts)]
    text = "\n\n".join(texts if name.endswith(".py") else [f"```python\n{text}\n```" for text in texts])
    (folder / name).write_text(text + "\n")
    return load_file(folder / name)


def values(loaded: Loaded) -> list[tuple[float, float]]:
    """Return f and jac of every pair at 1."""
    x = np.ones(1)
    assert all(isinstance(target, Target) for target in loaded.targets), loaded
    return [(t.f(x).item(), t.jac(x).item()) for t in loaded.targets if isinstance(t, Target)]


def error(loaded: Loaded, position: int = 0) -> str:
    target = loaded.targets[position]
    assert isinstance(target, Unloadable), target
    return target.message


def test_each_pair_sees_the_names_its_own_block_left(tmp_path: Path) -> None:
    pair = PAIR.format(k="K")
    loaded = load(tmp_path, "K = 1", pair, "K = 7", "K = 2" + textwrap.dedent(pair), pair + "\n    K = 3")
    assert values(loaded) == [(1, 1), (2, 2), (3, 3)]


def test_a_helper_of_an_earlier_block_sees_the_later_names(tmp_path: Path) -> None:
    helper = "K = 1\ndef scale(x, by=1, *, more=1):\n    return K * by * more * x"
    pair = PAIR.format(k="scale(1)")
    assert values(load(tmp_path, helper, pair, "K = 5" + textwrap.dedent(pair))) == [(1, 1), (5, 5)]


def test_a_helper_keeps_its_closure_and_attributes(tmp_path: Path) -> None:
    helper = """
        def make(k):
            def scale(x): return k * scale.extra * x
            return scale
        scale = make(3)
        scale.extra = 2
        @np.vectorize
        def same(x): return x
    """
    assert values(load(tmp_path, helper, PAIR.format(k="same(scale(1))"))) == [(6, 6)]


def test_future_annotations_are_carried_forward(tmp_path: Path) -> None:
    first = "from __future__ import annotations\nK = 2"
    loaded = load(tmp_path, first, PAIR.format(k="K"))
    assert values(loaded) == [(2, 2)]
    (target,) = loaded.targets
    assert isinstance(target, Target)
    assert isinstance(target.f.__annotations__["x"], str)
    assert target.signature.arguments[0].specs[0].dim_str == "n"
    assert target.signature.jacobians[0][0].dim_str == "n n"


def test_a_pair_may_be_spread_over_blocks(tmp_path: Path) -> None:
    f, jac = textwrap.dedent(PAIR.format(k="K")).split("def jac")
    assert values(load(tmp_path, "K = 3", f, "unused = 1", "def jac" + jac)) == [(3, 3)]


def test_a_second_jac_for_the_same_f_is_a_pair_of_its_own(tmp_path: Path) -> None:
    again = PAIR.format(k="K").partition("    def jac")
    assert len(load(tmp_path, "K = 3", PAIR.format(k="K"), again[1] + again[2]).targets) == 2


@pytest.mark.parametrize("name", ["a.md", "a.py"])
def test_pairs_in_sequence_are_told_apart(tmp_path: Path, name: str) -> None:
    pair = textwrap.dedent(PAIR.format(k="K"))
    text = f"K = 1{pair}jac = np.vectorize(jac, signature='(n)->(n,n)')\nK = 2{pair}K = 3{pair}"
    assert values(load(tmp_path, text, name=name)) == [(1, 1), (2, 2), (3, 3)]


def test_the_order_within_a_pair_does_not_matter(tmp_path: Path) -> None:
    f, jac = textwrap.dedent(PAIR.format(k="K")).split("def jac")
    text = f"K = 1\ndef jac{jac}{f}K = 2\ndef jac{jac}{f}"
    assert values(load(tmp_path, text, name="a.py")) == [(1, 1), (2, 2)]


def test_helpers_below_serve_the_pairs_above(tmp_path: Path) -> None:
    pair = textwrap.dedent(PAIR.format(k="scale()"))
    text = f"K = 1{pair}K = 2{pair}\ndef scale():\n    return K * unit()\ndef unit():\n    return 1"
    assert values(load(tmp_path, text, name="a.py")) == [(1, 1), (2, 2)]


def test_the_message_says_which_function_needs_the_name(tmp_path: Path) -> None:
    pair = textwrap.dedent(PAIR.format(k="1")).replace("np.eye", "K * np.eye")
    assert "jac needs `K`" in error(load(tmp_path, pair))


@pytest.mark.parametrize("end", ["f, ax = 1, 2", "del f"])
def test_a_jac_without_a_function_f_says_so(tmp_path: Path, end: str) -> None:
    message = error(load(tmp_path, textwrap.dedent(PAIR.format(k="1")) + end))
    assert "a.md, line 10: jac has no function f beside it" in message


def test_callable_objects_and_methods_are_pairs(tmp_path: Path) -> None:
    arm = """
        class Arm:
            def __call__(self, x: Float[Array, "n"]): return 2 * x
            def jac(self, x): return 2 * np.eye(x.size)
        f = Arm()
        jac = f.jac
    """
    assert values(load(tmp_path, arm)) == [(2, 2)]


def test_a_later_cell_does_not_help_an_earlier_one(tmp_path: Path) -> None:
    message = error(load(tmp_path, PAIR.format(k="K"), "K = 1"))
    assert "f needs `K`, which nothing before it defines" in message
    assert "a.md, line 8" in message


def test_lambdas_partials_and_wrapped_functions_are_pairs(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        import functools
        # jacfuzz: shapes x=(1,)
        f = lambda x: 2 * x
        jac = lambda x: 2 * np.eye(1)
        """,
        """
        # jacfuzz: shapes x=(1,)
        def general(k, x): return k * x
        f = functools.partial(general, 3)
        jac = functools.partial(lambda k, x: k * np.eye(1), 3)
        """,
    )
    assert values(loaded) == [(2, 2), (3, 3)]


def test_results_and_classes_called_jac_are_no_pairs(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, PAIR.format(k="1"), "jac = jac(np.ones(2))", "class jac: pass", "from math import pi as jac"
    )
    assert len(loaded.targets) == 1


def test_a_failing_statement_is_skipped_and_listed(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "print('noise')\nimport no_such_drawing_library\nK = 2\nraise SystemExit(3)\ninput()\nundefined\n",
        PAIR.format(k="K"),
    )
    assert values(loaded) == [(2, 2)]
    assert [sentence.partition(" failed with ")[2].partition(":")[0] for sentence in loaded.skipped] == [
        "ModuleNotFoundError",
        "SystemExit",
        "EOFError",
        "NameError",
    ]
    assert "a.md, line 9: `import no_such_drawing_library` failed" in loaded.skipped[0]


def test_interrupts_go_through(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path, "raise KeyboardInterrupt")


def test_nothing_is_left_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lib_beside.py").write_text("K = 4\n")
    before = np.geterr(), np.get_printoptions(), Path.cwd()
    path = list(sys.path)
    rude = (
        "np.seterr(all='raise')\nnp.set_printoptions(precision=1)\nimport os, sys\nos.chdir('/')\nsys.path.append('x')"
    )
    loaded = load(tmp_path, f"{rude}\nprint(1)", "from lib_beside import K", PAIR.format(k="K"))
    assert values(loaded) == [(4, 4)]
    assert (np.geterr(), np.get_printoptions(), Path.cwd()) == before
    assert sys.path == path
    assert not {"lib_beside", "__jacfuzz__"} & set(sys.modules)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("statement", ["K = undefined", "K, L = undefined()", "from no_such_module import K"])
def test_a_pair_that_needs_a_failed_statement_names_it(tmp_path: Path, statement: str) -> None:
    loaded = load(
        tmp_path, "K = 1", f"{statement}\n" + textwrap.dedent(PAIR.format(k="K")), "K = 2", PAIR.format(k="K")
    )
    message = error(loaded)
    assert "f needs `K`, but " in message
    assert f"line 12: `{statement}` failed with" in message
    assert isinstance(loaded.targets[1], Target)


def test_a_star_import_that_failed_is_blamed_for_missing_names(tmp_path: Path) -> None:
    message = error(load(tmp_path, "from no_such_library import *", PAIR.format(k="K")))
    assert "`from no_such_library import *` failed" in message


def test_a_statement_that_fails_later_does_not_matter(tmp_path: Path) -> None:
    assert values(load(tmp_path, "K = 1", PAIR.format(k="K") + "\n    K = undefined")) == [(1, 1)]


def test_a_definition_that_fails_is_the_error(tmp_path: Path) -> None:
    loaded = load(tmp_path, PAIR.format(k="1"), PAIR.format(k="2").replace("    def jac", "    @nothing\n    def jac"))
    message = error(loaded, 1)
    assert "NameError: name 'nothing' is not defined" in message
    assert "it defines `jac`" in message
    assert len(loaded.targets) == 2


def test_calls_of_the_checker_are_read_not_run(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        def check(f, jac, in_shape, in_shape2=None):
            raise AssertionError
        def f(x, y): return x * y
        def jac(x, y): return np.diag(y), np.diag(x)
        result = check(f, jac, in_shape=(3,), in_shape2=3, draw=no_such_function)
        """,
        "check(f, jac, (7,), (7,))",
    )
    (target,) = loaded.targets
    assert isinstance(target, Target)
    assert [argument.specs[0].dim_str for argument in target.signature.arguments] == ["3", "3"]
    assert not loaded.skipped


def test_a_checker_call_names_the_pair_whatever_it_is_called(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        def g(x): return 2 * x
        def dg(x): return 2 * np.eye(1)
        check(g, dg, (1,))
        check(lambda x: 3 * x, lambda x: 3 * np.eye(1), in_shape=(1,))
        """,
    )
    assert values(loaded) == [(2, 2), (3, 3)]
    assert loaded.targets[0].title == "g"


def test_a_call_in_a_later_block_gives_the_shapes(tmp_path: Path) -> None:
    loaded = load(tmp_path, "def f(x): return x\ndef jac(x): return np.eye(3)", "check(f, jac, in_shape=(3,))")
    (target,) = loaded.targets
    assert isinstance(target, Target)
    assert target.signature.arguments[0].specs[0].dim_str == "3"


def test_other_uses_of_these_names_run(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        "def check(value):\n    global K\n    K = value\ncheck(2)",
        "zip([1], [2])\npairs = zip([1], [2])\nL = list(pairs)",
        PAIR.format(k="K * L[0][0]"),
    )
    assert values(loaded) == [(2, 2)]
    assert not loaded.skipped


def test_errors_of_the_functions_named_are_the_statements_own(tmp_path: Path) -> None:
    loaded = load(tmp_path, "check(f, jac, in_shape=(3,))")
    assert len(loaded.skipped) == 1
    assert "NameError" in loaded.skipped[0]


@pytest.mark.parametrize("jac", ["g_jac", "jac_g", "g_jacobian"])
def test_functions_of_any_name_are_paired_with_their_jacobians(tmp_path: Path, jac: str) -> None:
    pairs = """
        def {jac}(x):
            return 3.0 * np.eye(len(x))
        def g(x: Float[Array, "n"]):
            return 3.0 * x
        def helper(x):
            return x
        def helper_jac(x):
            return x
    """
    loaded = load(tmp_path, pairs.replace("{jac}", jac), PAIR.format(k=2), name="a.py")
    assert [target.title for target in loaded.targets][1:] == ["g"]
    assert values(loaded) == [(2.0, 2.0), (3.0, 3.0)]


def test_constants_of_a_file_may_be_about_arguments_of_any_of_its_pairs(tmp_path: Path) -> None:
    pairs = """
        DOMAIN = {{"p": (0, None), "{other}": (0, 1)}}
        def g(p: Float[Array, "n"]): return p
        def g_jac(p): return np.eye(len(p))
        def h(x: Float[Array, "n"]): return 2 * x
        def h_jac(x): return 2 * np.eye(len(x))
    """
    g, h = load(tmp_path, pairs.format(other="x"), name="a.py").targets
    assert isinstance(g, Target)
    assert isinstance(h, Target)
    assert (dict(g.domain), dict(h.domain)) == ({"p": (0.0, None)}, {"x": (0.0, 1.0)})
    assert "expected arguments of f: p" in error(load(tmp_path, pairs.format(other="q"), name="a.py"))
