"""What a forked process does: give up its rights, load its file, and answer."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jacfuzz.errors import JacfuzzError, LoadError
from jacfuzz.evaluation.evaluate import pair_of, together
from jacfuzz.evaluation.frame import Frame, shapes_of
from jacfuzz.evaluation.primal import result_shape, unproven
from jacfuzz.evaluation.worker import Handler, Item, Tag, handlers, hardened, serve
from jacfuzz.generality import other_sizes
from jacfuzz.isolation import abroad, standins
from jacfuzz.isolation.at_once import evaluating_at_once
from jacfuzz.isolation.content import content_of
from jacfuzz.isolation.description import describe
from jacfuzz.isolation.kinship import die_with_parent
from jacfuzz.isolation.own_files import own_files
from jacfuzz.loading import load_file, load_module
from jacfuzz.oracles.autodiff import ForwardMode
from jacfuzz.oracles.exact import Exact
from jacfuzz.strategies.boundaries import boundaries
from jacfuzz.strategies.layouts import layouts
from jacfuzz.target import Loaded, Target
from jacfuzz.warm import CATALOGUE


def live(task: dict[str, Any], requests: int, answers: int, log: int) -> None:
    """Do what a task says until the parent hangs up; see ``task.Task`` for its fields."""
    os.setsid()
    die_with_parent()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for output in (1, 2):
        os.dup2(log, output)
    os.close(log)
    os.chdir(task["folder"])
    os.environ.update(HOME=task["home"], TMPDIR=task["home"])
    _limit(task)
    readable = own_files(task["name"], task["kind"]) if task["hardened"] else []
    if task["role"] == "abroad":
        abroad.become(task, readable, requests, answers)
    if task["hardened"]:
        hardened.confine(readable, Path(task["home"]))
    _share_compiled(task["compiled"])
    serve(_roles[task["role"]](task), requests, answers)


def _share_compiled(folder: str) -> None:
    """Have jax compile once for all processes of a file, which trust each other: they all execute all of it."""
    import jax

    jax.config.update("jax_compilation_cache_dir", folder)


def _limit(task: dict[str, Any]) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_DATA: task["memory"],  # not RLIMIT_AS, under which jax dies of SIGSEGV
        resource.RLIMIT_FSIZE: task["file"],
    }
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _load(task: dict[str, Any]) -> Loaded:
    claims = CATALOGUE if task["catalogue"] else None
    if task["kind"] == "module":
        return load_module(task["name"], claims)
    return load_file(Path(task["name"]), claims, content_of(task))


def _target(loaded: Loaded, id: str) -> Target:
    for target in loaded.targets:
        if target.id == id and isinstance(target, Target):
            return target
    raise LoadError(f"{id} is no longer there when its file is loaded again")


def _as_json(content: Any) -> Item:
    """Return what is no array as the bytes of its JSON: the text of an item is short."""
    return Item(Tag.ARRAY, array=np.frombuffer(json.dumps(content).encode(), np.uint8))


def _server(task: dict[str, Any]) -> dict[int, Handler]:
    loaded = functools.cache(lambda: _load(task))
    parts = {"evaluate": _evaluator, "advise": _adviser}

    def describing(text: str, arrays: list[np.ndarray]) -> Iterator[list[Item]]:
        try:
            absent = _stood_in(task) if task["python"] else []
            content: Any = describe(loaded()) | {"absent": absent}
        except JacfuzzError as error:
            content = {"error": type(error).__name__, "message": str(error)}
        yield [_as_json(content)]

    def serving(text: str, arrays: list[np.ndarray]) -> Iterator[list[Item]]:
        part, id = json.loads(text)
        known.clear()
        known.update(general | parts[part](_target(loaded(), id)))
        yield []

    general: dict[int, Handler] = {Tag.DESCRIBE: describing, Tag.SERVE: serving}
    known = dict(general)
    return known


def _stood_in(task: dict[str, Any]) -> list[str]:
    """Let code be described here that runs elsewhere; return what it imports and this environment lacks."""
    path = Path(task["name"])
    return standins.install(abroad.imports(path), path.resolve().parent) if task["kind"] == "file" else []


def _evaluator(target: Target) -> dict[int, Handler]:
    pair = pair_of(target, (BaseException,))
    known = handlers(pair)
    if set(pair.kinds) == {"jax"} and target.calls == 1:
        known[Tag.EVALUATE] = evaluating_at_once(target, pair, known[Tag.EVALUATE])
        known[Tag.PREPARE] = _each(functools.partial(together, target, pair))
    return known


def _each(prepare: Callable[[tuple[np.ndarray, ...]], object]) -> Handler:
    """Return what makes ready for several batches; what fails now fails again when it is asked for."""

    def answer(text: str, arrays: list[np.ndarray]) -> Iterator[list[Item]]:
        each = len(arrays) // json.loads(text)
        for start in range(0, len(arrays), each):
            with contextlib.suppress(BaseException):
                prepare(tuple(arrays[start : start + each]))
            yield [Item(Tag.NOTHING)]

    return answer


def _adviser(target: Target) -> dict[int, Handler]:
    forward, uncompiled = ForwardMode(target), ForwardMode(target, compiled=False)
    exact = Exact(target)
    pair = pair_of(target, (BaseException,))
    one_by_one = handlers(pair)

    def framed(values: tuple[np.ndarray, ...]) -> Frame:
        return Frame(shapes_of(values), target.signature.varying)

    def prepare(values: tuple[np.ndarray, ...]) -> None:
        shape = result_shape(target, tuple(value[0] for value in values))
        assert shape is not None  # else it is known when it is asked for
        frame = framed(values)
        forward(frame, frame.rows(values), values, np.arange(len(values[0])), math.prod(shape))
        if target.array_type == "jax":
            unproven(target, values, shape)

    def primals(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        shape, most = json.loads(text)
        compiles = target.array_type == "jax" and most > 1  # else the parent wants to know the point that ends this
        rows = unproven(target, tuple(values), tuple(shape)) if compiles else None  # the parent compares
        if rows is None:
            yield from one_by_one[Tag.PRIMALS](text, values)
        else:
            yield [Item(Tag.ARRAY, array=rows)]

    def differentiated(way: ForwardMode, origin: tuple[np.ndarray, ...], cells: int) -> list[Item]:
        frame = framed(origin)
        found = way(frame, frame.rows(origin), origin, np.arange(len(origin[0])), cells)
        if found is None:
            return [Item(Tag.NOTHING)]
        return [Item(Tag.PRIMAL, array=found.primals), Item(Tag.JACOBIAN, array=found.jacobians)]

    def derivatives(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        cells, compiled = json.loads(text)
        yield differentiated(forward if compiled else uncompiled, tuple(values), cells)

    def ahead(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        shape, most, count = json.loads(text)
        if shape is None:
            with contextlib.suppress(BaseException):  # told when it is asked again
                shape = result_shape(target, tuple(value[0] for value in values))
        if shape is not None:
            yield from primals(json.dumps([shape, most]), values)
            yield differentiated(forward, tuple(value[:count] for value in values), math.prod(shape))

    def edges(text: str, arrays: list[np.ndarray]) -> Iterator[list[Item]]:
        asked = json.loads(text)
        shapes = tuple(tuple(shape) for shape in asked["shapes"])
        layout = next(layout for layout in layouts(target.signature) if layout.shapes == shapes)
        found = boundaries(target, layout, asked["seed"], asked["calls"], asked["points"])
        yield [Item(Tag.ARRAY, array=value) for value in found.values]
        told = {name: value for name, value in vars(found).items() if name != "values"}
        yield [_as_json(told)]

    def sizes(text: str, arrays: list[np.ndarray]) -> Iterator[list[Item]]:
        told = [[sample.sizes, sample.right] for sample in other_sizes(target)]
        yield [_as_json(told)]

    def at_one(values: list[np.ndarray]) -> tuple[Frame, tuple[np.ndarray, ...]]:
        return framed(tuple(values)), tuple(np.asarray(value[0]) for value in values)

    def truth(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        found = exact.derivative(*at_one(values), json.loads(text))
        if found is None:
            yield [Item(Tag.NOTHING)]
        else:
            whole = [Item(Tag.PRIMAL, array=found.primal), Item(Tag.JACOBIAN, array=found.columns)]
            yield [*whole, Item(Tag.ARRAY, array=np.array(found.tied))]

    def formula(text: str, values: list[np.ndarray]) -> Iterator[list[Item]]:
        found = exact.candidate(*at_one(values), *json.loads(text))
        yield [Item(Tag.NOTHING) if found is None else Item(Tag.JACOBIAN, array=found)]

    return {
        Tag.PREPARE: _each(prepare),
        Tag.TRUTH: truth,
        Tag.FORMULA: formula,
        Tag.PRIMALS: primals,
        Tag.DERIVATIVES: derivatives,
        Tag.AHEAD: ahead,
        Tag.BOUNDARIES: edges,
        Tag.SIZES: sizes,
    }


def _probe(task: dict[str, Any]) -> dict[int, Handler]:
    def answer(text: str, arrays: list[np.ndarray]) -> Iterator[list[Item]]:
        yield [_as_json({"refusals": hardened.attempts(Path(text)), "namespaces": hardened.namespaces()})]

    return {Tag.PROBE: answer}


_roles = {"serve": _server, "probe": _probe}
