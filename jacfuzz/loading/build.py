"""What was found becomes targets with titles and ids."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from jacfuzz.errors import LoadError
from jacfuzz.loading.collect import Found, Given, Pair
from jacfuzz.loading.index_pairs import index_target
from jacfuzz.loading.pairs import array_target
from jacfuzz.target import Claims, Target, Unloadable


def build(item: Found, claims: Claims | None) -> Target | Unloadable:
    """Return the target, or why there is none; titles may be empty and ids are still to come."""
    block = item.run.block
    if isinstance(item, Given):
        place = block.place(item.run.lines.get(item.name, 1))
        return dataclasses.replace(item.target, id="", title=item.name, place=place)
    if not isinstance(item, Pair):
        return Unloadable("", block.heading, item.place, item.message, block.source)
    index = len(item.functions) == 1
    named = item.name if item.name != "f" else ""
    title = named if index and not item.alone else block.heading or named
    try:
        return index_target(item, title, claims) if index else array_target(item, title, claims)
    except LoadError as error:
        return Unloadable("", title, block.place(item.line), str(error), block.source)


def identified(targets: Sequence[Target | Unloadable], file: str, stem: str) -> tuple[Target | Unloadable, ...]:
    """Give every target a title and a unique id.

    Parameters
    ----------
    targets
        In order.
    file
        What the ids start with.
    stem
        Title of the only target of a file where nothing else gives one; "" for none.
    """
    counts: Counter[str] = Counter()
    result: list[Target | Unloadable] = []
    for target in targets:
        title = target.title or (stem if len(targets) == 1 else "") or _position(target)
        id = f"{file}::{title}"
        counts[id] += 1
        unique = id if counts[id] == 1 else f"{id}#{counts[id]}"
        result.append(dataclasses.replace(target, id=unique, title=title))
    return tuple(result)


def _position(target: Target | Unloadable) -> str:
    place = target.place
    return f"cell {place.cell}" if place.cell is not None else f"line {place.line}"
