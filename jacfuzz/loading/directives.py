"""A comment that gives shapes where the code does not.

``# jacfuzz: shapes x=(50,) y=(10,) out=(4, 10)`` anywhere in a block gives the shape of each argument by name, and in
the index format ``out``, the shape of f's result. It goes before all else that may say the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jacfuzz.errors import LoadError
from jacfuzz.loading.blocks import Block

_COMMENT = re.compile(r"#\s*jacfuzz\s*:\s*(?P<text>.*)")
_ITEM = re.compile(r"\s*,?\s*(?P<name>\w+)\s*=\s*(?P<shape>\([^()]*\)|\[[^\[\]]*\]|\d+)\s*")
_EXAMPLES = ["()", "(50,)", "(4, 10)", "(2, 3, 4)"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Directive:
    """Shapes by name, and the line they were given at."""

    line: int = 0
    shapes: Mapping[str, Shape] = field(default_factory=dict)


def directive_in(block: Block) -> Directive:
    """Read the directives of a block, of which there may be none.

    Raises
    ------
    LoadError
        For a directive that cannot be read; the message says at what and shows a right one.
    """
    shapes: dict[str, Shape] = {}
    first = 0
    for number, line in enumerate(block.source.split("\n"), start=block.line):
        if match := _COMMENT.search(line):
            first = first or number
            shapes.update(_read(match["text"].strip(), block, number))
    return Directive(first, shapes)


def _read(text: str, block: Block, line: int) -> dict[str, Shape]:
    verb, _, rest = text.partition(" ")
    shapes: dict[str, Shape] = {}
    position = 0
    while verb == "shapes" and (match := _ITEM.match(rest, position)):
        shape = _shape(match["shape"])
        if shape is None:
            break
        shapes[match["name"]] = shape
        position = match.end()
    if not shapes or rest[position:].strip():
        raise LoadError(
            f"{block.place(line)}: got `# jacfuzz: {text}`, which cannot be read at `{rest[position:] or verb}`; "
            f"write it as in `{directive_line({'x': 1, 'y': 1, 'out': 2})}`"
        )
    return shapes


def _shape(text: str) -> Shape | None:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    shape = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return shape if all(type(size) is int and size >= 0 for size in shape) else None


def directive_line(ranks: Mapping[str, int | None]) -> str:
    """Return a directive to paste: example shapes of the right ranks; None is an unknown rank."""
    return f"# jacfuzz: shapes {' '.join(f'{name}={_example(rank)}' for name, rank in ranks.items())}"


def _example(rank: int | None) -> str:
    return _EXAMPLES[1 if rank is None else rank] if rank is None or rank < len(_EXAMPLES) else str((2,) * rank)


def refuse_unknown(directive: Directive, known: Iterable[str], block: Block) -> None:
    """Refuse shapes for names that the function does not have.

    Raises
    ------
    LoadError
        Naming them.
    """
    known = list(known)
    unknown = [name for name in directive.shapes if name not in known]
    if unknown:
        raise LoadError(
            f"{block.place(directive.line)}: the directive gives a shape for `{', '.join(unknown)}`; "
            f"expected {', '.join(known)}"
        )
