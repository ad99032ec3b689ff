"""One derivative, a ``jac`` or an index function's ``dx``: every node of its syntax tree is allowed or refused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from jacfuzz.loading.statements import bound_names
from jacfuzz.rules.scope import Data, Imported, Scope, dotted
from jacfuzz.rules.vocabulary import DERIVATIVES, Breach, Rules

Function: TypeAlias = ast.FunctionDef | ast.Lambda

_EXPRESSIONS = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Subscript, ast.Slice, ast.Tuple, ast.List),
    *(ast.Starred, ast.ListComp, ast.GeneratorExp, ast.comprehension),
)
_SYMBOLS = (ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.expr_context)
_STATEMENTS = (ast.Return, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.For, ast.Pass)
_TINY = 1e-3


@dataclass
class Derivative:
    """Judges one function.

    Attributes
    ----------
    rules
        Of the collection.
    scope
        What the names around the function stand for.
    function
        Its definition.
    primal
        Name of the function that it differentiates.
    anywhere
        Whether the primal may be asked at any index (index functions), or only at the derivative's own arguments.
    """

    rules: Rules
    scope: Scope
    function: Function
    primal: str
    anywhere: bool
    _breaches: list[Breach] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)

    def breaches(self) -> list[Breach]:
        """Return what breaks the rules, in no order."""
        self._parameters = [argument.arg for argument in _arguments(self.function.args)]
        self._locals = set(self._parameters) | set(_bound_inside(self.function))
        self._header()
        for node in _body(self.function):
            self._judge(node)
        self._step()
        return self._breaches

    def _refuse(self, node: ast.AST, rule: str, text: str) -> None:
        line, column = getattr(node, "lineno", self.function.lineno), getattr(node, "col_offset", 0)
        self._breaches.append(Breach(line, column + 1, rule, text))

    def _header(self) -> None:
        if isinstance(self.function, ast.FunctionDef):
            for decorator in self.function.decorator_list:
                self._refuse(decorator, "syntax", "a decorator may put another function in place; write it without")
        arguments = self.function.args
        for default in (*arguments.defaults, *filter(None, arguments.kw_defaults)):
            if not isinstance(default, ast.Constant):
                self._refuse(default, "syntax", "an argument's default is computed; write a number")
        for node in _walk(self.function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in self._parameters:
                self._refuse(node, "derivative", f"the argument {node.id} is given another value; take another name")

    def _judge(self, node: ast.AST) -> None:
        match node:
            case ast.Constant(value=value):
                if not (value is None or value is ... or type(value) in (bool, int, float)):
                    self._refuse(node, "numbers", f"{value!r:.40} is {type(value).__name__}; use plain numbers")
            case ast.Name(ctx=ast.Load()):
                self._name(node)
            case ast.Attribute():
                self._attribute(node)
            case ast.Call():
                self._call(node)
            case ast.Name():
                pass
            case _ if isinstance(node, _SYMBOLS):
                pass
            case _ if isinstance(node, (*_EXPRESSIONS, *_STATEMENTS)):
                for child in ast.iter_child_nodes(node):
                    self._judge(child)
            case ast.Expr(value=ast.Constant(value=str())):
                pass  # a docstring
            case _:
                self._refuse(node, "syntax", f"{type(node).__name__} is more than a plain formula; write it without")

    def _name(self, node: ast.Name) -> None:
        if node.id in self._locals:
            return
        bindings = self.scope.get(node.id)
        if bindings is None:
            if not self.rules.allows(node.id):
                self._refuse_name(node, node.id)
            return
        for binding in bindings:
            if isinstance(binding, Data):
                if id(binding.value) not in self._seen:  # data may be made of data, and of itself
                    self._seen.add(id(binding.value))
                    self._judge(binding.value)
            elif isinstance(binding, Imported):
                path = dotted(node, self.scope)
                if path is None or not self.rules.allows(path):
                    self._refuse_name(node, binding.path)
            else:
                self._refuse(node, "name", f"{node.id} is bound by {binding.kind}; a derivative reads plain data only")

    def _attribute(self, node: ast.Attribute) -> None:
        path = None if self._root(node) in self._locals else dotted(node, self.scope)
        if path is None:
            if not self.rules.allows(f".{node.attr}"):
                self._refuse_name(node, f".{node.attr}")
            self._judge(node.value)
        elif not self.rules.allows(path):
            self._refuse_name(node, path)

    def _call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name) and function.id == self.primal and function.id not in self._locals:
            self._primal(node)
        elif isinstance(function, ast.Name) and (function.id in self._locals or self._is_data(function.id)):
            self._refuse(function, "name", f"{function.id} is called, which is no known function; write it out")
        elif isinstance(function, (ast.Name, ast.Attribute)):
            self._judge(function)
        else:
            self._refuse(function, "syntax", "what is called has no name; call a function by its name")
            self._judge(function)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):  # such as kind="stable"
                self._judge(argument)

    def _primal(self, node: ast.Call) -> None:
        given = [argument.id if isinstance(argument, ast.Name) else "" for argument in node.args]
        if not self.anywhere and (given != self._parameters or node.keywords):
            asked = f"{self.primal}({', '.join(self._parameters)})"
            self._refuse(
                node, "derivative", f"differences of {self.primal} are no derivation; it may be asked as {asked} only"
            )

    def _refuse_name(self, node: ast.AST, name: str) -> None:
        if DERIVATIVES & set(name.split(".")):
            self._refuse(node, "derivative", f"{name} derives by machine; write the formula")
        else:
            self._refuse(node, "name", f"{name} is not on the collection's list; write it with what is")

    def _is_data(self, name: str) -> bool:
        return any(isinstance(binding, Data) for binding in self.scope.get(name, []))

    def _root(self, node: ast.expr) -> str:
        while isinstance(node, ast.Attribute):
            node = node.value
        return node.id if isinstance(node, ast.Name) else ""

    def _step(self) -> None:
        """Refuse a tiny number that is both added and divided by: a difference quotient, written out."""
        added: set[float] = set()
        for node in _walk(self.function):
            if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
                added.update(self._tiny(node.left), self._tiny(node.right))
        for node in _walk(self.function):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                steps = {step for part in ast.walk(node.right) for step in self._tiny(part)}
                if steps & added:
                    self._refuse(node, "derivative", f"a difference quotient with step {min(steps & added)}; derive it")

    def _tiny(self, node: ast.AST) -> Iterator[float]:
        values: list[ast.AST] = [node]
        if isinstance(node, ast.Name):
            values = [binding.value for binding in self.scope.get(node.id, []) if isinstance(binding, Data)]
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, float) and 0 < abs(value.value) < _TINY:
                yield value.value


def code_of(function: Function) -> list[ast.stmt] | list[ast.expr]:
    """Return what a function computes: its statements without the docstring, or a lambda's expression."""
    if isinstance(function, ast.Lambda):
        return [function.body]
    documented = ast.get_docstring(function) is not None
    return function.body[1:] if documented else function.body


def _body(function: Function) -> list[ast.stmt] | list[ast.expr]:
    return [function.body] if isinstance(function, ast.Lambda) else function.body


def _walk(function: Function) -> Iterator[ast.AST]:
    for part in _body(function):
        yield from ast.walk(part)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    several = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *several]


def _bound_inside(function: Function) -> Iterator[str]:
    for node in _walk(function):
        if isinstance(node, ast.stmt):
            yield from bound_names(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
