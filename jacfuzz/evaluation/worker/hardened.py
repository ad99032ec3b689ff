"""What Linux lets a process give up for ever, without root: no_new_privs, landlock, seccomp.

Landlock keeps it from files (``landlock(7)``), seccomp from the network, other programs, new processes and signals
(``seccomp(2)``, classic BPF). Everything is given up or the process ends: there is no half. Namespaces of its own for
the network and for shared memory come on top where the kernel allows them (``unshare(2)``).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import signal
import socket
import struct
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ, _LIST = 0b1100, 0b1000  # READ_FILE and READ_DIR, READ_DIR alone
_WRITE_FILE = 0b10
_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights over files an ABI knows; 16 from 5 on
_CLONE_THREAD, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x10000, 0x8000000, 0x10000000, 0x40000000
NAMESPACES = ("net", "ipc")
"""Of its own where it can have them."""

# Numbers of system calls per machine: (x86_64, aarch64); None where the machine lacks it.
_DENIED: dict[str, tuple[int | None, int]] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "fork": (57, 1079),
    "vfork": (58, 1071),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "setpriority": (141, 140),
}
_CLONE, _CLONE3, _TGKILL = (56, 220), (435, 435), (234, 131)
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000


class MissingLayerError(OSError):
    """The kernel does not offer a layer."""


def confine(own: Sequence[Path], home: Path) -> None:
    """Give up all but reading the target's files and Python itself, and writing to a folder.

    Parameters
    ----------
    own
        Files and packages of the target; the folders that they lie in can be listed, as imports need.
    home
        The folder.

    Raises
    ------
    MissingLayerError
        If a layer is missing.
    """
    _go_apart()
    _call(_LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _landlock(own, home)
    _seccomp()


def _go_apart() -> None:
    """Take namespaces of its own where that is allowed: root needs no user namespace for it, others often get none."""
    if _LIBC.unshare(_CLONE_NEWNET | _CLONE_NEWIPC) and not _LIBC.unshare(
        _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUSER
    ):
        # A new user namespace changes credentials, upon which the kernel forgets both.
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _LIBC.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _call(result: int, layer: str) -> int:
    if result < 0:
        raise MissingLayerError(ctypes.get_errno(), f"{layer} is missing")
    return result


def _landlock(own: Sequence[Path], home: Path) -> None:
    abi = _call(_LIBC.syscall(_CREATE_RULESET, None, 0, 1), "landlock")
    rights = (1 << _RIGHTS_BY_ABI.get(abi, 16)) - 1
    fields = [rights, 0b11 if abi >= 4 else 0, 0b11 if abi >= 6 else 0]  # files, TCP, signals and abstract sockets
    attributes = struct.pack(
        f"<{1 if abi < 4 else 2 if abi < 6 else 3}Q", *fields[: 1 if abi < 4 else 2 if abi < 6 else 3]
    )
    ruleset = _call(_LIBC.syscall(_CREATE_RULESET, attributes, len(attributes), 0), "landlock")
    for path in {*_readable(), *own}:
        _allow(ruleset, path, _READ)
    for folder in {path.parent for path in own}:
        _allow(ruleset, folder, _LIST)
    _allow(ruleset, home, rights & ~1)  # nothing there is to be executed
    _allow(ruleset, Path(os.devnull), _READ | _WRITE_FILE)
    _call(_LIBC.syscall(_RESTRICT_SELF, ruleset, 0), "landlock")
    os.close(ruleset)


def _readable() -> set[Path]:
    """Files and folders that Python, NumPy and jax read."""
    names = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), str(Path(__file__).parents[2])}
    names |= {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/zero"}
    names |= {"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system", f"/proc/{os.getpid()}"}
    return {Path(name).resolve() for name in names if os.path.exists(name)}


def _allow(ruleset: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not path.is_dir():
        rights &= 0b110 | 1 << 14  # reading, writing and truncating are all that a file knows
    rule = struct.pack("<Qi", rights, descriptor)
    _call(_LIBC.syscall(_ADD_RULE, ruleset, 1, rule, 0), "landlock")
    os.close(descriptor)


def _seccomp() -> None:
    machine = platform.machine()
    if machine not in _AUDIT:
        raise MissingLayerError(errno.ENOSYS, f"seccomp is missing: the calls of {machine} are not known")
    column = 0 if machine == "x86_64" else 1
    refuse = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    program = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, _AUDIT[machine]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    program += [(_ANY_BIT, 0, 1, _X32), refuse]
    for calls in _DENIED.values():
        program += [(_EQUAL, 0, 1, calls[column] or 0), refuse]
    # glibc falls back from clone3, whose flags lie in memory, to clone, whose flags can be looked at.
    program += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    program += [(_EQUAL, 0, 4, _CLONE[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_BIT, 1, 0, _CLONE_THREAD), refuse]
    program += [(_RETURN, 0, 0, _ALLOW)]
    # abort() signals the process itself, which does no harm.
    program += [(_EQUAL, 0, 3, _TGKILL[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_EQUAL, 1, 0, os.getpid()), refuse]
    program += [(_RETURN, 0, 0, _ALLOW)]
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    _call(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0), "seccomp")


def namespaces() -> dict[str, str]:
    """Return the namespaces that this process is in, by kind."""
    return {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in NAMESPACES}


def attempts(secret: Path) -> dict[str, str]:
    """Try what hardened code must not be able to do; return per attempt what refused it, "" where nothing did.

    Parameters
    ----------
    secret
        A readable file that is none of the target's.
    """

    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)

    tried: dict[str, Callable[[], object]] = {
        "open": secret.read_bytes,
        "write": lambda: secret.with_name("written").write_text("x"),
        "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
        "fork": fork,
        "exec": lambda: os.execv(secret.with_name("absent"), ["absent"]),  # looked for only where exec is allowed
        "kill": lambda: os.kill(os.getppid(), 0),
    }
    found = dict.fromkeys(tried, "")
    for name, attempt in tried.items():
        try:
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                attempt()
        except OSError as error:
            found[name] = error.strerror or type(error).__name__
    return found
