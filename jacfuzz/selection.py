"""``-k`` expressions over target ids: words joined by ``and``, ``or``, ``not`` and parentheses, as in pytest."""

from __future__ import annotations

import re

from jacfuzz.errors import UsageError

_TOKEN = re.compile(r"\s*(?:(?P<bracket>[()])|(?P<quoted>\"[^\"]*\"|'[^']*')|(?P<word>[^\s()]+))")


def matches(expression: str, text: str) -> bool:
    """Whether a text matches an expression; words match as substrings, case ignored. "" matches everything.

    Raises
    ------
    UsageError
        If the expression cannot be read.
    """
    tokens = [match.group().strip() for match in _TOKEN.finditer(expression)]
    if not tokens:
        return True
    value, rest = _either(tokens, text.lower(), expression)
    if rest:
        raise _unreadable(expression, rest[0])
    return value


def _either(tokens: list[str], text: str, expression: str) -> tuple[bool, list[str]]:
    value, tokens = _both(tokens, text, expression)
    while tokens and tokens[0] == "or":
        other, tokens = _both(tokens[1:], text, expression)
        value = value or other
    return value, tokens


def _both(tokens: list[str], text: str, expression: str) -> tuple[bool, list[str]]:
    value, tokens = _one(tokens, text, expression)
    while tokens and tokens[0] == "and":
        other, tokens = _one(tokens[1:], text, expression)
        value = value and other
    return value, tokens


def _one(tokens: list[str], text: str, expression: str) -> tuple[bool, list[str]]:
    if not tokens or tokens[0] in ("and", "or", ")"):
        raise _unreadable(expression, tokens[0] if tokens else "its end")
    if tokens[0] == "not":
        value, rest = _one(tokens[1:], text, expression)
        return not value, rest
    if tokens[0] == "(":
        value, rest = _either(tokens[1:], text, expression)
        if not rest or rest[0] != ")":
            raise _unreadable(expression, "a missing )")
        return value, rest[1:]
    return tokens[0].strip("\"'").lower() in text, tokens[1:]


def _unreadable(expression: str, token: str) -> UsageError:
    return UsageError(
        f"-k {expression!r} cannot be read at {token}; join words with and, or, not and parentheses; quote blanks"
    )
