"""The campaign over other packages: its plumbing, with pairs of NumPy code in place of packages."""

import json
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ci" / "wild"))

import campaign
from entry import Entry, elementwise, number, scalar, vector

RIGHT = elementwise("sin'", np.sin, np.cos)
WRONG = scalar("square, halved", lambda x: np.sum(x**2), lambda x: x, [1.0, 2.0])
NUMPY = campaign.Wired("numpy", "1", (RIGHT, WRONG))

FILE = """
import numpy as np
from entry import elementwise


def entries():
    yield elementwise("exp'", np.exp, np.exp)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one package that is installed, in two files, and one that is not."""
    for name in ("numpy", "numpy__more", "no_such_package"):
        (tmp_path / f"{name}.py").write_text(FILE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("entry", "verdict"), [(RIGHT, "pass"), (WRONG, "fail")])
def test_an_outcome_is_the_verdict(entry: Entry, verdict: str) -> None:
    found = campaign.outcome(NUMPY, entry, seed=0, budget=5)
    assert (found.verdict, found.package, found.name) == (verdict, "numpy", entry.name)
    assert bool(found.findings) == (verdict == "fail")


@pytest.mark.parametrize(
    "entry",
    [
        elementwise("log'", np.log, lambda x: 1 / x, "(0, inf)"),
        number("square'", lambda x: x * x, lambda x: 2 * x),
        scalar("sum", np.sum, np.ones_like, [1.0, 2.0]),
        vector("double", lambda x: 2 * x, lambda x: 2 * np.eye(2), [1.0, 2.0]),
    ],
    ids=lambda entry: entry.name,
)
def test_every_short_way_states_a_right_pair(entry: Entry) -> None:
    assert campaign.outcome(NUMPY, entry, seed=0, budget=5).verdict == "pass"


def test_what_cannot_be_checked_is_an_error_and_says_why() -> None:
    entry = Entry("no domain", np.sin, np.cos, {"at": 1.0, "domain": {"x": "nothing"}})
    found = campaign.outcome(NUMPY, entry, seed=0, budget=5)
    assert found.verdict == "error"
    assert "nothing" in found.notes[0]


def test_files_of_packages_that_are_not_installed_are_named(folder: Path) -> None:
    missing, *found = campaign.wired(folder, None)
    assert missing == "no-such-package"
    named = [(package.package, package.version) for package in found if not isinstance(package, str)]
    assert named == 2 * [("numpy", np.__version__)]


@pytest.mark.parametrize(("only", "count"), [("numpy", 2), ("numpy__more", 1), ("scipy", 0)])
def test_one_package_or_one_file_can_be_chosen(folder: Path, only: str, count: int) -> None:
    assert len(list(campaign.wired(folder, only))) == count


def test_what_is_recorded_first_stays(tmp_path: Path) -> None:
    path = tmp_path / "first.json"
    first, second = campaign.Outcome("numpy", "1", "f", "fail"), campaign.Outcome("numpy", "2", "f", "pass")
    other = campaign.Outcome("numpy", "2", "g", "pass")
    campaign.record([first], path)
    campaign.record([second, other], path)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert [(one["name"], one["verdict"]) for one in kept] == [("f", "fail"), ("g", "pass")]


def test_the_record_of_first_runs_can_be_read() -> None:
    recorded = json.loads((campaign.HERE / "first_run.json").read_text(encoding="utf-8"))
    assert {one["verdict"] for one in recorded} <= set(campaign.VERDICTS)
    names = [(one["package"], one["name"]) for one in recorded]
    assert len(names) == len(set(names))


def test_an_entry_that_takes_too_long_is_stopped() -> None:
    with campaign.limited(1000), pytest.raises(campaign.Overtime, match="1000 s"):
        signal.raise_signal(signal.SIGALRM)
