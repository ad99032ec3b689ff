"""What a pair takes: annotations, sizes that constants fix, directives, kinds of arrays, constants of the pair."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest

from jacfuzz.loading import load_file
from jacfuzz.target import Loaded, Target, Unloadable

SETUP = """
import numpy as np
from jaxtyping import Float, Int
Array = np.ndarray
"""
VECTOR = """
def f(x: Float[Array, "I"]) -> Float[Array, "O"]:
    return {f}
def jac(x: Float[Array, "I"]) -> Float[Array, "O I"]:
    return {jac}
"""


def load(folder: Path, text: str, setup: str = SETUP) -> Loaded:
    (folder / "a.py").write_text(setup + textwrap.dedent(text))
    return load_file(folder / "a.py")


def target(folder: Path, text: str, setup: str = SETUP) -> Target:
    (loaded,) = load(folder, text, setup).targets
    assert isinstance(loaded, Target), loaded
    return loaded


def error(folder: Path, text: str, setup: str = SETUP) -> str:
    (loaded,) = load(folder, text, setup).targets
    assert isinstance(loaded, Unloadable)
    return loaded.message


def dims(target: Target) -> dict[str, list[str]]:
    return {argument.name: [spec.dim_str for spec in argument.specs] for argument in target.signature.arguments}


@pytest.mark.parametrize(
    ("setup", "f", "jac"),
    [
        ("Is = np.arange(I)", "x", "1.0 * (Is == Is[:, None])"),
        ("", "x[:I]", "np.eye(3)"),
        ("", "x", "np.eye(I)"),
        ("def eye():\n    return np.eye(I)", "x", "eye()"),
        ("def inner(): return [I for _ in range(1)]\ndef eye():\n    return np.eye(inner()[0])", "x", "eye()"),
        ("import functools\neye = functools.partial(lambda: np.eye(I))", "x", "eye()"),
        ("rows = [0, 1, 2]", "x[np.array(rows)]", "np.eye(3)"),
    ],
)
def test_code_that_reads_constants_has_its_sizes_fixed(tmp_path: Path, setup: str, f: str, jac: str) -> None:
    loaded = target(tmp_path, f"I = 3\nO = np.int64(3)\nW = 5\n{setup}\n" + VECTOR.format(f=f, jac=jac))
    assert loaded.signature.sizes == {"I": 3, "O": 3}
    assert np.array_equal(loaded.jac(np.ones(3)), np.eye(3))


@pytest.mark.parametrize(
    ("f", "jac"), [("x", "np.eye(x.size)"), ("x.T", "np.array([[1]])"), ("helper(x)", "np.eye(len(x))")]
)
def test_code_that_reads_none_is_free_whatever_stands_around_it(tmp_path: Path, f: str, jac: str) -> None:
    around = "I = 10\nO = 10\nIs = np.arange(I)\nT = 4\nsize = 4\ndef helper(x): return x\n"
    assert target(tmp_path, around + VECTOR.format(f=f, jac=jac)).signature.sizes == {}


def test_only_integers_fix_axes(tmp_path: Path) -> None:
    loaded = target(tmp_path, "I = 3.0\nO = True\nk = 2\n" + VECTOR.format(f="k * x", jac="k * np.eye(x.size)"))
    assert loaded.signature.sizes == {}


def test_the_sizes_of_a_block_are_its_own(tmp_path: Path) -> None:
    pair = VECTOR.format(f="x[:O]", jac="np.eye(O, I)")
    first, second = load(tmp_path, f"I = 3\nO = 3\n{pair}\nI = 5\nO = 2\n{pair}").targets
    assert isinstance(first, Target)
    assert isinstance(second, Target)
    assert first.signature.sizes == {"I": 3, "O": 3}
    assert second.signature.sizes == {"I": 5, "O": 2}
    assert first.jac(np.ones(3)).shape == (3, 3)


def test_annotations_become_specs(tmp_path: Path) -> None:
    loaded = target(
        tmp_path,
        """
        def f(x: Float[Array, "n 2"], s: float, k: Int[Array, ""], y: Float[Array, "*b n"] | float, w=3, *, q=1):
            return x.sum()
        def jac(x, s, k, y) -> tuple[Float[Array, "n 2"], Float[Array, ""], Float[Array, "*b n"]]:
            return x, s, y
        """,
    )
    assert dims(loaded) == {"x": ["n 2"], "s": [""], "k": [""], "y": ["*b n", ""]}
    assert loaded.signature.arguments[1].specs[0].array_type == "scalar"
    assert loaded.signature.differentiable == ("x", "s", "y")
    assert loaded.signature.result == ()
    assert [specs[0].dim_str for specs in loaded.signature.jacobians] == ["n 2", "", "*b n"]


@pytest.mark.parametrize(
    "returns", ['Float[Array, "n"]', "tuple", "tuple[int, str]", 'list[Float[Array, "n"]]', "Missing", "np.ndarray"]
)
def test_a_jac_annotation_of_no_use_is_ignored(tmp_path: Path, returns: str) -> None:
    text = f"""
        from __future__ import annotations
        def f(x: Float[Array, "n"], y: Float[Array, "n"]) -> Missing: return x * y
        def jac(x, y) -> {returns}: return np.diag(y), np.diag(x)
    """
    loaded = target(tmp_path, textwrap.dedent(text).replace("\nfrom __future__ import annotations", ""), FUTURE)
    assert loaded.signature.jacobians == ()
    assert loaded.signature.result == ()


FUTURE = "from __future__ import annotations\n" + SETUP


@pytest.mark.parametrize(
    "jac",
    [
        "jax.jacfwd(f)",
        "jax.jacrev(f)",
        "jax.jit(jax.jacfwd(f))",
        "partial(jax.jacfwd(f))",
        "lambda x: jax.jacfwd(f)(x)",
    ],
)
def test_a_jac_that_is_made_of_f_needs_no_names_of_its_library_and_has_no_annotations(tmp_path: Path, jac: str) -> None:
    setup = "import jax\nimport jax.numpy as jnp\nfrom functools import partial\nfrom jaxtyping import Array, Float\n"
    text = f"""
        def f(x: Float[Array, "n"]) -> Float[Array, "n"]:
            return jnp.sin(x)
        jac = {jac}
    """
    loaded = target(tmp_path, text, setup)
    assert loaded.signature.jacobians == ()
    assert loaded.signature.result
    assert loaded.array_type == "jax"


def test_a_name_that_a_function_under_a_wrapper_needs_is_missed(tmp_path: Path) -> None:
    text = """
        import functools
        def f(x: Float[Array, "n"]):
            return x
        def twice(function):
            @functools.wraps(function)
            def called(x):
                return function(x)
            return called
        @twice
        def jac(x):
            return nowhere(x)
    """
    assert "jac needs `nowhere`, which nothing before it defines" in error(tmp_path, text)


def test_variadic_tuples_stand_for_every_jacobian(tmp_path: Path) -> None:
    text = """
        def f(x: Float[Array, "n"], y: Float[Array, "n"]): return x * y
        def jac(x, y) -> tuple[Float[Array, "n n"], ...]: return np.diag(y), np.diag(x)
    """
    assert len(target(tmp_path, text).signature.jacobians) == 2


@pytest.mark.parametrize("hint", ["np.ndarray", "Missing", 'Float[Array, "n{"]', "str", '"n m"'])
def test_an_argument_whose_annotation_cannot_be_read_is_an_error(tmp_path: Path, hint: str) -> None:
    text = f"\ndef f(x: Float[Array, 'n'], y: {hint}):\n    return x\ndef jac(x, y):\n    return np.eye(3)\n"
    message = error(tmp_path, text, FUTURE)
    assert "a.py, line 7: argument `y` of f: " in message
    assert "# jacfuzz: shapes y=(50,)" in message


def test_shapes_come_from_jac_where_f_has_no_annotation(tmp_path: Path) -> None:
    text = """
        def f(x, y): return x * y.sum()
        def jac(a: Float[Array, "n"], y: Float[Array, "m"]): return np.eye(len(a)), np.ones((len(a), len(y)))
    """
    assert dims(target(tmp_path, text)) == {"x": ["n"], "y": ["m"]}


def test_without_any_shape_the_message_gives_the_line_to_paste(tmp_path: Path) -> None:
    text = "def f(x, y): return x\ndef jac(x, y): return np.eye(3), np.eye(3)\n"
    message = error(tmp_path, text)
    assert "argument `x`, `y` of f has no annotation" in message
    directive = "# jacfuzz: shapes x=(50,) y=(50,)"
    assert f"add the line `{directive}`" in message
    assert dims(target(tmp_path, f"{directive}\n{text}")) == {"x": ["50"], "y": ["50"]}


def test_a_directive_goes_before_everything_else(tmp_path: Path) -> None:
    text = """
        def f(x: Float[Array, "n"], y): return x
        # jacfuzz: shapes x=(2, 3), y=4
        def jac(x, y): return np.ones(1)
        check(f, jac, (9,), (8,))
    """
    assert dims(target(tmp_path, text)) == {"x": ["2 3"], "y": ["4"]}


@pytest.mark.parametrize(
    "directive",
    [
        "shapes",
        "shapes x",
        "shapes x=(50",
        "shapes x=(n,)",
        "shapes x=(-1,)",
        "shapes x=(1.5,)",
        "sizes x=3",
        "shapes x=(1,) y",
    ],
)
def test_a_malformed_directive_is_an_error(tmp_path: Path, directive: str) -> None:
    message = error(tmp_path, f"# jacfuzz: {directive}\ndef f(x): return x\ndef jac(x): return np.eye(3)\n")
    assert f"a.py, line 5: got `# jacfuzz: {directive}`, which cannot be read at" in message
    assert "write it as in `# jacfuzz: shapes x=" in message


@pytest.mark.parametrize("name", ["z", "out"])
def test_a_directive_for_an_unknown_argument_is_an_error(tmp_path: Path, name: str) -> None:
    message = error(tmp_path, f"# jacfuzz: shapes x=3 {name}=3\ndef f(x): return x\ndef jac(x): return np.eye(3)\n")
    assert f"gives a shape for `{name}`; expected x" in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(): return 1\ndef jac(): return 1\n", "takes no array"),
        ("def f(x: Int[Array, 'n']): return x\ndef jac(x): return x\n", "no floating-point argument"),
        ("def f(x: Float[Array, 'n'], *, k): return x\ndef jac(x): return x\n", "requires the keyword `k`"),
    ],
)
def test_a_function_that_cannot_be_differentiated_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    message = error(tmp_path, text)
    assert message.startswith(f"{tmp_path / 'a.py'}, line ")
    assert said in message


def test_the_kind_of_array_comes_from_annotation_then_from_the_code(tmp_path: Path) -> None:
    plain = "# jacfuzz: shapes x=(3,)\ndef f(x): return {lib}.sin(x)\ndef jac(x): return {lib}.diag({lib}.cos(x))\n"
    assert target(tmp_path, plain.format(lib="np")).array_type == "numpy"
    assert target(tmp_path, "import jax.numpy as jnp\n" + plain.format(lib="jnp")).array_type == "jax"
    jax = SETUP.replace("np.ndarray", "jax.Array").replace("\n", "\nimport jax\n", 1)
    assert target(tmp_path, VECTOR.format(f="np.sin(x)", jac="np.diag(np.cos(x))"), jax).array_type == "jax"
    imported = "import jax\n" + VECTOR.format(f="np.sin(x)", jac="np.diag(np.cos(x))")
    assert target(tmp_path, imported).array_type == "numpy"


def test_constants_of_the_pair_are_read(tmp_path: Path) -> None:
    pair = VECTOR.format(f="np.sqrt(x)", jac="np.diag(1 / x)")
    loaded = target(tmp_path, f'DOMAIN = {{"x": (0, None)}}\n{pair}\nEDGES = {{"x": [1, np.ones(2)]}}\nKINKS = "rows"')
    assert loaded.domain == {"x": (0.0, None)}
    assert loaded.edges["x"][0] == 1
    assert loaded.kinks == "rows"


def test_constants_belong_to_the_next_pair_only(tmp_path: Path) -> None:
    pair = VECTOR.format(f="x", jac="np.eye(x.size)")
    first, second = load(tmp_path, f'# %% setup\nDOMAIN = {{"x": (0, 1)}}\n# %%\n{pair}\n# %%\n{pair}').targets
    assert isinstance(first, Target)
    assert isinstance(second, Target)
    assert (first.domain, second.domain) == ({"x": (0.0, 1.0)}, {})


@pytest.mark.parametrize(
    ("constant", "said"),
    [
        ("DOMAIN = 3", "DOMAIN is 3; expected a dict by argument"),
        ('DOMAIN = {"z": (0, 1)}', "DOMAIN names 'z'; expected arguments of f: x"),
        ('DOMAIN = {"x": (2, 1)}', "low end is above its high end"),
        ('DOMAIN = {"x": 1}', r"DOMAIN of x is 1; expected (low, high)"),
        ('DOMAIN = {"x": ("a", 1)}', "expected (low, high)"),
        ('EDGES = {"y": []}', "EDGES names 'y'; expected arguments of f: x"),
        ('EDGES = {"x": 1}', "EDGES of x is 1; expected a list"),
        ('EDGES = {"x": ["one"]}', "EDGES of x holds 'one'; expected numbers"),
        ('KINKS = "none"', 'KINKS is \'none\'; expected "any", "rows" or "jax"'),
        ("KINKS = []", "KINKS is []; expected"),
    ],
)
def test_wrong_constants_are_errors(tmp_path: Path, constant: str, said: str) -> None:
    message = error(tmp_path, f"{constant}\n" + VECTOR.format(f="x", jac="np.eye(x.size)"))
    assert message.startswith(str(tmp_path / "a.py"))
    assert said in message


@pytest.mark.parametrize(
    ("body", "stub"),
    [
        ("return 0 * (Os + Is)  # fill in", True),
        ("return 0 * (Os + Is), 0 * Is", True),
        ("return", True),
        ("return None", True),
        ("pass", True),
        ("...", True),
        ("return ...", True),
        ("raise NotImplementedError", True),
        ("raise ValueError(x)", False),
        ("raise SystemExit", False),
        ("if x.size: return None\n    return 0 * x", True),
        ("def inner(): return 1\n    return None", True),
        ("return np.zeros((1, 1))", False),
        ("return Os * 0", False),
        ("return (x > 0) * 0", False),
        ("if x.size: return 0 * x\n    return x", False),
        ("return 0 * x, x  # fill in", False),
    ],
)
def test_a_stub_is_the_unfilled_template(tmp_path: Path, body: str, stub: bool) -> None:
    text = f"Is = np.arange(3)\nOs = Is[:, None]\ndef f(x: Float[Array, '3']): return x\ndef jac(x):\n    {body}\n"
    assert target(tmp_path, text).stub is stub


def test_of_two_lambdas_on_a_line_neither_is_taken_for_a_stub(tmp_path: Path) -> None:
    assert not target(tmp_path, "# jacfuzz: shapes x=3\nf = lambda x: 0 * x; jac = lambda x: np.eye(3)\n").stub


def test_a_lambda_may_be_a_stub(tmp_path: Path) -> None:
    text = "# jacfuzz: shapes x=3\nf = lambda x: x\njac = lambda x: {}\n"
    assert target(tmp_path, text.format("0 * (x + x)")).stub
    assert not target(tmp_path, text.format("np.eye(3)")).stub


SEVERAL = """{top}
import numpy as np
from jaxtyping import Float
Array = np.ndarray
{first}
def g(x: Float[Array, "n"], y: Float[Array, "m"]): return x * y.sum()
def g_jac(x, y): return np.eye(len(x)), np.ones((len(x), len(y)))
{between}
def same(function): return function
{second}
@same
def h(x: Float[Array, "n"], y: Float[Array, "m"]): return x * y.sum()  {beside}
def h_jac(x, y): return np.eye(len(x)), np.ones((len(x), len(y)))
{below}
"""
NOWHERE = dict.fromkeys(("top", "first", "between", "second", "beside", "below"), "")
FREE, FIXED = {"x": ["n"], "y": ["m"]}, {"x": ["2"], "y": ["3"]}
SIZES = "# jacfuzz: shapes x=2 y=3"


@pytest.mark.parametrize(
    ("place", "text", "g", "h"),
    [
        ("top", "", FREE, FREE),
        ("top", SIZES, FIXED, FIXED),
        ("first", SIZES, FIXED, FREE),
        ("first", f"{SIZES}\n# and words\n", FIXED, FREE),
        ("second", SIZES, FREE, FIXED),
        ("second", f"{SIZES}\n\n", FREE, FIXED),
        ("beside", SIZES, FREE, FIXED),
        ("between", f"_ = '{SIZES}'", FREE, FREE),
    ],
)
def test_a_directive_belongs_to_the_pair_below_and_from_the_top_to_all(
    tmp_path: Path, place: str, text: str, g: object, h: object
) -> None:
    loaded = load(tmp_path, SEVERAL.format(**NOWHERE | {place: text}), "")
    assert [dims(found) for found in loaded.targets if isinstance(found, Target)] == [g, h]
    assert not loaded.skipped


def test_a_directive_right_above_the_first_function_is_not_for_all(tmp_path: Path) -> None:
    pairs = SEVERAL.format(**NOWHERE).partition("np.ndarray\n\n")[2]
    for gap, second in (("\n", FREE), ("\n\n", FIXED)):
        loaded = load(tmp_path, f"# %%\n{SIZES}{gap}{pairs}")
        assert [dims(found) for found in loaded.targets if isinstance(found, Target)] == [FIXED, second]


@pytest.mark.parametrize("place", ["between", "below"])
@pytest.mark.parametrize("text", [SIZES, "# jacfuzz: sizes"])
def test_a_directive_that_belongs_to_no_pair_is_told(tmp_path: Path, place: str, text: str) -> None:
    loaded = load(tmp_path, SEVERAL.format(**NOWHERE | {place: text}), "")
    assert [dims(found) for found in loaded.targets if isinstance(found, Target)] == [FREE, FREE]
    (said,) = loaded.skipped
    assert f"`{text}` belongs to no pair; put it right above the function" in said
    assert f"a.py, line {(tmp_path / 'a.py').read_text().split(text)[0].count(chr(10)) + 1}: " in said


def test_a_directive_without_any_pair_is_told_and_one_of_a_broken_pair_is_not(tmp_path: Path) -> None:
    assert "belongs to no pair" in load(tmp_path, f"{SIZES}\nK = 1\n").skipped[0]
    assert "belongs to no pair" not in " ".join(load(tmp_path, f"{SIZES}\nf = 1 / 0\njac = np.eye\n").skipped)


def test_the_only_pair_takes_a_directive_from_anywhere(tmp_path: Path) -> None:
    for place in NOWHERE:
        text = SEVERAL.format(**NOWHERE | {place: SIZES}).replace("g_jac", "unrelated")
        assert dims(target(tmp_path, text, "")) == FIXED
