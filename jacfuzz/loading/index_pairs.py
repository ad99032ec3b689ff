"""Index functions ``fb_*`` become targets: dense functions at known shapes."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from jacfuzz.errors import LoadError
from jacfuzz.loading.collect import Pair
from jacfuzz.loading.constants import read_constants
from jacfuzz.loading.directives import Directive, directive_line, directive_of, refuse_unknown
from jacfuzz.loading.functions import Reads, syntax_of
from jacfuzz.loading.indexed import cells_of, dense_f, dense_jac
from jacfuzz.loading.pairs import require_names
from jacfuzz.loading.sizes import library_of
from jacfuzz.loading.stub import inner_functions, is_index_stub
from jacfuzz.signature import Argument, ArrayType, Signature, fixed_spec
from jacfuzz.target import Claims, IndexShapes, Naming, Target

_OUTPUT_AXES = ("O", "P")


@dataclass(frozen=True)
class Ranks:
    """How many indices an index function deals with, as far as its code says so.

    Attributes
    ----------
    arguments
        Rank by argument name.
    out
        Rank of the output.
    """

    arguments: dict[str, int | None]
    out: int | None

    def fit(self, shapes: IndexShapes) -> bool:
        """Whether arrays of these shapes have these ranks."""
        if len(shapes.arguments) != len(self.arguments):
            return False
        given = zip((*self.arguments.values(), self.out), (*shapes.arguments, shapes.out), strict=True)
        return all(rank is None or rank == len(shape) for rank, shape in given)

    def directive(self) -> str:
        """Return the directive to paste."""
        return directive_line({**self.arguments, "out": self.out})


def index_target(pair: Pair, title: str, claims: Claims | None) -> Target:
    """Build the target of an index function; its id is still to come.

    Raises
    ------
    LoadError
        If it cannot be checked; the message says why and what to do.
    """
    (fb,) = pair.functions
    block = pair.run.block
    place = block.place(pair.line)
    array_type = _array_type(pair)
    require_names(pair)
    ranks = _ranks(pair)
    if not ranks.arguments:
        raise LoadError(f"{place}: {pair.name} takes no array; expected {pair.name}(x) or {pair.name}(x, y)")
    naming = Naming(block.heading, pair.name, len(ranks.arguments), ranks.out)
    shapes = _shapes(pair, ranks, claims.shapes(naming) if claims else None)
    arguments = tuple(
        Argument(name, fixed_spec(shape, array_type))
        for name, shape in zip(ranks.arguments, shapes.arguments, strict=True)
    )
    constants = read_constants(pair.constants, tuple(ranks.arguments), block.file)
    return Target(
        id="",
        title=title,
        place=place,
        f=dense_f(fb, pair.name, shapes),
        jac=dense_jac(fb, pair.name, shapes),
        signature=Signature(arguments),
        array_type=array_type,
        domain=constants.domain,
        edges=constants.edges,
        kinks=constants.kinks,
        calls=max(1, cells_of(shapes)),
        stub=is_index_stub(fb),
        source=block.source,
        claim=claims.claim(naming, _constants(pair, shapes)) if claims else None,
    )


def _constants(pair: Pair, shapes: IndexShapes) -> dict[str, object]:
    """Names that reference functions may ask for: the block's, the integers of the body, the output's axes O and P."""
    node = syntax_of(pair.functions[0])
    body = {
        target.id: statement.value.value
        for statement in (node.body if isinstance(node, ast.FunctionDef) else ())
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return {**pair.run.names, **body, **dict(zip(_OUTPUT_AXES, shapes.out, strict=False))}


def _array_type(pair: Pair) -> ArrayType:
    if "torch" not in pair.run.modules:
        return library_of(Reads(*pair.functions))
    if sys.modules.get("torch") is None:
        raise LoadError(
            f"{pair.run.block.place(pair.line)}: the file imports torch, so that {pair.name} takes tensors, "
            "but torch is not installed; pip install 'jacfuzz[torch]'"
        )
    return "torch"


def _ranks(pair: Pair) -> Ranks:
    (fb,) = pair.functions
    try:
        parameters = inspect.signature(fb).parameters.values()
    except (TypeError, ValueError):
        return Ranks({}, None)
    names = [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    node = syntax_of(fb)
    counts = [_count(function) for function in inner_functions(node)] if node else []
    out, *both = counts or [None]
    both += [None] * (len(names) - len(both))
    given: list[int | None] = [None if out is None or count is None else count - out for count in both]
    return Ranks(
        {name: rank if rank is None or rank >= 0 else None for name, rank in zip(names, given, strict=False)}, out
    )


def _count(function: ast.FunctionDef | ast.Lambda | None) -> int | None:
    """How many indices a function takes; None where it takes any number."""
    if function is None or function.args.vararg is not None:
        return None
    return len(function.args.posonlyargs) + len(function.args.args) - len(function.args.defaults)


def _shapes(pair: Pair, ranks: Ranks, claimed: IndexShapes | None) -> IndexShapes:
    """Shapes from the directive, else from the call of the notebook's checker, else from the catalogue."""
    block = pair.run.block
    place = block.place(pair.line)
    directive = directive_of(block, pair.lines, alone=pair.alone)
    if directive.shapes:
        shapes = _directed(pair, ranks, directive)
        if not ranks.fit(shapes):
            raise LoadError(
                f"{block.place(directive.line)}: the directive's shapes do not fit the indices that {pair.name} takes; "
                f"expected ranks as in `{ranks.directive()}`"
            )
        return shapes
    for shapes in _given(pair, claimed):
        if ranks.fit(shapes):
            return shapes
    raise LoadError(
        f"{place}: the shapes that {pair.name} is called at are not known; "
        f"add the line `{ranks.directive()}` above it, with the sizes it is meant for"
    )


def _given(pair: Pair, claimed: IndexShapes | None) -> Iterator[IndexShapes]:
    if pair.call is not None and pair.call.index_shapes is not None:
        yield pair.call.index_shapes
    if claimed is not None:
        yield claimed


def _directed(pair: Pair, ranks: Ranks, directive: Directive) -> IndexShapes:
    block = pair.run.block
    known = [*ranks.arguments, "out"]
    refuse_unknown(directive, known, block)
    missing = [name for name in known if name not in directive.shapes]
    if missing:
        raise LoadError(
            f"{block.place(directive.line)}: the directive gives no shape for `{', '.join(missing)}`; "
            f"write it as in `{ranks.directive()}`"
        )
    return IndexShapes(tuple(directive.shapes[name] for name in ranks.arguments), directive.shapes["out"])
