"""Reports in a notebook: heat maps inline, plots, and cells that are checked as they run."""

import subprocess
import sys
import types
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from jacfuzz.api import Report
from jacfuzz.errors import UsageError
from jacfuzz.notebook import CellChecker
from jacfuzz.result import Finding, Note, TargetResult

WRONG = Finding(
    kind="value",
    message="J[0, 1] is 5, expected 0.",
    argument="x",
    cells=[[0, 1]],
    candidate=[[1.0, 5.0], [0.0, 1.0]],
    reference=[[1.0, 0.0], [0.0, 1.0]],
    point={"x": [0.0, 1.0]},
    reproduce="print(f(x))",
    axes=["i", "j"],
    quotients=[[4.0**-k, 16.0**-k] for k in range(1, 8)],
)


def report(*findings: Finding, title: str = "f") -> Report:
    verdict: Any = "fail" if findings else "pass"
    return Report(TargetResult(title, title, "<python>", 1, verdict, findings, (Note("dtype", "bool dtype"),), 20))


class Tags(HTMLParser):
    """The names of all tags, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


class TestHtml:
    def test_the_heat_maps_are_there_without_a_script(self) -> None:
        found = Tags(report(WRONG)._repr_html_())
        assert found.names.count("table") == 3
        assert "svg" in found.names
        assert "script" not in found.names
        for said in ("FAIL", WRONG.message, "f[i]", "x[j]", "print(f(x))", "note: bool dtype"):
            assert said in found.text

    def test_a_pass_is_one_line(self) -> None:
        found = Tags(report()._repr_html_())
        assert "table" not in found.names
        assert "PASS" in found.text

    def test_text_of_strangers_stays_text(self) -> None:
        hostile = "</div></style><script>alert(1)</script><img src=x onerror=alert(1)>\u202e"
        found = Tags(report(WRONG, title=hostile)._repr_html_())
        assert not {"script", "img"} & set(found.names)
        assert "<script>alert(1)</script>" in found.text
        assert "\u202e" not in found.text


class TestShow:
    def test_without_matplotlib_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
        with pytest.raises(UsageError, match=r"needs matplotlib; pip install 'jacfuzz\[notebook\]'"):
            report(WRONG).show()

    def test_a_figure_per_finding_that_can_be_compared(self) -> None:
        matplotlib = pytest.importorskip("matplotlib")
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        plt.close("all")
        report(WRONG, Finding("shape", "The shape is wrong.", candidate=[1.0])).show()
        (figure,) = map(plt.figure, plt.get_fignums())
        titles = [axes.get_title() for axes in figure.axes][:3]
        limits = {axes.images[0].get_clim() for axes in figure.axes[:3]}
        marked = [[tuple(line.get_xydata()[0]) for line in axes.lines] for axes in figure.axes[:3]]
        plt.close("all")
        assert titles == ["candidate", "reference", "difference"]
        assert limits == {(-5.0, 5.0)}
        assert marked == [[(1.0, 0.0)], [], []]  # column, row


PAIR = """\
import numpy as np
from jaxtyping import Float
def f(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2"]:
    return 3 * x
def jac(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2 2"]:
    return 2 * np.eye(2)
"""


class Shell:
    """As much of an IPython session as the extension asks for."""

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {}
        self.checker = CellChecker(self)

    def transform_cell(self, code: str) -> str:
        return code

    def run(self, code: str, *, success: bool = True) -> None:
        if success:
            exec(code, self.user_ns)
        self.checker.after_cell(types.SimpleNamespace(success=success, info=types.SimpleNamespace(raw_cell=code)))


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the extension displays, whether IPython is installed or not."""
    shown: list[Any] = []
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    display = types.ModuleType("IPython.display")
    display.display = shown.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return shown


class TestCells:
    def test_a_cell_with_a_pair_is_checked(self, displayed: list[Any]) -> None:
        Shell().run(PAIR)
        (found,) = displayed
        assert (found.verdict, found.findings[0].axes) == ("fail", ["i", "j"])

    @pytest.mark.parametrize(
        "code",
        [
            "x = 1",
            "def f(x):\n    return x",
            "class f: pass\ndef jac(x): pass",
            "f = 1; jac = 2",
            "def g():\n    f = jac = 1",
        ],
    )
    def test_a_cell_without_one_is_left_alone(self, displayed: list[Any], code: str) -> None:
        Shell().run(code)
        assert displayed == []

    def test_so_is_a_cell_that_failed(self, displayed: list[Any]) -> None:
        Shell().run(PAIR, success=False)
        assert displayed == []

    def test_what_cannot_be_checked_is_said_in_a_line(
        self, displayed: list[Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        Shell().run("def f(x): return x\ndef jac(x): return x")
        assert capsys.readouterr().out.startswith("jacfuzz: argument `x` of f has no annotation")
        assert displayed == []


@pytest.fixture
def session() -> Iterator[Any]:
    """A session of IPython itself."""
    shells = pytest.importorskip("IPython.core.interactiveshell")
    yield shells.InteractiveShell.instance()
    shells.InteractiveShell.clear_instance()


def test_the_extension_comes_and_goes(session: Any, capsys: pytest.CaptureFixture[str]) -> None:
    session.run_cell("%load_ext jacfuzz")
    session.run_cell("%reload_ext jacfuzz")
    capsys.readouterr()
    session.run_cell("%pwd\nx = 1")
    session.run_cell(PAIR)
    assert capsys.readouterr().out.count("FAIL   f  value") == 1
    session.run_cell("%unload_ext jacfuzz")
    session.run_cell(PAIR)
    assert "FAIL" not in capsys.readouterr().out


def test_loading_the_extension_imports_nothing_heavy() -> None:
    code = (
        "import sys, jacfuzz, jacfuzz.notebook\n"
        "print(*[name for name in ('jax', 'numpy', 'IPython', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
