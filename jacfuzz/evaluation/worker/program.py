"""A pair in an environment without jacfuzz: its code is run piece by piece, then it answers like any other.

Annotations are never looked at here, so that their library need not be installed.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import importlib
import json
import os
import sys
import types
from pathlib import Path
from typing import Any

_MODULE = "__jacfuzz__"
_FLAGS = __future__.annotations.compiler_flag


def main() -> None:
    """Do what the program says that the descriptor in the arguments holds, until there are no more requests."""
    with os.fdopen(int(sys.argv[1])) as file:
        program: dict[str, Any] = json.load(file)
    if program["confine"]:  # before NumPy, whose threads would keep their rights
        from .hardened import confine

        confine([Path(path) for path in program["own_files"]], Path(program["home"]))
    from .calls import Pair
    from .serve import handlers, serve

    sys.path.insert(0, program["folder"])
    names = _from_module(program) if program["module"] else _from_pieces(program)
    caught = (BaseException,)
    how = (program["arguments"], program["kinds"], program["differentiable"])
    arguments, kinds, differentiable = (tuple(words) for words in how)
    f, jac = (names[name] for name in program["names"])
    pair = Pair(f, jac, arguments, kinds, differentiable, program["file"], caught)
    serve(handlers(pair), program["requests"], program["answers"])


def _from_module(program: dict[str, Any]) -> dict[str, Any]:
    return vars(importlib.import_module(program["module"]))


def _from_pieces(program: dict[str, Any]) -> dict[str, Any]:
    """Return the names that the target's piece left, and what later pieces of the same text add to them."""
    spaces: list[dict[str, Any]] = []
    lost: dict[str, str] = {}
    for piece in program["pieces"]:
        module = types.ModuleType(_MODULE)  # dataclasses and others look their module up
        sys.modules[_MODULE] = module
        names = vars(module)
        names.update(spaces[-1] if spaces else {}, __file__=program["file"])
        lost.update(_run(piece, names))
        spaces.append(names)
    own: dict[str, Any] = spaces[program["own"]]
    for later in spaces[program["own"] + 1 :]:
        own.update((name, value) for name, value in later.items() if name not in own)
    missing = [name for name in program["names"] if name not in own]
    if missing:
        causes = "; ".join(dict.fromkeys(lost.values()))
        sys.exit(f"{missing[0]} is not defined in {sys.executable}: {causes or 'nothing defines it'}")
    return own


def _run(piece: dict[str, Any], names: dict[str, Any]) -> dict[str, str]:
    """Execute statements; one that fails costs no other. Returns causes by the text of the statement."""
    text = "\n" * (piece["line"] - 1) + piece["source"]
    try:
        body = ast.parse(text, piece["filename"]).body
    except SyntaxError as error:
        return {piece["source"]: f"{error.msg} (line {error.lineno})"}
    lost: dict[str, str] = {}
    with open(os.devnull, "w") as sink, contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        for statement in body:
            try:
                code = compile(ast.Module([statement], []), piece["filename"], "exec", _FLAGS, dont_inherit=True)
                exec(code, names)
            except (Exception, SystemExit) as error:
                lost[ast.unparse(statement)] = f"{type(error).__name__}: {error} (line {statement.lineno})"
    return lost
