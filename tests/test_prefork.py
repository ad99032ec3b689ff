"""Workers that are forked: they are what was asked for, and end with who asked."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jacfuzz.prefork import forked_workers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are started anew")

USES = """
import os, shlex, signal, subprocess, sys, time
from jacfuzz.prefork import forked_workers

def begun(command, line, **options):
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    worker = subprocess.Popen([*shlex.split(command), "-u", "-c", "whatever"], **pipes, **options)
    worker.stdin.write(repr(line) + "\\n")
    worker.stdin.flush()
    return worker

def gone(pid):
    while True:
        try:
            with open(f"/proc/{{pid}}/stat") as file:
                if ") Z" in file.read():  # whoever adopted it has not asked how it ended
                    return True
        except OSError:
            return True

with forked_workers([]) as workers:
    command = workers.command
{body}
{after}
"""


def told(folder: Path, body: str, after: str = "", stderr: str = "") -> str:
    """Run a script that uses workers, in a process which has not imported jax, and goes on after them."""
    script = folder / "script.py"
    script.write_text(USES.format(body=textwrap.indent(textwrap.dedent(body), "    "), after=after))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=folder, check=False)
    assert done.stderr.count("Traceback") == bool(stderr)
    assert done.stderr.strip().endswith(stderr)
    return done.stdout.strip()


def test_a_worker_has_imported_what_it_needs_and_is_where_and_what_it_was_asked_to_be(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    body = """
    line = "import os, sys; print('jax' in sys.modules, os.path.basename(os.getcwd()), os.environ['GIVEN'], __name__)"
    worker = begun(command, line, cwd="there", env={**os.environ, "GIVEN": "yes"})
    print(worker.communicate()[0].strip(), worker.returncode)
    """
    assert told(tmp_path, body) == "True there yes __main__ 0"


@pytest.mark.parametrize(
    ("line", "code"), [("import os; os._exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 247), ("pass", 0)]
)
def test_how_a_worker_ends_is_told(tmp_path: Path, line: str, code: int) -> None:
    body = f"""
    print(begun(command, {line!r}).wait())
    print(begun(command, {line!r}).wait())
    """
    assert told(tmp_path, body).split() == [str(code)] * 2


def test_a_worker_ends_with_its_command(tmp_path: Path) -> None:
    body = """
    worker = begun(command, "import os, time; print(os.getpid(), flush=True); time.sleep(1000)")
    pid = int(worker.stdout.readline())
    worker.kill()
    print(gone(pid))
    """
    assert told(tmp_path, body) == "True"


def test_an_interrupt_is_for_the_worker_alone(tmp_path: Path) -> None:
    body = """
    line = "import os, time; print(os.getpid(), flush=True); all(time.sleep(0.01) or True for _ in iter(int, 1))"
    worker = begun(command, line)
    pid = int(worker.stdout.readline())
    worker.send_signal(signal.SIGINT)
    os.kill(pid, signal.SIGINT)
    print(worker.wait())
    """
    assert told(tmp_path, body, stderr="KeyboardInterrupt") == "1"


def test_workers_end_with_the_context(tmp_path: Path) -> None:
    body = """
    worker = begun(command, "import os, time; print(os.getpid(), flush=True); time.sleep(1000)")
    pid = int(worker.stdout.readline())
    """
    assert told(tmp_path, body, "print(gone(pid), worker.wait())") == "True 1"


LOADED = "from jacfuzz import registry; print(len(registry.find(['pair.py']).targets), flush=True)"
PAIR = """import numpy as np
from jaxtyping import Float
open("loaded.txt", "a").write("once ")

def f(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2"]:
    return 2 * x

def jac(x: Float[np.ndarray, "2"]) -> Float[np.ndarray, "2 2"]:
    return 2 * np.eye(2)
"""


def test_workers_that_load_ahead_do_so_once_and_unseen(tmp_path: Path) -> None:
    (tmp_path / "pair.py").write_text(PAIR + "print('seen', flush=True)\nimport os; os.system('echo seen')\n")
    body = f"""
    workers.load_ahead(["pair.py"], 2, catalogue=True)
    for _ in range(2):
        print(begun(command, {LOADED!r}).communicate()[0].strip())
    """
    assert told(tmp_path, body).split() == ["1", "1"]
    assert (tmp_path / "loaded.txt").read_text().split() == ["once"] * 2


def test_what_is_found_again_is_loaded_again(tmp_path: Path) -> None:
    (tmp_path / "pair.py").write_text(PAIR)
    body = f"""
    workers.load_ahead(["pair.py"], 1, catalogue=True)
    print(begun(command, {LOADED + "; " + LOADED!r}).communicate()[0].strip())
    print(begun(command, {LOADED!r}).communicate()[0].strip())
    """
    assert told(tmp_path, body).split() == ["1"] * 3
    assert (tmp_path / "loaded.txt").read_text().split() == ["once"] * 3


def test_every_worker_is_one_process(tmp_path: Path) -> None:
    (tmp_path / "pair.py").write_text(PAIR)
    body = """
    workers.load_ahead(["pair.py"], 8, catalogue=True)
    several = [begun(command, "print(input())") for _ in range(16)]
    for number, worker in enumerate(several):
        print(worker.communicate(f"{number}\\n")[0].strip(), worker.returncode)
    """
    assert told(tmp_path, body).splitlines() == [f"{number} 0" for number in range(16)]


@pytest.mark.parametrize("code", ["1 / 0", "def f(:", "raise SystemExit"])
def test_what_cannot_be_loaded_ahead_ends_no_worker(tmp_path: Path, code: str) -> None:
    (tmp_path / "pair.py").write_text(code)
    body = """
    workers.load_ahead(["pair.py", "nowhere.py"], 1, catalogue=True)
    print(begun(command, "print(5)").communicate()[0].strip())
    """
    assert told(tmp_path, body) == "5"


def test_no_worker_is_forked_where_jax_may_have_threads() -> None:
    import jax  # noqa: F401  # as whoever runs the command line inside a program has

    with forked_workers([]) as workers:
        assert workers is None
