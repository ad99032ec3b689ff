"""Text of strangers made harmless: it neither steers a terminal or a CI server, nor turns the direction of writing."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"(?<!\S)::|##\[")


def visible(text: str) -> str:
    """Return text with unprintable characters as ``?``."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)


def clean(text: str) -> str:
    """Return visible text in which nothing is a command to a CI server."""
    return _COMMAND.sub(lambda match: " ".join(match.group()), visible(text))


def one_line(text: str) -> str:
    """Return clean text without line breaks, which could make it look like a report of its own."""
    return clean(" ".join(text.split()))
