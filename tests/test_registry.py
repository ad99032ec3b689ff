"""Targets by name: the catalogue, packages that declare the entry point group, files, folders and modules."""

from __future__ import annotations

import importlib
import uuid
from pathlib import Path

import pytest

from jacfuzz.errors import NothingFound, UsageError
from jacfuzz.registry import Catalogue, Readers, entries, find
from jacfuzz.target import Claims, Loaded, Target, Unloadable

PAIR = '''
"""Double: twice every entry."""

import numpy as np
from jaxtyping import Float


def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return 2 * x


def jac(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n n"]:
    return 2 * np.eye(x.shape[0])
'''
EXPLODES = '"""Boom: raises when executed."""\n\nraise RuntimeError("executed")\n'


class Distribution:
    """An installed distribution that declares the entry point group."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.name = f"robots-{uuid.uuid4().hex[:8]}"
        self.package = self.name.replace("-", "_")

    def install(self, files: dict[str, str], value: str | None = None) -> None:
        folder = self.site / self.package
        folder.mkdir()
        for name, text in {"__init__.py": "", **files}.items():
            (folder / name).write_text(text.lstrip())
        info = self.site / f"{self.package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {self.name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[jacfuzz.targets]\nrobots = {value or self.package}\n")
        importlib.invalidate_caches()


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Distribution:
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    return Distribution(site)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    path = tmp_path / "work"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


def ids(*names: str) -> list[str]:
    return [target.id for target in find(names).targets]


def test_no_names_give_the_whole_catalogue() -> None:
    loaded = find([])
    assert [target.id for target in loaded.targets] == [entry.name for entry in entries()]
    assert {"sort", "convolution_2d", "softmax"} <= {target.id for target in loaded.targets}
    assert all(isinstance(target, Target) for target in loaded.targets)


def test_entries_of_the_catalogue_are_found_by_name_and_claim_nothing() -> None:
    sort, mean = find(["sort", "mean", "sort"]).targets
    assert (sort.id, sort.title, mean.id) == ("sort", "Sort", "mean")
    assert isinstance(sort, Target)
    assert sort.claim is None
    assert sort.signature.sizes == {}


def test_every_entry_has_a_one_line_description() -> None:
    for entry in entries():
        assert entry.description.startswith(f"{entry.title}: ")


def test_listing_executes_nothing(distribution: Distribution) -> None:
    distribution.install({"__init__.py": EXPLODES, "boom.py": EXPLODES})
    assert "boom" in {entry.name for entry in entries()}


def test_packages_join_by_entry_point(distribution: Distribution) -> None:
    distribution.install({"double.py": PAIR, "sort.py": PAIR, "_helper.py": EXPLODES})
    catalogue = Catalogue()
    assert {"double", "sort", "robots.sort"} <= set(catalogue.names)
    assert not [name for name in catalogue.names if "helper" in name]
    (target,) = find(["double"]).targets
    assert (target.id, target.title) == ("double", "Double")
    (shipped,), (theirs,) = find(["sort"]).targets, find(["robots.sort"]).targets
    assert shipped.title == "Sort"
    assert theirs.title == "Double"


@pytest.mark.parametrize("value", ["no_such_package_anywhere", "json.decoder"])
def test_a_broken_package_is_an_error_that_names_the_distribution(distribution: Distribution, value: str) -> None:
    distribution.install({"double.py": PAIR}, value)
    broken = [target for target in find([]).targets if isinstance(target, Unloadable)]
    assert [target.id for target in broken] == [distribution.name]
    assert distribution.name in broken[0].message
    assert value in broken[0].message
    assert "jacfuzz.targets" in broken[0].message


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("def f(x:\n", "line 1"),
        ('TITLES = tuple("ab")\n', "literal"),
        ('INDEX_SHAPES = {"fb_sort": {"x": (50,)}}\n', "INDEX_SHAPES"),
    ],
)
def test_a_broken_file_of_a_package_leaves_the_others(distribution: Distribution, text: str, cause: str) -> None:
    distribution.install({"double.py": PAIR, "wrong.py": text})
    broken, double = find(["wrong", "double"]).targets
    assert isinstance(broken, Unloadable)
    assert distribution.name in broken.message
    assert "wrong.py" in broken.message
    assert cause in broken.message
    assert isinstance(double, Target)


def test_a_file_of_a_package_without_a_pair_is_an_error(distribution: Distribution) -> None:
    distribution.install({"nothing.py": "import math\n"})
    (target,) = find(["nothing"]).targets
    assert isinstance(target, Unloadable)
    assert "nothing.py" in target.message


def test_folders_are_searched_in_order_without_hidden_files(folder: Path) -> None:
    for name in ("b.py", "a/c.py", "a/.hidden/x.py", ".d.py", "a/__pycache__/y.py", "z.md", "ignored.rst"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# Double\n\n```python{PAIR}```\n" if name.endswith(".md") else PAIR.lstrip())
    (folder / "helper.py").write_text("import math\n")
    (folder / "notes.md").write_text("# No code at all\n")
    found = [target.place.file for target in find(["."]).targets]
    assert found == ["a/c.py", "b.py", "z.md"]


def test_a_file_given_twice_is_loaded_once(folder: Path) -> None:
    (folder / "one.py").write_text(PAIR.lstrip())
    assert len(ids("one.py", "./one.py", ".")) == 1


def test_a_path_wins_over_an_entry_of_the_same_name(folder: Path) -> None:
    (folder / "sort").mkdir()
    (folder / "sort" / "mine.py").write_text(PAIR.lstrip())
    (target,) = find(["sort"]).targets
    assert target.place.file == "sort/mine.py"


def test_a_module_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"arm_{uuid.uuid4().hex[:8]}"
    (folder / f"{name}.py").write_text(PAIR.lstrip())
    monkeypatch.syspath_prepend(folder)
    (target,) = find([f"{name}:f"]).targets
    assert isinstance(target, Target)


def test_claims_are_turned_off_without_the_catalogue(folder: Path) -> None:
    (folder / "page.md").write_text(f"## Problem 12: Sort\n\n```python{PAIR}```\n")
    (claiming,) = find(["page.md"]).targets
    (silent,) = find(["page.md"], catalogue=False).targets
    assert isinstance(claiming, Target)
    assert isinstance(silent, Target)
    assert claiming.claim is not None
    assert claiming.claim.entry == "sort"
    assert silent.claim is None


@pytest.mark.parametrize(
    ("name", "suggestion"), [("srot", "sort"), ("cumsums", "cumsum"), ("answrs.py", "answers.py"), ("zzzz", None)]
)
def test_an_unknown_name_is_refused_with_near_ones(folder: Path, name: str, suggestion: str | None) -> None:
    (folder / "answers.py").write_text(PAIR)
    with pytest.raises(UsageError) as caught:
        find([name])
    message = str(caught.value)
    assert message.startswith(f"{name}: no such file or folder")
    assert "jacfuzz list" in message
    assert ("did you mean" in message) == (suggestion is not None)
    assert (suggestion or "") in message


def test_one_unknown_name_among_several_costs_the_others_nothing(folder: Path) -> None:
    known, unknown = find(["sort", "missing.py"]).targets
    assert isinstance(known, Target)
    assert isinstance(unknown, Unloadable)
    assert "missing.py: no such file or folder" in unknown.message


def test_an_unknown_kind_of_file_is_refused(folder: Path) -> None:
    (folder / "page.rst").write_text("Text")
    with pytest.raises(UsageError, match=r"page\.rst: got a file of kind \.rst; expected \.py"):
        find(["page.rst"])


@pytest.mark.parametrize("files", [(), (".hidden.py",), ("page.rst",), ("helper.py", "notes.md")])
def test_a_folder_with_nothing_to_check_says_so(folder: Path, files: tuple[str, ...]) -> None:
    (folder / "empty").mkdir()
    for name in files:
        (folder / "empty" / name).write_text("# nothing\n")
    with pytest.raises(NothingFound, match="empty: "):
        find(["empty"])


def test_a_named_file_without_a_pair_is_an_error_and_the_others_load(folder: Path) -> None:
    (folder / "helper.py").write_text("import math\n")
    (folder / "one.py").write_text(PAIR.lstrip())
    helper, one = find(["helper.py", "one.py"]).targets
    assert isinstance(helper, Unloadable)
    assert "helper.py" in helper.message
    assert isinstance(one, Target)


def test_a_notebook_that_is_not_json_is_an_error_and_the_others_load(folder: Path) -> None:
    (folder / "bad.ipynb").write_text("not JSON")
    (folder / "one.py").write_text(PAIR.lstrip())
    bad, one = find(["."]).targets
    assert isinstance(bad, Unloadable)
    assert "bad.ipynb" in bad.message
    assert isinstance(one, Target)


class _Told(Readers):
    """Readers that note what they are told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def last(self) -> None:
        self.told.append("last")

    def file(self, path: Path, claims: Claims | None) -> Loaded:
        self.told.append(path.name)
        return super().file(path, claims)


@pytest.mark.parametrize(
    ("names", "told"),
    [(["a.py"], ["last", "a.py"]), (["a.py", "b.py"], ["a.py", "b.py"]), (["."], ["a.py", "b.py"])],
)
def test_a_reader_hears_that_what_it_reads_is_judged_at_once(
    names: list[str], told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("import numpy as np\ndef f(x): return x\ndef jac(x): return np.eye(len(x))\n")
    monkeypatch.chdir(tmp_path)
    readers = _Told()
    find(names, readers=readers)
    assert readers.told == told
