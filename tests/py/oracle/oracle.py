"""Compares a schema with its copy: by pg_dump, by rows and sequences, by catalog, by dependencies.

Each comparison returns what it found as lines of text; an empty list means that the copy is faithful.
"""

from __future__ import annotations

import difflib
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from .place import Place, quote

Connection = psycopg.Connection[Any]
_HERE = Path(__file__).parent
_CATALOG = (_HERE / "catalog.sql").read_text(encoding="utf-8")
_LEAK = (_HERE / "leak.sql").read_text(encoding="utf-8")
_HEADER = re.compile(
    r"^--\n-- Name: (?P<name>.*); Type: (?P<type>[A-Z ]+); Schema: (?P<schema>.*); Owner: (?P<owner>.*?)"
    r"(?:; Tablespace: (?P<space>.*))?\n--\n",
    re.MULTILINE,
)
_PRIVILEGES = ("ACL", "DEFAULT ACL")


@dataclass(frozen=True, order=True)
class Entry:
    """One object in pg_dump's output, names of schema and roles replaced by tokens."""

    kind: str
    name: str
    owner: str
    body: tuple[str, ...]

    def lines(self) -> list[str]:
        """The entry as text."""
        return [f"-- {self.kind} {self.name} owner {self.owner}", *self.body]


@dataclass(frozen=True)
class Oracle:
    """The comparison over one database.

    Attributes:
        admin: A superuser's connection in autocommit mode.
        dsn: The same, for pg_dump.
        pg_dump: The program, of the server's major version or a later one.
    """

    admin: Connection
    dsn: str
    pg_dump: Path

    def differences(self, source: Place, copy: Place, *, rows: bool, literal: bool = False) -> list[str]:
        """Everything in which the copy is not its source.

        Args:
            source: The original.
            copy: What is to equal it.
            rows: Whether rows and sequence values were to come along.
            literal: The source's name stands in literals and names, where the copy keeps it.
        """
        return self.compare(self.dump(source, copy), source, copy, rows=rows, literal=literal)

    def compare(
        self, dump: str, source: Place, copy: Place, *, rows: bool, literal: bool = False, privileges: bool = True
    ) -> list[str]:
        """The same, from a dump that holds both schemas at least.

        Args:
            dump: pg_dump's output.
            source: The original.
            copy: What is to equal it.
            rows: Whether rows and sequence values were to come along.
            literal: The source's name stands in literals and names, where the copy keeps it.
            privileges: Whether grants are compared.
        """
        others = (source, copy) if literal else ()
        found = _difference(*(entries(dump, p, others or (p,), privileges=privileges) for p in (source, copy)))
        found += _difference(*(self.catalog(p, others or (p,)) for p in (source, copy)))
        found += [f"dependency: {a} -> {b}" for a, b in self.leaks(source, copy)]
        if rows:
            found += _difference(*(self.contents(p) for p in (source, copy)))
        return found

    def dump(self, *places: Place) -> str:
        """What pg_dump says of the schemas, without rows."""
        # A schema's name is a pattern there; quoted it is taken as it is.
        chosen = [f"--schema={place.quoted}" for place in places]
        command: list[str | Path] = [self.pg_dump, "--schema-only", "--no-sync", "--dbname", self.dsn, *chosen]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout

    def catalog(self, place: Place, names: Iterable[Place]) -> list[list[str]]:
        """What the catalog says of a schema, beyond pg_dump."""
        normal = normaliser(names)
        with self.admin.transaction():
            self._look_from(place)
            found = self.admin.execute(_CATALOG.encode(), {"ns": self._oid(place)}).fetchall()
        return sorted(
            [f"{kind} {normal(name)}", *(f"    {k}: {_text(v, normal)}" for k, v in _items(facts))]
            for kind, name, facts in found
        )

    def leaks(self, one: Place, other: Place) -> list[tuple[str, str]]:
        """Dependencies of either schema on the other."""
        return self.admin.execute(_LEAK.encode(), {"a": self._oid(one), "b": self._oid(other)}).fetchall()

    def contents(self, place: Place) -> list[list[str]]:
        """The rows of every table and materialised view, and the state of every sequence."""
        found = []
        with self.admin.transaction():
            self._look_from(place)
            relations = self.admin.execute(
                "select relname, relkind::text from pg_class where relnamespace = %s"
                "    and (relkind in ('r', 'S') or relkind = 'm' and relispopulated) order by relname::text collate \"C\"",
                (self._oid(place),),
            ).fetchall()
            for name, kind in relations:
                relation = sql.Identifier(place.schema, name)
                if kind == "S":
                    query = sql.SQL("select pg_catalog.format('value %s, called %s', last_value, is_called) from {}")
                else:
                    query = sql.SQL('select "~row"::pg_catalog.text from only {} as "~row" order by 1')
                rows = self.admin.execute(query.format(relation)).fetchall()
                found.append([f"rows of {name}", *(f"    {text}" for (text,) in rows)])
        return found

    def _oid(self, place: Place) -> int:
        row = self.admin.execute(
            "select oid from pg_catalog.pg_namespace where nspname = %s", (place.schema,)
        ).fetchone()
        assert row is not None, f"there is no schema {place.schema}"
        return int(row[0])

    def _look_from(self, place: Place) -> None:
        # pg_catalog first: no function of the schema under test may answer for the server's own.
        self.admin.execute("select set_config('search_path', %s, true)", (f"pg_catalog, {place.quoted}",))


def entries(text: str, place: Place, names: Iterable[Place], *, privileges: bool = True) -> list[list[str]]:
    """The entries of one schema in a dump of several, in an order that is no accident of pg_dump's.

    Args:
        text: pg_dump's output.
        place: The schema whose entries are wanted.
        names: The places whose names are replaced by tokens.
        privileges: Whether grants are among them.
    """
    normal = normaliser(names)
    marks = list(_HEADER.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    found = []
    for mark, end in zip(marks, ends, strict=True):
        if not _belongs(mark, place) or (not privileges and mark["type"] in _PRIVILEGES):
            continue
        lines = [normal(line) for line in _statements(text[mark.end() : end])]
        # Grants stand in the order they were given, which means nothing.
        body = sorted(lines) if mark["type"] in _PRIVILEGES else lines
        found.append(Entry(mark["type"], normal(mark["name"]), normal(mark["owner"]), tuple(body)))
    return [entry.lines() for entry in sorted(found)]


def normaliser(names: Iterable[Place]) -> Callable[[str], str]:
    """A function that replaces the names of schemas and roles, quoted or not, by tokens."""
    tokens: dict[str, str] = {}
    for place in names:
        for name, token in zip((place.schema, *place.roles), ("SCHEMA", "OWNER", "RW", "RO"), strict=True):
            for form in (name, quote(name)):
                # As a name, and within a literal.
                tokens[form] = tokens[form.replace("'", "''")] = f"<{token}>"
    pattern = re.compile("|".join(re.escape(name) for name in sorted(tokens, key=len, reverse=True)))
    return lambda text: pattern.sub(lambda match: tokens[match[0]], text)


def _belongs(mark: re.Match[str], place: Place) -> bool:
    if mark["schema"] == "-":
        return mark["name"] in (place.schema, f"SCHEMA {place.schema}", f"SCHEMA {place.quoted}")
    return mark["schema"] == place.schema


def _statements(text: str) -> list[str]:
    """An entry's own lines: settings and comments at its end belong to what follows."""
    lines = text.split("\n")
    while lines and (not lines[-1] or lines[-1].startswith(("SET ", "\\", "--"))):
        lines.pop()
    return lines


def _items(facts: Any) -> list[tuple[str, Any]]:
    return sorted(facts.items()) if isinstance(facts, Mapping) else [("is", facts)]


def _text(value: Any, normal: Callable[[str], str]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_text(item, normal) for item in value) + "]"
    return normal(value) if isinstance(value, str) else json.dumps(value)


def _difference(source: list[list[str]], copy: list[list[str]]) -> list[str]:
    """Blocks that only one side has, line by line."""
    known_source, known_copy = ({tuple(block) for block in side} for side in (source, copy))
    only_source = [block for block in source if tuple(block) not in known_copy]
    only_copy = [block for block in copy if tuple(block) not in known_source]
    one, two = ([line for block in blocks for line in block] for blocks in (only_source, only_copy))
    return list(difflib.unified_diff(one, two, "source", "copy", lineterm="", n=3))
