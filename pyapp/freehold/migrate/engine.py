"""yoyo over the control plane's ledger: one tenant's slice of it at a time, over one connection for them all.

``to_apply``, ``to_rollback``, ``apply_one`` and ``rollback_one`` are used as yoyo documents them. Never
``apply_migrations``, which swallows what cannot be loaded and goes on with the next.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
from yoyo.migrations import Migration, MigrationList, get_migration_hash

from freehold.control import Control
from freehold.migrate import homes
from freehold.migrate.render import Renderer
from freehold.migrate.run import Runner
from freehold.migrate.steps import Steps, StepsBackend
from freehold.migrate.target import HomeTarget


class TenantBackend(StepsBackend):
    """yoyo's backend for one tenant, or for a template's own schema.

    Several may share a connection. The ledger is written in the transaction of the migration, and the tenant's row of
    the registry is the lock.

    Args:
        connection: In autocommit mode.
        home: A tenant's slug, or a template's name after ``@``.
        renderer: Of the directory.
    """

    def __init__(self, connection: psycopg.Connection[Any], home: str, renderer: Renderer) -> None:
        super().__init__(connection)
        self.name, self.renderer = home, renderer
        self._home = homes.home(Control(connection), home)
        self._runner = Runner(connection, renderer)
        self._control = Control(connection)

    def migrations(self) -> MigrationList:
        """The migrations of the directory, as they are for this tenant."""
        found: dict[str, Steps] = {}
        for file in self.renderer.directory:
            if file.python:
                found[file.id] = Steps(file, known=found.__getitem__)
                continue
            rendered = self._runner.render(file, self._home)
            found[file.id] = Steps(
                file,
                rendered.text,
                rendered.rollback,
                transactional=rendered.transactional,
                known=found.__getitem__,
            )
        return MigrationList(found.values())

    def get_applied_migration_hashes(self) -> list[str]:
        """The hashes of what was applied, in the order of application."""
        ledger = self._control.migration_list(self.name)
        return [get_migration_hash(row["migration_id"]) for row in ledger if row["state"] == "applied"]

    def apply_one(self, migration: Migration, force: bool = False, mark: bool = True) -> None:
        """Applies one migration and writes the ledger, in one transaction.

        Raises:
            ValueError: ``force`` would pass over errors, ``mark=False`` would leave the ledger behind.
        """
        if force or not mark:
            raise ValueError("a migration is applied and marked in one transaction, and its errors are errors")
        self._runner.run(self.renderer.directory[migration.id], self._home, HomeTarget(self.name))

    def rollback_one(self, migration: Migration, force: bool = False) -> None:
        """Takes one migration back and writes the ledger, in one transaction.

        Raises:
            ValueError: ``force`` would pass over errors.
        """
        if force:
            raise ValueError("errors are errors")
        self._runner.run(self.renderer.directory[migration.id], self._home, HomeTarget(self.name, "rollback"))

    def mark_one(self, migration: Migration, log: bool = True) -> None:  # noqa: ARG002  yoyo's signature
        """Says in the ledger that it was applied."""
        self._control.migration_mark(self.name, [migration.id], [self.renderer.directory[migration.id].digest])

    def unmark_one(self, migration: Migration, log: bool = True) -> None:  # noqa: ARG002  yoyo's signature
        """Says in the ledger that it was not applied."""
        self._control.migration_mark(self.name, [migration.id], applied=False)

    def log_migration(self, migration: Migration, operation: str) -> None:
        """Does nothing: the ledger's row is the log, and ``mark_one`` is an operation of its own."""

    def ensure_internal_schema_updated(self) -> None:
        """Does nothing: there are no tables of yoyo's."""

    @contextlib.contextmanager
    def lock(self, timeout: float = 10) -> Iterator[None]:  # noqa: ARG002  yoyo's signature
        """Locks nothing itself: each migration locks the tenant's row of the registry, until its transaction ends."""
        yield
