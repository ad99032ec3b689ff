"""Array pairs ``f``, ``jac`` become targets."""

from __future__ import annotations

from jacfuzz.errors import LoadError
from jacfuzz.loading.collect import Pair
from jacfuzz.loading.constants import read_constants
from jacfuzz.loading.direct import describe
from jacfuzz.loading.directives import directive_of, refuse_unknown
from jacfuzz.loading.functions import Reads
from jacfuzz.loading.stub import is_array_stub
from jacfuzz.target import Claims, Naming, Target


def array_target(pair: Pair, title: str, claims: Claims | None) -> Target:
    """Build the target of an array pair; its id is still to come.

    Raises
    ------
    LoadError
        If the pair cannot be checked; the message says why and what to do.
    """
    f, jac = pair.functions
    block = pair.run.block
    place = block.place(pair.line)
    require_names(pair)
    directive = directive_of(block, pair.lines, alone=pair.alone)
    try:
        signature, array_type = describe(f, jac, pair.call.shapes if pair.call else (), directive.shapes)
    except LoadError as error:
        raise LoadError(f"{place}: {error}") from None
    names = tuple(argument.name for argument in signature.arguments)
    refuse_unknown(directive, names, block)
    constants = read_constants(pair.constants, names, block.file)
    return Target(
        id="",
        title=title,
        place=place,
        f=f,
        jac=jac,
        signature=signature,
        array_type=array_type,
        domain=constants.domain,
        edges=constants.edges,
        kinks=constants.kinks,
        stub=is_array_stub(jac),
        source=block.source,
        claim=claims.claim(Naming(block.heading, "", len(names)), pair.run.names) if claims else None,
    )


def require_names(pair: Pair) -> None:
    """Refuse a pair that reads what a failed statement was to define, or what nothing defines.

    Raises
    ------
    LoadError
        Naming the function, the name and the statement.
    """
    run = pair.run
    place = run.block.place(pair.line)
    for who, function in zip((pair.name, "jac"), pair.functions, strict=False):
        reads = Reads(function)
        for failure in run.failures:
            lost = sorted(name for name in failure.names if name in reads)
            if lost and failure.place.line < pair.last_line:
                raise LoadError(f"{place}: {who} needs `{lost[0]}`, but {failure}; correct that statement")
        for name in sorted(reads.missing):
            blamed = [failure for failure in (*run.earlier, *run.failures) if failure.names & {name, "*"}]
            if blamed:
                raise LoadError(f"{place}: {who} needs `{name}`, but {blamed[-1]}; correct that statement")
            raise LoadError(f"{place}: {who} needs `{name}`, which nothing before it defines; define or import it")
