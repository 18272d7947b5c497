"""Steps in Python, as yoyo has them: collected and run by yoyo, over a connection that acts as the schema's owner."""

from __future__ import annotations

import importlib.util
import types
from collections.abc import Callable
from typing import Any

import psycopg
from yoyo import exceptions
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.migrations import Migration, StepCollector, get_migration_hash

from freehold.migrate.errors import MigrationError
from freehold.migrate.files import MigrationFile
from freehold.sqltext import Place


class Steps(Migration):  # type: ignore[misc]  # yoyo carries no types
    """A migration as yoyo knows it. yoyo keeps all of a process by id, where two tenants' would meet: these stay apart.

    Args:
        file: The migration.
        text: What is run, where it is SQL: one step, which is not split.
        rollback: What takes it back.
        transactional: Whether it runs in a transaction.
        known: Gives another migration of the same tenant by id.
    """

    def __init__(
        self,
        file: MigrationFile,
        text: str | None = None,
        rollback: str | None = None,
        *,
        transactional: bool = True,
        known: Callable[[str], Migration] | None = None,
    ) -> None:
        self.id = file.id
        self.hash = get_migration_hash(file.id)
        self.path = str(file.path)
        self.source_dir = str(file.path.parent)
        self.source = file.source
        self.module: types.ModuleType | None = None
        self.steps: list[Any] | None = None
        self.use_transactions = transactional
        self.file = file
        self._text, self._rollback, self._known = text, rollback, known
        self._depends: set[Migration] | None = None

    @property
    def depends(self) -> set[Migration]:
        """The migrations that come before it."""
        if self._depends is None:
            self._depends = {self._known(each) for each in self.file.depends} if self._known else set()
        return self._depends

    def load(self) -> None:
        """Collects the steps; runs the file where it is Python.

        Raises:
            MigrationError: The file raised something.
        """
        if self.steps is not None:
            return
        collector = StepCollector(migration=self)
        if self.file.python:
            self._load_python(collector)
        else:
            collector.add_step(self._text, self._rollback)
        self.steps = collector.create_steps(self.use_transactions)

    def _load_python(self, collector: StepCollector) -> None:
        spec = importlib.util.spec_from_file_location(self.path, self.path)
        assert spec is not None
        assert spec.loader is not None
        module: Any = importlib.util.module_from_spec(spec)
        module.step = collector.add_step
        module.group = module.transaction = collector.add_step_group
        module.__yoyo_collector__ = collector
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise MigrationError(
                f"the migration cannot be loaded: {type(error).__name__}: {error}", place=Place(self.path)
            ) from error
        self.module = module


class StepsBackend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo carries no types
    """yoyo's backend over a connection that is there already and is somebody else's to close.

    Args:
        connection: In autocommit mode, or in a transaction.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.uri = None
        self.DatabaseError = self.driver.DatabaseError
        self.migration_table = "_yoyo_migration"
        self.has_transactional_ddl = True
        self._connection = connection
        # What yoyo nests in an open transaction are savepoints.
        self._in_transaction = connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    def copy(self) -> StepsBackend:
        """Itself: everything of a migration belongs into one transaction."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves the connection open."""

    def init_connection(self, connection: psycopg.Connection[Any]) -> None:
        """Does nothing: the path is set already."""

    def init_database(self) -> None:
        """Does nothing: there are no tables of yoyo's."""

    def rollback(self) -> None:
        """Ends a transaction of its own; yoyo asks for it before steps without one, where there is none."""
        if self._in_transaction:
            super().rollback()


def run_steps(connection: psycopg.Connection[Any], steps: Steps, direction: str) -> None:
    """Runs the steps of a migration.

    Raises:
        MigrationError: A step raised something that is no error of the database's.
    """
    try:
        steps.process_steps(StepsBackend(connection), direction)
    except (psycopg.Error, MigrationError):
        raise
    except exceptions.BadMigration as error:
        raise MigrationError(str(error), place=Place(steps.path)) from error
    except Exception as error:
        raise MigrationError(f"a step raised {type(error).__name__}: {error}", place=Place(steps.path)) from error
