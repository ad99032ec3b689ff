"""Which catalogue entry a solution claims to solve: by its heading, else by the name of its index function.

The words decide, never the number, since the collections number their puzzles differently. What is ambiguous claims
nothing: a wrong claim would accuse a right solution.
"""

from __future__ import annotations

import functools
import inspect
import numbers
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jacfuzz.target import IndexShapes, Naming

_NUMBER = r"\d+(?:\.\d+)?"
_HEADING = re.compile(rf"[\W_]*problem\s+{_NUMBER}(?:\s*/\s*{_NUMBER})*\s*:(?P<words>.*)", re.IGNORECASE)
_REMARK = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Entry:
    """An entry of the catalogue, as far as it is known without executing it.

    Attributes
    ----------
    name
        What ``find`` knows it by, e.g. ``"sort"``.
    title
        As a person reads it, e.g. ``"Sort"``.
    description
        First line of the file's docstring.
    path, module
        The file, and the name it is imported by.
    titles
        Headings that claim the entry.
    index_shapes
        Shapes by the name of the index function that poses the puzzle.
    """

    name: str
    title: str
    description: str
    path: Path
    module: str
    titles: tuple[str, ...] = ()
    index_shapes: Mapping[str, IndexShapes] = field(default_factory=dict)


def plain_words(text: str) -> str:
    """Return the words alone: no case, no punctuation, no remarks in parentheses; ``&`` and ``+`` are "and"."""
    text = unicodedata.normalize("NFKC", text).casefold()
    shorter = _REMARK.sub(" ", text)
    while shorter != text:
        text, shorter = shorter, _REMARK.sub(" ", shorter)
    text = re.sub(r"(?<=\w)[-\u2010\u2011](?=\w)", "", text)
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"[&+]", " and ", text)).split())


def by_heading(heading: str, entries: Iterable[Entry]) -> Entry | None:
    """Return the one entry that a heading ``Problem N: words`` names, if there is exactly one."""
    match = _HEADING.fullmatch(heading.strip())
    words = plain_words(match["words"]) if match else ""
    if not words:
        return None
    return _only([entry for entry in entries if words in map(plain_words, entry.titles)])


def by_function(naming: Naming, entries: Iterable[Entry]) -> Entry | None:
    """Return the one entry whose index function has this name, number of arguments and number of output indices."""

    def fits(shapes: IndexShapes | None) -> bool:
        return (
            shapes is not None
            and len(shapes.arguments) == naming.arguments
            and naming.out_rank in (None, len(shapes.out))
        )

    return _only([entry for entry in entries if fits(entry.index_shapes.get(naming.function))])


def _only(found: list[Entry]) -> Entry | None:
    return found[0] if len(found) == 1 else None


def bind(
    references: Iterable[Callable[..., Any]], arguments: int, constants: Mapping[str, Any]
) -> tuple[Callable[..., Any], ...]:
    """Bind reference functions to a block's own constants; those that do not fit are left out.

    Parameters
    ----------
    references
        Functions of arrays, with integers as keyword-only parameters.
    arguments
        How many arrays the block's f takes; arrays that a reference does not take are ignored.
    constants
        The block's names and their values.
    """
    bound = []
    for reference in references:
        parameters = inspect.signature(reference).parameters.values()
        arrays = sum(parameter.kind is not parameter.KEYWORD_ONLY for parameter in parameters)
        sizes = {
            parameter.name: int(constants[parameter.name])
            for parameter in parameters
            if parameter.kind is parameter.KEYWORD_ONLY and _is_integer(constants.get(parameter.name))
        }
        missing = any(
            parameter.kind is parameter.KEYWORD_ONLY
            and parameter.default is parameter.empty
            and parameter.name not in sizes
            for parameter in parameters
        )
        if arrays <= arguments and not missing:
            bound.append(functools.partial(_call, reference, arrays, sizes))
    return tuple(bound)


def _is_integer(value: object) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _call(reference: Callable[..., Any], count: int, sizes: Mapping[str, int], *arrays: Any) -> Any:
    return reference(*[np.asarray(array, dtype=float) for array in arrays[:count]], **sizes)
