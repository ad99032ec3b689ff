from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from contributions import GOOD, WRONG, row
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from platformdirs import user_cache_dir

from jacfuzz import records, registry, search
from jacfuzz.cli.main import cli
from jacfuzz.errors import IsolationError, LoadError
from jacfuzz.evaluation.evaluate import Evaluation, Problem, evaluate
from jacfuzz.evaluation.hosted import DiedError, host_of
from jacfuzz.evaluation.worker import FrameError, Item, Tag, hardened, read_item
from jacfuzz.isolation import doctor, tree
from jacfuzz.isolation.answers import fill
from jacfuzz.isolation.content import digest_of
from jacfuzz.isolation.conversation import Question, Worker
from jacfuzz.isolation.description import describe, rebuild
from jacfuzz.isolation.host import RemoteHost
from jacfuzz.isolation.limits import Limits, Mode
from jacfuzz.isolation.nursery import Nursery
from jacfuzz.isolation.own_files import own_files
from jacfuzz.isolation.posed import Posed
from jacfuzz.isolation.remote import IsolatedReaders, isolated
from jacfuzz.isolation.task import Task
from jacfuzz.judge import Judge
from jacfuzz.result import Finding, TargetResult
from jacfuzz.settings import Settings
from jacfuzz.target import Target

NONCE = bytes(range(16))
MOST = 1 << 16
DTYPES = hnp.boolean_dtypes() | hnp.integer_dtypes(endianness="<") | hnp.floating_dtypes(endianness="<")
ARRAYS = hnp.arrays(DTYPES | hnp.complex_number_dtypes(endianness="<"), hnp.array_shapes(min_dims=0, min_side=0))


def read_all(data: bytes) -> Item:
    stream = io.BytesIO(data)

    def read(count: int) -> bytes:
        found = stream.read(count)
        if len(found) < count:
            raise EOFError
        return found

    return read_item(read, NONCE, MOST)


@given(st.integers(0, 255), st.text(max_size=50), st.none() | ARRAYS)
def test_item_comes_back_as_it_was_sent(tag: int, text: str, array: np.ndarray | None) -> None:
    item = read_all(Item(tag, text, array).encoded(NONCE))
    assert (item.tag, item.text) == (tag, text.encode("utf-8", "replace").decode())
    assert (item.array is None) == (array is None)
    if array is not None and item.array is not None:
        assert item.array.shape == array.shape
        assert item.array.dtype == array.dtype or array.dtype.itemsize > 8
        np.testing.assert_array_equal(item.array, array)


@given(st.binary(max_size=200), ARRAYS, st.data())
def test_any_bytes_are_an_item_or_refused(noise: bytes, array: np.ndarray, data: st.DataObject) -> None:
    frame = bytearray(Item(Tag.PRIMAL, "text", array).encoded(NONCE))
    for place in data.draw(st.lists(st.integers(16, len(frame) - 1), max_size=8)):
        frame[place] = data.draw(st.integers(0, 255))
    for mutated in (noise, NONCE + noise, bytes(frame), bytes(frame[: len(noise)]) + noise):
        try:
            item = read_all(mutated)
        except (FrameError, EOFError):
            continue
        assert mutated.startswith(NONCE)
        assert item.array is None or item.array.nbytes <= MOST


def test_answer_to_another_question_is_refused() -> None:
    with pytest.raises(FrameError, match="no question"):
        read_all(Item(Tag.END).encoded(bytes(16)))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_forged_description_is_refused_or_targets(junk: object) -> None:
    content = json.loads(json.dumps(describe(registry.find(["softmax"]))))
    for key in content["targets"][0]:
        forged = {**content, "targets": [{**content["targets"][0], key: junk}]}
        try:
            loaded = rebuild(forged, "x.py", None, _no_host)
        except LoadError:
            continue
        assert all(target.place.file == "x.py" for target in loaded.targets)


def test_description_says_all_of_a_target() -> None:
    for entry in ("softmax", "matmul", "rosenbrock", "huber", "sort"):
        loaded = registry.find([entry])
        (again,) = rebuild(
            json.loads(json.dumps(describe(loaded))), loaded.targets[0].place.file, None, _no_host
        ).targets
        (target,) = loaded.targets
        assert isinstance(target, Target)
        assert isinstance(again, Target)
        same = (
            "id",
            "title",
            "place",
            "signature",
            "array_type",
            "domain",
            "edges",
            "kinks",
            "calls",
            "stub",
            "source",
        )
        for name in same:
            assert getattr(again, name) == getattr(target, name)


def _no_host(target: Target, names: tuple[str, ...]) -> RemoteHost:
    return None  # type: ignore[return-value]


def test_verdicts_are_those_of_this_process(tmp_path: Path) -> None:
    settings = Settings(max_examples=20, shrink=False)
    for name, body in (("good", GOOD), ("wrong", WRONG)):
        (tmp_path / f"{name}.py").write_text(row("", body).source)
    with isolated("process") as readers:
        apart = [search.run(target, settings) for target in registry.find([str(tmp_path)], readers=readers).targets]
    here = [search.run(target, settings) for target in registry.find([str(tmp_path)]).targets]
    for one, other in zip(apart, here, strict=True):
        assert (one.verdict, one.points, one.unsure_points) == (other.verdict, other.points, other.unsure_points)
        assert [finding.point for finding in one.findings] == [finding.point for finding in other.findings]


PRECISE = """import numpy as np
from scipy import special
from jaxtyping import Float

def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return 0.5 * x * (1 + special.erf(x / np.sqrt(2)))

def jac(x: Float[np.ndarray, "n"]):
    slope = 0.5 * special.erfc(-x / np.sqrt(2)) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    return np.diag(slope * np.where(x > 1, {factor}, 1))
"""


@pytest.mark.parametrize("mode", ["process", "hardened"])
def test_what_f_is_too_coarse_to_show_is_settled_by_exact_arithmetic_in_its_own_process(
    tmp_path: Path, mode: Mode
) -> None:
    for factor, verdict in (("1", "pass"), ("1.001", "fail")):
        file = tmp_path / f"times_{factor[2:]}.py"
        file.write_text(PRECISE.format(factor=factor))
        with isolated(mode) as readers:
            (target,) = registry.find([str(file)], readers=readers).targets
            result = search.run(target, Settings(max_examples=50, shrink=False))
        assert result.verdict == verdict
        assert result.unsure_points <= 0.01 * result.points or verdict == "fail"


def test_hardened_process_is_refused_everything() -> None:
    with Nursery("hardened", Limits()) as nursery:
        assert not doctor.trial(nursery).allowed


@pytest.mark.parametrize("name", ["solution.py", "solution:f", "parts.solution:f"])
def test_hardened_code_reads_what_it_imports_from_its_folder_and_nothing_else_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "parts" if name.startswith("parts") else tmp_path
    for folder in (tmp_path / "parts", tmp_path / "kit"):
        folder.mkdir()
        (folder / "__init__.py").write_text("")
    (tmp_path / "helper.py").write_text("from kit.deep import TWO\n")
    (tmp_path / "kit" / "deep.py").write_text("TWO = 2\n")
    (tmp_path / "secret.py").write_text("KEY = 1\n")
    spies = "try:\n    __import__('secret')\n    seen = 0\nexcept PermissionError:\n    seen = 1\n"
    top = f"from helper import TWO\n{spies}---\nreturn seen * np.diag(TWO * x)"
    (home / "solution.py").write_text(row("", top).source)
    with isolated("hardened") as readers:
        (target,) = registry.find([name], readers=readers).targets
        assert isinstance(target, Target), target
        (answer,) = evaluate(target, (np.ones((1, 3)),)).jacobians
    assert isinstance(answer, tuple), answer
    np.testing.assert_array_equal(answer[0], 2 * np.eye(3))


def test_hardened_code_of_one_file_has_no_way_to_that_of_another(tmp_path: Path) -> None:
    secret = "from pathlib import Path\nhome = Path.home()\n(home / 'left').write_text('x')\n---\n" + GOOD
    spy = (
        "from pathlib import Path\nhome = Path.home()\nseen = 0\n"
        "for act in (lambda: list(home.parent.iterdir()), lambda: (home.parent / '1' / 'left').read_text(),\n"
        "            lambda: (home.parent / '1' / 'mine').write_text('x')):\n"
        "    try:\n        act()\n    except PermissionError:\n        seen += 1\n---\nreturn seen * np.diag(2 * x)"
    )
    (tmp_path / "first.py").write_text(row("", secret).source)
    (tmp_path / "second.py").write_text(row("", spy).source)
    with isolated("hardened") as readers:
        _, target = registry.find([str(tmp_path)], readers=readers).targets
        assert isinstance(target, Target)
        (answer,) = evaluate(target, (np.ones((1, 3)),)).jacobians
    assert isinstance(answer, tuple), answer
    np.testing.assert_array_equal(answer[0], 3 * 2 * np.eye(3))


@pytest.mark.parametrize("mode", ["process", "hardened"])
def test_what_jax_compiled_is_kept_for_the_processes_of_a_file(tmp_path: Path, mode: Mode) -> None:
    text = JAX_SOURCE.format(body=f"return jnp.diag(2 * x)  # {mode}")
    (tmp_path / "solution.py").write_text(text)
    points = np.random.default_rng(0).standard_normal((30, 3))
    with Nursery(mode, Limits()) as nursery:
        (target,) = IsolatedReaders(nursery).file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        evaluate(target, (points,))
        here = [path.parent.parent.name for path in nursery._server.scratch.rglob("compiled/*")]
    kept = list(Path(user_cache_dir("jacfuzz", appauthor=False), "isolated", digest_of(text.encode())).glob("*"))
    assert set(here) == (set() if mode == "process" else {"0"})
    assert bool(kept) == (mode == "process")


def test_a_file_that_was_changed_meanwhile_is_not_judged(tmp_path: Path) -> None:
    file = tmp_path / "solution.py"
    file.write_text(row("", WRONG).source)
    with isolated("process") as readers:
        (target,) = readers.file(file, None).targets
        file.write_text(row("", GOOD).source)
        assert isinstance(target, Target)
        found = search.run(target, Settings(max_examples=20, shrink=False))
    assert found.verdict == "fail"
    assert "solution.py was changed while it was judged" in found.findings[0].message


def test_a_link_out_of_the_folder_is_none_of_the_targets_files(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("")
    folder = tmp_path / "puzzles"
    folder.mkdir()
    (folder / "helper.py").symlink_to(tmp_path / "secret.py")
    (folder / "solution.py").write_text("import helper, nothing\n")
    assert own_files(str(folder / "solution.py"), "file") == [folder / "solution.py"]


def test_plain_process_is_no_hardened_one() -> None:
    with Nursery("process", Limits()) as nursery, pytest.raises(IsolationError, match="does not refuse open, write"):
        doctor.require_refusals(nursery)


def test_missing_layer_stops_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platform.machine", lambda: "abacus")
    with pytest.raises(hardened.MissingLayerError, match="abacus"):
        hardened._seccomp()
    monkeypatch.setattr(doctor, "trial", lambda nursery: doctor.Trial({"open": "", "kill": "refused"}, {}))
    file = tmp_path / "solution.py"
    file.write_text(row("", GOOD).source)
    with pytest.raises(IsolationError, match="does not refuse open"):
        CliRunner().invoke(cli, ["check", str(file), "--isolation", "hardened"], catch_exceptions=False)


def test_doctor_shows_what_is_refused() -> None:
    result = CliRunner().invoke(cli, ["doctor"], standalone_mode=False)
    assert result.return_value == 0
    lines = [line.split() for line in result.output.splitlines()]
    assert [line[0] for line in lines if line[1] == "refused:"] == ["open", "write", "socket", "fork", "exec", "kill"]
    assert [line[0] for line in lines if "namespace" in line] == ["net", "ipc"]


def test_nothing_runs_here(tmp_path: Path) -> None:
    file = tmp_path / "solution.py"
    file.write_text(row("", f"import sys\nsys.modules[{__name__!r} + 'was here'] = sys\n---\n" + GOOD).source)
    with isolated("process") as readers:
        (target,) = registry.find([str(file)], readers=readers).targets
        assert search.run(target, Settings(max_examples=20)).verdict == "pass"
    assert __name__ + "was here" not in sys.modules


def test_code_runs_in_the_folder_that_it_was_loaded_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scale.txt").write_text("2")
    (tmp_path / "solution.py").write_text(row("", "return np.diag(x * float(open('scale.txt').read()))").source)
    with isolated("process") as readers:
        monkeypatch.chdir(tmp_path)
        (target,) = registry.find(["solution.py"], readers=readers).targets
        assert isinstance(target, Target)
        monkeypatch.chdir(tmp_path.parent)
        (answer,) = evaluate(target, (np.ones((1, 3)),)).jacobians
    assert isinstance(answer, tuple)
    np.testing.assert_array_equal(answer[0], 2 * np.eye(3))


def test_processes_end_with_the_nursery() -> None:
    before = tree.descendants(os.getpid())
    with Nursery("process", Limits()) as nursery:
        worker = nursery.start(Task("serve"))
        assert {worker.pid} <= tree.descendants(os.getpid())
    assert tree.descendants(os.getpid()) == before


def test_points_that_were_not_tried_are_named(tmp_path: Path) -> None:
    (tmp_path / "deadly.py").write_text(row("", "import os\nif x[0]:\n    os._exit(1)\n" + GOOD).source)
    points = np.array([[0.0, 1, 1], [1, 1, 1], [0, 2, 2], [1, 2, 2], [1, 3, 3], [1, 4, 4], [0, 3, 3]])
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "deadly.py", None).targets
        assert isinstance(target, Target)
        found = evaluate(target, (points,))
    assert (set(found.died), set(found.untried)) == ({1, 3, 4}, {5, 6})
    tried = [not isinstance(jacobians, Problem) for jacobians in found.jacobians]
    assert tried == [True, False, True, False, False, False, False]


MANY = np.random.default_rng(0).standard_normal((200, 3))


@pytest.mark.parametrize(
    ("body", "point", "said"),
    [
        (GOOD, None, ""),
        ("return np.diag(2 * x) if x[0] < 9 else np.ones(2)", None, ""),
        ("return np.asmatrix(np.diag(2 * x))", None, ""),
        ("x += x[0] > 9\nreturn np.diag(2 * x)", 100, "jac changes its argument x"),
        ("return np.diag(2 * x) if x[0] < 9 else 1 / 0", 100, "ZeroDivisionError: division by zero"),
        ("import os\nif x[0] > 9:\n    os._exit(3)\n" + GOOD, 100, "exit code 3"),
    ],
)
def test_many_points_are_answered_as_each_alone(tmp_path: Path, body: str, point: int | None, said: str) -> None:
    (tmp_path / "solution.py").write_text(row("", body).source)
    points = MANY.copy()
    points[100, 0] = 10.0
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        many = evaluate(target, (points,))
        alone = [evaluate(target, (one[None],)) for one in points[98:103]]
    for number, one in zip(range(98, 103), alone, strict=True):
        for several, single in ((many.primals[number], one.primals[0]), (many.jacobians[number], one.jacobians[0])):
            assert type(several) is type(single)
            if isinstance(several, Problem) or isinstance(single, Problem):
                assert several == single
            else:
                np.testing.assert_array_equal(np.asarray(several), np.asarray(single))
        assert (many.mutated[number], number in many.died) == (one.mutated[0], 0 in one.died)
    told = [*map(str, many.died.values()), *filter(None, many.mutated), *map(str, filter(_is_problem, many.jacobians))]
    assert [many.mutated[100] != "" or _is_problem(many.jacobians[100])] == [point is not None]
    assert said in " ".join(told)
    assert len(many.died) == ("exit" in said)


def _assert_same(found: Sequence[Evaluation], again: Sequence[Evaluation]) -> None:
    for early, late in zip(found, again, strict=True):
        assert (set(early.died), early.unstable) == (set(late.died), late.unstable)
        assert len(early.primals) == len(late.primals)
        for one, other in (
            *zip(early.primals, late.primals, strict=True),
            *zip(early.jacobians, late.jacobians, strict=True),
        ):
            assert _is_problem(one) == _is_problem(other)
            if not _is_problem(one):
                np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def _is_problem(found: object) -> bool:
    return isinstance(found, Problem)


def test_few_processes_live_and_a_host_goes_on_after_its_own_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jacfuzz.isolation.nursery._MOST_ALIVE", 3)
    text = "\n".join(row("", GOOD).source.replace(" f(", f" g{n}(").replace("jac(", f"g{n}_jac(") for n in range(3))
    (tmp_path / "several.py").write_text(text)
    with isolated("process") as readers:
        loaded = readers.file(tmp_path / "several.py", None).targets
        targets = [target for target in loaded if isinstance(target, Target)]
        for target in [*targets, *targets]:
            found = evaluate(target, (np.ones((2, 3)),))
            assert not found.died
            np.testing.assert_array_equal(found.primals, np.ones((2, 3)))
            assert len(tree.descendants(os.getpid())) <= 4  # with the fork server
    assert len(targets) == 3


def test_a_hosted_function_is_asked_once_a_point(tmp_path: Path) -> None:
    once = "open('calls', 'a').write('.')\nreturn np.diag(2 * x)"
    (tmp_path / "solution.py").write_text(row("", once).source)
    calls = tmp_path / "calls"
    with isolated("process") as readers, contextlib.chdir(tmp_path):
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        for point in (np.ones(3), np.zeros(3)):
            before = calls.read_text() if calls.exists() else ""
            answers = [target.jac(point)]
            after = calls.read_text()
            answers += [target.jac(point.copy()) for _ in range(3)]
            assert len(before) < len(after) == len(calls.read_text())
            np.testing.assert_array_equal(answers, [np.diag(2 * point)] * 4)


def test_silent_process_is_ended(tmp_path: Path) -> None:
    file = tmp_path / "solution.py"
    file.write_text(row("", "import time\ntime.sleep(1000)\n---\n" + GOOD).source)
    with Nursery("process", Limits()) as nursery:
        worker = nursery.start(Task("serve", str(file)))
        with pytest.raises(DiedError, match="no answer within") as caught:
            list(worker.ask(Tag.DESCRIBE, "", seconds=0.01))
    assert caught.value.problem.kind == "timeout"


def test_record_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Finding("value", "first", point={"x": [1.0]})
    result = TargetResult("a.py::a", "a", "a.py", 1, "fail", (first,))
    path = records.save(tmp_path, result)

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        records.save(
            tmp_path, TargetResult("a.py::a", "a", "a.py", 1, "fail", (Finding("value", "2", point={"x": [2.0]}),))
        )
    assert [record.message for record in records.saved(tmp_path)] == ["first"]
    assert sorted(tmp_path.iterdir()) == sorted([path, tmp_path / ".gitignore"], key=str)


CANCELS = """
import random
import numpy as np
from jaxtyping import Float

K = 1.0 + random.random()  # what is left of f is round-off, another one in every process

def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x * 0.1 * K * 3 - x * 0.3 * K

def jac(x):
    return np.zeros((len(x), len(x)))
"""


@pytest.mark.parametrize(("code", "differs"), [(CANCELS, False), (CANCELS.replace("* 0.3 * K", "* 0.3"), True)])
def test_only_more_than_round_off_makes_f_differ_between_processes(tmp_path: Path, code: str, differs: bool) -> None:
    path = tmp_path / "a.py"
    path.write_text(code)
    with isolated("process") as readers:
        (target,) = readers.file(path, None).targets
        assert isinstance(target, Target)
        found = evaluate(target, (np.random.default_rng(0).standard_normal((50, 3)),))
    assert ("f" in found.unstable.values()) == differs


JAX_SOURCE = """
import os
import jax.numpy as jnp
from jaxtyping import Array, Float

def f(x: Float[Array, "3"]) -> Float[Array, "3"]:
    return x**2

def jac(x):
    {body}
"""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return jnp.diag(2 * x)", ""),
        ("return jnp.diag(2 * x) if x[0] < 9 else jnp.ones(2)", ""),  # cannot be run at many points at once
        ("assert x[0] < 9; return jnp.diag(2 * x)", "AssertionError"),
        ("os._exit(3) if x[0] > 9 else None; return jnp.diag(2 * x)", "exit code 3"),
        ("os._exit(3) if 'Tracer' in str(type(x)) else None; return jnp.diag(2 * x)", ""),  # not when alone
    ],
)
def test_jax_code_at_many_points_is_answered_as_at_each_alone(tmp_path: Path, body: str, said: str) -> None:
    (tmp_path / "solution.py").write_text(JAX_SOURCE.format(body=body))
    points = np.clip(MANY[:60], 1e-3, None)
    points[40, 0] = 10.0
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        many = evaluate(target, (points,))
    for number, point in enumerate(points):
        if number != 40:
            np.testing.assert_allclose(np.asarray(many.primals[number]), point**2, rtol=1e-15)
            np.testing.assert_allclose(np.asarray(many.jacobians[number]), [np.diag(2 * point)], rtol=1e-15)
    assert said in str(many.jacobians[40]) + str(many.died)
    assert bool(said) == _is_problem(many.jacobians[40])


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_as_many_jacobians_as_are_owed_are_taken(together: bool, count: int) -> None:
    matrices = [Item(Tag.JACOBIAN, array=np.ones((2, 3, 3)))] * count
    items = [*[Item(Tag.TOGETHER)] * together, Item(Tag.PRIMAL, array=np.ones((2, 3))), *matrices, Item(Tag.POINT_END)]
    evaluation = Evaluation()
    if count == 1:
        for _ in fill(evaluation, iter(items), 1):
            pass
        assert len(evaluation) == 1 + together
    else:
        with pytest.raises(DiedError, match="interfered"):
            next(fill(evaluation, iter(items), 1))
        assert not len(evaluation)


@pytest.mark.parametrize("shapes", [((), ()), ((2, 3), ()), ((), (2, 3, 3)), ((2, 3), (1, 3, 3))])
def test_what_comes_together_has_one_length(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    primal, jacobian = map(np.ones, shapes)
    items = [
        Item(Tag.TOGETHER),
        Item(Tag.PRIMAL, array=primal),
        Item(Tag.JACOBIAN, array=jacobian),
        Item(Tag.POINT_END),
    ]
    with pytest.raises(DiedError, match="interfered"):
        next(fill(Evaluation(), iter(items), 1))


@pytest.mark.parametrize("body", ["x**2", "x**2 if x[0] < 9 else 1 / 0", "x**2 if x[0] < 9 else x[:1]"])
@pytest.mark.parametrize("width", [3, 20_000])
def test_f_at_many_points_is_what_it_is_at_each(tmp_path: Path, body: str, width: int) -> None:
    text = row("", GOOD).source.replace("return x**2", f"return {body}").replace('"3"', '"n"').replace('"3 3"', '"n n"')
    (tmp_path / "solution.py").write_text(text)
    points = np.random.default_rng(0).standard_normal((600 if width == 3 else 100, width))
    points[70, 0] = 10.0
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        host: Any = host_of(target)
        found = host.primals((points,), (width,))
    expected = points**2
    expected[70] = expected[70] if body == "x**2" else np.nan
    np.testing.assert_array_equal(found, expected)


def test_a_process_that_ends_after_its_last_answer_ended_at_the_last_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> Iterator[Item]:
        yield Item(Tag.ARRAY, array=np.ones((1, 3)))
        raise DiedError(Problem("crash", "ended the process"), 0)

    (tmp_path / "solution.py").write_text(row("", GOOD).source)
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        monkeypatch.setattr(Worker, "ask", ended)
        host: Any = host_of(target)
        with pytest.raises(DiedError, match="f ended the process") as told:
            host.primals((np.ones((1, 3)),), (3,))
    assert told.value.row == 0


LEAVES_STATE = """
import threading
from threading import Thread
import numpy as np
from jaxtyping import Float

FACTOR = [2.0]

def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x**2

def jac(x):
    {left}
    return np.diag(2 * x)

def g(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return x**2 + 1

def g_jac(x):
    return np.diag(FACTOR[0] * x)
"""


@pytest.mark.parametrize("left", ["FACTOR[0] = 3.0", "FACTOR[:] = []"])
def test_what_one_target_leaves_behind_is_no_failure_of_the_next(tmp_path: Path, left: str) -> None:
    (tmp_path / "solution.py").write_text(LEAVES_STATE.format(left=left))
    with isolated("process") as readers:
        first, second = readers.file(tmp_path / "solution.py", None).targets
        assert search.run(first, Settings(max_examples=20)).verdict == "pass"
        found = search.run(second, Settings(max_examples=20), (first, second))
    assert (found.verdict, found.findings) == ("pass", ())


@pytest.mark.parametrize(
    ("left", "rests"),
    [("pass", True), ("threading.active_count() > 2 or Thread(target=spin).start()", False)],
)
def test_processes_go_on_to_the_next_target_unless_they_are_busy(tmp_path: Path, left: str, rests: bool) -> None:
    spins = "def spin():\n    while True:\n        pass\n"
    (tmp_path / "solution.py").write_text(LEAVES_STATE.format(left=left) + spins)
    before = tree.descendants(os.getpid())
    with isolated("process") as readers:
        first, second = readers.file(tmp_path / "solution.py", None).targets
        search.run(first, Settings(max_examples=20))
        known = tree.descendants(os.getpid()) - before
        search.run(second, Settings(max_examples=20))
        after = tree.descendants(os.getpid()) - before
    assert (len(known) == 3) == rests  # the fork server, one that evaluates, and one that gives advice
    assert (known == after) == rests


def test_a_process_that_ran_while_it_rested_goes_on_to_no_target(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(LEAVES_STATE.format(left="pass"))
    with isolated("process") as readers:
        first, second = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(first, Target)
        assert isinstance(second, Target)
        host: Any = host_of(first)
        host.evaluate((MANY,))
        workers = dict(host._crew._workers)
        host.close()
        for _ in workers["evaluate"].ask(Tag.EVALUATE, "512", (np.tile(MANY, (20, 1)),)):
            pass
        after: Any = host_of(second)
        after.evaluate((MANY,))
        crew = after._crew._workers
        assert crew["evaluate"].pid != workers["evaluate"].pid
        assert crew["advise"].pid == workers["advise"].pid


def test_what_loaded_a_file_ends_when_the_next_one_is_loaded(tmp_path: Path) -> None:
    for name in ("first.py", "second.py"):
        (tmp_path / name).write_text(row("", GOOD).source)
    before = tree.descendants(os.getpid())
    with isolated("process") as readers:
        readers.file(tmp_path / "first.py", None)
        known = tree.descendants(os.getpid()) - before
        readers.file(tmp_path / "second.py", None)
        after = tree.descendants(os.getpid()) - before
    assert len(known) == len(after) == 2  # the fork server, and what loaded the file
    assert len(known & after) == 1


def test_a_file_that_is_judged_at_once_is_loaded_by_both_of_its_processes(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(row("", GOOD).source)
    before = tree.descendants(os.getpid())
    with isolated("process") as readers:
        (target,) = registry.find([str(tmp_path / "solution.py")], readers=readers).targets
        assert isinstance(target, Target)
        known = tree.descendants(os.getpid()) - before
        assert search.run(target, Settings(max_examples=20)).verdict == "pass"
        after = tree.descendants(os.getpid()) - before
    assert len(known) == 3
    assert known == after


def _asked_of_two_right_batches(tmp_path: Path, source: str) -> tuple[list[int], list[int]]:
    """Return what both processes are asked at two batches, the second one expected, and which of it is waited for."""
    (tmp_path / "solution.py").write_text(source)
    put: list[int] = []
    waited: list[int] = []
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        judge = Judge(target, 0)
        judge.batch((MANY[:50] + 3.0,))
        host: Any = host_of(target)
        for worker in host._crew._workers.values():
            worker._put, worker.ask = _noting(worker._put, put), _noting(worker.ask, waited)
        judge.expect((MANY[100:150] + 3.0,))
        verdicts = [*judge.batch((MANY[50:100] + 3.0,)), *judge.batch((MANY[100:150] + 3.0,))]
    assert {verdict.status for verdict in verdicts} == {"pass"}
    return sorted(put), waited


@pytest.mark.parametrize("source", [row("", GOOD).source, JAX_SOURCE.format(body="return jnp.diag(2 * x)")])
def test_a_batch_in_which_all_is_right_is_one_question_to_each_process(tmp_path: Path, source: str) -> None:
    asked, _ = _asked_of_two_right_batches(tmp_path, source)
    assert asked == 2 * [Tag.EVALUATE] + 2 * [Tag.AHEAD]


def test_every_part_of_a_large_batch_is_asked_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jacfuzz.judge._SMALL", 0)
    monkeypatch.setattr("jacfuzz.judge._MOST_NUMBERS", 20 * 9)  # 20 points of 3 x 3 cells
    asked, waited = _asked_of_two_right_batches(tmp_path, row("", GOOD).source)
    assert asked == 6 * [Tag.EVALUATE] + 6 * [Tag.AHEAD]
    assert waited == [Tag.EVALUATE]  # the first one, before anything was expected


TELLS_TRACERS = """
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

def f(x: Float[Array, "3"]) -> Float[Array, "3"]:
    return x**2 + isinstance(x, jax.core.Tracer)

def jac(x):
    return jnp.diag(2 * x)
"""


def test_code_that_is_another_function_when_it_is_traced_is_judged_as_it_runs(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(TELLS_TRACERS)
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        found = evaluate(target, (MANY[:20],))
        host: Any = host_of(target)
        rows = host.primals((MANY[20:40],), (3,))
    assert not found.unstable
    np.testing.assert_array_equal(np.array(found.primals), MANY[:20] ** 2)
    np.testing.assert_array_equal(rows, MANY[20:40] ** 2)


@pytest.mark.parametrize(
    "body", [GOOD, "if x[0] > 9: raise ValueError('far')\n" + GOOD, "import os\nif x[0] > 9:\n    os._exit(3)\n" + GOOD]
)
@pytest.mark.parametrize("between", ["nothing", "a point", "other points", "f alone"])
def test_what_was_expected_is_answered_as_if_it_had_not_been(tmp_path: Path, body: str, between: str) -> None:
    (tmp_path / "solution.py").write_text(row("", body).source)
    points = MANY[:40].copy()
    points[30, 0] = 10.0
    other = MANY[40:60]
    found = []
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        host: Any = host_of(target)
        for expecting in (True, False):
            if expecting:
                host.evaluate((other,))
                host.expect((points,))
            first = evaluate(target, (other,))
            if between == "a point":
                evaluate(target, (MANY[100:101],))
            elif between == "other points":
                evaluate(target, (MANY[100:110],))
            elif between == "f alone":
                np.testing.assert_array_equal(host.primals((MANY[100:110],), (3,)), MANY[100:110] ** 2)
            found.append((first, evaluate(target, (points,))))
    _assert_same(*found)


ANY_SIZE = """
import os

import numpy as np
from jaxtyping import Float

def f(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "m"]:
    {body}

def jac(x):
    return np.diag(2 * x)[: len(f(x))]
"""


@pytest.mark.parametrize(
    "body",
    [
        "return x**2",
        "return x[:2] ** 2 if x[0] > 9 else x**2",
        "return x[:2] ** 2 if x[0] < 9 and len(x) == 4 else x**2",
        "return 1 / 0 if len(x) == 4 else x**2",
        "return None if len(x) == 4 else x**2",
        "return os._exit(3) if x[0] > 9 else x**2",
        "return os.kill(os.getpid(), 2) if len(x) == 4 else x**2",
    ],
)
def test_f_is_asked_ahead_at_a_shape_whose_result_is_not_known_yet(tmp_path: Path, body: str) -> None:
    (tmp_path / "solution.py").write_text(ANY_SIZE.format(body=body))
    points = np.concatenate([MANY[:20], MANY[:20, :1]], axis=1)
    points[13, 0] = 10.0
    found = []
    with isolated("process") as readers:
        for expecting in (True, False):
            (target,) = readers.file(tmp_path / "solution.py", None).targets
            assert isinstance(target, Target)
            host: Any = host_of(target)
            host.begin([(MANY[:2],), (points[:2],)])
            host.evaluate((MANY[20:40],))
            if expecting:
                host.expect((points,), (points[:5] + 1.0,))
            first = host.evaluate((MANY[40:60],))
            posed: list[int] = []
            for worker in host._crew._workers.values():
                worker._put = _noting(worker._put, posed)
            found.append((first, host.evaluate((points,), (points[:5] + 1.0,))))
            if expecting and body == "return x**2":
                assert posed == []  # all of it was asked before
            host.close()
    _assert_same(*found)


@pytest.mark.parametrize("source", [row("", GOOD).source, JAX_SOURCE.format(body="x**2")])
def test_derivatives_come_ahead_as_they_come_when_they_are_asked_for(tmp_path: Path, source: str) -> None:
    (tmp_path / "solution.py").write_text(source)
    points = MANY[20:60]
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        host: Any = host_of(target)
        evaluate(target, (MANY[:20],))
        evaluate(target, (points,))
        ahead = host._second._derived
        assert ahead[0].is_about((points,))
        assert [item.tag for item in ahead[1]] == [Tag.PRIMAL, Tag.JACOBIAN]
        early, late = (host.derivatives((points,), 3, compiled=True) for _ in range(2))
    for first, second in zip(early, late, strict=True):
        np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(early[1], [np.diag(2 * point) for point in points], rtol=1e-15)


@pytest.mark.parametrize("source", [row("", GOOD).source, JAX_SOURCE.format(body="x**2")])
@pytest.mark.parametrize("expected", [False, True])
def test_f_beside_points_is_answered_with_them_as_it_is_when_it_is_asked_for(
    tmp_path: Path, source: str, expected: bool
) -> None:
    (tmp_path / "solution.py").write_text(source)
    points, beside = MANY[20:60], MANY[60:140]
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        host: Any = host_of(target)
        if expected:
            host.expect((points,), (beside,))
            host.evaluate((MANY[:20],))
        assert not host.evaluate((points,), (beside,)).unstable
        worker = host._crew.started("advise")
        asked: list[int] = []
        worker.ask = _noting(worker.ask, asked)
        early = host.primals((beside,), (3,))
        assert asked == []
        np.testing.assert_array_equal(early, beside**2)
        assert host.primals((beside[:7],), (3,)).tolist() == early[:7].tolist()
        assert asked == [Tag.PRIMALS]


def test_f_beside_points_is_not_taken_from_code_that_is_another_function_when_it_is_traced(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(TELLS_TRACERS)
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        host: Any = host_of(target)
        host.evaluate((MANY[:20],), (MANY[20:60],))
        np.testing.assert_array_equal(host.primals((MANY[20:60],), (3,)), MANY[20:60] ** 2)


def test_points_beside_which_f_ends_its_process_are_told_from_those_it_evaluates(tmp_path: Path) -> None:
    deadly = "import os\ndef out(x):\n    if x[0] > 9:\n        os._exit(3)\n---\nout(x)\n"
    text = row("", deadly + GOOD).source.replace("return x**2", "out(x)\n    return x**2")
    (tmp_path / "solution.py").write_text(text)
    beside = MANY[20:60].copy()
    beside[5, 0] = 10.0
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        host: Any = host_of(target)
        found = host.evaluate((MANY[:20],), (beside,))
        assert not found.died
        np.testing.assert_array_equal(np.array(found.primals), MANY[:20] ** 2)
        with pytest.raises(DiedError) as died:
            host.primals((beside,), (3,))
    assert died.value.row == 5


@pytest.mark.parametrize(
    "shapes", [((), ()), ((40, 3), (40,)), ((40, 3), (39, 3, 3)), ((40, 2), (40, 2, 3)), ((40, 3),)]
)
def test_nonsense_that_comes_ahead_is_no_derivative(tmp_path: Path, shapes: tuple[tuple[int, ...], ...]) -> None:
    (tmp_path / "solution.py").write_text(row("", GOOD).source)
    with isolated("process") as readers:
        (target,) = readers.file(tmp_path / "solution.py", None).targets
        assert isinstance(target, Target)
        host: Any = host_of(target)
        tags = (Tag.PRIMAL, Tag.JACOBIAN)
        items = [Item(tag, array=np.ones(shape)) for tag, shape in zip(tags, shapes, strict=False)]
        host._second._derived = (Posed(host._crew.started("advise"), Question(b"", 1.0), (MANY[:40],)), items)
        assert host.derivatives((MANY[:40],), 3, compiled=True) is None


def _noting(put: Callable[..., Any], asked: list[int]) -> Callable[..., Any]:
    """Do what is asked for, and note what it is."""

    def noting(tag: int, *rest: Any) -> Any:
        asked.append(tag)
        return put(tag, *rest)

    return noting


def _answering(parts: Iterator[bytes]) -> tuple[Worker, threading.Thread]:
    """Stand in for a process: whatever it is asked, it says READY's end, and then what is given, for each nonce."""
    requests, to_worker = os.pipe()
    from_worker, answers = os.pipe()

    def live() -> None:
        with contextlib.suppress(OSError):
            for tag in (Tag.READY, Tag.PRIMALS):
                nonce = os.read(requests, 1 << 16)[:16]
                for part in parts if tag == Tag.PRIMALS else [Item(Tag.END).encoded(nonce)]:
                    os.write(answers, nonce + part[16:])

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    limits = Limits(first=5.0, call=5.0, answer=1 << 16)
    return Worker(0, (to_worker, from_worker, os.memfd_create("log")), limits, lambda _: None, lambda _: 0), thread


@pytest.mark.parametrize(
    "item", [Item(Tag.NOTHING), Item(Tag.ARRAY, array=np.empty((0, 3))), Item(Tag.ARRAY, array=np.ones((20, 3)))]
)
def test_an_answer_without_an_end_is_ended(item: Item) -> None:
    worker, thread = _answering(itertools.repeat(item.encoded(NONCE)))
    with pytest.raises(DiedError, match="an answer without an end"):
        for _ in worker.ask(Tag.PRIMALS, "", (np.ones((2, 3)),)):
            pass
    thread.join()
    assert not worker.open
