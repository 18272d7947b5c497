"""Whom a step is done to: one home by name, or the tenant of a lease. Both by the same few calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg import sql

from freehold.control import Control
from freehold.migrate.files import MigrationFile

Direction = str
"""``apply`` or ``rollback``."""


@dataclass(frozen=True)
class Begun:
    """What a session may do itself, until it says that it ended.

    Attributes:
        owner_role: The role to set.
        schema: The schema to work in.
        invalid: Indexes that earlier tries left unfinished.
    """

    owner_role: str
    schema: str
    invalid: tuple[str, ...]


class Target(Protocol):
    """Where a migration goes."""

    @property
    def direction(self) -> Direction:
        """``apply`` or ``rollback``."""

    def statement(self, file: MigrationFile, text: str, *, backfill: bool) -> tuple[sql.SQL, tuple[Any, ...]]:
        """The call that does a step in a function of the database: a query and its arguments."""

    def begin(self, connection: psycopg.Connection[Any], file: MigrationFile, text_digest: str) -> Begun | None:
        """Begins a step that this session does itself; None where it was done already."""

    def end(
        self, connection: psycopg.Connection[Any], file: MigrationFile, *, done: bool, invalid: Sequence[str]
    ) -> None:
        """Ends it."""


@dataclass(frozen=True)
class HomeTarget:
    """A tenant by its slug, or a template by its name after ``@``."""

    home: str
    direction: Direction = "apply"

    def statement(self, file: MigrationFile, text: str, *, backfill: bool) -> tuple[sql.SQL, tuple[Any, ...]]:
        """See ``Target``."""
        arguments = (self.home, file.id, text, file.digest)
        if self.direction == "rollback":
            return sql.SQL("select true from freehold.migration_rollback(%s, %s, %s, %s)"), arguments
        if backfill:
            return sql.SQL("select freehold.migration_backfill(%s, %s, %s, %s)"), arguments
        return sql.SQL("select true from freehold.migration_apply(%s, %s, %s, %s)"), arguments

    def begin(self, connection: psycopg.Connection[Any], file: MigrationFile, text_digest: str) -> Begun | None:
        """See ``Target``."""
        row = Control(connection).migration_begin(self.home, file.id, file.digest, text_digest, self.direction)
        return Begun(row["owner_role"], row["schema_name"], tuple(row["invalid"])) if row["begun"] else None

    def end(
        self, connection: psycopg.Connection[Any], file: MigrationFile, *, done: bool, invalid: Sequence[str]
    ) -> None:
        """See ``Target``."""
        Control(connection).migration_end(self.home, file.id, done, self.direction, invalid)


@dataclass(frozen=True)
class LeaseTarget:
    """A tenant of a rollout, for the worker that holds its lease."""

    lease: UUID
    direction: Direction = "apply"

    def statement(self, file: MigrationFile, text: str, *, backfill: bool) -> tuple[sql.SQL, tuple[Any, ...]]:
        """See ``Target``."""
        if backfill and self.direction == "apply":
            query = sql.SQL("select b.finished from freehold.rollout_backfill(%s, %s, %s) as b")
        else:
            query = sql.SQL("select freehold.rollout_apply(%s, %s, %s) is not null")
        return query, (self.lease, file.id, text)

    def begin(self, connection: psycopg.Connection[Any], file: MigrationFile, text_digest: str) -> Begun | None:
        """See ``Target``."""
        row = Control(connection).rollout_begin(self.lease, file.id, text_digest)
        return Begun(row["owner_role"], row["schema_name"], tuple(row["invalid"])) if row["begun"] else None

    def end(
        self, connection: psycopg.Connection[Any], file: MigrationFile, *, done: bool, invalid: Sequence[str]
    ) -> None:
        """See ``Target``."""
        Control(connection).rollout_end(self.lease, file.id, done, invalid)
