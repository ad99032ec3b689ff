"""A file of any form becomes targets."""

from __future__ import annotations

import io
import itertools
import re
from collections import defaultdict
from pathlib import Path

from jacfuzz.errors import LoadError, UsageError
from jacfuzz.loading.blocks import UNPARSABLE, Block, remember
from jacfuzz.loading.build import build, identified
from jacfuzz.loading.collect import Broken, Found, Pair, collect
from jacfuzz.loading.directives import idle_directives
from jacfuzz.loading.execute import Run, Session, surroundings
from jacfuzz.loading.indentation import require_indentation
from jacfuzz.loading.markdown import has_fences, read_markdown
from jacfuzz.loading.names import carry
from jacfuzz.loading.notebook import read_notebook
from jacfuzz.loading.python import read_python
from jacfuzz.loading.statements import pairs_apart
from jacfuzz.target import Claims, Loaded, Place, Target, Unloadable

SUFFIXES = (".py", ".ipynb", ".md", ".markdown", ".txt")
"""Kinds of files that can be loaded."""

_MARKDOWN = (".md", ".markdown")
_PROBLEM = re.compile(r"\W*problem\s+\d", re.IGNORECASE)
_PAIR = re.compile(r"^\s*(def\s+(jac|f|fb_\w+)\s*\(|(jac|fb_\w+)\s*=)", re.MULTILINE)


def load_file(path: Path, claims: Claims | None = None, content: bytes | None = None) -> Loaded:
    """Load the pairs of a Python file, a notebook, or a Markdown or text page.

    The code is executed, statement by statement; what fails is listed and costs only the pairs that need it.

    Parameters
    ----------
    path
        As the user gave it; it starts the targets' ids.
    claims
        The catalogue; None lets no name claim anything.
    content
        What the file holds, where that was read before.

    Returns
    -------
    Loaded
        Targets in the order of the file; none where it holds no pair.

    Raises
    ------
    LoadError
        If the file cannot be read at all.
    UsageError
        If there is no such file, or it is of another kind.
    """
    blocks = read_blocks(path, content)
    require_indentation(blocks, str(path))
    entries: list[Run | Unloadable] = []
    skipped: list[str] = []
    with surroundings(path.parent):
        session = Session(str(path))
        for block in blocks:
            try:
                parts = [(part, part.parse()) for part in pairs_apart(block, block.parse())]
            except UNPARSABLE as error:
                message = _syntax_message(block, error)
                if _is_meant_as_pair(block):
                    entries.append(Unloadable("", block.heading, _place(block, error), message, block.source))
                else:
                    skipped.append(message)
                continue
            for part, tree in parts:
                run = session.run(part, tree)
                entries.append(run)
                skipped += map(str, run.failures)
        runs = [entry for entry in entries if isinstance(entry, Run)]
        _complete(runs)
        found: defaultdict[int, list[Found]] = defaultdict(list)
        for item in collect(runs):
            found[id(item.run)].append(item)
        for run in runs:
            skipped += _idle(run, found[id(run)])
        targets: list[Target | Unloadable] = []
        for entry in entries:
            targets += [entry] if isinstance(entry, Unloadable) else [build(item, claims) for item in found[id(entry)]]
    return Loaded(identified(targets, str(path), path.stem if path.suffix.lower() == ".py" else ""), tuple(skipped))


def read_blocks(path: Path, content: bytes | None = None) -> list[Block]:
    """Return what a file is made of; nothing is executed.

    Parameters
    ----------
    path, content
        As for ``load_file``.

    Raises
    ------
    LoadError, UsageError
        As ``load_file`` does.
    """
    file, suffix = str(path), path.suffix.lower()
    try:
        data = path.read_bytes() if content is None else content
        text = io.StringIO(data.decode("utf-8-sig"), newline=None).read()  # every end of line becomes \n
    except FileNotFoundError:
        raise UsageError(f"{file}: no such file; expected {', '.join(SUFFIXES)}") from None
    except OSError as error:
        raise LoadError(f"{file}: cannot be read ({error.strerror}); make it a readable file") from None
    except UnicodeDecodeError as error:
        raise LoadError(f"{file}: got text that is not UTF-8 (at byte {error.start}); save it as UTF-8") from None
    if suffix not in SUFFIXES:
        raise UsageError(f"{file}: got a file of kind {suffix or '(none)'}; expected {', '.join(SUFFIXES)}")
    if suffix == ".ipynb":
        blocks = read_notebook(text, file)
        for block in blocks:
            remember(block.filename, block.source)
        return blocks
    remember(file, text)
    markdown = suffix in _MARKDOWN or (suffix == ".txt" and has_fences(text))
    blocks = read_markdown(text, file) if markdown else read_python(text, file)
    if not blocks:  # a page whose code lost its fences with its indentation is plain text
        require_indentation([Block(text, file)], file)
    return blocks


def _complete(runs: list[Run]) -> None:
    """Give functions the names that later parts of the same text defined, as they have them when they are called."""
    for earlier, later in reversed(list(itertools.pairwise(runs))):
        if earlier.block.unit == later.block.unit:
            carry(later.names, earlier.names)


def _idle(run: Run, found: list[Found]) -> list[str]:
    """Say which directives belong to nothing; where a pair is broken that is not to be known."""
    if any(isinstance(item, Broken) for item in found):
        return []
    return idle_directives(run.block, [item.lines for item in found if isinstance(item, Pair)])


def _is_meant_as_pair(block: Block) -> bool:
    source = block.source.lstrip()
    return not source.startswith(">>>") and bool(_PROBLEM.match(block.heading) or _PAIR.search(source))


def _place(block: Block, error: Exception) -> Place:
    return block.place(getattr(error, "lineno", None))


def _syntax_message(block: Block, error: Exception) -> str:
    place = _place(block, error)
    lines = block.source.split("\n")
    position = place.line - block.line
    text = f" in `{lines[position].strip()[:80]}`" if 0 <= position < len(lines) else ""
    reason = error.msg if isinstance(error, SyntaxError) else str(error) or "too deep for Python"
    return f"{place}: {type(error).__name__}: {reason}{text}; the block cannot be run until it is corrected"
