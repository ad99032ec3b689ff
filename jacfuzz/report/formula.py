"""What a block says that it computes."""

from __future__ import annotations

import ast
import inspect
import io
import tokenize


def formula(source: str) -> str:
    """Return the first paragraph of a block's docstring, its own or that of a function; else its first formula.

    A formula is a comment with an equals sign. "" where the block says nothing, or cannot be read.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    said = [ast.get_docstring(tree), *map(ast.get_docstring, functions), *filter(_is_formula, _comments(source))]
    found = next(filter(None, said), "")
    return " ".join(inspect.cleandoc(found).split("\n\n")[0].split())


def _comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string.strip("# ") for token in tokens if token.type == tokenize.COMMENT]


def _is_formula(comment: str) -> bool:
    return "=" in comment and not comment.startswith("jacfuzz:")
