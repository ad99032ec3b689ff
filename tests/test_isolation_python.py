"""Code that lives in another environment: judged there, by an interpreter that knows neither jax nor jacfuzz."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
import pytest
from contributions import GOOD, WRONG, row

from jacfuzz import registry, search
from jacfuzz.errors import UsageError
from jacfuzz.isolation.remote import isolated
from jacfuzz.registry import Readers
from jacfuzz.result import TargetResult
from jacfuzz.settings import Settings

THERE = "import only_there\n---\nassert only_there.HERE\n"
INDEX = "# jacfuzz: shapes x=2 out=1\ndef fb_a(x): return lambda o: x[0], lambda i, o: 1.0 * (i == 0)\n"


def environment(folder: Path) -> tuple[Path, Path]:
    """A bare environment: its interpreter and its folder of packages."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    return folder / "bin" / "python", packages


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter whose environment holds this NumPy, a module of its own, and nothing else."""
    interpreter, packages = environment(tmp_path_factory.mktemp("environment"))
    numpy = Path(np.__file__).parent
    for part in (numpy, numpy.with_name("numpy.libs")):
        if part.exists():
            (packages / part.name).symlink_to(part)
    (packages / "only_there.py").write_text("HERE = True\n")
    return interpreter


@pytest.fixture(scope="module")
def readers(python: Path) -> Iterator[Readers]:
    with isolated("process", python=str(python)) as found:
        yield found


def judged(readers: Readers, file: Path, text: str) -> TargetResult:
    file.write_text(text)
    with jax.enable_x64(True):
        (target,) = registry.find([str(file)], readers=readers).targets
        return search.run(target, Settings(max_examples=20, shrink=False))


@pytest.mark.parametrize(
    ("text", "verdict", "said"),
    [
        (GOOD, "pass", ""),
        (WRONG, "fail", "the Jacobian differs"),
        ("import sys\nassert not {'jax', 'jaxtyping', 'jacfuzz'} & set(sys.modules)\n" + GOOD, "pass", ""),
        (THERE + GOOD, "pass", "without forward-mode AD: only_there is not installed beside jacfuzz"),
        (THERE + "return x", "fail", "shape"),
        ("import nowhere_at_all\n---\nassert nowhere_at_all\n" + GOOD, "fail", "NameError"),
        ("import os\nos._exit(0)\n" + GOOD, "fail", "jac ended the process with exit code 0"),
        ("x *= 2\nreturn np.diag(x)", "fail", "changes its argument x"),
    ],
)
def test_code_of_another_environment_is_judged_there(
    readers: Readers, tmp_path: Path, text: str, verdict: str, said: str
) -> None:
    result = judged(readers, tmp_path / "solution.py", row("", text).source)
    assert result.verdict == verdict, result
    assert said.lower() in " ".join([*(f.message for f in result.findings), *(n.text for n in result.notes)]).lower()


def test_ad_is_not_believed_where_f_is_another_function_here(readers: Readers, tmp_path: Path) -> None:
    text = row("", "try:\n    import only_there\n    p = 2\nexcept ImportError:\n    p = 3\n---\n" + GOOD).source
    assert judged(readers, tmp_path / "differs.py", text.replace("x**2", "x**p")).verdict == "pass"


def test_cells_before_and_after_the_pair_count(readers: Readers, tmp_path: Path) -> None:
    first, pair = row("", "---\nreturn two * np.diag(x)").source.partition("def f")[::2]
    cells = [first + "two = 3", "two = 2\ndef f" + pair]
    notebook = {
        "cells": [
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "id": str(n), "source": text}
            for n, text in enumerate(cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    assert judged(readers, tmp_path / "cells.ipynb", json.dumps(notebook)).verdict == "pass"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (INDEX, "takes functions f and jac of the file itself"),
        (row("", "lost = None()\n---\n" + GOOD).source.replace("x**2", "x**lost"), "correct that statement"),
        (row("", GOOD).source.replace("import numpy as np", "import numpy as np\nfrom only_there import gone"), ""),
    ],
)
def test_what_cannot_be_called_there_is_an_error(readers: Readers, tmp_path: Path, text: str, said: str) -> None:
    result = judged(readers, tmp_path / "odd.py", text)
    assert said in " ".join(finding.message for finding in result.findings)
    assert result.verdict == ("error" if said else "pass")


@pytest.mark.parametrize(("mode", "python"), [("process", "no/such/python"), ("none", sys.executable)])
def test_what_cannot_be_used_is_refused(mode: str, python: str) -> None:
    with pytest.raises(UsageError, match="--python"), isolated(mode, python=python):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize("workers", ["0", "1"])
def test_check_takes_an_interpreter(python: Path, tmp_path: Path, workers: str) -> None:
    for name, text in (("right", THERE + GOOD), ("wrong", THERE + "return x")):
        (tmp_path / f"{name}.py").write_text(row("", text).source)
    command = [sys.executable, "-c", "from jacfuzz.cli import main; main()", "check", ".", "--python", str(python)]
    options = ["--workers", workers, "-n", "20", "--no-shrink"]
    done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "PASS   right" in done.stdout
    assert "FAIL   wrong" in done.stdout


def test_an_environment_with_the_numpy_of_before(tmp_path: Path) -> None:
    interpreter, packages = environment(tmp_path / "environment")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", str(packages)]
    if subprocess.run([*install, "numpy==1.26.4"], capture_output=True, check=False).returncode:
        pytest.skip("NumPy 1.26 is not to be had for this interpreter here")
    old = "old = np.product\n---\nassert np.__version__ == '1.26.4'\n"  # gone in NumPy 2
    for mode, text, verdict in (("process", GOOD, "pass"), ("process", "return x", "fail"), ("hardened", GOOD, "pass")):
        with isolated(mode, python=str(interpreter)) as readers:  # type: ignore[arg-type]
            assert judged(readers, tmp_path / "old.py", row("", old + text).source).verdict == verdict
