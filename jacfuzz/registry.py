"""All targets by name: the shipped catalogue, packages that declare the entry point group, given paths and modules."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import functools
import importlib
import importlib.metadata
import importlib.util
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jacfuzz.claims import Entry, bind, by_function, by_heading
from jacfuzz.errors import LoadError, NothingFound, UsageError
from jacfuzz.loading import load_file, load_module
from jacfuzz.loading.file import SUFFIXES
from jacfuzz.target import Claim, Claims, IndexShapes, Loaded, Naming, Place, Target, Unloadable

GROUP = "jacfuzz.targets"
"""Entry point group; the value is a package whose modules are target files."""

_SHIPPED = "jacfuzz.targets"
_IN_FOLDERS = (".py", ".ipynb", ".md")


class Readers:
    """How files and modules become targets: in this process, where their code runs."""

    def last(self) -> None:
        """Hear that nothing is loaded after the next file or module, whose targets are judged at once."""

    def file(self, path: Path, claims: Claims | None) -> Loaded:
        """Load a file."""
        return load_file(path, claims)

    def module(self, spec: str, claims: Claims | None) -> Loaded:
        """Load a module, or one of its names."""
        return load_module(spec, claims)


class Catalogue:
    """The shipped targets and those of installed packages; files are executed only when they are needed.

    Answers what loading asks (``target.Claims``): which entry a solution claims, and the shapes of an index function.
    """

    @functools.cached_property
    def _read(self) -> tuple[dict[str, Entry], dict[str, Unloadable]]:
        """Entries and what could not be read, both by name; on a clash of names a package's entry is qualified."""
        entries: dict[str, Entry] = {}
        broken: dict[str, Unloadable] = {}
        for prefix, package, distribution in _packages():
            try:
                paths = _modules_of(package)
            except LoadError as error:
                message = f"distribution {distribution}: {error}"
                broken[distribution] = Unloadable(distribution, distribution, Place(package), message)
                continue
            for path in paths:
                name = path.stem if path.stem not in entries else f"{prefix}.{path.stem}"
                try:
                    entries[name] = _entry(name, path, f"{package}.{path.stem}")
                except LoadError as error:
                    message = f"distribution {distribution}: {error}"
                    broken[name] = Unloadable(name, name, Place(str(path)), message)
        return entries, broken

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, the shipped ones first, by name."""
        return tuple(self._read[0].values())

    @property
    def names(self) -> tuple[str, ...]:
        """All names that ``load`` knows."""
        return tuple(name for known in self._read for name in known)

    def load(self, name: str) -> tuple[Target | Unloadable, ...]:
        """Load one entry; its targets bear its name and claim nothing."""
        entries, broken = self._read
        if name in broken:
            return (broken[name],)
        entry = entries[name]
        targets = _load(Readers(), entry.path, None, str(entry.path)).targets
        ids = [name if len(targets) == 1 else f"{name}::{target.title}" for target in targets]
        titles = [entry.title if len(targets) == 1 else target.title for target in targets]
        return tuple(
            dataclasses.replace(target, id=id, title=title)
            for target, id, title in zip(targets, ids, titles, strict=True)
        )

    def claim(self, naming: Naming, constants: Mapping[str, Any]) -> Claim | None:
        """Return the entry that the heading, else the function's name claims, its references bound to the constants."""
        entry = by_heading(naming.heading, self.entries) or by_function(naming, self.entries)
        if entry is None:
            return None
        return self.bound(entry.name, naming.arguments, constants)

    def bound(self, name: str, arguments: int, constants: Mapping[str, Any]) -> Claim | None:
        """Return the claim of an entry by a block of so many arguments and these constants; None without such entry."""
        entry = self._read[0].get(name)
        if entry is None:
            return None
        references = bind(_references(entry), arguments, constants)
        return Claim(entry.name, entry.titles[0] if entry.titles else entry.title, references)

    def shapes(self, naming: Naming) -> IndexShapes | None:
        """Return the shapes that the puzzle collection calls the index function at."""
        entry = by_function(naming, self.entries)
        return entry.index_shapes[naming.function] if entry else None


def entries() -> tuple[Entry, ...]:
    """Return the catalogue's entries without executing any."""
    return Catalogue().entries


_ahead: dict[tuple[tuple[str, ...], bool], Loaded] = {}


def load_ahead(names: Sequence[str], *, catalogue: bool) -> None:
    """Load in this process what ``find`` will soon be asked for here: it gives that, once."""
    _ahead[tuple(names), catalogue] = find(names, catalogue=catalogue)


def find(names: Sequence[str], *, catalogue: bool = True, readers: Readers | None = None) -> Loaded:
    """Load the targets that names stand for.

    Parameters
    ----------
    names
        Each a path to a file or folder, the name of a catalogue entry, or ``module:name``, tried in this order; none
        for the whole catalogue.
    catalogue
        Whether headings and function names in files may claim catalogue entries.
    readers
        How files and modules are loaded; in this process where not given. The catalogue's own always are.

    Raises
    ------
    UsageError
        For a single name that stands for nothing, and a file of unknown kind; one among several is an ``Unloadable``.
    NothingFound
        For a folder without any target.
    """
    shelf, readers = Catalogue(), readers or Readers()
    if type(readers) is Readers and (tuple(names), catalogue) in _ahead:
        return _ahead.pop((tuple(names), catalogue))
    claims: Claims | None = shelf if catalogue else None
    if not names:
        return Loaded(tuple(target for name in shelf.names for target in shelf.load(name)))
    if len(names) == 1 and not Path(names[0]).is_dir():
        readers.last()
    parts: list[Loaded] = []
    seen: set[Path] = set()
    for name in dict.fromkeys(names):
        path = Path(name)
        if path.is_dir():
            parts.append(_folder(readers, path, claims, seen))
        elif path.exists():
            if path.resolve() not in seen:
                seen.add(path.resolve())
                parts.append(_load(readers, path, claims, name))
        elif name in shelf.names:
            parts.append(Loaded(shelf.load(name)))
        elif re.fullmatch(r"[\w.]+:[\w.]+", name):
            parts.append(_guarded(readers.module, name, claims, name))
        elif len(names) == 1:
            raise UsageError(_unknown(name, shelf.names))
        else:  # one wrong path among several costs the others nothing
            parts.append(Loaded((Unloadable(name, name, Place(name), _unknown(name, shelf.names)),)))
    return Loaded(
        tuple(target for part in parts for target in part.targets),
        tuple(sentence for part in parts for sentence in part.skipped),
    )


def _packages() -> Iterable[tuple[str, str, str]]:
    """Prefix, package and distribution of all sources, the shipped one first."""
    yield "jacfuzz", _SHIPPED, "jacfuzz"
    for point in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        yield point.name, point.value, point.dist.name if point.dist else point.name


def _modules_of(package: str) -> list[Path]:
    """Files of a package's public modules; imports the packages around it but not the package itself."""
    declared = f"the entry point group {GROUP} names {package}, which "
    remedy = "name an installed package whose modules are target files"
    try:
        spec = importlib.util.find_spec(package)
    except Exception as error:  # a package around it may raise anything
        raise LoadError(f"{declared}cannot be found ({type(error).__name__}: {error}); {remedy}") from None
    if spec is None or not spec.submodule_search_locations:
        raise LoadError(f"{declared}is {'no package' if spec else 'not installed'}; {remedy}")
    folders = [Path(folder) for folder in spec.submodule_search_locations]
    return sorted(path for folder in folders for path in folder.glob("*.py") if not path.stem.startswith("_"))


def _entry(name: str, path: Path, module: str) -> Entry:
    """Read what a file says of itself: docstring and literal constants."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise LoadError(f"{path}{f', line {line}' if line else ''}: cannot be read ({error}); correct it") from None
    description = (ast.get_docstring(tree) or "").partition("\n")[0]
    title = description.partition(":")[0] or name.replace("_", " ").capitalize()
    titles = _literal(tree, "TITLES", (), path)
    shapes = _literal(tree, "INDEX_SHAPES", {}, path)
    try:
        index_shapes = {function: _index_shapes(**given) for function, given in shapes.items()}
    except (AttributeError, TypeError):
        raise LoadError(
            f"{path}: INDEX_SHAPES is {shapes!r}; write a shape per argument and the output's, "
            'as in {"fb_sort": {"x": (50,), "out": (50,)}}'
        ) from None
    return Entry(name, title, description, path, module, tuple(titles), index_shapes)


def _index_shapes(*, out: tuple[int, ...], **arguments: tuple[int, ...]) -> IndexShapes:
    return IndexShapes(tuple(arguments.values()), out)


def _literal(tree: ast.Module, name: str, default: Any, path: Path) -> Any:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            try:
                return ast.literal_eval(node.value)
            except ValueError:
                raise LoadError(
                    f"{path}, line {node.lineno}: {name} is computed; write it as a literal, "
                    "since it is read without executing the file"
                ) from None
    return default


def _references(entry: Entry) -> tuple[Callable[..., Any], ...]:
    try:
        module = importlib.import_module(entry.module)
    except Exception:  # checking the entry itself reports it; a solution that claims it is not to blame
        return ()
    return tuple(getattr(module, "REFERENCES", (module.f,)))


def _folder(readers: Readers, folder: Path, claims: Claims | None, seen: set[Path]) -> Loaded:
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in _IN_FOLDERS and path.is_file() and not _left_out(path.relative_to(folder))
    )
    if not paths:
        raise NothingFound(f"{folder}: no {_or(_IN_FOLDERS)} file in this folder; give a file or a folder with targets")
    fresh = [path for path in paths if path.resolve() not in seen]
    seen.update(path.resolve() for path in fresh)
    parts = [_guarded(readers.file, path, claims, str(path)) for path in fresh]
    targets = tuple(target for part in parts for target in part.targets)
    if fresh and not targets:
        raise NothingFound(f"{folder}: {len(fresh)} files, none with a pair f, jac; give a file or folder with targets")
    return Loaded(targets, tuple(sentence for part in parts if part.targets for sentence in part.skipped))


def _left_out(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _load(readers: Readers, path: Path, claims: Claims | None, name: str) -> Loaded:
    """Load a file that was asked for by name, so that one without any pair is an error."""
    loaded = _guarded(readers.file, path, claims, name)
    if loaded.targets:
        return loaded
    message = (
        f"{name}: no pair found; expected functions f and jac, g and g_jac where g's arguments are annotated, "
        "a Target, or index functions fb_* in the file"
    )
    return dataclasses.replace(loaded, targets=(Unloadable(name, path.name, Place(name), message),))


def _guarded(load: Callable[[Any, Claims | None], Loaded], source: Any, claims: Claims | None, name: str) -> Loaded:
    """Load, with a file that cannot be read at all as one target in error, so that the others still run."""
    try:
        return load(source, claims)
    except LoadError as error:
        return Loaded((Unloadable(name, Path(name).name, Place(name), str(error)),))


def _unknown(name: str, known: Iterable[str]) -> str:
    parent = Path(name).parent
    beside = (
        {str(parent / path.name) for path in parent.iterdir() if path.suffix in SUFFIXES} if parent.is_dir() else set()
    )
    close = difflib.get_close_matches(name, sorted(beside | set(known)), n=3)
    meant = f"did you mean {_or(close)}? " if close else ""
    return f"{name}: no such file or folder, and no entry of the catalogue; {meant}`jacfuzz list` names all entries"


def _or(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
