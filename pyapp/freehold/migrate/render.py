"""What a migration is for one tenant: its text rendered, and how that is to be run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jinja2

from freehold.migrate import directives, statements
from freehold.migrate.environment import Environment
from freehold.migrate.errors import MigrationError
from freehold.migrate.files import Directory, MigrationFile, ids, python_names
from freehold.sqltext import Place

__all__ = ["Home", "Rendered", "Renderer"]


@dataclass(frozen=True)
class Home:
    """What a text is rendered for.

    Attributes:
        kind: ``tenant``, or ``template`` for a template's own schema.
        slug: The tenant's slug, or the template's name.
        schema: The schema.
        tier: The tenant's tier.
        settings: The tenant's settings.
        owner_role: Who owns what is in the schema.
        rw_role: Who reads and writes it.
        ro_role: Who reads it, where there is such a role.
    """

    kind: str
    slug: str
    schema: str
    tier: str
    settings: Mapping[str, Any]
    owner_role: str
    rw_role: str
    ro_role: str | None = None

    @classmethod
    def of_tenant(cls, row: Mapping[str, Any]) -> Home:
        """A tenant, from its registry row."""
        return cls(
            "tenant",
            row["slug"],
            row["schema_name"],
            row["tier"],
            row["settings"],
            row["owner_role"],
            row["rw_role"],
            row["ro_role"],
        )

    def variables(self) -> dict[str, Any]:
        """What a template may ask for, but for ``size``."""
        return {
            "tenant": {
                "kind": self.kind,
                "slug": self.slug,
                "schema": self.schema,
                "tier": self.tier,
                "settings": dict(self.settings),
            },
            "roles": {"owner": self.owner_role, "rw": self.rw_role, "ro": self.ro_role},
        }


@dataclass(frozen=True)
class Rendered:
    """A migration for one home.

    Attributes:
        file: The migration.
        text: What is run; of a migration in Python, its source.
        rollback: What takes it back, where there is a rollback file.
        digest: SHA-256 of the text, hex.
        transactional: Whether it runs in a transaction, as one text; if not, it is one statement.
        backfill: Whether it is one statement for one batch, to be run until it changes no row.
        ignore: Rules of lint that the migration is not to be stopped for.
        empty: Whether it holds no statement for this home.
    """

    file: MigrationFile
    text: str
    rollback: str | None
    digest: str
    transactional: bool
    backfill: bool
    ignore: tuple[str, ...] = ()
    empty: bool = False


@dataclass
class _Prepared:
    text: jinja2.Template
    rollback: jinja2.Template | None
    constant: Rendered | None = None


@dataclass
class Renderer:
    """Renders migrations; each is parsed once.

    Args:
        directory: The migrations, and what they include.
    """

    directory: Directory
    _environment: Environment = field(init=False, repr=False)
    _prepared: dict[tuple[str, str], _Prepared] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._environment = Environment(self.directory.path)

    def render(self, file: MigrationFile, home: Home, size: Callable[[str], int] | None = None) -> Rendered:
        """The text of a migration for a tenant, or for a template.

        Args:
            file: The migration.
            home: What it is rendered for.
            size: Gives the bytes of a table; asked only where the migration asks.

        Raises:
            MigrationError: The template asks for what it cannot have, puts an unquoted value into SQL, or is, once
                rendered, nothing that can be run.
        """
        if file.python:
            return _as_it_is(file)
        prepared = self._prepare(file)
        if prepared.constant is not None:
            return prepared.constant
        variables = home.variables() | {"size": _measure(size)}
        text = self._environment.run(prepared.text, variables)
        rollback = None if prepared.rollback is None else self._environment.run(prepared.rollback, variables)
        said = directives.read(text, str(file.path))
        empty = not text[said.body :].strip().strip(";")
        rendered = Rendered(
            file,
            text,
            rollback,
            _digest(text),
            transactional=said.transactional or empty,
            backfill=said.backfill and not empty,
            ignore=said.ignore,
            empty=empty,
        )
        _check(rendered)
        if not any(opening in f"{file.source}{file.rollback_source}" for opening in ("{{", "{%", "{#")):
            prepared.constant = rendered
        return rendered

    def _prepare(self, file: MigrationFile) -> _Prepared:
        key = file.id, file.digest
        if key not in self._prepared:
            text, rollback = file.source, file.rollback_source
            self._prepared[key] = _Prepared(
                self._environment.prepare(text, str(file.path)),
                None if rollback is None else self._environment.prepare(rollback, str(file.rollback_path)),
            )
        return self._prepared[key]


@cache
def _as_it_is(file: MigrationFile) -> Rendered:
    """A migration in Python: what it does for a tenant its steps decide."""
    names = python_names(file.source, file.path)
    return Rendered(
        file,
        file.source,
        None,
        _digest(file.source),
        transactional=bool(names.get("__transactional__", True)),
        backfill=False,
        ignore=ids(names, "__freehold_ignore__", file.path),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _measure(size: Callable[[str], int] | None) -> Callable[[str], int]:
    known: dict[str, int] = {}

    def measure(table: str) -> int:
        if size is None:
            raise MigrationError("size() asks the database, and there is none here")
        if table not in known:
            known[table] = int(size(table))
        return known[table]

    return measure


def _check(rendered: Rendered) -> None:
    """What runs outside a transaction, or again and again, is one statement of a kind that can be run so."""
    if rendered.transactional and not rendered.backfill:
        return
    file = rendered.file
    if rendered.backfill and not rendered.transactional:
        raise MigrationError(
            "a backfill runs in transactions, one for each batch",
            hint="Take -- transactional: false out.",
            place=Place(str(file.path)),
        )
    if rendered.backfill:
        statements.check_backfill(rendered.text, str(file.path))
        return
    statements.check_single(rendered.text, str(file.path))
    if rendered.rollback is not None:
        statements.check_single(rendered.rollback, str(file.rollback_path))
