"""Index functions, the scalar puzzle format: shapes, dense functions, errors, stubs."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jacfuzz.loading import load_file
from jacfuzz.target import Claim, IndexShapes, Loaded, Naming, Target, Unloadable
from jacfuzz.tracing.rebind import to_jax

SQUARE = """
def fb_square(x):
    f = lambda o: x[o] ** 2
    dx = lambda i, o: 2 * x[o] * (i == o)
    return f, dx
"""
OUTER = """
def fb_outer(x, y):
    f = lambda o, p: x[o] * y[p]
    dx = lambda i, o, p: y[p] if i == o else 0
    def dy(j, o, p):
        return (j == p) * x[o]
    return f, dx, dy
"""


class FakeClaims:
    """Knows the shapes of some index functions."""

    def __init__(self, **shapes: IndexShapes) -> None:
        self.known = shapes
        self.asked: list[Naming] = []

    def claim(self, naming: Naming, constants: Mapping[str, Any]) -> Claim | None:
        return Claim("entry", "Entry", ()) if naming.function in self.known and "fb_square" in constants else None

    def shapes(self, naming: Naming) -> IndexShapes | None:
        self.asked.append(naming)
        return self.known.get(naming.function)


def load(folder: Path, text: str, claims: FakeClaims | None = None, name: str = "a.py") -> Loaded:
    (folder / name).write_text(textwrap.dedent(text))
    return load_file(folder / name, claims)


def target(folder: Path, text: str, claims: FakeClaims | None = None) -> Target:
    (loaded,) = load(folder, text, claims).targets
    assert isinstance(loaded, Target), loaded
    return loaded


def error(folder: Path, text: str, claims: FakeClaims | None = None) -> str:
    (loaded,) = load(folder, text, claims).targets
    assert isinstance(loaded, Unloadable)
    return loaded.message


def shapes(target: Target) -> list[str]:
    return [argument.specs[0].dim_str for argument in target.signature.arguments]


def test_dense_functions_put_output_axes_first(tmp_path: Path) -> None:
    loaded = target(tmp_path, "# jacfuzz: shapes x=(2,) y=(3,) out=(2, 3)" + OUTER)
    x, y = np.array([2.0, 3.0]), np.array([5.0, 7.0, 11.0])
    assert np.array_equal(loaded.f(x, y), np.outer(x, y))
    dx, dy = loaded.jac(x, y)
    assert np.array_equal(dx, np.einsum("oi,p->opi", np.eye(2), y))
    assert np.array_equal(dy, np.einsum("pj,o->opj", np.eye(3), x))
    assert dx.dtype == dy.dtype == loaded.f(x, y).dtype == np.float64
    assert loaded.calls == 6 * 5
    assert loaded.title == "fb_outer"
    assert loaded.array_type == "numpy"


def test_one_argument_gives_one_array(tmp_path: Path) -> None:
    loaded = target(tmp_path, "# jacfuzz: shapes x=(2,) out=(2,)" + SQUARE)
    assert np.array_equal(loaded.jac(np.array([1.0, 3.0])), [[2, 0], [0, 6]])
    assert loaded.signature.differentiable == ("x",)


def test_matrices_give_four_indices(tmp_path: Path) -> None:
    text = """
        # jacfuzz: shapes x=(2, 3) out=(3, 2)
        def fb_turn(x):
            return lambda o, p: x[p, o], lambda i, j, o, p: (i == p) & (j == o)
    """
    loaded = target(tmp_path, text)
    x = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(loaded.f(x), x.T)
    assert np.array_equal(np.tensordot(loaded.jac(x), x, 2), x.T)


def test_indices_are_plain_integers(tmp_path: Path) -> None:
    text = """
        # jacfuzz: shapes x=2 out=2
        def fb_same(x):
            def f(o): return x[o] if type(o) is int else None
            def dx(i, o): return i == o if type(i) is type(o) is int else None
            return f, dx
    """
    assert np.array_equal(target(tmp_path, text).jac(np.ones(2)), np.eye(2))


@pytest.mark.parametrize("value", ["1", "True", "1.0", "np.int64(1)", "np.array(1)", "np.ones((1, 1))", "x[:1]"])
def test_anything_that_is_one_number_is_accepted(tmp_path: Path, value: str) -> None:
    text = (
        f"import numpy as np\n# jacfuzz: shapes x=2 out=1\ndef fb_a(x): return lambda o: {value}, lambda i, o: {value}"
    )
    loaded = target(tmp_path, text)
    assert loaded.f(np.ones(2)).tolist() == [1]
    assert loaded.jac(np.ones(2)).tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("None", "None"),
        ("'1'", "str '1'"),
        ("x", r"ndarray of shape \(2,\)"),
        ("1j", "complex '1j'"),
        ("[1]", r"list '\[1\]'"),
        ("print", "a function"),
    ],
)
def test_anything_else_is_named(tmp_path: Path, value: str, shown: str) -> None:
    text = f"# jacfuzz: shapes x=2 out=1\ndef fb_a(x): return lambda o: {value}, lambda i, o: {value}"
    loaded = target(tmp_path, text)
    with pytest.raises(TypeError, match=rf"^f\(0\) returned {shown}; expected a number$"):
        loaded.f(np.ones(2))
    with pytest.raises(TypeError, match=rf"^dx\(0, 0\) returned {shown}; expected a number$"):
        loaded.jac(np.ones(2))


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("None", "fb_a returned None; expected f, dx, dy"),
        ("print", "fb_a returned a function; expected f, dx, dy"),
        ("print, print", "fb_a returned a function, a function; expected the functions f, dx, dy"),
        ("print, 1, print", "fb_a returned a function, int '1', a function; expected the functions f, dx, dy"),
    ],
)
def test_what_the_index_function_itself_returns_is_checked(tmp_path: Path, returned: str, said: str) -> None:
    loaded = target(tmp_path, f"# jacfuzz: shapes x=2 y=2 out=1\ndef fb_a(x, y): return {returned}\n")
    with pytest.raises(TypeError) as caught:
        loaded.jac(np.ones(2), np.ones(2))
    assert str(caught.value) == said


def test_jax_goes_through(tmp_path: Path) -> None:
    jax = pytest.importorskip("jax")
    text = (
        "import math\n# jacfuzz: shapes x=2 out=2\ndef fb_a(x): return lambda o: math.cos(x[o]) + 1, lambda i, o: 0\n"
    )
    loaded = target(tmp_path, text)
    x = np.array([0.5, 2.0])
    jacobian = jax.jacfwd(to_jax(loaded.f))(x)
    assert np.allclose(jacobian, np.diag(-np.sin(x)), atol=1e-6)


def test_torch_goes_through(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    text = """
        import torch
        # jacfuzz: shapes x=3 out=(2,)
        def fb_a(x):
            total = torch.cumsum(x, 0)
            return lambda o: total[o + 1] if o else 1, lambda i, o: total[:1] * 0 + o
    """
    loaded = target(tmp_path, text)
    assert loaded.array_type == "torch"
    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.functional.jacobian(loaded.f, x).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert loaded.f(x).dtype == torch.float64
    assert loaded.jac(x).tolist() == [[0, 0, 0], [1, 1, 1]]


def test_without_torch_the_message_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    loaded = load(tmp_path, "import torch\n# jacfuzz: shapes x=2 out=2" + SQUARE)
    (broken,) = loaded.targets
    assert isinstance(broken, Unloadable)
    assert "torch is not installed; pip install 'jacfuzz[torch]'" in broken.message
    assert "pip install 'jacfuzz[torch]'" in loaded.skipped[0]


def test_shapes_come_from_directive_then_call_then_claims(tmp_path: Path) -> None:
    claims = FakeClaims(fb_square=IndexShapes(((7,),), (7,)))
    called = SQUARE + "in_out(fb_square, y=gy[:5], out_shape=5)\n"
    directed = "# jacfuzz: shapes x=(3,) out=(3,)\n" + called
    assert shapes(target(tmp_path, directed, claims)) == ["3"]
    assert shapes(target(tmp_path, called, claims)) == ["5"]
    assert shapes(target(tmp_path, SQUARE, claims)) == ["7"]
    assert claims.asked[-1] == Naming("", "fb_square", 1, 1)


def test_a_claim_is_kept(tmp_path: Path) -> None:
    claims = FakeClaims(fb_square=IndexShapes(((7,),), (7,)))
    claim = target(tmp_path, SQUARE, claims).claim
    assert claim is not None
    assert claim.entry == "entry"
    assert target(tmp_path, "# jacfuzz: shapes x=1 out=1" + SQUARE).claim is None


def test_shapes_that_do_not_fit_the_indices_are_not_believed(tmp_path: Path) -> None:
    claims = FakeClaims(fb_outer=IndexShapes(((7,),), (7,)), fb_square=IndexShapes(((7, 2),), (7,)))
    assert "add the line" in error(tmp_path, OUTER, claims)
    assert "add the line" in error(tmp_path, SQUARE, claims)


@pytest.mark.parametrize(
    ("code", "call", "expected"),
    [
        (SQUARE, "in_out(fb_square)", (["50"], 2500)),
        (SQUARE, "in_out(fb_square, [20, 35], overlap=True, diff=20, y=gy[1:2], out_shape=1)", (["1"], 1)),
        (SQUARE, "result = in_out(fb=fb_square, y=gy.no_such_method(), out_shape=(50,))", (["50"], 2500)),
        (SQUARE, "gy = list(range(6))\nin_out(fb_square, y=gy, out_shape=6)", (["6"], 36)),
        (OUTER, "zip(make_mat(fb_outer, 3, (3, 47)), split=3, out_shape=141)", (["3", "47"], 141 * 50)),
        (OUTER, "zip(make_mat2(fb_outer, (3,), in_shape2=(4,), out_shape=(3, 4)))", (["3", "4"], 84)),
        (
            OUTER.replace("o, p", "o").replace("y[p]", "y[o]").replace("j == p", "j == o"),
            "zip(fb_outer, gaps=[0])",
            (["25", "25"], 25 * 50),
        ),
    ],
)
def test_calls_of_the_checker_give_shapes(
    tmp_path: Path, code: str, call: str, expected: tuple[list[str], int]
) -> None:
    loaded = target(tmp_path, f"{code}\n{call}\n")
    assert (shapes(loaded), loaded.calls) == expected


def test_a_checker_call_names_any_function(tmp_path: Path) -> None:
    renamed = SQUARE.replace("fb_square", "mine")
    assert target(tmp_path, renamed + "in_out(mine, out_shape=50)").title == "mine"


def test_a_missing_function_is_an_ordinary_failure(tmp_path: Path) -> None:
    loaded = load(tmp_path, "# jacfuzz: shapes x=1 out=1" + SQUARE + "in_out(fb_other)\n")
    assert len(loaded.targets) == len(loaded.skipped) == 1
    assert "`in_out(fb_other)` failed with NameError" in loaded.skipped[0]


@pytest.mark.parametrize(
    ("code", "directive"),
    [
        (SQUARE, "# jacfuzz: shapes x=(50,) out=(50,)"),
        (OUTER, "# jacfuzz: shapes x=(50,) y=(50,) out=(4, 10)"),
        (
            "def fb_a(a, b):\n    def f(): return a.sum()\n    return f, lambda i, j: 1, lambda i, w=3: 0\n",
            "# jacfuzz: shapes a=(4, 10) b=(50,) out=()",
        ),
    ],
)
def test_unknown_shapes_give_the_line_to_paste(tmp_path: Path, code: str, directive: str) -> None:
    message = error(tmp_path, code)
    assert f"add the line `{directive}`" in message
    assert "a.py, line " in message
    assert isinstance(load(tmp_path, f"{directive}\n{code}").targets[0], Target)


@pytest.mark.parametrize(
    ("directive", "said"),
    [
        ("shapes x=(3,)", "gives no shape for `out`"),
        ("shapes x=3 y=3 out=3", "gives a shape for `y`; expected x, out"),
        ("shapes x=(3, 3) out=3", "do not fit the indices that fb_square takes; expected ranks as in"),
        ("shapes x=3 out=", "cannot be read at `out=`"),
    ],
)
def test_a_directive_that_does_not_fit_is_an_error(tmp_path: Path, directive: str, said: str) -> None:
    message = error(tmp_path, f"# jacfuzz: {directive}" + SQUARE)
    assert "a.py, line 1: " in message
    assert said in message
    assert "# jacfuzz: shapes x=" in message or "expected x, out" in message


def test_each_directive_belongs_to_its_own_function(tmp_path: Path) -> None:
    text = f"# jacfuzz: shapes x=2 out=2{SQUARE}\nK = 3\n# jacfuzz: shapes x=4 y=5 out=(4, 5){OUTER}"
    square, outer = load(tmp_path, text).targets
    assert isinstance(square, Target)
    assert isinstance(outer, Target)
    assert (shapes(square), shapes(outer)) == (["2"], ["4", "5"])
    assert [square.title, outer.title] == ["fb_square", "fb_outer"]


def test_a_name_defined_twice_gives_two_targets(tmp_path: Path) -> None:
    again = SQUARE.replace("x[o] ** 2", "x[o]")
    text = f"# jacfuzz: shapes x=1 out=1{SQUARE}# jacfuzz: shapes x=1 out=1{again}"
    first, second = load(tmp_path, text).targets
    assert isinstance(first, Target)
    assert isinstance(second, Target)
    assert (first.f(np.array([3.0])).item(), second.f(np.array([3.0])).item()) == (9, 3)
    assert second.id.endswith("fb_square#2")


def test_a_heading_is_the_title(tmp_path: Path) -> None:
    fence = f"## Problem 1: Square\n\n```python\n# jacfuzz: shapes x=1 out=1{SQUARE}```\n"
    (loaded,) = load(tmp_path, fence, FakeClaims(), "a.md").targets
    assert loaded.title == "Problem 1: Square"


def test_a_constant_of_the_pair_is_read(tmp_path: Path) -> None:
    loaded = target(tmp_path, 'DOMAIN = {"x": (0, 1)}\n# jacfuzz: shapes x=1 out=1' + SQUARE)
    assert loaded.domain == {"x": (0.0, 1.0)}


def test_missing_names_are_an_error(tmp_path: Path) -> None:
    code = SQUARE.replace("** 2", "** K")
    assert "fb_square needs `K`, which nothing before it defines" in error(tmp_path, code)


@pytest.mark.parametrize(
    ("body", "stub"),
    [
        ("dx = lambda i, o: 0 # Fill in this line\n    dy = lambda j, o: 1  # fill in", True),
        ("dx = lambda i, o: None\n    def dy(j, o): pass", True),
        ("dx = lambda i, o: 0 # Fill in this line\n    dy = lambda j, o: 1", False),
        ("dx = lambda i, o: (i == o) # Fill in this line\n    dy = lambda j, o: 0 # Fill in this line", False),
        ("dx = lambda i, o: 0\n    dy = lambda j, o: 0", False),
        ("dx = dy = print", False),
    ],
)
def test_a_stub_is_a_constant_with_the_remark_still_there(tmp_path: Path, body: str, stub: bool) -> None:
    text = (
        f"# jacfuzz: shapes x=1 y=1 out=1\ndef fb_a(x, y):\n    f = lambda o: x[o]\n    {body}\n    return f, dx, dy\n"
    )
    assert target(tmp_path, text).stub is stub


def test_what_cannot_be_seen_through_is_no_stub(tmp_path: Path) -> None:
    text = "# jacfuzz: shapes x=1 out=1\ndef fb_a(x):\n    both = lambda o: x[o], lambda i, o: 2\n    return both\n"
    assert not target(tmp_path, text).stub


def test_an_index_function_may_be_a_lambda(tmp_path: Path) -> None:
    text = "# jacfuzz: shapes x=2 out=2\nfb_n = 3\nfb_a = lambda x: ((lambda o: x[o]), (lambda i, o: i == o))\n"
    assert target(tmp_path, text).title == "fb_a"
    assert "x=(50,) out=(50,)" in error(tmp_path, text.partition("\n")[2])


def test_an_index_function_that_returns_nothing_is_a_stub(tmp_path: Path) -> None:
    assert target(tmp_path, "# jacfuzz: shapes x=1 out=1\ndef fb_a(x):\n    return\n").stub
