"""What a change touches, read from git as data: commits, files as blobs, never a checkout.

Only git's plumbing is called, with ``-z`` and after ``--end-of-options``: names of files and refs may be anything.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from jacfuzz.errors import UsageError

_REGULAR = ("100644", "100755")


@dataclass(frozen=True)
class Entry:
    """A file of a commit.

    Attributes
    ----------
    path
        Relative to the repository's root, parts joined by ``/``.
    mode
        As git writes it: ``"100644"`` for a plain file, ``"120000"`` for a symbolic link.
    blob
        Object id of the content.
    """

    path: str
    mode: str
    blob: str

    @property
    def regular(self) -> bool:
        """Whether it is a plain file: no symbolic link and no submodule."""
        return self.mode in _REGULAR


@dataclass(frozen=True)
class Change:
    """What lies between two commits.

    Attributes
    ----------
    base, head
        Object ids of the commit that the change started from and of the one it ends at.
    files
        All files at ``head``, by path.
    before
        All files at ``base``, by path.
    """

    base: str
    head: str
    files: dict[str, Entry]
    before: dict[str, Entry]

    @property
    def touched(self) -> tuple[str, ...]:
        """Paths that are added, changed or deleted, in order."""
        return tuple(
            sorted(
                path for path in self.files.keys() | self.before.keys() if self.files.get(path) != self.before.get(path)
            )
        )


class Repository:
    """A git repository.

    Parameters
    ----------
    folder
        Any folder of it.

    Raises
    ------
    UsageError
        If it is none, or git is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = Path(self._text("rev-parse", "--show-toplevel"))

    def change(self, base: str, head: str) -> Change:
        """Return what ``head`` changes since it left ``base``.

        Raises
        ------
        UsageError
            If one is no commit, or they have no common ancestor.
        """
        end = self._commit(head)
        start = self._merge_base(self._commit(base), end, f"{base} and {head}")
        return Change(start, end, self._files(end), self._files(start))

    def size(self, blob: str) -> int:
        """Return the size of a blob, in bytes."""
        return int(self._text("cat-file", "-s", blob))

    def content(self, blob: str) -> bytes:
        """Return the content of a blob as it was committed, without filters."""
        return self._git("cat-file", "blob", blob)

    def _commit(self, name: str) -> str:
        try:
            return self._text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except UsageError:
            raise UsageError(f"{name!r} is no commit of {self.root}; fetch it, or give another") from None

    def _merge_base(self, base: str, head: str, names: str) -> str:
        try:
            return self._text("merge-base", base, head)
        except UsageError:
            raise UsageError(f"{names} have no common commit here; fetch the whole history (fetch-depth: 0)") from None

    def _files(self, commit: str) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for line in self._git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
            about, _, name = line.partition(b"\t")
            mode, _, blob = about.decode().split(" ")
            path = os.fsdecode(name)
            found[path] = Entry(path, mode, blob)
        return found

    def _text(self, *arguments: str) -> str:
        return os.fsdecode(self._git(*arguments)).removesuffix("\n")

    def _git(self, *arguments: str) -> bytes:
        try:
            done = subprocess.run(["git", *arguments], cwd=self._folder, capture_output=True, check=False)
        except FileNotFoundError as error:
            missing = "git" if error.filename == "git" else str(self._folder)
            raise UsageError(f"{missing} is not there; the gate needs git and a repository") from None
        if done.returncode:
            reason = os.fsdecode(done.stderr).strip().partition("\n")[0] or f"exit code {done.returncode}"
            raise UsageError(f"git {arguments[0]} failed in {self._folder}: {reason}")
        return done.stdout
