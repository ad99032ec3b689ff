"""``jacfuzz list`` and ``jacfuzz show``: what there is to check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from jacfuzz.cli.isolation import isolation_options, readers_of

if TYPE_CHECKING:
    from jacfuzz.signature import ArraySpec
    from jacfuzz.target import Target


@click.command("list")
@click.argument("paths", nargs=-1)
@isolation_options
def list_targets(paths: tuple[str, ...], **given: Any) -> int:
    """List the pairs in PATHS, or the catalogue with a line on each entry."""
    from jacfuzz import registry

    if not paths:
        entries = registry.entries()
        width = max(len(entry.name) for entry in entries)
        for entry in entries:
            click.echo(f"{entry.name:{width}}  {entry.description}")
        return 0
    from jacfuzz.target import Unloadable

    with readers_of(paths, given) as readers:
        targets = registry.find(paths, readers=readers).targets
    for target in targets:
        click.echo(f"{target.id}{'  (cannot be loaded)' if isinstance(target, Unloadable) else ''}")
    return 0


@click.command()
@click.argument("target")
@isolation_options
def show(target: str, **given: Any) -> int:
    """Show one pair: its signature, formula, sizes, the structure of its Jacobian, and its source.

    TARGET is an id, a path, or a catalogue entry's name. The pair is called at one point.
    """
    from jacfuzz.api import load
    from jacfuzz.cleaning import visible
    from jacfuzz.report.formula import formula

    with readers_of([target], given) as readers:
        found = load(target, readers=readers)
        structures = list(_structures(found))
    said = [f"  {formula(found.source)}"] if formula(found.source) else []
    parts = ([found.title, str(found.place)], said, list(_signature(found)), structures)
    for lines in (*parts, found.source.strip().split("\n")):
        if lines:
            click.echo(visible("\n".join(lines)) + "\n")
    return 0


def _signature(target: Target) -> Iterator[str]:
    """Yield what f and jac take and return, the sizes of the axes, and the shapes that are tried."""
    from jacfuzz.strategies.layouts import layouts

    signature = target.signature
    given = ", ".join(f"{argument.name}: {_shapes(argument.specs)}" for argument in signature.arguments)
    owed = ", ".join(map(_shapes, signature.jacobians))
    yield f"  f({given})" + (f" -> {_shapes(signature.result)}" if signature.result else "")
    yield f"  jac({given})" + (f" -> {owed}" if owed else "")
    for name, limits in target.domain.items():
        yield f"  {name} in {limits}"
    sizes = ", ".join(f"{name} = {size}" for name, size in signature.sizes.items())
    yield f"  sizes: {sizes or 'free'}; arrays: {target.array_type}"
    tried = "; ".join(", ".join(map(str, layout.shapes)) for layout in layouts(signature))
    yield f"  shapes tried: {tried}"
    if target.claim is not None:
        yield f"  claims the catalogue entry: {target.claim.entry}"


def _shapes(specs: tuple[ArraySpec, ...]) -> str:
    return " or ".join(f'"{spec.dim_str}"' for spec in specs)


def _structures(target: Target) -> Iterator[str]:
    """Yield the pattern of every argument's Jacobian as jac gives it at one generic point."""
    import jax

    from jacfuzz.axes import axis_names
    from jacfuzz.report.sample import jacobians_at_sample
    from jacfuzz.report.structure import LEGEND, structure

    with jax.enable_x64(True):
        answers = jacobians_at_sample(target)
    if isinstance(answers, str):
        yield f"  no picture of the Jacobian: {answers}"
        return
    for answer in answers:
        output = max(answer.jacobian.ndim - answer.inputs, 0)
        axes = axis_names(target.signature, answer.argument, output, answer.jacobian.ndim - output)
        yield f"  d f[{', '.join(axes[:output])}] / d {answer.argument}[{', '.join(axes[output:])}]"
        yield from (f"    {line}" for line in structure(answer.jacobian, axes, output))
    yield f"  {LEGEND}"
