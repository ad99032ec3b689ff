"""``jacfuzz list`` and ``jacfuzz show``: what there is to check."""

from __future__ import annotations

import click


@click.command("list")
@click.argument("paths", nargs=-1)
def list_targets(paths: tuple[str, ...]) -> int:
    """List the pairs in PATHS, or the catalogue with a line on each entry."""
    from jacfuzz import registry

    if not paths:
        entries = registry.entries()
        width = max(len(entry.name) for entry in entries)
        for entry in entries:
            click.echo(f"{entry.name:{width}}  {entry.description}")
        return 0
    from jacfuzz.target import Unloadable

    for target in registry.find(paths).targets:
        click.echo(f"{target.id}{'  (cannot be loaded)' if isinstance(target, Unloadable) else ''}")
    return 0


@click.command()
@click.argument("target")
def show(target: str) -> int:
    """Show one pair: its place, signature, sizes and source. TARGET is an id, a path, or a catalogue entry's name."""
    from jacfuzz.api import load
    from jacfuzz.strategies.layouts import layouts

    found = load(target)
    click.echo(f"{found.title}\n{found.place}\n")
    for argument in found.signature.arguments:
        shapes = " or ".join(f'"{spec.dim_str}"' for spec in argument.specs)
        limits = found.domain.get(argument.name)
        click.echo(f"  {argument.name}: {shapes}{f' in {limits}' if limits else ''}")
    if found.signature.result:
        click.echo("  result: " + " or ".join(f'"{spec.dim_str}"' for spec in found.signature.result))
    sizes = ", ".join(f"{name} = {size}" for name, size in found.signature.sizes.items())
    click.echo(f"  sizes: {sizes or 'free'}; arrays: {found.array_type}")
    tried = "; ".join(", ".join(map(str, layout.shapes)) for layout in layouts(found.signature))
    click.echo(f"  shapes tried: {tried}")
    if found.claim is not None:
        click.echo(f"  claims the catalogue entry: {found.claim.entry}")
    click.echo(f"\n{found.source.strip()}")
    return 0
