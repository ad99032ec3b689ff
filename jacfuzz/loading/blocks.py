"""A block: the lines that are executed in names of their own."""

from __future__ import annotations

import ast
import linecache
from dataclasses import dataclass, replace

from jacfuzz.target import Place

UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What ``ast.parse`` raises for text that is no Python, or too deep for it."""


@dataclass(frozen=True)
class Block:
    """A cell, a fence, or a section of a Python file.

    Attributes
    ----------
    source
        The text.
    file
        The file as the user gave it.
    line
        Line of the first line of ``source`` in the file; in a notebook, in the cell.
    cell
        Number of the notebook cell, counted from 1 over all cells.
    heading
        The heading above, without its marks; "" where there is none.
    unit
        Blocks of one unit are parts of one text: what a later part defines is there for the functions of an earlier
        one by the time they are called.
    """

    source: str
    file: str
    line: int = 1
    cell: int | None = None
    heading: str = ""
    unit: int = 0

    @property
    def filename(self) -> str:
        """Name of the block's text in tracebacks, and the key of its lines in ``linecache``."""
        return self.file if self.cell is None else f"{self.file}, cell {self.cell}"

    def place(self, line: int | None = None) -> Place:
        """Return where the block, or one of its lines, was written."""
        return Place(self.file, self.line if line is None else line, self.cell)

    def parse(self) -> ast.Module:
        """Parse the block; lines are counted as in the file.

        Raises
        ------
        UNPARSABLE
            As ``ast.parse`` does.
        """
        tree = ast.parse("\n" * (self.line - 1) + self.source, self.filename)
        # Some errors, such as a `return` outside a function, only show when the tree is compiled.
        compile(tree, self.filename, "exec", dont_inherit=True)
        return tree

    def part(self, first: int, last: int) -> Block:
        """Return the lines from ``first`` to before ``last``, counted as in the file."""
        lines = self.source.split("\n")[first - self.line : last - self.line]
        return replace(self, source="\n".join(lines), line=first)


def remember(filename: str, text: str) -> None:
    """Make the text known to ``inspect.getsource`` and to tracebacks, whatever happens to the file later."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
