"""The rules of the puzzles: what a derivative's text may be, judged without running it."""

from __future__ import annotations

import pytest

from jacfuzz.rules import Breach, Rules, breaches_of

ALLOWED = ("numpy.eye", "numpy.diag", "numpy.argsort", "numpy.arange", "numpy.where", ".shape", ".T", ".astype")
RULES = Rules(allow=frozenset(ALLOWED))
HEAD = "import math\nimport jax\nimport numpy as np\n\n\ndef f(x):\n    return x**2\n\n\n"


def breaches(text: str, rules: Rules = RULES) -> tuple[Breach, ...]:
    return breaches_of(text, "puzzle.py", rules)


def broken(text: str, rules: Rules = RULES) -> set[str]:
    return {breach.rule for breach in breaches(text, rules)}


def jac(expression: str, before: str = "") -> str:
    return f"{HEAD}{before}\n\ndef jac(x):\n    return {expression}\n"


@pytest.mark.parametrize(
    "expression",
    [
        "np.diag(2 * x)",
        "np.eye(x.shape[0])[np.argsort(x, kind='stable')]",
        "f(x) * np.eye(3)",
        "[[2 * a if i == o else 0 for i, a in enumerate(x)] for o in range(9)]",
        "(x > 0)[:, None].astype(float) @ np.eye(2).T",
        "x[..., 0] + -1.5e-9",
        "x / 1e-6",
    ],
)
def test_plain_formulas_are_within_the_rules(expression: str) -> None:
    assert breaches(jac(expression)) == ()


def test_data_around_the_derivative_may_be_read() -> None:
    assert breaches(jac("2 * (Is == Os) * x", "I, O = 4, 5\nIs, Os = np.arange(I), np.arange(O)[:, None]\n")) == ()


def test_jax_numpy_counts_as_numpy() -> None:
    assert breaches(jac("np.diag(2 * x)").replace("import numpy as np", "import jax.numpy as np")) == ()


@pytest.mark.parametrize(
    ("expression", "rule"),
    [
        ("jax.jacfwd(f)(x)", "derivative"),
        ("np.gradient(x)", "derivative"),
        ("(f(x + 1e-6) - f(x)) / 1e-6", "derivative"),
        ("(math.sin(x + 1e-6) - math.sin(x)) / 1e-6", "derivative"),
        ("[f(x) for x in (x + 1, x)]", "derivative"),
        ("np.diag(2j * x)", "numbers"),
        ("b'ab'", "numbers"),
        ("np.load(x)", "name"),
        ("np.eye.__wrapped__(3)", "name"),
        ("x.ctypes", "name"),
        ("__import__('jax').jacfwd", "name"),
        ("eval('2 * x')", "name"),
        ("getattr(jax, 'jac' + 'fwd')(f)(x)", "name"),
        ("(lambda g: g(x))(f)", "syntax"),
        ("{i: i for i in x}", "syntax"),
        ("f'{x}'", "syntax"),
        ("(y := x)", "syntax"),
        ("[f][0](x)", "syntax"),
        ("sum(map(f, x))", "name"),
        ("max(x, key=f)", "name"),
        ("undefined(x)", "name"),
    ],
)
def test_anything_else_is_refused_by_name(expression: str, rule: str) -> None:
    assert rule in broken(jac(expression))


@pytest.mark.parametrize(
    "before",
    [
        "J = jax.jacfwd(f)\n",
        "J = K = jax.jacfwd(f)\n",
        "def J(x):\n    return jax.jacfwd(f)(x)\n",
        "from jax import jacfwd as J\n",
        "for J in [jax.jacfwd(f)]:\n    pass\n",
        "class J:\n    pass\n",
    ],
)
def test_the_way_round_by_another_name_is_closed(before: str) -> None:
    assert broken(jac("J(x)", before))
    assert broken(jac("J @ x", before))


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "jac = jax.jacfwd(f)\n",
        HEAD + "jac = lambda x: 2 * x\njac = jax.jit(jac)\n",
        HEAD + "if True:\n    def jac(x):\n        return 2 * x\n",
        HEAD + "@jax.jacfwd\ndef jac(x):\n    return x\n",
        HEAD + "def jac(x, g=jax.jacfwd(f)):\n    return 2 * x\n",
        jac("np.eye(3)", "np.eye = jax.jacfwd(f)\n"),
        jac("np.eye(3)", "from somewhere import *\n"),
        jac("np.eye(3)", "import somewhere as np\n"),
        jac("2 * x", "from jacfuzz import Target\n"),
        jac("abs(x)", "abs = jax.jacfwd(f)\n"),
        jac("J", "J = 0\ndef g():\n    global J\n    J = jax.jacfwd(f)\n"),
        jac("2 * x") + "\n\ndef other(x):\n    return jax.jacfwd(f)(x)\n\n\ncheck(f, other, in_shape=(3,))\n",
    ],
)
def test_what_would_put_another_function_in_place_is_refused(text: str) -> None:
    assert breaches(text)


def test_one_line_of_eighty_columns() -> None:
    assert broken(jac("(\n        2 * x\n    )")) == {"lines"}
    assert broken(HEAD + "def jac(x):\n    y = 2 * x; return y\n") == {"lines"}
    assert breaches(HEAD + "def jac(x):\n    y = 2 * x\n    return y\n", Rules(lines=2)) == ()
    fits = jac("x" + " + x" * 17)
    exactly = next(line for line in fits.splitlines() if line.startswith("    return x + x"))
    assert breaches(fits, Rules(columns=len(exactly))) == ()
    (wide,) = breaches(fits, Rules(columns=len(exactly) - 1))
    assert (wide.rule, wide.column) == ("columns", len(exactly))


def test_line_and_column_are_where_it_stands() -> None:
    (breach,) = breaches(jac("2 * np.load(x)"))
    line = jac("2 * np.load(x)").splitlines()[breach.line - 1]
    assert line[breach.column - 1 :].startswith("np.load")


def test_pages_and_notebooks_are_judged_block_by_block() -> None:
    page = f"# Page\n\n```python\n{HEAD}```\n\n```python\ndef jac(x):\n    return jax.jacfwd(f)(x)\n```\n"
    found = breaches_of(page, "page.md", RULES)
    assert {page.splitlines()[breach.line - 1].strip() for breach in found} == {"return jax.jacfwd(f)(x)"}


class TestIndexFunctions:
    def test_within_the_rules(self) -> None:
        text = "import math\n\n\ndef fb_cos(x):\n    f = lambda o: math.cos(x[o])\n"
        assert breaches(text + "    dx = lambda i, o: -math.sin(x[o]) * (i == o) + 0 * f(o)\n    return f, dx\n") == ()

    @pytest.mark.parametrize(
        "derivative", ["jax.grad(f)(o)", "(fb_cos(x + 1)[0](o) - f(o))", "whole[o]"], ids=["ad", "itself", "data"]
    )
    def test_refused(self, derivative: str) -> None:
        text = "import jax\n\n\ndef fb_cos(x):\n    whole = jax.jacfwd(abs)(x)\n    f = lambda o: x[o]\n"
        assert breaches(f"{text}    dx = lambda i, o: {derivative}\n    return f, dx\n")

    def test_every_way_to_return_is_seen(self) -> None:
        text = "import jax\n\n\ndef fb_id(x):\n    if len(x):\n        return (lambda o: x[o]), jax.grad(abs)\n"
        assert breaches(f"{text}    return (lambda o: x[o]), (lambda i, o: i == o)\n")


def test_text_that_is_no_python_is_left_to_loading() -> None:
    assert breaches("def jac(x) return") == ()
