"""Targets as plain JSON: what a loading process says of a file, and what the parent makes of it.

The parent believes the words about domain, edges and shapes as it believes the file itself; it takes nothing that is
not of the right type, and it runs nothing.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from typing import Any

import numpy as np

from jacfuzz.cleaning import visible
from jacfuzz.errors import LoadError
from jacfuzz.evaluation.hosted import Host, Hosted
from jacfuzz.loading.constants import read_constants
from jacfuzz.loading.functions import plain
from jacfuzz.signature import Argument, ArraySpec, ArrayType, DType, Signature, parse_axes
from jacfuzz.target import MOST_NOISE, Claim, Loaded, Place, Target, Unloadable

Binder = Callable[[str, int, dict[str, int]], Claim | None]
"""Gives the claim of an entry, given its name, the number of arguments and the constants."""
Hosting = Callable[[Target, tuple[str, ...]], Host]
"""Gives the host of a target, given what its f and jac are called in its code."""


def describe(loaded: Loaded) -> dict[str, Any]:
    """Return what there is to say of loaded targets, ready for JSON."""
    return {"targets": [_described(target) for target in loaded.targets], "skipped": list(loaded.skipped)}


def _described(target: Target | Unloadable) -> dict[str, Any]:
    place = target.place
    common = {
        "id": target.id,
        "title": target.title,
        "place": [place.file, place.line, place.cell],
        "source": target.source,
    }
    if isinstance(target, Unloadable):
        return {**common, "message": target.message}
    signature = target.signature
    return {
        **common,
        "arguments": [[argument.name, _specs(argument.specs)] for argument in signature.arguments],
        "result": _specs(signature.result),
        "jacobians": [_specs(specs) for specs in signature.jacobians],
        "sizes": {name: int(size) for name, size in signature.sizes.items()},
        "array_type": target.array_type,
        "domain": {name: list(interval) for name, interval in target.domain.items()},
        "edges": {name: [np.asarray(edge).tolist() for edge in edges] for name, edges in target.edges.items()},
        "at": {name: example.tolist() for name, example in target.at.items()},
        "kinks": target.kinks,
        "noise": target.noise,
        "calls": target.calls,
        "stub": target.stub,
        "names": [name for name in map(_name_of, (target.f, target.jac)) if name],
        "claim": None if target.claim is None else [target.claim.entry, _constants(target.claim)],
    }


def _name_of(function: Callable[..., Any]) -> str:
    """Name that the code of a function has for it; "" for what is made elsewhere, such as an index function's f."""
    names = getattr(plain(function), "__globals__", {})
    return next((name for name, value in names.items() if value is function), "")


def _specs(specs: tuple[ArraySpec, ...]) -> list[list[str | None]]:
    return [[spec.dim_str, spec.dtype, spec.array_type] for spec in specs]


def _constants(claim: Claim) -> dict[str, int]:
    """Constants that the references are bound to."""
    return {
        name: value
        for reference in claim.references
        for name, value in getattr(reference, "args", ((), (), {}))[2].items()
    }


def rebuild(content: Any, file: str, bind: Binder | None, host: Hosting) -> Loaded:
    """Return the targets of a description.

    Parameters
    ----------
    content
        As ``describe`` gave it, or anything else.
    file
        What was loaded; all places are in it.
    bind
        Gives claims; None for none.
    host
        Gives the host of a target.

    Raises
    ------
    LoadError
        If the description is not one.
    """
    try:
        skipped = tuple(cleaned(sentence) for sentence in _list(content["skipped"]))
        targets = tuple(_target(entry, file, bind, host) for entry in _list(content["targets"]))
        if len({target.id for target in targets}) < len(targets):
            raise ValueError("two targets of one id")
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, LoadError) as error:
        raise LoadError(
            f"{file}: the code changed the process that loads it, which answered nonsense ({type(error).__name__}: "
            f"{cleaned(str(error))}); remove what interferes with the loader"
        ) from None
    return Loaded(targets, skipped)


def _target(entry: Any, file: str, bind: Binder | None, host: Hosting) -> Target | Unloadable:
    id, title, source = (cleaned(entry[key]) for key in ("id", "title", "source"))
    _, line, cell = entry["place"]
    place = Place(file, _number(line), None if cell is None else _number(cell))
    if "message" in entry:
        return Unloadable(id, title, place, cleaned(entry["message"]), source)
    arguments = tuple(Argument(_name(name), _parsed(specs)) for name, specs in _list(entry["arguments"]))
    names = tuple(argument.name for argument in arguments)
    signature = Signature(
        arguments,
        _parsed(entry["result"]),
        tuple(_parsed(specs) for specs in _list(entry["jacobians"])),
        {_name(name): _number(size) for name, size in entry["sizes"].items()},
    )
    if not signature.differentiable or len(set(names)) < len(names):
        raise ValueError("arguments that cannot be differentiated by")
    given = {"DOMAIN": entry["domain"], "EDGES": entry["edges"], "KINKS": entry["kinks"]}
    constants = read_constants(given, names, file)
    claim = None
    if entry["claim"] is not None and bind is not None:
        name, sizes = entry["claim"]
        claim = bind(cleaned(name), len(names), {_name(key): _number(size) for key, size in sizes.items()})
    target = Target(
        id=id,
        title=title,
        place=place,
        f=_nowhere,
        jac=_nowhere,
        signature=signature,
        array_type=_one_of(entry["array_type"], ArrayType),
        domain=constants.domain,
        edges=constants.edges,
        at={_name(name): np.asarray(example, dtype=float) for name, example in entry["at"].items()},
        kinks=constants.kinks,
        noise=_noise(entry["noise"]),
        calls=max(1, _number(entry["calls"])),
        stub=entry["stub"] is True,
        source=source,
        claim=claim,
    )
    living = host(target, tuple(map(_name, _list(entry["names"]))))
    return dataclasses.replace(target, f=Hosted(living, "f"), jac=Hosted(living, "jac"))


def _nowhere(*arguments: Any) -> Any:
    raise NotImplementedError("the pair has no host yet")


def _parsed(specs: Any) -> tuple[ArraySpec, ...]:
    return tuple(
        ArraySpec(
            parse_axes(cleaned(axes)),
            _one_of(dtype, DType),
            None if array_type is None else _one_of(array_type, ArrayType),
        )
        for axes, dtype, array_type in _list(specs)
    )


def _one_of(value: Any, allowed: Any) -> Any:
    if value not in typing.get_args(allowed):
        raise ValueError(f"{value!r} is none of {typing.get_args(allowed)}")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise TypeError("no list")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 40:
        raise TypeError("no natural number")
    return value


def _noise(value: Any) -> float:
    if type(value) is not float or not 0 <= value <= MOST_NOISE:
        raise ValueError("no relative error")
    return value


def _name(value: Any) -> str:
    if type(value) is not str or not value.isidentifier():
        raise TypeError("no name")
    return value


def cleaned(value: Any) -> str:
    """Text without characters that act on a terminal."""
    if type(value) is not str:
        raise TypeError("no text")
    return visible(value.expandtabs())
