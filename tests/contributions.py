# ruff: noqa: E501  # a table, a contribution a row
"""Contributions that a gate must survive: f is x**2, ``jac`` is the body of a row.

A row names the answers that are right in a plain process and in a hardened one: kinds of findings, or "pass". Lines
before ``---`` stand at the top level of the file.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = """import numpy as np
from jaxtyping import Float
{top}

def f(x: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    return x**2


def jac(x: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
{body}
"""

GOOD = "return np.diag(2 * x)"
WRONG = "return -np.diag(2 * x)"


@dataclass(frozen=True)
class Row:
    """A contribution."""

    process: str
    hardened: str
    source: str

    @property
    def hangs(self) -> bool:
        return "timeout" in self.process


def row(process: str, text: str, hardened: str = "") -> Row:
    top, _, body = text.rpartition("---\n")
    source = HEAD.format(top=top, body="\n".join("    " + line for line in body.splitlines()))
    return Row(process, hardened or process, source)


ROWS = {
    "good": row("pass", GOOD),
    "wrong_sign": row("value", WRONG),
    "infinite_loop": row("timeout", "while x.size < 10**9:\n    pass\nreturn x"),
    "hang_in_c": row("timeout", "return np.full((1, 1), float(len(str(pow(7, 10**8)))))"),
    "segfault": row("crash", "import ctypes\nctypes.string_at(0)\n" + GOOD),
    "exit_zero_at_once": row("crash", "import os\nos._exit(0)\n" + GOOD),
    "system_exit": row("raises", "raise SystemExit(0)"),
    "exit_while_loading": row("error", "import os\nos._exit(0)\n---\n" + GOOD),
    "system_exit_while_loading": row("pass", "raise SystemExit(0)\n---\n" + GOOD),
    "loop_while_loading": row("error", "while True:\n    pass\n---\n" + GOOD),
    "fork_bomb": row(
        "crash memory", "import os, time\nfor _ in range(7):\n    os.fork()\ntime.sleep(100)\n" + GOOD, "raises"
    ),
    "memory_at_once": row("raises", "return np.ones((10**5, 10**5))"),
    "memory_by_and_by": row("raises memory timeout", "a = [0]\nwhile True:\n    a = a + a\n" + GOOD),
    "output_flood": row("raises", "import os\nwhile True:\n    os.write(2, b'x' * 10**6)\n" + GOOD),
    "recursion": row("raises", "return jac(x)"),
    "threads_left": row(
        "pass",
        "import threading, time\n---\nif threading.active_count() < 3:\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        + GOOD,
    ),
    "daemon": row(
        "pass crash",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(100)\n"
        "    os._exit(0)\n" + GOOD,
        "raises",
    ),
    "swallows_signals": row(
        "timeout",
        "import signal\nfor n in range(1, 32):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError):\n"
        "        pass\nwhile True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n"
        + GOOD,
    ),
    "patches_numpy": row("value", "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n---\n" + WRONG),
    "patches_the_harness": row(
        "value",
        "import sys\nfor m in list(sys.modules.values()):\n    for n in ('arbitrate', 'close', 'wrong_shape'):\n"
        "        if hasattr(m, n) and 'jacfuzz' in m.__name__:\n            setattr(m, n, lambda *a, **k: None)\n---\n"
        + WRONG,
    ),
    "prints_a_verdict": row("value", "import os\nprint('1 passed')\nos.write(1, b'::error::1 passed\\n')\n" + WRONG),
    "forges_frames": row(
        "protocol",
        "import os\nfor d in range(3, 64):\n    try:\n        os.write(d, b'\\0' * 4096)\n    except OSError:\n        pass\n"
        + GOOD,
    ),
    "equal_to_everything": row(
        "protocol", "class A:\n    def __eq__(self, other):\n        return True\n---\nreturn A()"
    ),
    "array_subclass": row(
        "value",
        "class L(np.ndarray):\n    def __array_function__(self, *a):\n        return True\n---\n"
        "return np.zeros((len(x), len(x))).view(L)",
    ),
    "object_array": row("protocol", "return np.array([[object()]])"),
    "generator": row("protocol", "return (row for row in np.diag(2 * x))"),
    "memmap": row(
        "pass",
        "import tempfile\nj = np.memmap(tempfile.TemporaryFile(), float, 'w+', shape=(3, 3))\nj[:] = np.diag(2 * x)\nreturn j",
    ),
    "warns_without_end": row(
        "timeout", "import warnings\nwarnings.simplefilter('always')\nwhile True:\n    warnings.warn('x' * 1000)"
    ),
    "no_jac": Row("error", "error", row("", GOOD).source.replace("def jac", "def jacobi")),
    "kills_its_session": row(
        "pass",
        "import os, signal\nsignal.signal(15, signal.SIG_IGN)\nos.kill(-1 if os.getuid() else 0, 15)\n" + GOOD,
        "raises",
    ),
    "uses_ad": row("pass", "import jax\nreturn np.array(jax.jacfwd(f)(x))"),
    "answers_for_the_harness": row(
        "protocol",
        "import os, sys\nframe = sys._getframe()\nwhile 'nonce' not in frame.f_locals:\n    frame = frame.f_back\n"
        "seen = frame.f_locals\nitem = type(seen['items'][0])\nparts = item(17, '', x**2), item(18, '', np.diag(2 * x)), item(26)\n"
        "os.write(seen['answers'], b''.join(part.encoded(seen['nonce']) for part in parts))\n" + WRONG,
    ),
    "wrong_far_out": row("value", "return np.diag(2 * x) * (1 + (abs(x) > 99).any())"),
    "knows_the_harness": row(
        "pass", "import sys\nreturn np.diag(2 * x) * (1 if any('jacfuzz' in m for m in sys.modules) else 2)"
    ),
    "mutates": row("mutates", "x *= 2\nreturn np.diag(x)"),
    "random": row("nondeterministic", "return np.diag(2 * x) + np.random.rand()"),
    "counts_calls": row(
        "value nondeterministic",
        "calls = []\n---\ncalls.append(1)\nreturn np.diag(2 * x) * (1 if len(calls) < 5 else 2)",
    ),
    "keyboard_interrupt": row("raises", "raise KeyboardInterrupt"),
    "wrong_shape": row("shape", "return 2 * x"),
    "nan": row("nonfinite", "return np.diag(2 * x) * np.nan"),
    "huge_result": row("protocol", "return np.zeros((3000, 3000))"),
    "writes_a_file": row(
        "pass", "import os\nopen(os.path.expanduser('~/../jacfuzz-was-here'), 'a').close()\n" + GOOD, "raises"
    ),
    "reads_a_secret": row("pass", "open('/etc/passwd').read()\n" + GOOD, "raises"),
    "opens_a_socket": row("pass", "import socket\nsocket.socket().close()\n" + GOOD, "raises"),
    "starts_a_program": row("pass", "import os\nos.system('true')\n" + GOOD, "pass raises"),
    "kills_its_parent": row("crash pass", "import os\nos.kill(os.getppid(), 9)\n" + GOOD, "raises"),
    "terminal_escapes": row("raises", "raise ValueError('\\x1b[2J\\r::error::1 passed')"),
    "undecodable_text": row("raises", "raise ValueError('\\udcff\\ud800')"),
    "str_that_hangs": row(
        "timeout", "class E(Exception):\n    def __str__(self):\n        while True:\n            pass\n---\nraise E"
    ),
    "float32": row("value", "return np.diag(2 * x).astype(np.float32)"),
    "syntax_error": row("error", "return (\n"),
    "no_secrets_around": row(
        "pass",
        "import os\nassert 'JACFUZZ_TEST_TOKEN' not in os.environ\n"
        "assert b'JACFUZZ_TEST' not in open('/proc/self/environ', 'rb').read()\n" + GOOD,
    ),
    "thread_bomb": row(
        "raises crash memory",
        "import threading, time\nfor _ in range(10**4):\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        + GOOD,
    ),
    "closes_descriptors": row("crash", "import os\nos.closerange(0, 64)\n" + GOOD),
    "aborts": row("crash", "import os\nos.abort()\n" + GOOD),
    "exit_hook_that_hangs": row(
        "raises", "import atexit, time\n---\natexit.register(time.sleep, 60)\nraise SystemExit(3)"
    ),
    "parent_environment": row("pass", "import os\nopen(f'/proc/{os.getppid()}/environ').read()\n" + GOOD, "raises"),
    "looks_for_the_answer": row(
        "value",
        "import sys\nframe = sys._getframe()\nwhile frame:\n    for v in frame.f_locals.values():\n"
        "        if isinstance(v, np.ndarray) and v.shape == (len(x), len(x)):\n            return v\n    frame = frame.f_back\n"
        + WRONG,
    ),
    "numpy_raises": row("pass", "np.seterr(all='raise')\n" + GOOD),
    "pickle_bomb": row("protocol", "class B:\n    def __reduce__(self):\n        return exit, (0,)\n---\nreturn B()"),
    "stops_itself": row("timeout", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n" + GOOD, "raises"),
    "one_number": row("shape", "return np.float64(2.0)"),
    "now_and_then": row(
        "value nondeterministic",
        "calls = []\n---\ncalls.append(1)\nreturn np.diag(2 * x) + (len(calls) % 3 == 0)",
    ),
    "crash_at_negative": row("crash", "if (x < -1).any():\n    import os\n    os.abort()\n" + GOOD),
    "busy_thread": row(
        "pass",
        "import threading\ndef spin():\n    while True:\n        pass\nthreading.Thread(target=spin, daemon=True).start()\n---\n"
        + GOOD,
    ),
    "tracer": row("pass", "import sys\nsys.settrace(lambda *a: None)\n---\n" + GOOD),
    "replaces_its_file": row(
        "crash value error",  # which of its processes has read it when it writes is a matter of time
        "code = open(__file__).read()\nopen(__file__, 'w').write(code.replace('return -', 'return '))\n---\n" + WRONG,
        "value",
    ),
    "flushes_subnormals": row(
        "pass",
        "import ctypes\nm, e = ctypes.CDLL(None), (ctypes.c_uint32 * 8)()\nm.fegetenv(e)\ne[7] |= 0x8040\nm.fesetenv(e)\n---\n"
        + GOOD,
    ),
    "single_precision_jax": row("pass", "import jax\njax.config.update('jax_enable_x64', False)\n---\n" + GOOD),
    "debugs_nans": row("pass", "import jax\njax.config.update('jax_debug_nans', True)\n---\n" + GOOD),
    "many_files": row(
        "pass",
        "import tempfile\nfor n in range(2000):\n    open(f'{tempfile.gettempdir()}/{n}', 'w').close()\n---\n" + GOOD,
    ),
    "stops_its_parent": row("pass", "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n" + GOOD, "raises"),
    "reads_its_requests": row(
        "value crash protocol timeout",
        "import os, threading\ndef steal(d):\n    try:\n        while os.read(d, 9):\n            pass\n    except OSError:\n        pass\n"
        "for d in range(3, 9):\n    threading.Thread(target=steal, args=(d,), daemon=True).start()\n---\n" + WRONG,
    ),
    "watches_garbage": row("pass", "import gc\ngc.callbacks.append(lambda *a: None)\ngc.disable()\n---\n" + GOOD),
    "closes_what_it_reads_from": row("crash protocol pass", "import os\nos.closerange(3, 5)\n" + GOOD),
}
