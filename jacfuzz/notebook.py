"""``%load_ext jacfuzz``: after every cell that defines f and jac, the pair is checked and the report shown."""

from __future__ import annotations

import ast
from typing import Any

_PAIR = ("f", "jac")


class CellChecker:
    """Checks the pairs of an IPython session.

    Parameters
    ----------
    shell
        The session.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def after_cell(self, result: Any) -> None:
        """Check f and jac where the cell that ran defines both of them; say nothing of any other cell."""
        if not result.success or not set(_PAIR) <= _defined(self._shell.transform_cell(result.info.raw_cell)):
            return
        f, jac = (self._shell.user_ns.get(name) for name in _PAIR)
        if not (callable(f) and callable(jac)):
            return
        from IPython.display import display

        from jacfuzz.api import check
        from jacfuzz.errors import JacfuzzError

        try:
            report = check(f, jac)
        except JacfuzzError as error:
            print(f"jacfuzz: {error}")
            return
        display(report)


def _defined(code: str) -> set[str]:
    """Names of the functions that the top level of a cell defines, or assigns."""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return set()
    names = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    assigned = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    return names | {target.id for target in assigned if isinstance(target, ast.Name)}


_checkers: dict[int, CellChecker] = {}


def load(shell: Any) -> None:
    """Follow a session from its next cell on."""
    if id(shell) not in _checkers:
        checker = _checkers[id(shell)] = CellChecker(shell)
        shell.events.register("post_run_cell", checker.after_cell)


def unload(shell: Any) -> None:
    """Leave a session alone again."""
    checker = _checkers.pop(id(shell), None)
    if checker is not None:
        shell.events.unregister("post_run_cell", checker.after_cell)
