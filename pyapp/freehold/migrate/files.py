"""Migration files: ``NNNN.name.sql`` or ``NNNN.name.py``, in a directory, in yoyo's format and order."""

from __future__ import annotations

import ast
import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yoyo.topologicalsort import CycleError, topological_sort

from freehold.migrate import directives
from freehold.migrate.errors import MigrationError, MigrationNotFound
from freehold.sqltext import Place

__all__ = ["Directory", "MigrationError", "MigrationFile", "MigrationNotFound", "read_text"]

_NAME = re.compile(r"(\d+)\.([a-z0-9_]+)(\.rollback\.sql|\.sql|\.py)")
_FORM = "NNNN.name.sql, NNNN.name.rollback.sql or NNNN.name.py; the name of a-z, 0-9 and _."


@dataclass(frozen=True)
class MigrationFile:
    """A migration as it is written.

    Attributes:
        id: The file's name without its ending, ``0012.add_note``.
        path: The file.
        source: What is in it, not rendered.
        rollback_source: What is in its rollback file, where it has one.
        digest: SHA-256 over both, hex.
        depends: Ids of the migrations that come before it.
        contract: Ids of those that every tenant must have before it.
        python: Whether it is Python.
    """

    id: str
    path: Path
    source: str
    rollback_source: str | None
    digest: str
    depends: tuple[str, ...]
    contract: tuple[str, ...]
    python: bool

    @property
    def rollback_path(self) -> Path:
        """Where its rollback file is, or would be."""
        return self.path.with_name(f"{self.id}.rollback.sql")


class Directory:
    """The migrations of a directory, in the order in which they are applied.

    That is yoyo's: what a migration depends on before it, and by file name where that leaves a choice. Files whose
    name begins with ``_``, and the folder ``shared``, are for migrations to include.

    Args:
        path: The directory.

    Raises:
        MigrationError: There is no such directory, or something in it is not as it must be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = _sorted(_read_all(path))

    def __iter__(self) -> Iterator[MigrationFile]:
        return iter(self._files.values())

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, id: object) -> bool:  # noqa: A002  what a migration's name is called
        return id in self._files

    def __getitem__(self, id: str) -> MigrationFile:  # noqa: A002  what a migration's name is called
        try:
            return self._files[id]
        except KeyError:
            near = difflib.get_close_matches(id, self._files, n=1)
            raise MigrationNotFound(
                f"no migration is called {id}",
                detail=f"looked into {self.path}",
                hint=f"{near[0]} is there." if near else "freehold migration list",
            ) from None

    def up_to(self, id: str | None) -> list[MigrationFile]:  # noqa: A002  what a migration's name is called
        """The migrations in order, up to one of them; all where None is named.

        Raises:
            MigrationNotFound: There is no such migration.
        """
        files = list(self)
        return files if id is None else files[: files.index(self[id]) + 1]


def read_text(path: Path) -> str:
    """The text of a file, its lines ended by line feeds.

    Raises:
        MigrationError: It is not UTF-8, begins with a byte order mark, or holds a NUL.
    """
    data = path.read_bytes()
    place = Place(str(path))
    if data.startswith(b"\xef\xbb\xbf"):
        raise MigrationError(
            "the file begins with a byte order mark", hint="Save it as UTF-8 without one.", place=place
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MigrationError(
            f"the file is not UTF-8: {error.reason} at byte {error.start}",
            place=Place(str(path), data.count(b"\n", 0, error.start) + 1),
        ) from None
    if "\0" in text:
        raise MigrationError("the file holds a NUL", place=Place(str(path), text.count("\n", 0, text.index("\0")) + 1))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_all(path: Path) -> list[MigrationFile]:
    if not path.is_dir():
        raise MigrationError(f"there is no directory {path}", hint="--directory or FREEHOLD_MIGRATIONS names another.")
    rollbacks: dict[str, Path] = {}
    migrations: dict[str, Path] = {}
    for file in sorted(path.iterdir()):
        if file.name.startswith(("_", ".")) or file.suffix not in (".sql", ".py") or not file.is_file():
            continue
        match = _NAME.fullmatch(file.name)
        if match is None:
            raise MigrationError(
                f"{file.name} is not a migration's name",
                detail=_FORM,
                hint="What migrations include has a name that begins with _, or lies in shared/.",
                place=Place(str(file)),
            )
        id_ = f"{match[1]}.{match[2]}"
        into = rollbacks if match[3] == ".rollback.sql" else migrations
        if id_ in into:
            raise MigrationError(
                f"two migrations are called {id_}", detail=f"{into[id_].name} and {file.name}", place=Place(str(file))
            )
        into[id_] = file
    for id_, file in rollbacks.items():
        if id_ not in migrations:
            raise MigrationError(
                f"{file.name} rolls nothing back", hint=f"{id_}.sql is missing.", place=Place(str(file))
            )
        if migrations[id_].suffix == ".py":
            raise MigrationError(
                f"{file.name} belongs to a migration in Python",
                hint="There a step says how it is rolled back: step(apply, rollback).",
                place=Place(str(file)),
            )
    return [_read(id_, file, rollbacks.get(id_)) for id_, file in migrations.items()]


def _read(id_: str, path: Path, rollback: Path | None) -> MigrationFile:
    source = _read_nonempty(path)
    rollback_source = _read_nonempty(rollback) if rollback else None
    python = path.suffix == ".py"
    if python:
        names = python_names(source, path)
        depends, contract = ids(names, "__depends__", path), ids(names, "__contract__", path)
    else:
        said = directives.read(source, str(path))
        depends, contract = said.depends, said.contract
    digest = hashlib.sha256(f"{source}\0{rollback_source or ''}".encode()).hexdigest()
    return MigrationFile(id_, path, source, rollback_source, digest, depends, contract, python)


def _read_nonempty(path: Path) -> str:
    text = read_text(path)
    start = directives.read(text, str(path)).body if path.suffix == ".sql" else 0
    if not text[start:].strip().strip(";"):
        # Leading blocks of jinja2 may be all there is, and may hold statements.
        if "{%" in text:
            return text
        raise MigrationError(
            "the file is empty: it holds no statement", hint="Write it, or remove it.", place=Place(str(path))
        )
    return text


def python_names(source: str, path: Path) -> Mapping[str, Any]:
    """The constants that a Python file gives to names between underscores, read without running it.

    Args:
        source: Its text.
        path: The file, for errors.

    Raises:
        MigrationError: It is not Python, or gives one of them something else than a constant.
    """
    try:
        tree = ast.parse(source, str(path))
    except SyntaxError as error:
        raise MigrationError(f"not Python: {error.msg}", place=Place(str(path), error.lineno)) from None
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in ("__depends__", "__contract__", "__transactional__", "__freehold_ignore__"):
                try:
                    found[name] = ast.literal_eval(node.value)
                except ValueError:
                    raise MigrationError(
                        f"{name} is not a constant",
                        hint="It is read without running the file.",
                        place=Place(str(path), node.lineno),
                    ) from None
    return found


def ids(names: Mapping[str, Any], name: str, path: Path) -> tuple[str, ...]:
    """What one of them holds, a string or several.

    Args:
        names: From ``python_names``.
        name: Which.
        path: The file, for errors.

    Raises:
        MigrationError: It holds something else.
    """
    value = names.get(name) or ()
    found = tuple(value) if isinstance(value, set | list | tuple | dict) else (value,)
    if not all(isinstance(each, str) for each in found):
        raise MigrationError(f"{name} holds something else than strings", place=Place(str(path)))
    return tuple(sorted(found)) if isinstance(value, set) else found


def _sorted(files: list[MigrationFile]) -> dict[str, MigrationFile]:
    known = {file.id: file for file in files}
    for file in files:
        for word, ids in (("depends on", file.depends), ("contracts", file.contract)):
            for each in ids:
                if each not in known or each == file.id:
                    what = "itself" if each == file.id else f"{each}, which is not there"
                    near = difflib.get_close_matches(each, known.keys() - {file.id}, n=1)
                    raise MigrationError(
                        f"{file.id} {word} {what}",
                        hint=f"{near[0]} is there." if near else None,
                        place=_mention(file, each),
                    )
    try:
        order = list(topological_sort(sorted(known), {file.id: file.depends for file in files}))
    except CycleError as error:
        circle = ", ".join(sorted(error.args[1]))
        raise MigrationError("migrations depend on one another in a circle", detail=circle) from None
    at = {id_: number for number, id_ in enumerate(order)}
    for file in files:
        for each in file.contract:
            if at[each] > at[file.id]:
                raise MigrationError(
                    f"{file.id} contracts {each}, which is applied after it",
                    hint=f"-- depends: {each}",
                    place=_mention(file, each),
                )
    return {id_: known[id_] for id_ in order}


def _mention(file: MigrationFile, word: str) -> Place:
    position = file.source.find(word)
    return Place.of(str(file.path), file.source, position + 1) if position >= 0 else Place(str(file.path))
