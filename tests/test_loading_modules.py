"""Pairs of importable modules: ``module`` and ``module:name``."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import jacfuzz
from jacfuzz.errors import LoadError, UsageError
from jacfuzz.loading import load_module
from jacfuzz.target import Target

SETUP = """\
import numpy as np
from jaxtyping import Float
Vector = Float[np.ndarray, "n"]
"""
PAIR = """
def {f}(x: Vector):
    return 2 * x
def {jac}(x: Vector):
    return 2 * np.eye(x.size)
"""

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a module into the current folder, and return its name."""

    def write(text: str) -> str:
        name = f"arm_{uuid.uuid4().hex[:8]}"
        (tmp_path / f"{name}.py").write_text(SETUP + text)
        importlib.invalidate_caches()
        return name

    monkeypatch.chdir(tmp_path)
    return write


@pytest.mark.parametrize(("f", "jac"), [("f", "jac"), ("g", "g_jac"), ("g", "jac_g"), ("g", "g_jacobian")])
def test_a_function_is_found_with_its_companion(write: Write, f: str, jac: str) -> None:
    name = write(PAIR.format(f=f, jac=jac))
    (target,) = load_module(f"{name}:{f}").targets
    assert isinstance(target, Target)
    assert target.jac.__name__ == jac
    assert target.id == f"{name}:{f}::{f}"
    assert target.place.file == name
    assert target.place.line == 5


def test_each_pair_of_a_module_has_its_own_directive(write: Write) -> None:
    fixed = "# jacfuzz: shapes x=(5,)\n"
    pairs = [PAIR.format(f=name, jac=f"{name}_jac") for name in "gh"]
    name = write(f"{pairs[0]}\n{fixed}{pairs[1].lstrip()}")
    for f, axes in (("g", "n"), ("h", "5")):
        (target,) = load_module(f"{name}:{f}").targets
        assert isinstance(target, Target)
        assert target.signature.arguments[0].specs[0].dim_str == axes


def test_a_module_gives_all_its_pairs(write: Write) -> None:
    made = (
        "# jacfuzz: shapes x=(2,) out=(2,)\n"
        "def fb_same(x):\n    return lambda o: x[o], lambda i, o: i == o\n"
        "from jacfuzz.signature import Argument, Signature, fixed_spec\n"
        "from jacfuzz.target import Place, Target\n"
        "made = Target('made', 'Made', Place(''), g, slope, Signature((Argument('x', fixed_spec((2,))),)))\n"
    )
    name = write(PAIR.format(f="g", jac="slope") + made)
    loaded = load_module(name).targets
    assert [(target.id, target.title) for target in loaded] == [
        (f"{name}::fb_same", "fb_same"),
        (f"{name}::made", "made"),
    ]
    assert all(isinstance(target, Target) for target in loaded)
    (alone,) = load_module(f"{name}:made").targets
    assert isinstance(alone, Target)
    assert alone.title == "made"
    (same,) = load_module(f"{name}:fb_same").targets
    assert isinstance(same, Target)
    assert same.calls == 4


def test_the_only_pair_is_named_after_the_module(write: Write) -> None:
    name = write(PAIR.format(f="f", jac="jac"))
    (target,) = load_module(name).targets
    assert (target.title, target.id) == (name, f"{name}::{name}")


def test_an_attribute_may_be_dotted(write: Write) -> None:
    name = write("class arm:\n    fb_same = staticmethod(lambda x: (lambda o: x[o], lambda i, o: i == o))\n")
    (target,) = load_module(f"{name}:arm.fb_same").targets
    assert "shapes" in getattr(target, "message", "")


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ("g", "has no Jacobian beside it; name one g_jac, jac_g or g_jacobian"),
        ("f", "name one jac, f_jac, jac_f or f_jacobian"),
        ("gg", "has no name gg; did you mean g"),
        ("np.nothing_at_all", "has no name np.nothing_at_all"),
        ("K", "is of type int; expected a function or a Target"),
    ],
)
def test_a_name_that_is_no_pair_is_refused(write: Write, attribute: str, said: str) -> None:
    name = write("K = 3\ndef g(x): return x\ndef f(x): return x\n")
    with pytest.raises(UsageError) as caught:
        load_module(f"{name}:{attribute}")
    assert str(caught.value).startswith(name)
    assert said in str(caught.value)


@pytest.mark.parametrize("spec", ["no_such_module_at_all", "no_such_module_at_all.sub:f", "json.no_such_part:f"])
def test_a_module_that_does_not_exist_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="no module named"):
        load_module(spec)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_library", "No module named 'no_such_library'"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(1)", "SystemExit"),
        ("def f(:", "SyntaxError"),
    ],
)
def test_a_module_that_cannot_be_imported_is_an_error(write: Write, text: str, said: str) -> None:
    name = write(text)
    with pytest.raises(LoadError, match=f"{name}: cannot be imported .*{said}"):
        load_module(name)


def test_a_module_without_a_pair_gives_none(write: Write) -> None:
    assert load_module(write("K = 3\n")).targets == ()


MADE = """
import jacfuzz
rise = jacfuzz.make_target(np.sin, lambda x: np.diag(np.cos(x)), at=(np.ones(3),))
fall = jacfuzz.make_target(np.cos, lambda x: np.diag(-np.sin(x)), at=(np.ones(3),))
"""


def test_targets_that_a_module_made_are_named_and_found_by_their_variables(write: Write) -> None:
    name = write(MADE)
    file = f"{name}.py"
    loaded = jacfuzz.load(f"{file}::fall")
    assert (loaded.id, loaded.title, loaded.place.line) == (f"{file}::fall", "fall", 7)
    assert loaded.f(np.zeros(1)) == 1.0
    (target,) = load_module(f"{name}:rise").targets
    assert (target.title, target.place.line) == ("rise", 1)
