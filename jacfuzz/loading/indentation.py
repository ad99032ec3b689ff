"""Code copied from a page that lost its indentation: one clear message instead of one for every block."""

from __future__ import annotations

import re

from jacfuzz.errors import LoadError
from jacfuzz.loading.blocks import Block

_HEADER = re.compile(r"(?P<indent>\s*)def\s+\w+\(.*:\s*(#.*)?")
_FEWEST = 2


def require_indentation(blocks: list[Block], file: str) -> None:
    """Refuse a file in which no function's body is indented.

    Raises
    ------
    LoadError
        Naming the first such function.
    """
    lost: list[tuple[Block, int, str, str]] = []
    for block in blocks:
        lines = block.source.split("\n")
        for number, line in enumerate(lines):
            header = _HEADER.fullmatch(line)
            body = next((text for text in lines[number + 1 :] if text.strip()), None)
            if header and body is not None:
                if len(body) - len(body.lstrip()) > len(header["indent"]):
                    return
                lost.append((block, block.line + number, line.strip(), body.strip()))
    if len(lost) >= _FEWEST:
        block, number, header_text, body_text = lost[0]
        raise LoadError(
            f"{block.place(number)}: the indentation of the code is lost (`{header_text}` is followed by "
            f"`{body_text[:40]}` at the margin, and so are all {len(lost)} functions of {file}); "
            "paste the code with its indentation, or load the notebook itself"
        )
