"""A comment that gives shapes where the code does not.

``# jacfuzz: shapes x=(50,) y=(10,) out=(4, 10)`` gives the shape of each argument by name, and in the index format
``out``, the shape of f's result. It goes before all else that may say the same.

It belongs to the pair whose function it stands in or right above; before all statements of a block, with a line between
it and the first function, to all pairs of the block. To the only pair of a block it belongs wherever it stands.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping
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


def directive_of(block: Block, lines: Collection[int], *, alone: bool) -> Directive:
    """Read the directives of a pair, of which there may be none.

    Parameters
    ----------
    block
        The block that the pair stands in.
    lines
        Where its functions are defined.
    alone
        Whether the block holds no other pair.

    Raises
    ------
    LoadError
        For a directive that cannot be read; the message says at what and shows a right one.
    """
    shapes: dict[str, Shape] = {}
    first = 0
    for number, text in _comments(block):
        if alone or _concerns(number, block, lines):
            first = first or number
            shapes.update(_read(text, block, number))
    return Directive(first, shapes)


def idle_directives(block: Block, pairs: Iterable[Collection[int]]) -> list[str]:
    """Say which directives of a block belong to none of its pairs, which are given by the lines of their functions."""
    known = list(pairs)
    return [
        f"{block.place(number)}: `# jacfuzz: {text}` belongs to no pair; put it right above the function that it is for"
        for number, text in _comments(block)
        if len(known) != 1 and not any(_concerns(number, block, lines) for lines in known)
    ]


def _comments(block: Block) -> Iterator[tuple[int, str]]:
    """Yield line and text of the directives in a block."""
    if "jacfuzz" not in block.source:
        return
    for token in tokenize.generate_tokens(io.StringIO(block.source).readline):
        match = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if match:
            yield block.line + token.start[0] - 1, match["text"].strip()


def _concerns(number: int, block: Block, lines: Collection[int]) -> bool:
    """Whether a directive concerns the pair whose functions are defined at these lines."""
    body = block.parse().body
    below = next((statement for statement in body if (statement.end_lineno or 0) >= number), None)
    if below is None:
        return False
    start = min([below.lineno, *(decorator.lineno for decorator in getattr(below, "decorator_list", ()))])
    if any(start <= line <= (below.end_lineno or 0) for line in lines):
        return True
    between = block.source.split("\n")[number - block.line : start - block.line]
    adjoins = isinstance(below, ast.FunctionDef) and all(line.strip() for line in between)
    return below is body[0] and number < start and not adjoins


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
